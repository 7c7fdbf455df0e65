"""The rules of disclosure control and what they apply to: data, read from the CSV files beside this module.

Belongs here: reading `disclosure_rules.csv`, `publishable_strata.csv` and `figure_sources.csv`. Does not belong
here: applying them (`disclosure`, `protection`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType

import polars as pl

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class DisclosureRules:
    """The values of the rules in force, by name; their meaning stands in `disclosure_rules.csv`."""

    threshold_persons: int
    threshold_employers: int
    minimum_contributors: int
    threshold_signals: int
    rounding_base: int
    percentage_denominator: int
    protection_width: float
    protection_share: float
    closed_after_days: int


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def disclosure_rules() -> DisclosureRules:
    """The rules in force; ValueError when the file lacks one or has one that nothing applies."""
    values = {row["rule"]: float(row["value"]) for row in _rows("disclosure_rules.csv")}
    known = {f.name: f.type for f in fields(DisclosureRules)}
    if set(values) != set(known):
        raise ValueError(f"disclosure_rules.csv: expected {sorted(known)}, found {sorted(values)}")
    whole = {name: int(values[name]) for name in known if known[name] == "int"}
    return DisclosureRules(**{**values, **whole})  # type: ignore[arg-type]


def rules_table() -> pl.DataFrame:
    """The rules as rows of `pub.disclosure_rules`: rule, value, meaning (Dutch)."""
    rows = _rows("disclosure_rules.csv")
    return pl.DataFrame(
        {
            "rule": [r["rule"] for r in rows],
            "value": [float(r["value"]) for r in rows],
            "meaning": [r["meaning"] for r in rows],
        }
    )


@cache
def publishable_strata() -> Mapping[str, str]:
    """Kinds of group that may be published, with what is counted in them (units or employers).

    A kind that is not named here is withheld: origin, single sponsors and places never reach `pub`.
    """
    return MappingProxyType({r["stratum_kind"]: r["subject"] for r in _rows("publishable_strata.csv")})


@cache
def figure_sources() -> Mapping[str, frozenset[str]]:
    """The feeds that each family of figures (flows, hsm, posting, displacement) rests on."""
    sources: dict[str, set[str]] = {}
    for row in _rows("figure_sources.csv"):
        sources.setdefault(row["figure"], set()).add(row["feed"])
    return MappingProxyType({figure: frozenset(feeds) for figure, feeds in sources.items()})
