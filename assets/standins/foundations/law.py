"""The law of each date, as this world's employers meet it: salary norms, open schemes, minimum wage.

Belongs here: looking up what held on a date, and the same law with one policy event taken out. Every amount comes
from `quality/reference/`; which event acts on what comes from the parameters. Does not belong here: behaviour.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import quality.contract
from assets.standins.foundations.randomness import Floats, Ints

REFERENCE = Path(quality.contract.__file__).parent / "reference"

#: Norm of a permit (`norm_category`) by the name of the criterion in the reference table.
CRITERIA: Mapping[str, str] = {
    "hsm_30_plus": "hsm_30_plus",
    "hsm_under_30": "hsm_under_30",
    "hsm_reduced_after_orientation_year": "hsm_reduced",
    "blue_card": "blue_card",
    "blue_card_reduced": "blue_card_reduced",
    "ict": "ict",
    "startup_staff_reduced": "startup_staff",
}
#: Days after the degree in which the reduced norm was open at the start: the search year.
_FIRST_WINDOW = 366.0
HSM_NORMS = ("hsm_30_plus", "hsm_under_30", "hsm_reduced", "blue_card", "blue_card_reduced", "ict", "startup_staff")


def day(text: str) -> int:
    """The number of the day since 1970-01-01 of an ISO date."""
    return int(np.datetime64(text, "D").astype(np.int64))


def days(texts: list[str]) -> Ints:
    """The same for several dates."""
    return np.array(texts, dtype="datetime64[D]").astype(np.int64)


def year_of(on: Ints) -> Ints:
    """Calendar year of each day."""
    return on.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def month_of(on: Ints) -> Ints:
    """Months since 1970-01 of each day."""
    return on.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_start(months: Ints) -> Ints:
    """First day of each month, given as months since 1970-01."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


@dataclass(frozen=True)
class Steps:
    """A quantity that changes on given days: before the first day it does not exist (NaN)."""

    starts: Ints
    values: Floats

    def on(self, when: Ints) -> Floats:
        """The value on each day."""
        spot = np.searchsorted(self.starts, when, side="right") - 1
        return np.where(spot >= 0, self.values[np.maximum(spot, 0)], np.nan)

    def scaled_from(self, start: int, factor: float) -> Steps:
        """The same with every value from `start` on multiplied by `factor`."""
        return Steps(self.starts, np.where(self.starts >= start, self.values * factor, self.values))

    def without_step(self, start: int) -> Steps:
        """The same with the value before `start` carried on, later changes keeping their percentage."""
        at = int(np.searchsorted(self.starts, start))
        if at == 0 or at >= len(self.starts) or self.starts[at] != start:
            return self
        before = self.values[at - 1]
        if np.isnan(before) or np.isnan(self.values[at]):
            return Steps(self.starts, np.where(self.starts >= start, before, self.values))
        return self.scaled_from(start, before / self.values[at])


@dataclass(frozen=True)
class Law:
    """What the law says on each day.

    Attributes:
        norms: salary norm in euro a month by norm category.
        costs: additional cost of a route in units of utility, by route.
        opened: 1 where a route is open, 0 where it is closed, by route; a route that is not named is always open.
        window: days after the degree within which the reduced norm is open.
        terms: longest months of a permit by scheme, from the day on which an event set it; NaN before.
        ends: routes that cannot be extended from some day on, with that day and the route that takes their place.
        minimum_hour: statutory minimum wage in euro an hour at 40 hours a week.
        events: what each policy event acts on, from the parameters.
        dates: first day of each policy event.
    """

    norms: Mapping[str, Steps]
    costs: Mapping[str, Steps]
    opened: Mapping[str, Steps]
    window: Steps
    ends: Mapping[str, tuple[int, str]]
    terms: Mapping[str, Steps]
    minimum_hour: Steps
    events: Mapping[str, Mapping[str, Any]]
    dates: Mapping[str, int]

    def norm(self, category: str, on: Ints) -> Floats:
        """The salary norm on each day, NaN where there is none."""
        steps = self.norms.get(category)
        return steps.on(on) if steps else np.full(len(on), np.nan)

    def is_open(self, route: str, on: Ints) -> Floats:
        """1.0 where the route is open, else 0.0."""
        steps = self.opened.get(route)
        return np.nan_to_num(steps.on(on)) if steps else np.ones(len(on))

    def cost(self, route: str, on: Ints) -> Floats:
        """Additional cost of the route in units of utility."""
        steps = self.costs.get(route)
        return np.nan_to_num(steps.on(on)) if steps else np.zeros(len(on))

    def nothing(self) -> Law:
        """A law that demands nothing: no norm, no cost, every route open."""
        free = {name: Steps(np.array([0]), np.array([0.0])) for name in self.norms}
        return replace(self, norms=free, costs={}, opened={}, window=Steps(np.array([0]), np.array([np.inf])), ends={})

    def without(self, event: str) -> Law:
        """The law of a world in which one policy event had not happened; other events keep their effect."""
        acts, start = self.events[event], self.dates[event]
        law = self
        for category in acts.get("norms", []):
            law = replace(law, norms={**law.norms, category: law.norms[category].without_step(start)})
        if set(acts) & {"cost", "opens", "closes", "window_days", "ends", "terms"}:
            others = {name: value for name, value in self.events.items() if name != event}
            law = replace(
                law,
                costs=_costs(others, self.dates),
                opened=_openings(others, self.dates),
                window=_window(others, self.dates),
                ends=_ends(others, self.dates),
                terms=_terms(others, self.dates),
            )
        for category in acts.get("introduces", []):
            law = replace(law, norms={**law.norms, category: Steps(np.array([start]), np.array([np.nan]))})
        return law


