"""Core tables made from literal raw rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from assets.core.payrolls import write_payroll_numbers
from assets.core.persons import write_person_identifiers
from assets.core.tables import BY_NAME
from quality.contract import product_tables
from quality.reference.tables import READERS
from sql.warehouse import Session
from tests.builders import warehouse_with

AS_OF = date(2026, 11, 22)


def day(text: str) -> date:
    """A date from ISO text."""
    return date.fromisoformat(text)


def make(session: Session, name: str, as_of: date) -> None:
    """Make one core table by its short name."""
    if name == "person_identifiers":
        write_person_identifiers(session)
    elif name == "payroll_numbers":
        write_payroll_numbers(session, as_of)
    elif f"core.{name}" in READERS:
        session.replace(product_tables()[f"core.{name}"], READERS[f"core.{name}"]())
    else:
        BY_NAME[name].fill(session, as_of)


def core(rows: Mapping[str, Sequence[Mapping[str, Any]]], *made: str, as_of: date = AS_OF) -> dict[str, pl.DataFrame]:
    """The core tables `made`, in that order, from `rows`; by short name."""
    with warehouse_with(rows).writing() as session:
        for name in made:
            make(session, name, as_of)
        return {name: session.table(f"core.{name}") for name in made}


def one(frame: pl.DataFrame) -> dict[str, Any]:
    """The only row of a frame."""
    assert frame.height == 1
    return frame.row(0, named=True)
