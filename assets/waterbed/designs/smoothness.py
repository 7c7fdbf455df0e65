"""Intervals that allow an earlier drift to go on after the event, straight or bent by at most M a period.

Belongs here: the shortest fixed-length interval under bounded second differences (Rambachan and Roth, 2023). Does not
belong here: drift in proportion to earlier steps (`relative_magnitudes`) and the coefficients themselves
(`event_study`).

The estimator is the mean effect after the event plus weights times the coefficients before it. Weights that are
orthogonal to straight lines make its bias finite; among these the shortest interval is taken, its half-length being
the error times the quantile of a folded normal at bias over error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from assets.waterbed.panel import FloatArray

#: Halvings in the search for the largest bend that leaves a finding.
HALVINGS = 12


@dataclass(frozen=True)
class Coefficients:
    """Coefficients of an event study.

    Attributes:
        before: (P,) those before the event, oldest first; the period just before it is zero and left out.
        after: (Q,) those after it.
        covariance: (P + Q, P + Q) their covariance.
    """

    before: FloatArray
    after: FloatArray
    covariance: FloatArray


@dataclass(frozen=True)
class SmoothInterval:
    """A 95 % interval that holds when no second difference of the drift exceeds `bend`."""

    bend: float
    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """True when zero lies outside."""
        return self.low > 0 or self.high < 0


def smooth_interval(
    coefficients: Coefficients, weights: FloatArray, bend: float, level: float = 0.95
) -> SmoothInterval:
    """Interval of the weighted effect after the event.

    Args:
        coefficients: of the event study.
        weights: (Q,) weights of the effect of interest.
        bend: M, the largest second difference of the drift from one period to the next.
        level: of the interval.

    Raises:
        ValueError: without a coefficient before the event.
    """
    before, after, covariance = coefficients.before, coefficients.after, coefficients.covariance
    earlier, later = len(before), len(after)
    if not earlier:
        raise ValueError("a drift can only be seen with a coefficient before the event")
    times = np.concatenate([np.arange(-earlier, 0), np.arange(1, later + 1)]).astype(np.float64)
    bends = _bends(earlier, later)
    slope_after = float(weights @ times[earlier:])
    problem = _Problem(weights, covariance, bend, level)
    # weights before the event that take out straight lines: one of them plus anything orthogonal to time
    direction = times[:earlier]
    start = -slope_after * direction / (direction @ direction)
    free = np.linalg.svd(direction[None])[2][1:]
    chosen = start + _lowest(bends, start, free, problem) @ free
    both = np.concatenate([chosen, weights])
    centre = float(both @ np.concatenate([before, after]))
    half = problem.half_length(chosen, float(np.abs(both @ bends).sum())) * problem.scale
    return SmoothInterval(bend, centre, centre - half, centre + half)


@dataclass(frozen=True)
class _Problem:
    """What the length of an interval depends on, besides the weights before the event."""

    weights: FloatArray
    covariance: FloatArray
    bend: float
    level: float

    @property
    def scale(self) -> float:
        """Error of the effect without weights before the event: lengths are searched in units of it."""
        later = len(self.weights)
        return float(np.sqrt(self.weights @ self.covariance[-later:, -later:] @ self.weights)) or 1.0

    def half_length(self, before: FloatArray, bend_sum: float) -> float:
        """Half-length in units of `scale`, given the sum of absolute effects of unit bends."""
        both = np.concatenate([before, self.weights])
        error = float(np.sqrt(max(both @ self.covariance @ both, 1e-30)))
        return folded_quantile(self.bend * bend_sum / error, self.level) * error / self.scale


def largest_bend(coefficients: Coefficients, weights: FloatArray, highest: float) -> float:
    """The largest bend up to `highest` at which the interval still excludes zero; zero when it never does."""
    if not smooth_interval(coefficients, weights, 0.0).excludes_zero:
        return 0.0
    low, high = 0.0, highest
    if smooth_interval(coefficients, weights, high).excludes_zero:
        return high
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        if smooth_interval(coefficients, weights, middle).excludes_zero:
            low = middle
        else:
            high = middle
    return low


def folded_quantile(shift: float, level: float = 0.95) -> float:
    """The `level` quantile of the absolute value of a normal with mean `shift` and variance one (Newton's method)."""
    shift = min(abs(shift), 1e6)
    quantile = shift + 1.96
    for _ in range(20):
        mass = special.ndtr(quantile - shift) - special.ndtr(-quantile - shift) - level
        density = np.exp(-((quantile - shift) ** 2) / 2) + np.exp(-((quantile + shift) ** 2) / 2)
        step = mass / (density / np.sqrt(2 * np.pi))
        quantile -= step
        if abs(step) < 1e-12 * quantile:
            break
    return float(quantile)


def _bends(earlier: int, later: int) -> FloatArray:
    """(P + Q, S) what a unit second difference at every interior period adds to the drift of every coefficient.

    The drift is zero in the period of reference and, without bends, a straight line, which the weights take out; so
    the bends before the reference are counted backwards from it and those after it forwards.
    """
    backwards, forwards = np.arange(earlier, 0, -1), np.arange(1, later + 1)
    # a bend at s before the reference lies between periods -s-1 and -s+1; the one at the reference counts after it
    columns = [np.concatenate([np.maximum(backwards - s, 0), np.zeros(later)]) for s in range(1, earlier)]
    columns += [np.concatenate([np.zeros(earlier), np.maximum(forwards - s, 0)]) for s in range(later)]
    return np.stack(columns, axis=1).astype(np.float64)


def _lowest(bias_parts: FloatArray, start: FloatArray, free: FloatArray, problem: _Problem) -> FloatArray:
    """The free weights with the shortest interval.

    Its half-length is convex in the weights. Sums of absolute values make it kinked, so each gets a variable of its
    own that bounds it from both sides.
    """
    count, parts = len(free), bias_parts.shape[1]
    if not count:
        return np.zeros(0)

    def half_length(point: FloatArray) -> float:
        return problem.half_length(start + point[:count] @ free, float(point[count:].sum()))

    by_weight = free @ bias_parts[: free.shape[1]]
    fixed = np.concatenate([start, problem.weights]) @ bias_parts
    above = np.hstack([-by_weight.T, np.eye(parts)])
    below = np.hstack([by_weight.T, np.eye(parts)])
    bounds = optimize.LinearConstraint(np.vstack([above, below]), np.concatenate([fixed, -fixed]), np.inf)
    first = np.concatenate([np.zeros(count), np.abs(fixed) + 1e-3])
    options = {"maxiter": 500, "ftol": 1e-13}
    found = optimize.minimize(half_length, first, method="SLSQP", constraints=[bounds], options=options)
    return np.asarray(found.x[:count])
