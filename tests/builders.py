"""Warehouses for tests: literal partial rows in, a private database out.

Belongs here: filling what a test leaves out with plain values that keep the contracts, and making the tables.
Does not belong here: realistic data (`assets.standins`) and anything that a test means to say.

    warehouse = warehouse_with({"raw.ind_permits": [{"v_number": "anna", "scheme": "hsm"}]})
    with warehouse.reading() as session:
        assert session.count("raw.ind_permits") == 1

Every `raw.<feed>` and every `core.*` table is there, empty unless rows are given; a table of another schema
of `quality/products` is made when it is named. Values that a row leaves out are filled: null where the
contract allows it, else a plain value of the right form, other in every row for keys and person numbers.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from quality.contract import Field, Table, feed_contracts, product_tables
from sql.warehouse import Warehouse

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

START = date(2024, 1, 1)
END = date(2024, 12, 31)

#: The columns that storing adds to those of a contract.
VALIDITY = (
    Field("delivered_on", "date", "Day of the delivery.", "leverdatum", True, "internal"),
    Field("valid_from_delivery", "date", "First delivery with this row.", "geldig vanaf", True, "internal"),
    Field("valid_until_delivery", "date", "Delivery that replaced it.", "geldig tot", False, "internal"),
)

#: Plain values for required columns whose form alone says too little.
PLAIN: Mapping[str, Any] = {
    "birth_month": date(1985, 1, 1),
    "country": "PL",
    "employer_country": "PL",
    "employer_vat": "PL0000000001",
    "income_kind": 15,
    "income_relation": 1,
    "issuing_country": "PL",
    "period_end": date(2024, 1, 31),
    "registered_on": date(2010, 1, 1),
    "sbi": "62",
    "sbi2": "62",
    "version": 1,
}

_TOKEN = re.compile(r"(\[[^\]]+\]|[^\[\]{}^$])(?:\{(\d+)(?:,\d+)?\})?")
_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def stored_table(name: str) -> Table:
    """The table `schema.name` as stored: that of a feed without audit columns and with its validity."""
    if not name.startswith("raw.") or name in product_tables():
        return product_tables()[name]
    table = feed_contracts()[name.removeprefix("raw.")].table
    kept = tuple(f for f in table.fields if f.classification != "audit_only")
    return Table(table.schema, table.name, table.grain, kept + VALIDITY)


def rows_of(name: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """A frame with every column of `schema.name`, one row for each partial row, in the given order."""
    table = stored_table(name)
    known = {f.name for f in table.fields}
    for row in rows:
        if surplus := set(row) - known:
            raise KeyError(f"{name} has no column {sorted(surplus)}")
    filled = [
        {f.name: row[f.name] if f.name in row else _plain(f, number) for f in table.fields}
        for number, row in enumerate(rows, start=1)
    ]
    return pl.DataFrame(filled, schema={f.name: _polars_type(f) for f in table.fields})


def warehouse_with(rows: Rows | None = None, folder: Path | None = None) -> Warehouse:
    """A warehouse in `folder` (default: a temporary one) that holds `rows`, by `schema.table`."""
    path = (folder or _temporary_folder()) / "warehouse.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_empty_warehouse(), path)
    warehouse = Warehouse(path)
    with warehouse.writing() as session:
        for name, given in (rows or {}).items():
            session.append(stored_table(name), rows_of(name, given))
    return warehouse


def delivered(until: date, *, but: Mapping[str, date | None] | None = None) -> list[dict[str, Any]]:
    """Rows of `meta.deliveries`: every feed was delivered with rows on `until`.

    Args:
        until: day of the delivery.
        but: feeds of which the newest delivery is of another day; None: never delivered.
    """
    days = {**dict.fromkeys(feed_contracts(), until), **(but or {})}
    return [
        {"feed": feed, "delivered_on": day, "attempt": 1, "status": "loaded", "rows_accepted": 1}
        for feed, day in days.items()
        if day is not None
    ]


def _temporary_folder() -> Path:
    kept = tempfile.TemporaryDirectory(prefix="warehouse-")
    _KEPT.append(kept)
    return Path(kept.name)


@cache
def _empty_warehouse() -> Path:
    path = _temporary_folder() / "empty.duckdb"
    names = [f"raw.{feed}" for feed in feed_contracts()]
    names += [name for name in product_tables() if name.startswith(("raw.", "core."))]
    with Warehouse(path).writing() as session:
        for name in names:
            session.create(stored_table(name))
    return path


def _polars_type(field: Field) -> pl.DataType:
    types: dict[str, pl.DataType] = {
        "string": pl.String(),
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
        "date": pl.Date(),
        "timestamp": pl.Datetime("us", "Europe/Amsterdam"),
        "array": pl.List(pl.String()),
        "object": pl.String(),
    }
    return types[field.kind]


def _plain(field: Field, number: int) -> Any:
    if field.name in ("delivered_on", "valid_from_delivery"):
        return START
    if not field.required:
        return None
    if field.name in PLAIN:
        return PLAIN[field.name]
    if field.closed_list:
        return field.closed_list[0]
    if field.kind == "string":
        return _text(field, number)
    if field.kind == "date":
        return END if re.search("ends_on|until|_end$", field.name) else START
    empty = {"boolean": False, "array": [], "object": "{}", "timestamp": None}
    return empty.get(field.kind, max(field.minimum or 0, 0))


def _text(field: Field, number: int) -> str:
    is_free = field.key_position or field.is_identifier or field.classification == "personal"
    own = number if is_free else 1
    if field.is_identifier or not field.pattern:
        return f"{field.name}-{own}"
    return _matching(field.pattern, own)


def _matching(pattern: str, number: int) -> str:
    """A text of the form `pattern` (letters, classes and counts only) that ends in `number` where it can."""
    parts = [(token, int(count or 1)) for token, count in _TOKEN.findall(pattern)]
    text = "".join(_fill(token, count) for token, count in parts)
    token, count = parts[-1]
    if "0-9" not in token or len(str(number)) > count:
        return text
    return text[: len(text) - count] + str(number).zfill(count)


def _fill(token: str, count: int) -> str:
    if not token.startswith("["):
        return token * count
    return ("A" if "A-Z" in token else token[1]) * count
