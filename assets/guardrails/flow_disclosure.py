"""Disclosure control of flows: numbers per period and route, with their sums over routes and months.

Belongs here: which flow is too small or rests on too few companies. Does not belong here: study results
(`result_disclosure`) and the search for further cells to hide (`protection`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from assets.guardrails.protection import Cells, Mask, Sum, protect
from assets.guardrails.rounding import cells_below, round_to
from assets.guardrails.rules import DisclosureRules

Row = dict[str, Any]


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
    cells = cells_below([*applications, *admissions], hidden, hidden, rules.threshold_persons, rules)
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
