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
        shown_low=np.minimum(np.maximum(rounded - slack, threshold), true),
        shown_high=rounded + slack,
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
    hidden_applications = (np.array(applications) < rules.threshold_persons) | few
    hidden_admissions = (np.array(admissions) < rules.threshold_persons) | hidden_applications
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
        admissions (rounded, empty where hidden) and is_suppressed (true when either is hidden).
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


def _is_sensitive(row: Row, employers_counted: bool, rules: DisclosureRules) -> bool:
    """True when the figures of one row say something of few people or few companies."""
    if row["value"] is None and row["n"] == 0:
        return False  # nothing could be looked at, which is no secret
    if row["n"] < rules.threshold_persons and measure_form(row["measure"]) != "count":
        return True
    if employers_counted and (row["employers"] or 0) < rules.threshold_employers:
        return True
    behind = _count_behind(row)
    if behind is None:
        return False
    if measure_form(row["measure"]) == "count":
        return behind < rules.threshold_signals
    return (
        row["n"] < rules.percentage_denominator
        or behind < rules.threshold_persons
        or row["n"] - behind < rules.threshold_persons
    )


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


def _quantities(rows: Sequence[Row]) -> list[dict[Group, float]]:
    """Every additive number that the figures of one indicator reveal, by group.

    Numbers of units come first; then, per share or count, the units that it speaks of. Signals per grade stand
    in one table with the flagged units of the whole, since they may add up to these.
    """
    units = {_group(r): float(r["n"]) for r in rows if measure_form(r["measure"]) != "count"}
    found = [units] if units else []
    for measure in sorted({r["measure"] for r in rows}):
        behind = {_group(r): _count_behind(r) for r in rows if r["measure"] == measure}
        numbers = {group: number for group, number in behind.items() if number is not None}
        if numbers:
            found.append(numbers)
    shares = [q for q in found[1:] if any(g[0] == "all" for g in q)]
    grades = [q for q in found[1:] if any(g[0] == "grade" for g in q) and not any(g[0] == "all" for g in q)]
    found += [{**{g: v for g, v in s.items() if g[0] == "all"}, **q} for s in shares for q in grades]
    return found


def _hidden_groups(rows: Sequence[Row], kinds: Mapping[str, str], rules: DisclosureRules) -> set[Group]:
    """The groups of one indicator of which no figure is shown."""
    hidden = {_group(r) for r in rows if _is_sensitive(r, kinds[r["stratum_kind"]] == "employers", rules)}
    few = {_group(r) for r in rows if _has_few_companies(r, kinds, rules)}
    quantities = _quantities(rows)
    while True:
        before = len(hidden)
        for quantity in quantities:
            groups = list(quantity)
            value = [quantity[g] for g in groups]
            mask = np.array([g in hidden for g in groups], dtype=bool)
            sensitive = mask & np.array([v < rules.threshold_persons or g in few for g, v in quantity.items()])
            cells = _cells(value, mask, sensitive, rules.threshold_persons, rules)
            exact = {"shown_low": cells.value, "shown_high": cells.value, "sums": _group_sums(groups, quantity)}
            safe = protect(Cells(**{**vars(cells), **exact}))
            hidden |= {g for g, is_hidden in zip(groups, safe, strict=True) if is_hidden}
        if len(hidden) == before:
            return hidden


def _has_few_companies(row: Row, kinds: Mapping[str, str], rules: DisclosureRules) -> bool:
    return kinds[row["stratum_kind"]] == "employers" and (row["employers"] or 0) < rules.threshold_employers


def _shown_figures(row: Row, rules: DisclosureRules) -> Row:
    """The figures of one row, rounded; the interval is only ever widened by rounding."""
    base, n, form = rules.rounding_base, row["n"], measure_form(row["measure"])
    value, lo95, hi95 = row["value"], row["lo95"], row["hi95"]
    rounded_n = round_to(n, base)
    if value is None:
        return {"value": None, "lo95": None, "hi95": None, "n": rounded_n}
    if form == "share":
        return {
            "value": round(round_to(value * n, base) / rounded_n, 4),
            "lo95": None if lo95 is None else round(max(0, round_down(lo95 * n, base)) / rounded_n, 4),
            "hi95": None if hi95 is None else round(min(1.0, round_up(hi95 * n, base) / rounded_n), 4),
            "n": rounded_n,
        }
    if form == "count":
        return {
            "value": float(round_to(value, base)),
            "lo95": None if lo95 is None else float(max(0, round_down(lo95, base))),
            "hi95": None if hi95 is None else float(round_up(hi95, base)),
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
        One row per result of a publishable kind of group, with the columns of INDICATOR_SCHEMA; value, lo95,
        hi95 and n are empty where the group is hidden. All results of a group are hidden together. A count has
        no n: the units that it was drawn from stand with the share. Periods are in whole months.
    """
    known = measures.filter(pl.col("stratum_kind").is_in(sorted(kinds)))
    shown: list[Row] = []
    for _, part in known.group_by("indicator", maintain_order=True):
        rows = part.to_dicts()
        hidden = _hidden_groups(rows, kinds, rules)
        for row in rows:
            is_hidden = _group(row) in hidden
            figures = dict.fromkeys(("value", "lo95", "hi95", "n")) if is_hidden else _shown_figures(row, rules)
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
