"""Errors of a regression when rows of one unit are alike, and rows of one period are too.

Belongs here: covariance clustered in one way and in two (Cameron, Gelbach and Miller, 2011). Does not belong here: the
jackknife over clusters, which only one way of clustering allows (`assets.waterbed.inference`), and any regression.

Units that are hit by the same shocks in the same period make an error clustered by unit too small. Clustering both ways
adds the two covariances and takes away what was counted twice. With few periods, or without shocks in common, the sum
may by chance fall below that of one way alone; it is then no reason to claim more precision, and the larger one stands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from assets.waterbed.panel import FloatArray, IntArray


@dataclass(frozen=True)
class ClusteredErrors:
    """Least squares with covariances clustered by unit, by period, and by both.

    Attributes:
        coefficients: (R,) of the regressors.
        by_both, by_unit, by_period: (R, R) covariances, each with its small-sample factor.
    """

    coefficients: FloatArray
    by_both: FloatArray
    by_unit: FloatArray
    by_period: FloatArray

    def careful_error(self, chosen: FloatArray) -> float:
        """Standard error of `chosen` @ coefficients: clustered both ways, never less than clustered by unit alone."""
        return max(standard_error(self.by_both, chosen), standard_error(self.by_unit, chosen))


def clustered_least_squares(
    outcome: FloatArray, design: FloatArray, units: IntArray, periods: IntArray
) -> ClusteredErrors:
    """Least squares of `outcome` on `design`, with errors clustered by unit and by period.

    Args:
        outcome: (N,) values.
        design: (N, R) regressors, a constant included if one is wanted.
        units: (N,) number of the unit of each row.
        periods: (N,) number of the period of each row.

    Raises:
        ValueError: with fewer than two units or two periods.
    """
    if min(len(np.unique(units)), len(np.unique(periods))) < 2:
        raise ValueError("errors clustered both ways need two units and two periods")
    fitted = OLS(outcome, design).fit()
    by_both, by_unit, by_period = cov_cluster_2groups(fitted, units, periods)
    return ClusteredErrors(np.asarray(fitted.params), np.asarray(by_both), np.asarray(by_unit), np.asarray(by_period))


def standard_error(covariance: FloatArray, chosen: FloatArray | Sequence[float]) -> float:
    """Standard error of a sum of coefficients; zero where the covariance of both ways is not positive there."""
    weights = np.asarray(chosen, dtype=np.float64)
    variance = float(weights @ covariance @ weights)
    return math.sqrt(max(variance, 0.0))
