"""Disclosure control: exact tables in, tables that may be shown out. The last step before `pub`.

Belongs here: which number is too small or too revealing to show, and how a shown number is rounded. Does not
belong here: the values of the rules (`rules`), the further cells that protect a hidden one (`protection`), and
public figures, which need no protection.

Numbers and totals are rounded independently, so a total need not equal the sum of its parts. A percentage is
computed from rounded numbers. A row that may not be shown keeps its place, with empty figures.
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
from assets.guardrails.protection import NO_BOUND, Cells, Mask, Sum, protect
from assets.guardrails.rules import DisclosureRules

Row = dict[str, Any]


def round_to(value: float, base: int) -> int:
    """`value` to the nearest multiple of `base`; a tie goes up."""
    return math.floor(value / base + 0.5) * base


def round_down(value: float, base: int) -> int:
    """The largest multiple of `base` that is not above `value` (an error of 1e-9 is forgiven)."""
    return math.floor(value / base + 1e-9) * base


def round_up(value: float, base: int) -> int:
    """The smallest multiple of `base` that is not below `value` (an error of 1e-9 is forgiven)."""
    return math.ceil(value / base - 1e-9) * base


def _cells(value: Sequence[float], hidden: Mask, sensitive: Mask, threshold: int, rules: DisclosureRules) -> Cells:
    """Cells without sums: what a reader knows of numbers that are hidden below `threshold` and else rounded.

    `sensitive` marks cells that must stay uncertain; other hidden cells only serve to protect these.
    """
    true = np.asarray(value, dtype=float)
    small = true < threshold
    rounded = np.array([round_to(v, rules.rounding_base) for v in true], dtype=float)
    slack = (rules.rounding_base - 1) / 2
    return Cells(
        value=true,
        hidden=hidden,
        width=np.where(
            sensitive,
            np.where(small, rules.protection_width, np.maximum(rules.protection_width, rules.protection_share * true)),
            0.0,
        ),
        shown_low=np.where(true == 0, 0.0, np.maximum(rounded - slack, threshold)),
        shown_high=np.where(true == 0, 0.0, rounded + slack),
        hidden_low=np.where(small, 0.0, float(threshold)),
        hidden_high=np.where(small, float(threshold - 1), NO_BOUND),
        sums=(),
    )


# --- flows ---------------------------------------------------------------------------------------------------


def _flow_sums(rows: Sequence[Row]) -> list[Sum]:
    """The sums that hold between the flows of one calendar year: routes to a total, months to a year."""
    place = {(r["period_kind"], r["period_start"], r["route"]): i for i, r in enumerate(rows)}
    sums = []
    for (kind, start, route), position in place.items():
        if route == "total":
            parts = [i for (k, s, r), i in place.items() if (k, s) == (kind, start) and r != "total"]
            sums.append(Sum(position, tuple(parts)))
        if kind == "year":
            parts = [i for (k, s, r), i in place.items() if k == "month" and r == route]
            sums.append(Sum(position, tuple(parts)))
    return [s for s in sums if s.parts]


def _has_few_employers(row: Row, rules: DisclosureRules) -> bool:
    """True when so few known companies stand behind a flow that one of them can read the others' number."""
    return bool(row["without_employer"] == 0 and 0 < row["employers"] < rules.minimum_contributors)


