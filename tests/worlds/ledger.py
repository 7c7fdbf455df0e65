"""The world as it grows: supplier rows with the day they became known, and the truth beside them.

Belongs here: identifiers that pass their own tests, dates, and the lists that every part of the world writes to.
Does not belong here: who does what (`economy`, `migrants`, `posted`), files (`deliveries`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

AS_OF = date(2026, 11, 23)
NORMS = Path(__file__).parents[2] / "quality" / "reference" / "salary_norms.csv"
CRITERIA = {"hsm_reduced": "hsm_reduced_after_orientation_year", "startup_staff": "startup_staff_reduced"}
ELEVEN = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def days(n: int) -> timedelta:
    """So many days."""
    return timedelta(days=n)


def month_start(day: date, later: int = 0) -> date:
    """First day of the month of `day`, so many months later."""
    number = day.year * 12 + day.month - 1 + later
    return date(number // 12, number % 12 + 1, 1)


def month_end(day: date) -> date:
    """Last day of the month of `day`."""
    return month_start(day, 1) - days(1)


@dataclass
class Person:
    """A worker with the numbers that authorities know."""

    v_number: str
    bsn: str
    document: str
    birth: date
    nationality: str
    sex: str
    free_movement: bool = False


@dataclass
class Truth:
    """One planted case or look-alike; `related` names records as `type:id`."""

    indicator: str
    kind: str
    strength: str
    subject_type: str
    subject_id: str
    related: tuple[str, ...] = ()


@dataclass(frozen=True)
class Habits:
    """How people, payroll offices and authorities behave in an economy; shares of 0 to 1.

    Attributes:
        families: family names that firms are called after; none: those of `economy`.
        sectors: SBI divisions and their weights; none: those of `economy`.
        gives_contract_wage: payroll offices that fill in the contract wage.
        four_weekly: payroll offices that pay by four weeks.
        knows_rsin: payroll numbers of which the RSIN is delivered.
        at_norm: migrants who are paid the norm to the cent.
        has_facility: migrants with the 30 % facility.
        confirms: notifications that the client confirmed.
        seen: posted workers whom anybody ever sees.
        free: posted workers with the right of free movement.
    """

    families: tuple[str, ...] = ()
    sectors: tuple[tuple[str, int], ...] = ()
    gives_contract_wage: float = 0.85
    four_weekly: float = 0.2
    knows_rsin: float = 0.7
    at_norm: float = 0.25
    has_facility: float = 0.4
    confirms: float = 0.7
    seen: float = 0.15
    free: float = 0.6


@dataclass
class World:
    """Everything that suppliers know, and what is true."""

    rng: np.random.Generator
    habits: Habits = field(default_factory=Habits)
    rows: dict[str, list[tuple[date, dict[str, Any]]]] = field(default_factory=dict)
    truth: list[Truth] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    person_of: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def add(self, feed: str, known_on: date, **values: Any) -> None:
        """One version of a row; a later version of the same key supersedes it."""
        self.rows.setdefault(feed, []).append((known_on, values))

    def plant(
        self, indicator: str, kind: str, strength: str, subject: tuple[str, str], related: Iterable[str] = ()
    ) -> None:
        """Note a case: strength blatant, moderate or marginal, or look_alike."""
        self.truth.append(Truth(indicator, kind, strength, *subject, tuple(related)))

    # -- chance ------------------------------------------------------------------------------------------------
    def pick(self, options: Sequence[Any], weights: Sequence[float] | None = None) -> Any:
        """One of the options."""
        p = None if weights is None else np.array(weights) / sum(weights)
        return options[int(self.rng.choice(len(options), p=p))]

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends possible."""
        return int(self.rng.integers(low, high + 1))

    def day(self, first: date, last: date) -> date:
        """A day, both ends possible."""
        return first + days(self.between(0, (last - first).days))

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return bool(self.rng.random() < share)

    # -- numbers -----------------------------------------------------------------------------------------------
    def digits(self, n: int, first: str = "123456789") -> str:
        """A number not used before."""
        while True:
            text = self.pick(first) + "".join(str(d) for d in self.rng.integers(0, 10, n - 1))
            if text not in self.used:
                self.used.add(text)
                return text

    def eleven(self) -> str:
        """A nine-digit number that passes the eleven test, as BSNs and RSINs do."""
        while True:
            text = self.digits(8)
            last = sum(int(d) * w for d, w in zip(text, ELEVEN[:8], strict=True)) % 11
            if last < 10 and text + str(last) not in self.used:
                self.used.add(text + str(last))
                return text + str(last)

    def person(self, born: date | None = None, free: bool = False) -> Person:
        """A new worker."""
        nationality = self.pick(["PL", "RO", "PT", "LT"] if free else ["IN", "TR", "BR", "UA", "ZA", "CN", "BY", "VN"])
        document = self.pick("ABCDEFGHKLMNPRSTUVWXYZ") + self.pick("ABCDEFGHKLMNPRSTUVWXYZ") + self.digits(7)
        born = born or self.day(date(1970, 1, 1), date(1998, 12, 31))
        return Person(
            self.digits(10), self.eleven(), document, born.replace(day=1), nationality, self.pick("MMMVV"), free
        )


def norm(category: str, on: date) -> float:
    """The monthly salary norm of a category on a day, from the published table."""
    wanted = CRITERIA.get(category, category)
    for row in _norm_rows():
        until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
        if row["criterion"] == wanted and date.fromisoformat(row["valid_from"]) <= on <= until:
            return float(row["gross_monthly_eur_excl_holiday"])
    raise ValueError(f"no norm of {category} on {on}")


def _norm_rows(cache: list[dict[str, str]] = []) -> list[dict[str, str]]:  # noqa: B006 - read the file once
    if not cache:
        with NORMS.open(encoding="utf-8") as file:
            cache.extend(csv.DictReader(file))
    return cache
