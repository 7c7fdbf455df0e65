"""A table of a brief: its cells as text and as value, so that text, chart and download say the same.

Belongs here: cells, formats by kind of column, quoting a cell in running text, CSV. Does not belong here: which
figures stand in a table (the sections) and HTML (the templates).

Signs: `x` not shown because too few stand behind it, `.` not known or not delivered, `–` does not apply.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from reports import dutch

HIDDEN = "x"
UNKNOWN = "."
NOT_APPLICABLE = "–"

#: A cell that begins with one of these is run as a formula by a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """One column: its heading, and how its values are written.

    `kind` is text, count, share, share2, euro, decimal, decimal2 (two decimals), day or month.
    """

    name: str
    heading: str
    kind: str = "text"

    @property
    def is_number(self) -> bool:
        """True when the column is set to the right in figures of equal width."""
        return self.kind in ("count", "share", "share2", "euro", "decimal", "decimal2")


@dataclass(frozen=True)
class Cell:
    """One value, as it is (`raw`) and as it is written (`text`); `id` names it on the page."""

    id: str
    raw: Any
    text: str

    def quote(self) -> Markup:
        """The cell as it stands in running text, with a reference to its place in the table."""
        raw = "" if self.raw is None else self.raw
        return Markup('<data value="{}" data-ref="{}">{}</data>').format(raw, self.id, self.text)


def written(value: Any, kind: str) -> str:
    """A value as text: a sign from this module when it is a sign, else by the kind of its column."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return value
    formats: dict[str, Callable[[Any], str]] = {
        "count": dutch.number,
        "share": dutch.percent,
        "euro": dutch.euro,
        "share2": lambda v: dutch.percent(v, 2),
        "decimal": lambda v: dutch.number(v, 1),
        "decimal2": lambda v: dutch.number(v, 2),
        "day": dutch.short_day,
        "month": dutch.month,
    }
    return formats[kind](value) if kind in formats else str(value)


@dataclass(frozen=True)
class Table:
    """A table with a caption; the first column names the row."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    keys: tuple[Any, ...]

    def cell(self, key: Any, column: str) -> Cell:
        """The cell of the row called `key` in the column called `column`; KeyError when there is none."""
        place = [c.name for c in self.columns].index(column)
        if key not in self.keys:
            raise KeyError(f"{self.id} has no row {key}")
        return self.rows[self.keys.index(key)][place]

    def quote(self, key: Any, column: str) -> Markup:
        """A cell as it stands in running text."""
        return self.cell(key, column).quote()


def table(
    identity: str, caption: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> Table:
    """A table of `rows` (values by column name, or a sign); `key` names what tells the rows apart."""
    cells = tuple(
        tuple(
            Cell(f"{identity}-{number}-{c.name}", _raw(row.get(c.name)), written(row.get(c.name), c.kind))
            for c in columns
        )
        for number, row in enumerate(rows, start=1)
    )
    names = [tuple(row[k] for k in key) for row in rows]
    keys = tuple(n[0] if len(n) == 1 else n for n in names)
    return Table(identity, caption, tuple(columns), cells, keys)


def _raw(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return None if value in (HIDDEN, UNKNOWN, NOT_APPLICABLE) else value


def exact_csv(view: Table) -> str:
    """The table for machines: commas, decimal points, ISO dates, empty where there is no value."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([c.name for c in view.columns])
    writer.writerows([["" if cell.raw is None else cell.raw for cell in row] for row in view.rows])
    return out.getvalue()


def spreadsheet_csv(view: Table) -> str:
    """The table for a Dutch spreadsheet: semicolons, decimal commas, and no cell that would be run."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([c.heading for c in view.columns])
    writer.writerows([[_spreadsheet_cell(cell) for cell in row] for row in view.rows])
    return out.getvalue()


def _spreadsheet_cell(cell: Cell) -> str:
    if isinstance(cell.raw, bool) or cell.raw is None:
        return cell.text
    if isinstance(cell.raw, int | float):
        return repr(cell.raw).replace(".", ",")
    text = str(cell.raw)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
