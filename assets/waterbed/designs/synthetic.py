"""Synthetic difference-in-differences: one exposed sector or agreement against a weighted mix of others.

Belongs here: the estimator of Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), synthetic control and plain
difference-in-differences as its special cases, and a placebo error. Does not belong here: effects by exposure
(`analysis`). Donors must not be routes or sectors that can receive the displaced flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from assets.waterbed.panel import FloatArray

Method = Literal["sdid", "synthetic_control", "did"]
#: Iterations of the Frank-Wolfe algorithm before and after small weights are set to zero.
FIRST_ROUNDS, LAST_ROUNDS = 100, 10_000
#: Ridge of weights that are not meant to be spread, and stopping decrease, in units of the noise.
TINY_RIDGE, LEAST_DECREASE = 1e-6, 1e-5


@dataclass(frozen=True)
class SyntheticEffect:
    """Mean effect on treated units after the event.

    Attributes:
        effect: in units of the outcome.
        unit_weights: (N0,) weights of the donors.
        time_weights: (T0,) weights of the months before the event; zeros for synthetic control.
    """

    effect: float
    unit_weights: FloatArray
    time_weights: FloatArray


def synthetic_effect(outcome: FloatArray, donors: int, before: int, method: Method = "sdid") -> SyntheticEffect:
    """Effect on the treated units of a block design.

    Args:
        outcome: (N, T) outcomes, donors first, months before the event first.
        donors: number of donors N0, at least two.
        before: number of months before the event T0, at least two.
        method: synthetic difference-in-differences, synthetic control, or difference-in-differences.

    Raises:
        ValueError: without treated units, later months, two donors or two earlier months.
    """
    units, months = outcome.shape
    if not (2 <= donors < units and 2 <= before < months):
        raise ValueError("a block design needs two donors, two months before, a treated unit and a month after")
    time_weights: FloatArray = np.full(before, 1.0 / before)
    unit_weights: FloatArray = np.full(donors, 1.0 / donors)
    if method != "did":
        noise = float(np.diff(outcome[:donors, :before], axis=1).std(ddof=1))
        treated = outcome[donors:, :before].mean(axis=0)
        later = outcome[:donors, before:].mean(axis=1)
        spread = ((units - donors) * (months - before)) ** 0.25 if method == "sdid" else TINY_RIDGE
        unit_weights = _simplex_weights(
            np.column_stack([outcome[:donors, :before].T, treated]), spread * noise, noise, method == "sdid"
        )
        time_weights = (
            _simplex_weights(np.column_stack([outcome[:donors, :before], later]), TINY_RIDGE * noise, noise, True)
            if method == "sdid"
            else np.zeros(before)
        )
    by_unit = np.concatenate([-unit_weights, np.full(units - donors, 1.0 / (units - donors))])
    by_month = np.concatenate([-time_weights, np.full(months - before, 1.0 / (months - before))])
    return SyntheticEffect(float(by_unit @ outcome @ by_month), unit_weights, time_weights)


def placebo_error(
    outcome: FloatArray,
    donors: int,
    before: int,
    *,
    draws: int,
    rng: np.random.Generator,
    method: Method = "sdid",
) -> float:
    """Standard error from donors drawn as if they had been treated; needs more donors than treated units."""
    treated = len(outcome) - donors
    if donors - treated < 2:
        raise ValueError("placebo errors need more donors than treated units")
    effects = []
    for _ in range(draws):
        order = rng.permutation(donors)
        effects.append(synthetic_effect(outcome[order], donors - treated, before, method).effect)
    return float(np.std(effects))


def _simplex_weights(table: FloatArray, ridge: float, noise: float, has_intercept: bool) -> FloatArray:
    """Weights on the simplex of all columns but the last that come closest to the last, small ones set to zero."""
    centred = table - table.mean(axis=0) if has_intercept else table
    start: FloatArray = np.full(table.shape[1] - 1, 1.0 / (table.shape[1] - 1))
    rough = _frank_wolfe(centred, start, ridge, LEAST_DECREASE * noise, FIRST_ROUNDS)
    sparse = np.where(rough > rough.max() / 4.0, rough, 0.0)
    return _frank_wolfe(centred, sparse / sparse.sum(), ridge, LEAST_DECREASE * noise, LAST_ROUNDS)


def _frank_wolfe(table: FloatArray, start: FloatArray, ridge: float, least: float, rounds: int) -> FloatArray:
    design, target, weights = table[:, :-1], table[:, -1], start
    penalty = len(table) * ridge**2
    last = np.inf
    for _ in range(rounds):
        fitted = design @ weights
        gradient = (fitted - target) @ design + penalty * weights
        best = int(gradient.argmin())
        direction = -weights
        direction[best] += 1.0
        if not direction.any():
            break
        change = design[:, best] - fitted
        step = -(gradient @ direction) / (change @ change + penalty * (direction @ direction))
        weights = weights + min(1.0, max(0.0, float(step))) * direction
        error = design @ weights - target
        value = ridge**2 * float(weights @ weights) + float(error @ error) / len(table)
        if last - value <= least**2:
            break
        last = value
    return weights
