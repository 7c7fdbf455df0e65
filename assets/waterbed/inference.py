"""Errors, intervals and tests for effects that were estimated with every cluster left out once.

Belongs here: covariance, intervals of persons, sets of ratios, adjustment for many tests, projection on the range of
shares. Does not belong here: the estimates themselves and the words about them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from assets.waterbed.panel import FloatArray

#: First-stage t below which a loss is too weak to divide by (F = 10).
WEAK_LOSS_T = 3.2
#: Power 80 % at 5 %, two-sided: z(0.975) + z(0.80).
POWER_FACTOR = 2.80


def jackknife_covariance(replicates: FloatArray) -> FloatArray:
    """Cluster jackknife covariance (CRV3).

    Args:
        replicates: (G, P) estimates with each cluster left out.

    Returns:
        (P, P) covariance: (G - 1) / G times the sum of squares around the mean of the replicates.
    """
    count = len(replicates)
    centred = replicates - replicates.mean(axis=0)
    return np.asarray((count - 1) / count * centred.T @ centred)


@dataclass(frozen=True)
class RatioSet:
    """The Fieller (Anderson-Rubin) set of a ratio; both ends are none when it is unbounded."""

    low: float | None
    high: float | None

    def contains(self, value: float) -> bool:
        """True when `value` lies in the set; an unbounded set is not refuted by anything here."""
        return self.low is None or self.high is None or self.low <= value <= self.high


def fieller(numerator: float, denominator: float, covariance: FloatArray, critical: float) -> RatioSet:
    """All ratios r for which numerator - r * denominator is no further from zero than `critical` errors.

    Args:
        numerator: estimate above the line.
        denominator: estimate below the line.
        covariance: (2, 2) covariance of numerator and denominator.
        critical: quantile of the t distribution.
    """
    c2 = critical**2
    a = denominator**2 - c2 * covariance[1, 1]
    b = -2.0 * (numerator * denominator - c2 * covariance[0, 1])
    c = numerator**2 - c2 * covariance[0, 0]
    discriminant = b**2 - 4.0 * a * c
    if a <= 0 or discriminant < 0:
        return RatioSet(None, None)
    root = np.sqrt(discriminant)
    return RatioSet(float((-b - root) / (2 * a)), float((-b + root) / (2 * a)))


def two_sided_p(value: float, error: float, degrees: float) -> float:
    """Two-sided p value of zero; one when there is no error to compare with."""
    if not error > 0:
        return 1.0
    return float(2.0 * stats.t.sf(abs(value) / error, degrees))


def critical_value(degrees: float, level: float = 0.95) -> float:
    """Quantile of the t distribution for a two-sided interval."""
    return float(stats.t.ppf(0.5 + level / 2.0, max(degrees, 1.0)))


def holm(p_values: FloatArray) -> FloatArray:
    """The p values adjusted by Holm: any rejection among them is false in at most the nominal share of cases."""
    order = np.argsort(p_values)
    steps = np.maximum.accumulate((len(p_values) - np.arange(len(p_values))) * p_values[order])
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def benjamini_hochberg(p_values: FloatArray) -> FloatArray:
    """Expected share of false findings among all findings at least as strong."""
    return np.asarray(stats.false_discovery_control(p_values, method="bh")) if len(p_values) else p_values


def project_on_shares(shares: FloatArray) -> FloatArray:
    """The nearest shares that are at least zero and sum to at most one (Euclidean projection)."""
    clipped = np.maximum(shares, 0.0)
    if clipped.sum() <= 1.0:
        return clipped
    ordered = np.sort(shares)[::-1]
    excess = (np.cumsum(ordered) - 1.0) / np.arange(1, len(shares) + 1)
    last = np.nonzero(ordered > excess)[0][-1]
    return np.asarray(np.maximum(shares - excess[last], 0.0))