def _stacked(changes: list[tuple[int, float]]) -> Steps:
    changes = sorted(changes)
    return Steps(np.array([c[0] for c in changes], dtype=np.int64), np.cumsum([c[1] for c in changes]))


def _costs(events: Mapping[str, Mapping[str, Any]], dates: Mapping[str, int]) -> dict[str, Steps]:
    changes: dict[str, list[tuple[int, float]]] = {}
    for event, acts in events.items():
        for route, amount in acts.get("cost", {}).items():
            changes.setdefault(route, []).append((dates[event], float(amount)))
    return {route: _stacked(found) for route, found in changes.items()}


def _openings(events: Mapping[str, Mapping[str, Any]], dates: Mapping[str, int]) -> dict[str, Steps]:
    changes: dict[str, list[tuple[int, float]]] = {}
    for event, acts in events.items():
        for route in acts.get("opens", []):
            changes.setdefault(route, []).append((dates[event], 1.0))
        for route in acts.get("closes", []):
            changes.setdefault(route, []).append((dates[event], 0.0))
    found = {route: sorted(steps) for route, steps in changes.items()}
    return {
        route: Steps(np.array([s[0] for s in steps], dtype=np.int64), np.array([s[1] for s in steps]))
        for route, steps in found.items()
    }


def _window(events: Mapping[str, Mapping[str, Any]], dates: Mapping[str, int]) -> Steps:
    named = [(dates[event], float(acts["window_days"])) for event, acts in events.items() if "window_days" in acts]
    changes = [(0, _FIRST_WINDOW), *sorted(named)]
    return Steps(np.array([c[0] for c in changes], dtype=np.int64), np.array([c[1] for c in changes]))


def _ends(events: Mapping[str, Mapping[str, Any]], dates: Mapping[str, int]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for event, acts in sorted(events.items(), key=lambda one: dates[one[0]]):
        for route, follows in acts.get("ends", {}).items():
            found.setdefault(route, (dates[event], follows))
    return found


def _terms(events: Mapping[str, Mapping[str, Any]], dates: Mapping[str, int]) -> dict[str, Steps]:
    changes: dict[str, list[tuple[int, float]]] = {}
    for event, acts in events.items():
        for scheme, months in acts.get("terms", {}).items():
            changes.setdefault(scheme, []).append((dates[event], float(months)))
    found = {scheme: sorted(steps) for scheme, steps in changes.items()}
    return {
        scheme: Steps(np.array([s[0] for s in steps], dtype=np.int64), np.array([s[1] for s in steps]))
        for scheme, steps in found.items()
    }


@cache
def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of one reference table."""
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def policy_events() -> list[dict[str, str]]:
    """The policy events of the reference table, in order of date."""
    return read_rows("policy_events.csv")


def _norms() -> dict[str, Steps]:
    found: dict[str, list[tuple[int, float]]] = {}
    for row in read_rows("salary_norms.csv"):
        category = CRITERIA.get(row["criterion"])
        if category and row["gross_monthly_eur_excl_holiday"]:
            amount = float(row["gross_monthly_eur_excl_holiday"])
            found.setdefault(category, []).append((day(row["valid_from"]), amount))
    steps = {}
    for category, changes in found.items():
        changes.sort()
        steps[category] = Steps(np.array([c[0] for c in changes], dtype=np.int64), np.array([c[1] for c in changes]))
    return steps


def _minimum_hour() -> Steps:
    rows = [r for r in read_rows("minimum_wage.csv") if r["statutory_hourly"] or r["hourly_40h"]]
    return Steps(
        days([r["valid_from"] for r in rows]),
        np.array([float(r["statutory_hourly"] or r["hourly_40h"]) for r in rows]),
    )


def read_law(events: Mapping[str, Mapping[str, Any]]) -> Law:
    """The law of the reference tables, acted on by the policy events of the parameters."""
    dates = {row["event_id"]: day(row["date"]) for row in policy_events()}
    unknown = sorted(set(events) - set(dates))
    if unknown:
        raise ValueError(f"the parameters name policy events that the reference table lacks: {unknown}")
    return Law(
        norms=_norms(),
        costs=_costs(events, dates),
        opened=_openings(events, dates),
        window=_window(events, dates),
        ends=_ends(events, dates),
        terms=_terms(events, dates),
        minimum_hour=_minimum_hour(),
        events=events,
        dates=dates,
    )
