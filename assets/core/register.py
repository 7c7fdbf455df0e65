"""The real public register of recognised sponsors: who is in it, who came, who went, who only changed a number.

Belongs here: entries, spells and movements from the snapshots of the register. Does not belong here: names
(`assets.core.register_names`), Dagster (`assets.core.reference_assets`), and anything simulated: the
organisations are real, and this table is never joined with a stand-in.

What the register can say is little, and the tables say no more:

* It has no dates. An organisation came or went between two snapshots; on which day is not known.
* It gives no reasons. Who is no longer there may have withdrawn, merged, gone bankrupt or been struck off. An exit
  is an exit, never misuse.
* Who keeps a number is the same organisation, whatever its name. Who leaves while the same normalised name appears
  under another number is counted as renumbered, not as coming and going; who does so after a while away has left
  and is counted as renumbered when it returns. When the other number was there already, there are two
  organisations of one name, and the exit of one is an exit.
* A body without a number (or with 00000000) goes by its name: under another name it is another body.
* A snapshot without any number has its entries, but no spell and no movement: matching it by name alone would
  make a mass exit and a mass entry out of spelling. The pair is shown as not comparable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from assets.core.register_names import clean_name, name_key
from quality.contract import product_tables
from sql.warehouse import Session


@dataclass(frozen=True)
class Presence:
    """One unbroken presence: which, from and until which snapshot (counted from 1), under which names."""

    organisation_key: str
    spell_number: int
    first_number: int
    last_number: int
    first_name_keys: tuple[str, ...]
    last_name_keys: tuple[str, ...]


def register_entries(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of the register with their cleaned name and the key of their organisation.

    Args:
        lines: `snapshot_on`, `organisation`, `kvk` (null for a body without a number), each line once.

    Returns:
        Rows of `core.register_entries`.
    """
    names = lines["organisation"].unique().sort().to_list()
    known = pl.DataFrame(
        {
            "organisation": names,
            "name_clean": [clean_name(name) for name in names],
            "name_key": [name_key(name) for name in names],
        },
        schema={"organisation": pl.String, "name_clean": pl.String, "name_key": pl.String},
    )
    by_number, by_name = pl.format("kvk:{}", "kvk"), pl.format("name:{}", "name_key")
    return (
        lines.join(known, on="organisation", how="left")
        .with_columns(organisation_key=pl.when(pl.col("kvk").is_null()).then(by_name).otherwise(by_number))
        .sort("snapshot_on", "organisation", "organisation_key")
    )


def renumberings(presences: Iterable[Presence]) -> Mapping[Presence, Presence]:
    """Which presence under a new key continues which ended one under another: new presence to ended presence.

    A new key continues the presence of the same normalised name that ended last before it began, when its
    organisation is not itself in the register at that moment. Each ended presence is continued at most once;
    among equals the smaller key goes first, so that the result does not depend on the order of the rows.
    """
    ordered = sorted(presences, key=lambda p: (p.first_number, p.organisation_key))
    of_key: dict[str, list[Presence]] = defaultdict(list)
    of_name: dict[str, list[Presence]] = defaultdict(list)
    for presence in ordered:
        of_key[presence.organisation_key].append(presence)
        for name in presence.last_name_keys:
            of_name[name].append(presence)
    continued: dict[Presence, Presence] = {}
    taken: set[Presence] = set()
    for presence in ordered:
        if presence.spell_number > 1 or presence.first_number == 1:
            continue
        candidates = [
            ended
            for name in presence.first_name_keys
            for ended in of_name[name]
            if ended not in taken
            and ended.last_number < presence.first_number
            and not _is_present(of_key[ended.organisation_key], presence.first_number)
        ]
        if candidates:
            found = min(candidates, key=lambda p: (-p.last_number, p.organisation_key))
            continued[presence] = found
            taken.add(found)
    return continued


def _is_present(presences: Iterable[Presence], snapshot_number: int) -> bool:
    return any(p.first_number <= snapshot_number <= p.last_number for p in presences)


def register_spells(presences: pl.DataFrame) -> pl.DataFrame:
    """The presences with the kind of their entry and exit and the key that they are continued under.

    Args:
        presences: rows of the query `core/register_presences`.

    Returns:
        Rows of `core.register_spells`.
    """
    rows = [_presence(row) for row in presences.iter_rows(named=True)]
    earlier = renumberings(rows)
    later = {ended: new for new, ended in earlier.items()}
    kinds = pl.DataFrame(
        [
            {
                "entry_kind": _entry_kind(row, earlier),
                "exit_kind": _exit_kind(row, later, left_before),
                "related_key": _related_key(row, earlier, later),
            }
            for row, left_before in zip(rows, presences["left_before"], strict=True)
        ],
        schema={"entry_kind": pl.String, "exit_kind": pl.String, "related_key": pl.String},
    )
    working = ["first_number", "last_number", "first_name_keys", "last_name_keys"]
    return pl.concat([presences.drop(working), kinds], how="horizontal")


def _presence(row: Mapping[str, object]) -> Presence:
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
    return Presence(**{name: values[name] for name in Presence.__dataclass_fields__})  # type: ignore[arg-type]


def _entry_kind(row: Presence, earlier: Mapping[Presence, Presence]) -> str:
    if row.first_number == 1:
        return "present_at_start"
    if row.spell_number > 1:
        return "return"
    return "renumbered" if row in earlier else "new"


def _exit_kind(row: Presence, later: Mapping[Presence, Presence], left_before: object) -> str:
    if left_before is None:
        return "still_present"
    new = later.get(row)
    return "renumbered" if new is not None and new.first_number == row.last_number + 1 else "left"


def _related_key(row: Presence, earlier: Mapping[Presence, Presence], later: Mapping[Presence, Presence]) -> str | None:
    related = later.get(row) or earlier.get(row)
    return related.organisation_key if related else None


def write_register_entries(session: Session) -> int:
    """Make `core.register_entries` from the register in force; returns the rows written."""
    entries = register_entries(session.frame("core/register_lines"))
    return session.replace(product_tables()["core.register_entries"], entries)


def write_register_spells(session: Session) -> int:
    """Make `core.register_spells` from `core.register_entries`; returns the rows written."""
    spells = register_spells(session.frame("core/register_presences"))
    return session.replace(product_tables()["core.register_spells"], spells)


def write_register_movements(session: Session) -> int:
    """Make `core.register_movements` from the entries and the spells; returns the rows written."""
    return session.fill(product_tables()["core.register_movements"], "core/register_movements")
