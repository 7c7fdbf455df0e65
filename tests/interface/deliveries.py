"""Deliveries and data folders for looking at the pipeline from outside.

Belongs here: valid rows made from the contracts, files as suppliers write them, folders with a correct manifest,
loading one feed, and reading tables back. Does not belong here: what any test means, and anything but outputs.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from assets.feeds.loading import load_feed
from assets.feeds.night import Night
from quality.contract import Field, feed_contracts

DAY = "2026-11-20"
AS_OF = "2026-11-23"
FIRST_DAY = date(2026, 6, 1)

Row = dict[str, Any]

#: A value for each form that a contract asks for, other for each number.
FORMS: Mapping[str, str] = {
    "^A[0-9]{9}$": "A{:09d}",
    "^[0-9]{10}$": "2{:09d}",
    "^[0-9]{9}$": "1{:08d}",
    "^[0-9]{8}$": "3{:07d}",
    "^[0-9]{9}L[0-9]{2}$": "8{:08d}L01",
    "^[A-Z]{2}[A-Z0-9]{2,13}$": "PL{:09d}X",
    "^[A-Z]{2}$": "PL",
    "^[1-9][0-9]{3}$": "3511",
    "^[0-9]{4}$": "2{:03d}",
    "^[0-9]{2}$": "41",
    "^[0-9]{2,5}$": "4120",
}
#: Columns left empty in a valid row: they say that something has ended or was refused.
EMPTY = frozenset(
    {"ended_on", "end_reason", "refusal_ground", "ground", "withdrawn_on", "reduced_income_code", "successor_kvk"}
)
DATES: Mapping[str, str] = {
    "birth_month": "1990-05-01",
    "worker_birth_month": "1985-07-01",
    "degree_on": "2012-07-01",
    "received_on": "2026-01-15",
    "decided_on": "2026-02-20",
    "advised_on": "2026-02-20",
    "period_start": "2026-03-01",
    "period_end": "2026-03-31",
    "valid_from": "2026-03-01",
    "valid_until": "2029-02-28",
    "ends_on": "2026-05-31",
    "until_on": "2026-05-31",
    "home_permit_until": "2028-01-31",
}
NUMBERS: Mapping[str, str] = {
    "year": "2025",
    "workers": "45",
    "home_turnover_share": "0.25",
    "salary_month_eur": "6200",
}


def fields(feed: str) -> tuple[Field, ...]:
    """The columns of a feed in the order of its contract."""
    return feed_contracts()[feed].table.fields


def columns(feed: str) -> list[str]:
    """The names of the columns of a feed."""
    return [f.name for f in fields(feed)]


def valid_row(feed: str, number: int = 1, **changes: str | None) -> Row:
    """A row that keeps the contract, as text; other keys and persons for every `number`."""
    row = {f.name: None if f.name in EMPTY else _plain(f, number) for f in fields(feed)}
    if unknown := set(changes) - set(row):
        raise KeyError(f"{feed} has no column {sorted(unknown)}")
    return row | changes


def _plain(field: Field, number: int) -> str:
    if field.closed_list:
        return str(field.closed_list[0])
    if field.kind == "string":
        return FORMS[field.pattern].format(number) if field.pattern else f"{field.name} {number}"
    if field.kind == "date":
        return DATES.get(field.name, "2026-03-02")
    if field.kind == "boolean":
        return "false"
    return NUMBERS.get(field.name, "1")


@dataclass(frozen=True)
class File:
    """One data file of a delivery."""

    name: str
    content: bytes
    rows: int


def csv_text(rows: Sequence[Row], header: Sequence[str]) -> str:
    """Rows as plain CSV with LF and a header; None is empty."""
    lines = [header, *([row[name] for name in header] for row in rows)]
    return "".join(",".join(_quoted(value or "") for value in line) + "\n" for line in lines)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search('[",\r\n]', text) else text


def csv_file(feed: str, rows: Sequence[Row], name: str = "part-000.csv", header: Sequence[str] | None = None) -> File:
    """Rows as a CSV file."""
    return File(name, csv_text(rows, header or columns(feed)).encode(), len(rows))


def arrow(feed: str, rows: Sequence[Row], **replaced: pa.Array) -> pa.Table:
    """Text rows as an Arrow table in the natural types of the contract; `replaced` columns as they are given."""
    table = {}
    for field in fields(feed):
        values = [typed(field, row[field.name]) for row in rows]
        natural = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
        table[field.name] = replaced.get(field.name, pa.array(values, natural.get(field.kind, pa.date32())))
    return pa.table(table)


def typed(field: Field, text: str | None) -> Any:
    """What a text of a CSV file says, by the type of its column."""
    if text is None or field.kind == "string":
        return text
    kinds = {"integer": int, "number": float, "boolean": lambda t: t == "true", "date": date.fromisoformat}
    return kinds[field.kind](text)


def parquet_file(table: pa.Table, name: str = "part-000.parquet", **options: Any) -> File:
    """An Arrow table as a Parquet file."""
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return File(name, out.getvalue(), table.num_rows)


def manifest_of(feed: str, files: Sequence[File], day: str = DAY) -> dict[str, Any]:
    """The correct manifest of a delivery."""
    return {
        "feed": feed,
        "contract_version": feed_contracts()[feed].version,
        "delivered_on": day,
        "mode": feed_contracts()[feed].delivery_mode,
        "period_from": day,
        "period_until": day,
        "files": [{"name": f.name, "rows": f.rows, "sha256": hashlib.sha256(f.content).hexdigest()} for f in files],
    }


def deliver(data: Path, feed: str, /, *files: File, day: str = DAY, **changes: Any) -> Path:
    """Write a delivery with a correct manifest, in which `changes` replace or add keys; returns its folder."""
    folder = data / "landing" / feed / day
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(file.content)
    write_manifest(folder, manifest_of(feed, files, day) | changes)
    return folder


def write_manifest(folder: Path, manifest: Any) -> None:
    """Write anything as the manifest of a folder."""
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def deliver_rows(data: Path, feed: str, rows: Sequence[Row], /, *, day: str = DAY, **changes: Any) -> Path:
    """Deliver rows as one CSV file."""
    return deliver(data, feed, csv_file(feed, rows), day=day, **changes)


def day_number(number: int) -> str:
    """A day of delivery for the case with this number; all lie before the as-of date for fewer than 170 cases."""
    return (FIRST_DAY + timedelta(days=number)).isoformat()


def load(data: Path, feed: str, *, as_of: str = AS_OF, run_id: str = "run-1") -> None:
    """Load what is new of one feed, as a night would."""
    load_feed(Night(data, date.fromisoformat(as_of), run_id), feed_contracts()[feed], log=lambda _: None)


def table(data: Path, name: str) -> pl.DataFrame:
    """A table of the private warehouse."""
    return read(data / "warehouse.duckdb", name)


def read(database: Path, name: str) -> pl.DataFrame:
    """A table of a database file."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.table(name).pl()


