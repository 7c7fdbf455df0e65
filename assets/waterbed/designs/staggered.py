"""Rules that end or begin at different dates for different sectors: effects by group and period.

Belongs here: group-time effects against units never (or not yet) touched (Callaway and Sant'Anna, 2021), without
covariates. Does not belong here: one date for all (`analysis`). Plain two-way fixed effects are never used: they
compare sectors that are already touched with each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from assets.waterbed.panel import FloatArray, IntArray

#: First period of a unit that is never touched.
NEVER = 0
Comparison = Literal["never", "not_yet"]


@dataclass(frozen=True)
class GroupTimeEffect:
    """Mean effect on one group in one period.

    Attributes:
        group: first period under the new rule.
        period: the period.
        effect: mean effect, against the period before the group's first.
        error: standard error.
        units: units in the group.
    """

    group: int
    period: int
    effect: float
    error: float
    units: int


def group_time_effects(
    outcome: FloatArray, periods: IntArray, first_period: IntArray, comparison: Comparison = "never"
) -> list[GroupTimeEffect]:
    """Effects of every group in every period from its first on.

    Args:
        outcome: (N, T) balanced outcomes.
        periods: (T,) labels of the periods, rising.
        first_period: (N,) first period under the new rule; `NEVER` for units that are never touched.
        comparison: units never touched, or all that are not touched yet in the period.

    Returns:
        In order of group and period; groups touched in the first period, and periods without a unit to compare with,
        have none.
    """
    found = []
    for group in sorted(set(first_period.tolist()) - {NEVER}):
        earlier = np.nonzero(periods < group)[0]
        if not len(earlier):
            continue
        base, mine = int(earlier[-1]), first_period == group
        for t in np.nonzero(periods >= group)[0]:
            others = first_period == NEVER
            if comparison == "not_yet":
                others = others | (first_period > periods[t])
            if mine.sum() < 2 or others.sum() < 2:
                continue
            change = outcome[:, t] - outcome[:, base]
            error = np.sqrt(change[mine].var() / mine.sum() + change[others].var() / others.sum())
            effect = change[mine].mean() - change[others].mean()
            found.append(GroupTimeEffect(int(group), int(periods[t]), float(effect), float(error), int(mine.sum())))
    return found


def group_effect(outcome: FloatArray, periods: IntArray, first_period: IntArray, group: int) -> GroupTimeEffect:
    """Mean effect on one group over all its periods, against units never touched.

    The error is that of the mean change of units, so it allows for any correlation between periods of one unit.

    Args:
        outcome: (N, T) balanced outcomes.
        periods: (T,) labels of the periods, rising.
        first_period: (N,) first period under the new rule; `NEVER` for units that are never touched.
        group: which group.

    Returns:
        The effect, with the last period as its `period`.

    Raises:
        ValueError: without two units in the group and two never touched, or without an earlier period.
    """
    mine, others = first_period == group, first_period == NEVER
    earlier, later = np.nonzero(periods < group)[0], periods >= group
    if mine.sum() < 2 or others.sum() < 2 or not len(earlier) or not later.any():
        raise ValueError("a group needs two units, two units never touched, and periods on both sides")
    change = outcome[:, later].mean(axis=1) - outcome[:, earlier[-1]]
    error = np.sqrt(change[mine].var() / mine.sum() + change[others].var() / others.sum())
    effect = change[mine].mean() - change[others].mean()
    return GroupTimeEffect(int(group), int(periods[-1]), float(effect), float(error), int(mine.sum()))


def overall_effect(effects: list[GroupTimeEffect]) -> float:
    """Mean of all group-time effects, weighted by the units of the groups.

    Raises:
        ValueError: when there are none.
    """
    if not effects:
        raise ValueError("there are no group-time effects")
    return float(np.average([e.effect for e in effects], weights=[e.units for e in effects]))
