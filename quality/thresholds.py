"""The thresholds of the indicators: dated data with a source, never numbers in code.

Belongs here: reading `quality/thresholds.csv` and naming its version. Does not belong here: any rule.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

FILE = Path(__file__).parent / "thresholds.csv"


@dataclass(frozen=True)
class Threshold:
    """One threshold of one indicator, in force from a date."""

    indicator: str
    name: str
    value: float
    unit: str
    valid_from: date
    meaning: str
    source: str


@cache
def all_thresholds() -> tuple[Threshold, ...]:
    """Every threshold, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as handle:
        return tuple(
            Threshold(
                indicator=row["indicator"],
                name=row["name"],
                value=float(row["value"]),
                unit=row["unit"],
                valid_from=date.fromisoformat(row["valid_from"]),
                meaning=row["meaning"],
                source=row["source"],
            )
            for row in csv.DictReader(handle)
        )


def thresholds(indicator: str, as_of: date) -> Mapping[str, float]:
    """The thresholds of `indicator` in force on `as_of`, by name; KeyError when there is none."""
    in_force = [t for t in all_thresholds() if t.indicator == indicator and t.valid_from <= as_of]
    if not in_force:
        raise KeyError(f"no thresholds of {indicator} are in force on {as_of}")
    ordered = sorted(in_force, key=lambda t: t.valid_from)
    return MappingProxyType({t.name: t.value for t in ordered})


@cache
def rules_version() -> str:
    """A short name of the thresholds' content, in letters only, that changes with every edit."""
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]
    return "rules-" + digest.translate(str.maketrans("0123456789", "ghijklmnop"))