def table_names(database: Path) -> set[str]:
    """The tables and views of a database, as schema.name."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.table("information_schema.tables").pl()
    return {f"{schema}.{name}" for schema, name in found.select("table_schema", "table_name").iter_rows()}


def books(data: Path, feed: str) -> list[Row]:
    """`meta.deliveries` of a feed, by day and attempt."""
    found = table(data, "meta.deliveries").filter(pl.col("feed") == feed)
    return found.sort("delivered_on", "attempt").to_dicts()


def book(data: Path, feed: str, day: str = DAY) -> Row:
    """The only entry of one delivery."""
    (entry,) = [row for row in books(data, feed) if row["delivered_on"].isoformat() == day]
    return entry


def raw(data: Path, feed: str) -> list[Row]:
    """All versions of the rows of a feed."""
    return table(data, f"raw.{feed}").to_dicts()


def current(data: Path, feed: str) -> list[Row]:
    """The current rows of a feed."""
    return [row for row in raw(data, feed) if row["valid_until_delivery"] is None]


def rejected(data: Path, feed: str, day: str | None = None) -> list[Row]:
    """`raw.rejected_rows` of a feed, by day, file and row."""
    found = table(data, "raw.rejected_rows").filter(pl.col("feed") == feed)
    if day:
        found = found.filter(pl.col("delivered_on") == date.fromisoformat(day))
    return found.sort("delivered_on", "file", "row_number").to_dicts()


def landing_state(data: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file and folder in landing: mode, time of change and content."""
    found = {}
    for path in sorted((data / "landing").rglob("*")):
        status = path.lstat()
        content = str(path.readlink()).encode() if path.is_symlink() else b"" if path.is_dir() else path.read_bytes()
        found[str(path.relative_to(data))] = (status.st_mode, status.st_mtime_ns, content)
    return found
