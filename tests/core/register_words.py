"""Mini-registers for tests: snapshots in words, spells and movements out.

Belongs here: what the tests of the register share. Does not belong here: any test.

    register("2024-01-01: Acme B.V. 11111111, Huis", "2024-02-01: Acme B.V. 11111111")
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from assets.core.register import write_register_entries, write_register_movements, write_register_spells
from sql.warehouse import Session, Warehouse
from tests.builders import warehouse_with

Spell = dict[str, object]


def lines(snapshots: tuple[str, ...]) -> list[dict[str, object]]:
    """One row per line: `day: name number, name number`; a name without eight digits behind it has no number."""
    rows: list[dict[str, object]] = []
    for snapshot in snapshots:
        day, _, names = snapshot.partition(": ")
        for name in names.split(", "):
            found = re.fullmatch(r"(.*?)(?: (\d{8}))?", name)
            assert found
            rows.append({"snapshot_on": date.fromisoformat(day), "organisation": found[1], "kvk": found[2]})
    return rows


def build(session: Session) -> None:
    """Entries, spells and movements, in that order."""
    write_register_entries(session)
    write_register_spells(session)
    write_register_movements(session)


class Register:
    """The three tables of a mini-register."""

    def __init__(self, warehouse: Warehouse) -> None:
        with warehouse.writing() as session:
            build(session)
            self.entries = session.table("core.register_entries")
            self.all_spells = session.table("core.register_spells")
            self.all_movements = session.table("core.register_movements")

    def spells(self, key: str) -> list[Spell]:
        """The spells of one organisation, in order."""
        found = self.all_spells.filter(pl.col("organisation_key") == key).sort("spell_number")
        return list(found.iter_rows(named=True))

    def spell(self, key: str) -> Spell:
        """The only spell of one organisation."""
        (found,) = self.spells(key)
        return found

    def kinds(self, key: str) -> list[tuple[object, object]]:
        """Entry and exit of each spell of one organisation."""
        return [(spell["entry_kind"], spell["exit_kind"]) for spell in self.spells(key)]

    def movements(self) -> list[tuple[object, ...]]:
        """Per pair: days, entered, left, renumbered, renamed, comparable."""
        return self.all_movements.select(
            pl.col("snapshot_from").cast(pl.String).str.slice(5),
            pl.col("snapshot_until").cast(pl.String).str.slice(5),
            "entered",
            "left_register",
            "renumbered",
            "renamed",
            "is_comparable",
        ).rows()


def register(*snapshots: str) -> Register:
    """The tables made from snapshots in words."""
    return Register(warehouse_with({"raw.ind_public_register": lines(snapshots)}))
