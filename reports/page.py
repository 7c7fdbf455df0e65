"""The parts of a brief: a page of sections, a section of paragraphs, figures and tables.

Belongs here: plain data that a template can print. Does not belong here: how a part is made (the sections) and HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from reports.tables import Table, spreadsheet_csv

#: Tables of more rows than this are not opened with a figure but only kept in the download.
MOST_ROWS_SHOWN = 60


@dataclass(frozen=True)
class Figure:
    """One chart with everything that belongs to it; `svg` is filled in when the charts have been drawn."""

    id: str
    title: str
    subtitle: str
    description: str
    spec: Mapping[str, Any]
    table: Table
    source: str
    is_stand_in: bool
    svg: Markup = field(default_factory=Markup)


@dataclass(frozen=True)
class Listing:
    """A table that stands by itself."""

    table: Table
    source: str
    is_stand_in: bool


@dataclass(frozen=True)
class Section:
    """One part of the page; `parts` holds paragraphs (Markup), figures and listings in reading order."""

    id: str
    heading: str
    is_stand_in: bool
    parts: Sequence[Any] = field(default_factory=tuple)
    has_mark: bool = True

    def figures(self) -> list[Figure]:
        """The figures of the section."""
        return [p for p in self.parts if isinstance(p, Figure)]

    def tables(self) -> list[Table]:
        """The tables of the section, those of figures included."""
        return [p.table for p in self.parts if isinstance(p, Figure | Listing)]


@dataclass(frozen=True)
class Term:
    """A name and what stands under it, in the head of the page or in a list of explanations."""

    name: str
    words: Markup | str
    language: str | None = None


@dataclass(frozen=True)
class Terms:
    """A list of names with explanations under a heading."""

    heading: str
    items: Sequence[Term]


def kind_of(part: Any) -> str:
    """What a part is, for the template."""
    names = {Figure: "figure", Listing: "listing", Terms: "terms"}
    return names.get(type(part), "paragraph")


def data_link(table: Table) -> str:
    """The table as a link that holds its own data, for a Dutch spreadsheet."""
    return "data:text/csv;charset=utf-8," + quote(spreadsheet_csv(table), safe="")
