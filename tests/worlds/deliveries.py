"""From what suppliers know to delivery folders: versions by date, both file kinds, and honest dirt.

Belongs here: which row version goes into which delivery, file formats and their habits, manifests, planted faults
with the number of rows that must be rejected. Does not belong here: what the rows mean.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from tests.worlds.ledger import World

CONTRACTS = Path(__file__).parents[2] / "quality" / "contracts"
DATES = (date(2026, 4, 1), date(2026, 7, 15), date(2026, 9, 30), date(2026, 11, 20))
PUBLIC = ("ind_public_register", "public_volumes")
TYPES: Mapping[str, Any] = {
    "string": pl.String,
    "date": pl.Date,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
}


@dataclass
class Feed:
    """What the contract says about a feed."""

    name: str
    columns: dict[str, str]
    required: list[str]
    key: list[str]
    is_full: bool


@dataclass
class Delivered:
    """What was written: rows by feed, and how many of them must be rejected."""

    rows: dict[str, int] = field(default_factory=dict)
    to_reject: dict[str, int] = field(default_factory=dict)


def feeds() -> list[Feed]:
    """The confidential feeds, in order of name."""
    found = []
    for path in sorted(CONTRACTS.glob("*.odcs.yaml")):
        contract = yaml.safe_load(path.read_text(encoding="utf-8"))
        fields = contract["schema"][0]["properties"]
        mode = next(p["value"] for p in contract["customProperties"] if p["property"] == "deliveryMode")
        key = [f["name"] for f in fields if f.get("primaryKey")]
        columns, required = {f["name"]: f["logicalType"] for f in fields}, [f["name"] for f in fields if f["required"]]
        found.append(Feed(contract["name"], columns, required, key, mode == "full"))
    return [feed for feed in found if feed.name not in PUBLIC]


def deliver(w: World, landing: Path, only: Sequence[date] = DATES, dirt: bool = True) -> Delivered:
    """Write the deliveries of these dates; the first of a delta feed is full, a full feed is always whole."""
    delivered = Delivered()
    for feed in feeds():
        for number, on in enumerate(DATES):
            if on not in only or (feed.is_full and number in (1, 2)):
                continue
            since = date.min if feed.is_full or number == 0 else DATES[number - 1]
            rows = newest(feed, w.rows.get(feed.name, []), since, on)
            if not rows and (feed.is_full or number == 0):
                continue
            faults = _faults(feed, rows, on) if dirt else []
            mode = "full" if feed.is_full or number == 0 else "delta"
            _write(landing / feed.name / on.isoformat(), feed, rows + faults, on, mode, number)
            delivered.rows[feed.name] = delivered.rows.get(feed.name, 0) + len(rows) + len(faults)
            delivered.to_reject[feed.name] = delivered.to_reject.get(feed.name, 0) + len(faults)
    return delivered


def newest(feed: Feed, versions: list[tuple[date, dict[str, Any]]], since: date, until: date) -> list[dict[str, Any]]:
    """The newest version of every key that became known after `since` and by `until`."""
    newest: dict[tuple[Any, ...], tuple[date, dict[str, Any]]] = {}
    for known, row in versions:
        key = tuple(row[name] for name in feed.key)
        if since < known <= until and (key not in newest or newest[key][0] <= known):
            newest[key] = (known, row)
    return [row for _, row in newest.values()]


def _faults(feed: Feed, rows: list[dict[str, Any]], on: date) -> list[dict[str, Any]]:
    """Rows that break the contract; each must be rejected, and no other."""
    if len(rows) < 40:
        return []
    faults = [dict(rows[3]), dict(rows[7])]  # identical repeats
    for n, row in enumerate(rows[10:40:10]):
        broken = dict(row)
        for name in feed.key:
            if feed.columns[name] == "string":
                broken[name] = _other_number(str(row[name]), n)
                break
        faults.append(broken | _breakage(feed, n, on))
    return faults


def _other_number(text: str, n: int) -> str:
    """A key of the same shape that nobody has."""
    return "".join(str((int(c) + 3 + n) % 10) if c.isdigit() else c for c in text[:-1]) + text[-1]


def _breakage(feed: Feed, n: int, on: date) -> dict[str, Any]:
    ways: list[dict[str, Any]] = [{feed.required[-1]: None}]
    if feed.name == "ind_permits":
        ways += [{"nationality": "Indian"}, {"decided_on": date(1999, 1, 1), "received_on": date(2020, 1, 1)}]
    if feed.name == "uwv_wages":
        ways += [{"bsn": "12345"}, {"income_kind": 99}]
    if feed.name == "szw_postings":
        ways += [{"employer_vat": "XX123456789"}, {"starts_on": date(2026, 1, 9), "ends_on": date(2025, 1, 1)}]
    return ways[n % len(ways)]


def _write(folder: Path, feed: Feed, rows: list[dict[str, Any]], on: date, mode: str, number: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    schema = {name: TYPES[kind] for name, kind in feed.columns.items()}
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row")
    if number % 2:
        frame = frame.select(sorted(frame.columns, reverse=True))
    half = frame.height // 2 if number == 0 and frame.height > 100 else frame.height
    parts = [frame[:half], frame[half:]] if half < frame.height else [frame]
    files = []
    for part, piece in enumerate(parts):
        is_csv = (part + number + len(feed.name)) % 2 == 0
        name = f"part-{part:03d}.{'csv' if is_csv else 'parquet'}"
        (_write_csv if is_csv else _write_parquet)(piece, folder / name, number)
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        files.append({"name": name, "rows": piece.height, "sha256": digest.upper() if number == 2 else digest})
    if number == 1:
        (folder / ".DS_Store").write_bytes(b"\x00")
    manifest = {
        "feed": feed.name,
        "contract_version": "1.0.0",
        "delivered_on": on.isoformat(),
        "mode": mode,
        "period_from": on.isoformat(),
        "period_until": on.isoformat(),
        "files": files,
        "stand_in": True,
        "sender": "examiner",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _write_csv(frame: pl.DataFrame, path: Path, number: int) -> None:
    texts = frame.with_columns(
        pl.selectors.boolean().cast(pl.String).str.to_uppercase() if number == 2 else pl.selectors.boolean()
    )
    texts.write_csv(
        path,
        include_bom=number == 3,
        line_terminator="\r\n" if number == 1 else "\n",
        quote_style="always" if number == 2 else "necessary",
    )


def _write_parquet(frame: pl.DataFrame, path: Path, number: int) -> None:
    if number == 1:
        frame = frame.with_columns(pl.selectors.date().dt.to_string("%Y-%m-%d"))
    if number == 2:
        frame = frame.with_columns(pl.selectors.string().cast(pl.Categorical), pl.selectors.integer().cast(pl.Int32))
    if number == 3:
        frame = frame.with_columns(
            pl.selectors.date().cast(pl.Datetime("us")), pl.selectors.float().cast(pl.Decimal(14, 4))
        )
    frame.write_parquet(path)
