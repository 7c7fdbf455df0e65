"""Disclosure control of study results: shares, counts of signals and other measures, per group.

Belongs here: which result speaks of too few people or companies, and how a shown one is rounded. Does not belong
here: flows (`flow_disclosure`) and the search for further cells to hide (`protection`).
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from assets.core.intervals import poisson
from assets.guardrails.protection import Cells, Sum, protect
from assets.guardrails.rounding import cells_below, round_down, round_to, round_up
from assets.guardrails.rules import DisclosureRules

Row = dict[str, Any]
Group = tuple[str, str, date, date]

INDICATOR_SCHEMA = {
    "indicator": pl.String,
    "name_nl": pl.String,
    "stratum_kind": pl.String,
    "stratum": pl.String,
    "stratum_nl": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "measure": pl.String,
    "value": pl.Float64,
    "lo95": pl.Float64,
    "hi95": pl.Float64,
    "n": pl.Int64,
    "is_suppressed": pl.Boolean,
    "method": pl.String,
    "look_alikes": pl.String,
}


def measure_form(measure: str) -> str:
    """Whether a measure is a `share`, a `count` or another `magnitude`, by its name."""
    words = measure.lower().replace("-", "_").split("_")
    if words[0] == "share" or words[-1] in ("share", "rate"):
        return "share"
    if words[0] in ("signals", "count", "number") or words[-1] in ("count", "signals"):
        return "count"
    return "magnitude"


def _group(row: Row) -> Group:
    return (row["stratum_kind"], row["stratum"], row["period_start"], row["period_end"])


def _count_behind(row: Row) -> float | None:
    """The number of units that a share or count speaks of; None for other measures and missing values."""
    if row["value"] is None:
        return None
    form = measure_form(row["measure"])
    if form == "share":
        return float(round(row["value"] * row["n"]))
    return float(row["value"]) if form == "count" else None


def _has_few_companies(row: Row, kinds: Mapping[str, str], rules: DisclosureRules) -> bool:
    """True when a group of companies is so small that its result points at some of them."""
    counted = row["employers"] or 0
    return kinds[row["stratum_kind"]] == "employers" and bool(counted < rules.threshold_employers)


def _hides_value(row: Row, kinds: Mapping[str, str], rules: DisclosureRules) -> bool:
    """True when the value of one row may not be shown, whatever stands around it."""
    if row["value"] is None:
        return False
    form, behind = measure_form(row["measure"]), _count_behind(row)
    if form == "count":
        return behind is not None and behind < rules.threshold_signals
    if row["n"] < rules.threshold_persons or _has_few_companies(row, kinds, rules):
        return True
    if behind is None:
        return False
    return bool(row["n"] < rules.percentage_denominator or min(behind, row["n"] - behind) < rules.threshold_persons)


def _group_sums(groups: Sequence[Group], value: Mapping[Group, float]) -> tuple[Sum, ...]:
    """The sums that hold exactly between the groups of one indicator: parts of a kind that add up to all."""
    place = {group: i for i, group in enumerate(groups)}
    totals = [g for g in groups if g[0] == "all"]
    sums: list[Sum] = []
    for total in totals:
        for kind in sorted({g[0] for g in groups} - {"all"}):
            same_period = [g for g in groups if g[0] == kind and g[2:] == total[2:]]
            any_period = [g for g in groups if g[0] == kind]
            choices = [same_period] if same_period == any_period else [same_period, any_period]
            sums.extend(
                Sum(place[total], tuple(place[p] for p in parts))
                for parts in choices
                if parts and math.isclose(sum(value[p] for p in parts), value[total], abs_tol=0.5)
            )
    return tuple(sums)


def _safe_groups(
    value: Mapping[Group, float], hidden: set[Group], small_only: bool, rules: DisclosureRules
) -> set[Group]:
    """The hidden groups with those that must be hidden besides, for one additive number.

    `small_only`: only numbers below the threshold must stay uncertain; else every number that is hidden.
    """
    groups = list(value)
    numbers = [value[g] for g in groups]
    mask = np.array([g in hidden for g in groups], dtype=bool)
    sensitive = mask & (np.array(numbers) < rules.threshold_persons) if small_only else mask
    cells = cells_below(numbers, mask, sensitive, rules.threshold_persons, rules)
    safe = protect(Cells(**{**vars(cells), "sums": _group_sums(groups, value)}))
    return {g for g, is_hidden in zip(groups, safe, strict=True) if is_hidden}


def _hidden_units(rows: Sequence[Row], rules: DisclosureRules) -> set[tuple[str, Group]]:
    """Measure and group of every row whose number of units is hidden: small, or needed to protect a small one.

    Measures of the same units share their numbers, so what hides one hides the other.
    """
    tables: dict[tuple[tuple[Group, float], ...], list[str]] = {}
    for measure in sorted({r["measure"] for r in rows if measure_form(r["measure"]) != "count"}):
        units = sorted((_group(r), float(r["n"])) for r in rows if r["measure"] == measure)
        tables.setdefault(tuple(units), []).append(measure)
    hidden = set()
    for numbers, measures in tables.items():
        value = {g: n for g, n in numbers if n > 0}
        safe = _safe_groups(value, {g for g, n in value.items() if n < rules.threshold_persons}, True, rules)
        hidden |= {(measure, group) for measure in measures for group in safe}
    return hidden


def _hidden_values(
    rows: Sequence[Row], kinds: Mapping[str, str], hidden_units: set[tuple[str, Group]], rules: DisclosureRules
) -> set[tuple[str, Group]]:
    """Measure and group of every row whose value is hidden.

    Signals per grade stand in one table with the flagged units of all cases, since they may add up to these.
    """
    hidden = set()
    whole = {
        r["measure"]: (_group(r), behind)
        for r in rows
        if r["stratum_kind"] == "all" and measure_form(r["measure"]) == "share"
        if (behind := _count_behind(r)) is not None
    }
    for measure in sorted({r["measure"] for r in rows}):
        own = [r for r in rows if r["measure"] == measure]
        first = {_group(r) for r in own if _hides_value(r, kinds, rules) or (measure, _group(r)) in hidden_units}
        value = {_group(r): behind for r in own if (behind := _count_behind(r)) is not None}
        safe = first | _safe_groups(value, first & set(value), False, rules)
        if measure_form(measure) == "count" and not any(g[0] == "all" for g in value):
            for group, number in whole.values():
                safe |= _safe_groups({group: number, **value}, safe & set(value), False, rules)
        hidden |= {(measure, group) for group in safe if group in value or group in first}
    return hidden


def _shown_figures(row: Row, rules: DisclosureRules) -> Row:
    """The figures of one row, rounded; the interval is only ever widened by rounding.

    The interval of a count is that of the rounded count, since the exact one would give the count away.
    """
    base, n, form = rules.rounding_base, row["n"], measure_form(row["measure"])
    value, lo95, hi95 = row["value"], row["lo95"], row["hi95"]
    rounded_n = round_to(n, base)
    if value is None or rounded_n == 0:
        return {"value": None, "lo95": None, "hi95": None, "n": None if form == "count" else rounded_n}
    if form == "share":
        return {
            "value": round(round_to(value * n, base) / rounded_n, 4),
            "lo95": None if lo95 is None else round(max(0, round_down(lo95 * n, base)) / rounded_n, 4),
            "hi95": None if hi95 is None else round(min(1.0, round_up(hi95 * n, base) / rounded_n), 4),
            "n": rounded_n,
        }
    if form == "count":
        rounded = round_to(value, base)
        low, high = poisson(max(0, rounded - base // 2))[0], poisson(rounded + base // 2)[1]
        return {
            "value": float(rounded),
            "lo95": None if lo95 is None else float(round_down(low, base)),
            "hi95": None if hi95 is None else float(round_up(high, base)),
            "n": None,
        }
    return {
        "value": _three_digits(value),
        "lo95": None if lo95 is None else _three_digits(lo95),
        "hi95": None if hi95 is None else _three_digits(hi95),
        "n": rounded_n,
    }


def _shown_period(row: Row, rows: Sequence[Row], is_hidden: bool) -> Row:
    """The period of a row in whole months; that of the whole indicator where the group is hidden.

    The first and last day of a small group are the days of single cases.
    """
    first, last = row["period_start"], row["period_end"]
    if is_hidden and row["stratum_kind"] != "year":
        first, last = min(r["period_start"] for r in rows), max(r["period_end"] for r in rows)
    end = calendar.monthrange(last.year, last.month)[1]
    return {"period_start": first.replace(day=1), "period_end": last.replace(day=end)}


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def protect_indicators(measures: pl.DataFrame, kinds: Mapping[str, str], rules: DisclosureRules) -> pl.DataFrame:
    """Study results that may be shown.

    Args:
        measures: exact results: the columns of the result, without is_suppressed, and employers (companies in
            the group, for kinds of group that count companies).
        kinds: the kinds of group that may be published, each with `units` or `employers`.
        rules: the rules in force.

    Returns:
        One row per result of a publishable kind of group, with the columns of INDICATOR_SCHEMA; value, lo95 and
        hi95 are empty where the value is hidden, n where the number of units is. A count has no n: the units
        that it was drawn from stand with the share. Periods are in whole months.
    """
    known = measures.filter(pl.col("stratum_kind").is_in(sorted(kinds)))
    shown: list[Row] = []
    for _, part in known.group_by("indicator", maintain_order=True):
        rows = part.to_dicts()
        units = _hidden_units(rows, rules)
        values = _hidden_values(rows, kinds, units, rules)
        for row in rows:
            place = (row["measure"], _group(row))
            figures = _shown_figures(row, rules)
            if place in values:
                figures |= dict.fromkeys(("value", "lo95", "hi95"))
            if place in units:
                figures["n"] = None
            is_hidden = place in values or place in units
            period = _shown_period(row, rows, is_hidden)
            known_of_row = {c: row[c] for c in INDICATOR_SCHEMA if c in row}
            shown.append({**known_of_row, **period, **figures, "is_suppressed": is_hidden})
    key = ("indicator", "measure", "stratum_kind", "stratum", "period_start", "period_end")
    return pl.DataFrame(shown, schema=INDICATOR_SCHEMA).sort(*key)


def signal_counts(indicators: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split protected study results in counts of signals per grade (newest period) and all other results.

    Returns:
        Two frames: indicator, grade, signals, lo95, hi95, is_suppressed; and the remaining rows of `indicators`.
    """
    is_grade = (pl.col("stratum_kind") == "grade") & (pl.col("measure") == "signals")
    counts = (
        indicators.filter(is_grade)
        .sort("indicator", "stratum", "period_end", "period_start")
        .unique(["indicator", "stratum"], keep="last", maintain_order=True)
        .select(
            "indicator",
            pl.col("stratum").alias("grade"),
            pl.col("value").cast(pl.Int64).alias("signals"),
            "lo95",
            "hi95",
            "is_suppressed",
        )
    )
    return counts, indicators.filter(~is_grade)
