"""Companions that look at national series: what moved for all sectors alike, and real published figures.

Belongs here: the national series of every route around an event, published yearly figures, snapshots of the public
register. Does not belong here: sectors and companies (`panels`, `companies`).

Published figures are few and change their definition; where they cannot carry an answer the row says so and why. A
break that moves persons between registers is shown as what it is and never called displacement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from assets.waterbed.companions.rows import Answer, Reading, interval, not_estimable
from assets.waterbed.declarations import Declarations, Design
from assets.waterbed.designs.national import LEAST_AFTER, LEAST_BEFORE, structural_step
from assets.waterbed.panel import FloatArray
from assets.waterbed.windows import after_break, event_window

#: Fewest persons a month, on average, whose logarithm is read; and the share of months without anyone that is borne.
LEAST_A_MONTH, MOST_EMPTY = 5.0, 0.02
#: Fewest yearly figures of one definition on either side of an event from which a trend could be told.
LEAST_YEARS = 3
#: Years between the figures before and after a break, at most, for the break to be seen in them.
MOST_YEARS_APART = 2
#: Schemes whose recognised sponsors stand in the public register.
REGISTERED = frozenset({"hsm", "hsm_reduced", "blue_card", "ict_eu", "researcher_801"})
#: Breaks after which the same persons are counted elsewhere.
REGISTER_BREAKS = frozenset({"register_move", "population_move"})


@dataclass
class NationalSeries:
    """Monthly admissions of every route over all sectors, with the steps found in them (each is sought once).

    Attributes:
        flows: month, route, sbi2, admissions.
        events: `core.policy_events`.
        declared: the declarations.
        as_of: as-of date.
    """

    flows: pl.DataFrame
    events: pl.DataFrame
    declared: Declarations
    as_of: date
    _found: dict[tuple[date, str], Answer] = field(default_factory=dict)

    def answers(self, event_on: date, design: Design) -> Iterator[Answer]:
        """The step in the restricted route and in every destination at an event."""
        for route in (design.route, *design.destinations):
            key = (event_on, route)
            if key not in self._found:
                self._found[key] = self._step(event_on, route)
            yield _read_step(self._found[key], route == design.route)

    def _step(self, event_on: date, route: str) -> Answer:
        mine = self.flows.filter(pl.col("route") == route)
        sectors = [s for b in self.declared.breaks if route in b.routes for s in b.sectors]
        if sectors:
            mine = mine.filter(pl.col("sbi2").is_in(sectors).not_())
        if mine.is_empty():
            return not_estimable("national_series", "nobody came by this route", route)
        months = (self.flows["month"].min(), self.flows["month"].max())
        window = event_window(event_on, months, self.as_of, self.declared.windows)  # type: ignore[arg-type]
        days = dict(self.events.select("event_id", "event_on").rows())
        for found in self.declared.breaks:
            if route in found.routes and not found.sectors and found.event_id in days:
                cut = after_break(window, days[found.event_id], self.declared.windows)
                if cut is None:
                    return not_estimable("national_series", f"the series breaks at {found.event_id}", route)
                window = cut
        event, length = window.event - window.first, window.last - window.first + 1
        if event < LEAST_BEFORE or length - event < LEAST_AFTER:
            why = f"{max(event, 0)} months before and {max(length - event, 0)} after the event"
            return not_estimable("national_series", f"{why}; {LEAST_BEFORE} and {LEAST_AFTER} are the least", route)
        return self._fit(_monthly(mine, window.first, length), event, window.anticipation, route)

    def _fit(self, series: FloatArray, event: int, anticipation: int, route: str) -> Answer:
        empty = float((series == 0).mean())
        if series.mean() < LEAST_A_MONTH or empty > MOST_EMPTY:
            why = f"{series.mean():.1f} persons a month on average, {empty:.0%} of months without anyone"
            return not_estimable("national_series", f"{why}: too few for a monthly series", route, len(series))
        early = np.zeros((len(series), 1))
        early[event - anticipation : event] = 1.0
        step = structural_step(np.log(np.maximum(series, 0.5)), event, early if anticipation else None)
        words = (
            "Level step of the national series at the event; a wandering level and the season are allowed for, other "
            "causes on the same date are not."
        )
        plain = Answer("national_series", route, "whole", "neutral", words, n=len(series))
        return _with_step(plain, step.effect, step.error)


def _read_step(found: Answer, is_restricted: bool) -> Answer:
    """The answer with its reading: a restricted route should fall, a destination should rise."""
    if found.estimate is None or found.p_value is None or found.p_value >= 0.05:
        return found
    is_expected = (found.estimate < 0) == is_restricted
    reading: Reading = "supports" if is_expected else "weakens"
    return replace(found, reading=reading)


def _monthly(flows: pl.DataFrame, first: int, length: int) -> FloatArray:
    position = flows["month"].dt.year().to_numpy() * 12 + flows["month"].dt.month().to_numpy() - 1 - first
    inside = (position >= 0) & (position < length)
    return np.bincount(position[inside], flows["admissions"].to_numpy()[inside], length).astype(np.float64)


def published_answers(event: Mapping[str, Any], schemes: Sequence[str], volumes: pl.DataFrame) -> list[Answer]:
    """What published yearly figures of the schemes show around an event, one answer for each series.

    Args:
        event: a row of `core.policy_events`.
        schemes: schemes that the event touches.
        volumes: `core.published_volumes`.
    """
    yearly = volumes.filter(pl.col("period") == "year", pl.col("value").is_not_null(), pl.col("unit") != "percent")
    wanted, is_break = {*schemes}, event["break_kind"] in REGISTER_BREAKS
    # where a scheme was counted together with others, the figures of the others alone go on after it left them
    left_over = {
        "|".join(s for s in key.split("|") if s not in wanted): key for key in yearly["scheme"].unique().sort()
    }
    parted = {rest: key for rest, key in left_over.items() if rest and rest != key} if is_break else {}
    series = [key if wanted & {*key.split("|")} else parted.get(key) for key in yearly["scheme"].to_list()]
    touched = yearly.with_columns(series=pl.Series(series, dtype=pl.String)).drop_nulls("series")
    if touched.is_empty():
        return [not_estimable("published_series", "no yearly figure of this scheme was published or found")]
    # a break of the register is shown across definitions, because the definition is what changed
    by = ["series", "metric", "unit"] if is_break else ["series", "metric", "population_definition", "unit"]
    ordered = touched.sort("series", "metric", "population_definition", "unit", "year", "source")
    parts = ordered.group_by(by, maintain_order=True)
    return [_published(event, part.sort("year", maintain_order=True)) for _, part in parts]


def _published(event: Mapping[str, Any], rows: pl.DataFrame) -> Answer:
    """Before and after in one published series: shown, hardly ever estimated."""
    day, years = event["event_on"], rows.height
    year, is_new_year = day.year, day.timetuple().tm_yday == 1
    name = f"{rows['series'][0]} {rows['metric'][0]}"
    part = f"{rows['unit'][0]}, {str(rows['population_definition'][0])[:48]}"
    before = rows.filter(pl.col("year") < year)  # a year in which the rule changed is neither
    after = rows.filter(pl.col("year") >= (year if is_new_year else year + 1))
    counts = f"{before.height} yearly figures before {day} and {after.height} after it, no months"
    if before.is_empty() or after.is_empty():
        words = f"{counts}: nothing to compare."
        return Answer("published_series", name, part, "not_estimable", words, n=years)
    last, first = before.row(-1, named=True), after.row(0, named=True)
    seen = f"{last['value']:,.0f} in {last['year']}, {first['value']:,.0f} in {first['year']} ({counts})."
    if event["break_kind"] in REGISTER_BREAKS and first["year"] - last["year"] <= MOST_YEARS_APART:
        change = first["value"] / last["value"] - 1.0 if last["value"] else None
        words = f"A break of the series, no behaviour: {seen}"
        if last["population_definition"] != first["population_definition"]:
            words += f" Counted before: {last['population_definition']}; after: {first['population_definition']}."
        unit = "share of earlier level"
        return Answer("published_series", name, part, "register_move", words, change, n=years, unit=unit)
    if min(before.height, after.height) < LEAST_YEARS or event["break_kind"] in REGISTER_BREAKS:
        words = f"{seen} Fewer than {LEAST_YEARS} years on a side tell no trend, and sectors are not published."
        if event["break_kind"] in REGISTER_BREAKS:
            words = f"{seen} The figures lie too far apart to show this break alone."
        return Answer("published_series", name, part, "not_estimable", words, n=years)
    return _yearly_step(name, part, before, after, seen)


def _yearly_step(name: str, part: str, before: pl.DataFrame, after: pl.DataFrame, seen: str) -> Answer:
    """Mean log level after against before, with the spread of yearly changes as error."""
    values = np.log(np.maximum(np.concatenate([before["value"].to_numpy(), after["value"].to_numpy()]), 0.5))
    moves = np.diff(values)
    error = float(np.sqrt((moves**2).mean() * (before.height + after.height) / 2.0 / 2.0))
    step = float(values[before.height :].mean() - values[: before.height].mean())
    words = f"{seen} Means after over before, as a random walk of years; no sector is compared with another."
    plain = Answer("published_series", name, part, "neutral", words, n=len(values))
    return _with_step(plain, step, error, len(moves))


def _with_step(plain: Answer, log_step: float, error: float, degrees: float | None = None) -> Answer:
    """The answer with a step in log points as its figure, as a share of the earlier level."""
    low, high, p_value = interval(log_step, error, degrees)
    estimate, low, high = (float(np.expm1(v)) for v in (log_step, low, high))
    return replace(plain, estimate=estimate, low=low, high=high, p_value=p_value, unit="share of earlier level")


def register_answers(event: Mapping[str, Any], schemes: Sequence[str], movements: pl.DataFrame) -> list[Answer]:
    """Recognised sponsors that came and went between the snapshots around an event, a year and per thousand."""
    if not REGISTERED & set(schemes):
        return [not_estimable("public_register", "sponsors of this scheme do not stand in the register", "sponsors")]
    usable = movements.filter(pl.col("is_comparable")).sort("snapshot_until")
    day = event["event_on"]
    around = usable.filter(pl.col("snapshot_from") < day, pl.col("snapshot_until") >= day)
    if around.is_empty():
        seen = f"{usable.height} comparable pairs of snapshots, none of them around the event"
        return [not_estimable("public_register", seen, "sponsors", usable.height)]
    earlier = usable.filter(pl.col("snapshot_until") < day)
    return [
        answer
        for column, outcome in (("left_register", "sponsors that left"), ("entered", "sponsors that entered"))
        for answer in [_register_rate(column, outcome, around, earlier)]
    ]


def _register_rate(column: str, outcome: str, around: pl.DataFrame, earlier: pl.DataFrame) -> Answer:
    count, exposure = _rate_parts(around, column)
    low, high = (
        float(stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0),
        float(stats.chi2.ppf(0.975, 2 * count + 2) / 2),
    )
    words = f"{count} in {exposure:.2f} thousand sponsor-years between the snapshots around the event"
    if earlier.height:
        before, base = _rate_parts(earlier, column)
        words += f"; {before / base if base else 0:.0f} per thousand a year in {earlier.height} earlier periods"
    else:
        words += "; no earlier period to compare with"
    return Answer(
        "public_register",
        outcome,
        "around the event",
        "neutral",
        f"{words}. The register counts organisations, not persons.",
        count / exposure if exposure else None,
        low / exposure if exposure else None,
        high / exposure if exposure else None,
        n=count,
        unit="per thousand sponsors a year",
    )


def _rate_parts(rows: pl.DataFrame, column: str) -> tuple[int, float]:
    years = (rows["snapshot_until"] - rows["snapshot_from"]).dt.total_days().to_numpy() / 365.25
    return int(rows[column].sum()), float((rows["present_before"].to_numpy() * years).sum() / 1000.0)
