"""Companions for schemes that closed: their sectors against a mix of others, their companies against never-users.

Belongs here: arranging sectors and companies around a closing and reading the answers. Does not belong here: the
estimators (`synthetic`, `staggered`). Donors never used the scheme that closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from assets.waterbed.cells import NO_SECTOR, is_own
from assets.waterbed.companions.rows import Answer, interval, not_estimable
from assets.waterbed.declarations import Design
from assets.waterbed.designs.staggered import NEVER, group_effect
from assets.waterbed.designs.synthetic import placebo_error, synthetic_effect
from assets.waterbed.panel import FloatArray
from assets.waterbed.windows import month_number

#: Months of a period, and periods before and after the closing.
PERIOD, BEFORE, AFTER = 3, 16, 8
#: Fewest persons before the closing in a sector that serves as donor; fewest donors and users.
LEAST_PERSONS, LEAST_DONORS, LEAST_USERS = 48, 8, 20
#: Donors drawn as if their scheme had closed, for the error.
DRAWS = 24
ONE_DATE = "the rule changed on one date for every sector; no scheme closed"


def closure_answers(
    event_on: date,
    design: Design,
    flows: pl.DataFrame,
    company_flows: pl.DataFrame,
    last_month: int,
) -> list[Answer]:
    """The two answers about one design; not estimable unless a scheme closed.

    Args:
        event_on: day of the closing.
        design: the declared design.
        flows: month, route, sbi2, admissions.
        company_flows: month, route, company, admissions, in sectors where the scheme was used.
        last_month: number of the last month whose applications have been decided.
    """
    if design.rule != "scheme_closed":
        return [not_estimable("synthetic_did", ONE_DATE), not_estimable("staggered_endings", ONE_DATE)]
    event = month_number(event_on)
    after = min(AFTER, (last_month - event + 1) // PERIOD)
    if after < 1:
        why = "no whole quarter after the closing has been decided"
        return [not_estimable("synthetic_did", why), not_estimable("staggered_endings", why)]
    return [
        _synthetic(design, *_table(flows, design, "sbi2", event, after)),
        _staggered(design, *_table(company_flows, design, "company", event, after)),
    ]


def _table(
    flows: pl.DataFrame, design: Design, unit: str, event: int, after: int
) -> tuple[FloatArray, FloatArray, Sequence[str]]:
    """(N, periods) admissions by the destinations, (N,) earlier admissions by the closed scheme, the units."""
    first = event - BEFORE * PERIOD
    number = pl.col("month").dt.year().cast(pl.Int64) * 12 + pl.col("month").dt.month() - 1
    period = ((number - first) / PERIOD).floor().cast(pl.Int64)
    near = flows.filter(pl.col("route").is_in([design.route, *design.destinations])).with_columns(period=period)
    near = near.filter(pl.col("period").is_between(0, BEFORE + after - 1), pl.col(unit) != NO_SECTOR)
    units = sorted(near[unit].unique().to_list())
    place = {name: i for i, name in enumerate(units)}

    def table(rows: pl.DataFrame) -> FloatArray:
        found = np.zeros((len(units), BEFORE + after))
        at = np.array([place[u] for u in rows[unit].to_list()], dtype=np.int64)
        np.add.at(found, (at, rows["period"].to_numpy()), rows["admissions"].to_numpy())
        return found

    used = table(near.filter(pl.col("route") == design.route))[:, :BEFORE].sum(axis=1)
    return table(near.filter(pl.col("route") != design.route)), used, units


def _synthetic(design: Design, outcome: FloatArray, used: FloatArray, units: Sequence[str]) -> Answer:
    """The sectors that used the scheme, together, against a weighted mix of sectors that did not."""
    users = is_own(used)
    donors = (used == 0) & (outcome[:, :BEFORE].sum(axis=1) >= LEAST_PERSONS)
    if not users.any() or donors.sum() < LEAST_DONORS:
        why = f"{int(users.sum())} sectors used the scheme and {int(donors.sum())} can serve as donors"
        return not_estimable("synthetic_did", f"{why}; one and {LEAST_DONORS} are the least")
    treated = outcome[users].sum(axis=0)
    level = float(treated[:BEFORE].mean())
    if level <= 0:
        return not_estimable("synthetic_did", "the sectors that used the scheme had nobody by another route before")
    shares = outcome[donors] / outcome[donors][:, :BEFORE].mean(axis=1, keepdims=True)
    block = np.vstack([shares, treated / level])
    found = synthetic_effect(block, int(donors.sum()), BEFORE)
    error = placebo_error(block, int(donors.sum()), BEFORE, draws=DRAWS, rng=np.random.default_rng(1))
    persons = level * (outcome.shape[1] - BEFORE)
    low, high, p_value = interval(found.effect * persons, error * persons)
    sectors = ", ".join(name for name, is_user in zip(units, users, strict=True) if is_user)
    return Answer(
        "synthetic_did",
        "total",
        "whole",
        "supports" if p_value < 0.05 and found.effect > 0 else "neutral",
        f"Persons by other routes in the sectors of the scheme ({sectors}) beyond a mix of {int(donors.sum())} other "
        "sectors, as shares of earlier levels; the error is that of donors taken as if they were users.",
        found.effect * persons,
        low,
        high,
        p_value,
        int(donors.sum()),
        "persons",
    )


def _staggered(design: Design, outcome: FloatArray, used: FloatArray, units: Sequence[str]) -> Answer:
    """Companies that used the scheme against companies of the same sectors that never did."""
    users = used > 0
    if users.sum() < LEAST_USERS or (~users).sum() < LEAST_USERS:
        why = f"fewer than {LEAST_USERS} companies used the scheme, or never did, in its sectors"
        return not_estimable("staggered_endings", why)
    periods = np.arange(1, outcome.shape[1] + 1)
    first = np.where(users, BEFORE + 1, NEVER)
    # one quarter is a noisy base: the year before the closing serves
    year = outcome[:, BEFORE - 4 : BEFORE].mean(axis=1, keepdims=True)
    steady = np.hstack([outcome[:, : BEFORE - 1], year, outcome[:, BEFORE:]])
    found = group_effect(steady, periods, first, BEFORE + 1)
    scale = found.units * (outcome.shape[1] - BEFORE)
    low, high, p_value = interval(found.effect * scale, found.error * scale)
    return Answer(
        "staggered_endings",
        "total",
        "whole",
        "supports" if p_value < 0.05 and found.effect > 0 else "neutral",
        f"Persons by other routes at companies that used {design.route}, beyond companies of the same sectors that "
        "never did, against the year before the closing; n is companies that used it.",
        found.effect * scale,
        low,
        high,
        p_value,
        found.units,
        "persons",
    )
