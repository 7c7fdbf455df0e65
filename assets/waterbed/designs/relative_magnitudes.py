"""Intervals that allow drift after an event up to M times the largest step of drift before it.

Belongs here: the set of Rambachan and Roth (2023) under relative magnitudes, by inverting the conditional and
least-favourable hybrid test of Andrews, Roth and Pakes (2023). Does not belong here: smooth drift (`smoothness`) and
the coefficients themselves (`event_study`, `breakdown`).

Which step before the event was the largest, and in which direction, is not known: each possibility makes a set of
inequalities on the means of the coefficients, each is tested at every value of the effect, and a value is kept when
any of them lets it be. The largest step is itself estimated, so the intervals are wider than those that take it as
known. Drift after the event enters through one number only, the weighted mean of what it adds to the coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from assets.waterbed.designs.smoothness import Coefficients
from assets.waterbed.panel import FloatArray

#: Values of the effect that are tried, and how far from the estimate, in its errors (and steps of drift).
VALUES, REACH = 801, 8.0
#: Level of the interval, and the part of the error rate that the least-favourable stage may use.
LEVEL, FIRST_STAGE_PART = 0.95, 0.1
#: Halvings in the search for the largest multiple that leaves a finding, and the largest multiple looked at.
HALVINGS, HIGHEST = 7, 8.0


@dataclass(frozen=True)
class DriftingEffect:
    """An effect after an event, beside the coefficients before it that tell how much exposed cells drift.

    Attributes:
        before: (P,) coefficients before the event, oldest first; the period just before it is zero and left out.
        effect: the effect of interest, against the period just before the event.
        covariance: (P + 1, P + 1) covariance of both, the effect last.
        steps: steps of drift from the period just before the event that the effect holds, as a weighted mean.
    """

    before: FloatArray
    effect: float
    covariance: FloatArray
    steps: float

    @classmethod
    def of(cls, coefficients: Coefficients, weights: FloatArray) -> DriftingEffect:
        """The weighted effect of an event study.

        Args:
            coefficients: of the event study; the period just before the event is zero and left out.
            weights: (Q,) weights of the coefficients after the event, none negative.

        Raises:
            ValueError: without a coefficient before the event.
        """
        earlier = len(coefficients.before)
        if not earlier:
            raise ValueError("a drift can only be seen with a coefficient before the event")
        to_effect = np.zeros((earlier + 1, earlier + len(weights)))
        to_effect[:earlier, :earlier] = np.eye(earlier)
        to_effect[earlier, earlier:] = weights
        return cls(
            before=coefficients.before,
            effect=float(weights @ coefficients.after),
            covariance=np.asarray(to_effect @ coefficients.covariance @ to_effect.T),
            steps=float(weights @ np.arange(1, len(weights) + 1)),
        )

    def kept(self, multiple: float, tried: FloatArray) -> FloatArray:
        """(V,) true for values of the effect that no possible largest step lets one reject, at a multiple of it."""
        means = np.concatenate([self.before, [self.effect]])
        steps = _steps(len(self.before))
        found = np.zeros(len(tried), dtype=bool)
        for step in (*steps, *-steps):
            rows = _inequalities(step, multiple * self.steps)
            found |= _not_rejected(rows, means, self.covariance, tried)
            if found.all():
                break
        return found


@dataclass(frozen=True)
class RelativeInterval:
    """The 95 % interval when steps of drift after the event are at most `multiple` times the largest before it."""

    multiple: float
    low: float
    high: float


def relative_interval(coefficients: Coefficients, weights: FloatArray, multiple: float) -> RelativeInterval:
    """Interval of the weighted effect after the event.

    Args:
        coefficients: of the event study; the period just before the event is zero and left out.
        weights: (Q,) weights of the effect of interest, none negative.
        multiple: the largest step of drift after the event over the largest before it.

    Raises:
        ValueError: without a coefficient before the event.
    """
    drifting = DriftingEffect.of(coefficients, weights)
    steps, seen = _steps(len(drifting.before)), drifting.covariance[:-1, :-1]
    error = float(np.sqrt(drifting.covariance[-1, -1]))
    largest = float(np.abs(steps @ drifting.before).max())
    largest_error = float(np.sqrt(np.diag(steps @ seen @ steps.T).max()))
    away = REACH * (error + multiple * drifting.steps * (largest + largest_error))
    tried = np.linspace(drifting.effect - away, drifting.effect + away, VALUES)
    kept = drifting.kept(multiple, tried)
    if not kept.any():
        return RelativeInterval(multiple, drifting.effect, drifting.effect)
    return RelativeInterval(multiple, float(tried[kept][0]), float(tried[kept][-1]))


def largest_multiple(drifting: DriftingEffect) -> float:
    """The largest multiple, up to `HIGHEST`, at which zero is no possible effect; zero when it always is one."""

    def is_told(multiple: float) -> bool:
        return not drifting.kept(multiple, np.zeros(1))[0]

    if not is_told(0.0):
        return 0.0
    low, high = 0.0, 1.0
    while is_told(high):
        low, high = high, 2.0 * high
        if low >= HIGHEST:
            return HIGHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if is_told(middle) else (low, middle)
    return low


def _steps(earlier: int) -> FloatArray:
    """(P, P) coefficients before the event to steps of drift from each period to the next, up to the reference."""
    steps = -np.eye(earlier)
    steps[np.arange(earlier - 1), np.arange(1, earlier)] = 1.0
    return np.asarray(steps)


def _inequalities(largest: FloatArray, reach: float) -> FloatArray:
    """(2, P + 1) rows that are at most zero: drift in the effect is at most `reach` times the largest step, either way.

    The last column belongs to the effect minus its hypothesised value. That the other earlier steps are smaller is not
    tested along: it tells nothing about the effect (as in the published intervals).
    """
    return np.hstack([np.tile(-reach * largest, (2, 1)), np.array([[1.0], [-1.0]])])


def _not_rejected(rows: FloatArray, means: FloatArray, covariance: FloatArray, tried: FloatArray) -> FloatArray:
    """(V,) true for values of the effect that the hybrid test does not reject."""
    moments = rows @ covariance @ rows.T
    scale = np.sqrt(np.maximum(np.diag(moments), 1e-300))
    correlation = moments / np.outer(scale, scale)
    shifted = np.tile(means, (len(tried), 1))
    shifted[:, -1] -= tried
    standard = shifted @ rows.T / scale
    first_rate = (1.0 - LEVEL) * FIRST_STAGE_PART
    least_favourable = _least_favourable(float(correlation[0, 1]), 1.0 - first_rate)
    top = standard.argmax(axis=1)
    statistic = standard[np.arange(len(tried)), top]
    with_top = correlation[top]
    rest = standard - with_top * statistic[:, None]
    room = 1.0 - with_top
    bound = np.where(room > 1e-8, rest / np.where(room > 1e-8, room, 1.0), -np.inf).max(axis=1)
    rate = (1.0 - LEVEL - first_rate) / (1.0 - first_rate)
    low, high = special.ndtr(bound), special.ndtr(least_favourable)
    conditional = special.ndtri(np.clip(low + (1.0 - rate) * (high - low), 1e-300, 1.0 - 1e-16))
    conditional = np.where(bound >= least_favourable, least_favourable, conditional)
    return np.asarray((statistic <= np.maximum(conditional, 0.0)) & (statistic <= least_favourable))


def _least_favourable(correlation: float, level: float) -> float:
    """Quantile of the larger of two standard normals: both inequalities binding (their probability by Owen's T)."""
    slope = np.sqrt(max(1.0 - correlation, 0.0) / max(1.0 + correlation, 1e-300))
    # never below that of one normal, never above that of two that exclude each other
    low, high = special.ndtri(level) - 1e-9, special.ndtri((1.0 + level) / 2.0) + 1e-9
    return float(optimize.brentq(lambda c: special.ndtr(c) - 2.0 * special.owens_t(c, slope) - level, low, high))