def _protect_year(rows: Sequence[Row], rules: DisclosureRules) -> tuple[Mask, Mask]:
    """Which applications and which admissions of one calendar year are hidden."""
    size = len(rows)
    applications = [float(r["applications"]) for r in rows]
    admissions = [float(r["admissions"]) for r in rows]
    few = np.array([_has_few_employers(r, rules) for r in rows], dtype=bool)
    used = {r["route"] for r in rows if r["applications"] > 0}
    unused = np.array([r["route"] not in used for r in rows], dtype=bool)
    hidden_applications = ((np.array(applications) < rules.threshold_persons) | few) & ~unused
    hidden_admissions = ((np.array(admissions) < rules.threshold_persons) | hidden_applications) & ~unused
    hidden = np.concatenate([hidden_applications, hidden_admissions])
    sums = _flow_sums(rows)
    shifted = [Sum(s.total + size, tuple(p + size for p in s.parts)) for s in sums]
    cells = _cells([*applications, *admissions], hidden, hidden, rules.threshold_persons, rules)
    ordered = tuple((i + size, i) for i in range(size) if admissions[i] <= applications[i])
    linked = Cells(**{**vars(cells), "sums": (*sums, *shifted), "at_most": ordered})
    mask = protect(linked)
    return mask[:size], mask[size:] | mask[:size]


def protect_flows(cells: pl.DataFrame, rules: DisclosureRules) -> pl.DataFrame:
    """Flows that may be shown.

    Args:
        cells: exact flows, one row per period_kind, period_start and route (`total` among them), with columns
            period_end, name_nl, applications, admissions, employers (known companies behind it) and
            without_employer (applications of which no company is known).
        rules: the rules in force.

    Returns:
        The same rows in the same order: period_kind, period_start, period_end, route, name_nl, applications,
        admissions (rounded, empty where hidden) and is_suppressed (true when either is hidden). A route that
        nobody used in the whole calendar year is shown as 0; any other zero is hidden like a small number.
    """
    years: dict[int, list[Row]] = {}
    for row in cells.iter_rows(named=True):
        years.setdefault(row["period_start"].year, []).append(row)
    shown: list[Row] = []
    for rows in years.values():
        no_applications, no_admissions = _protect_year(rows, rules)
        for row, hide_applications, hide_admissions in zip(rows, no_applications, no_admissions, strict=True):
            shown.append(
                {
                    **{name: row[name] for name in FLOW_KEY},
                    "applications": None if hide_applications else round_to(row["applications"], rules.rounding_base),
                    "admissions": None if hide_admissions else round_to(row["admissions"], rules.rounding_base),
                    "is_suppressed": bool(hide_applications or hide_admissions),
                }
            )
    return pl.DataFrame(shown, schema=FLOW_SCHEMA).sort("period_kind", "period_start", "route")


FLOW_KEY = ("period_kind", "period_start", "period_end", "route", "name_nl")
FLOW_SCHEMA = {
    "period_kind": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "route": pl.String,
    "name_nl": pl.String,
    "applications": pl.Int64,
    "admissions": pl.Int64,
    "is_suppressed": pl.Boolean,
}


# --- indicators ----------------------------------------------------------------------------------------------

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
    cells = _cells(numbers, mask, sensitive, rules.threshold_persons, rules)
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


# --- displacement --------------------------------------------------------------------------------------------


def protect_displacement(estimates: pl.DataFrame, rules: DisclosureRules) -> pl.DataFrame:
    """Displacement estimates with persons rounded to the base, intervals only widened, shares to two decimals.

    An estimate is no count of persons on file, so nothing is hidden; a share stays empty where it is empty.
    """
    base = rules.rounding_base

    def persons(name: str, rounding: Any) -> pl.Expr:
        return pl.col(name).map_elements(lambda v: float(rounding(v, base)), return_dtype=pl.Float64)

    def shares(name: str, rounding: Any) -> pl.Expr:
        return pl.col(name).map_elements(lambda v: rounding(v * 100, 1) / 100, return_dtype=pl.Float64)

    ends = {"": round_to, "_lo95": round_down, "_hi95": round_up}
    columns = [persons(f"{name}{end}", how) for name in ("net_loss", "gain") for end, how in ends.items()]
    columns += [shares(f"share{end}", how) for end, how in ends.items()]
    columns += [shares("share_constrained", round_to), shares("mde80", round_up)]
    return estimates.with_columns(*columns, pl.col("effective_clusters").round(1))
