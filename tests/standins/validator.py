"""A small check of deliveries against their contracts, written apart from the product's own ingestion."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import polars as pl

from quality.contract import FeedContract, feed_contracts

_POLARS = {"string": pl.String, "integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean, "date": pl.Date}
_PAST = ("received_on", "decided_on", "issued_on", "seen_on", "submitted_on", "event_on")
_ORDERED = (
    ("starts_on", "ends_on"), ("valid_from", "valid_until"), ("period_start", "period_end"), ("from_on", "until_on"),
    ("registered_on", "ended_on"), ("recognised_on", "ended_on"), ("event_on", "until_on"),
    ("received_on", "decided_on"), ("received_on", "advised_on"),
)  # fmt: skip


def read_file(path: Path, contract: FeedContract) -> pl.DataFrame:
    if path.suffix == ".csv":
        schema = {field.name: _POLARS[field.kind] for field in contract.table.fields}
        return pl.read_csv(path, schema=schema)
    return pl.read_parquet(path)


def deliveries(landing: Path) -> list[tuple[FeedContract, date, dict, Path]]:
    """Every delivery with its manifest, in order of feed and date; fails on a broken manifest."""
    found = []
    for path in sorted(landing.glob("*/*/manifest.json")):
        manifest = json.loads(path.read_text())
        contract = feed_contracts()[manifest["feed"]]
        assert path.parent.name == manifest["delivered_on"]
        for file in manifest["files"]:
            assert hashlib.sha256((path.parent / file["name"]).read_bytes()).hexdigest() == file["sha256"]
        found.append((contract, date.fromisoformat(manifest["delivered_on"]), manifest, path.parent))
    return found


def rows_of(contract: FeedContract, manifest: dict, folder: Path) -> pl.DataFrame:
    frames = []
    for file in manifest["files"]:
        frame = read_file(folder / file["name"], contract)
        assert len(frame) == file["rows"]
        assert set(frame.columns) == {field.name for field in contract.table.fields}
        frames.append(frame.with_row_index("row_number", offset=1).with_columns(file=pl.lit(file["name"])))
    return pl.concat(frames)


def _field_rules(contract: FeedContract, delivered_on: date) -> list[tuple[str, pl.Expr]]:
    found: list[tuple[str, pl.Expr]] = []
    for field in contract.table.fields:
        column = pl.col(field.name)
        rules = {
            "required": column.is_null() if field.required else None,
            "pattern": ~column.str.contains(field.pattern) if field.pattern else None,
            "closed list": ~column.is_in(list(field.closed_list)) if field.closed_list else None,
            "minimum": column < field.minimum if field.minimum is not None else None,
            "maximum": column > field.maximum if field.maximum is not None else None,
            "future": column > delivered_on if field.name in _PAST and field.kind == "date" else None,
            "first day": column.dt.day() != 1 if field.name.endswith("_month") and field.kind == "date" else None,
        }
        found += [(f"{field.name}: {rule}", broken) for rule, broken in rules.items() if broken is not None]
    return found


def _row_rules(contract: FeedContract) -> list[tuple[str, pl.Expr]]:
    names = {field.name for field in contract.table.fields}
    found = [
        (f"{first} after {second}", pl.col(second) < pl.col(first))
        for first, second in _ORDERED
        if {first, second} <= names
    ]
    ground, start, decision = pl.col("refusal_ground"), pl.col("valid_from"), pl.col("decision")
    special = {
        "ind_permits": [
            ("undecided with a start", decision.is_null() & (start.is_not_null() | ground.is_not_null())),
            ("ground without refusal", (decision != "refused") & ground.is_not_null()),
            ("start without grant", (decision != "granted") & start.is_not_null()),
        ],
        "szw_postings": [
            (
                "country of VAT",
                pl.col("employer_vat").str.slice(0, 2).replace({"EL": "GR"}) != pl.col("employer_country"),
            )
        ],
        "review_verdicts": [
            ("no reasons", pl.col("verdict").is_in(["confirmed", "cleared"]) & pl.col("explanation").is_null())
        ],
    }
    return found + special.get(contract.feed, [])


def breaches(contract: FeedContract, rows: pl.DataFrame, delivered_on: date) -> pl.DataFrame:
    """The rows that break a rule, with the rules."""
    rules = _field_rules(contract, delivered_on) + _row_rules(contract)
    checks = [pl.when(broken.fill_null(False)).then(pl.lit(rule)) for rule, broken in rules]
    key = [field.name for field in contract.table.key]
    checks.append(pl.when(pl.struct(key).is_duplicated()).then(pl.lit("repeated key")))
    return rows.with_columns(rules=pl.concat_list(checks).list.drop_nulls()).filter(pl.col("rules").list.len() > 0)
