"""Whether gains are additive in persons, or move in proportion to what a destination already receives.

Belongs here: weighing the two-part model (`flexible`) against the additive one. Does not belong here: either model.

The additive model is precise when it holds and finds too little when it does not; the two-part model holds in both
cases and is imprecise. All destinations of an event speak together: where the two-part model finds more than the
additive one by more than chance over the destinations, it gets the weight. Differences the other way are noise of the
two-part model: no form of gain that it holds would make the additive model find too much.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import optimize, special, stats

from assets.waterbed.inference import jackknife_covariance
from assets.waterbed.panel import FloatArray

#: Chance, were the additive model true, of a difference at which both models get the same weight.
TURNING_CHANCE = 0.03
#: Chi-square points over which the weight passes from one model to the other.
TURNING_WIDTH = 1.5


def flexible_weight(additive: FloatArray, flexible: FloatArray) -> float:
    """Weight of the two-part model, between zero and one.

    Args:
        additive: (1 + G, D) gains over the window with all cells and with each cluster left out.
        flexible: (1 + G, D) the same under the two-part model.
    """
    clusters = len(additive) - 1
    if clusters < 3:
        return 0.0
    difference = flexible - additive
    errors = np.sqrt(np.diag(jackknife_covariance(difference[1:])))
    t = difference[0][errors > 0] / errors[errors > 0]
    if not len(t):
        return 0.0
    # few clusters carry these differences: their t values are read with a third of the degrees of freedom
    tails = np.clip(stats.t.sf(t, max(clusters / 3.0, 2.0)), 1e-300, 0.5)
    statistic = float((stats.norm.isf(tails) ** 2).sum())
    return float(special.expit((statistic - turning_point(len(t))) / TURNING_WIDTH))


@cache
def turning_point(destinations: int) -> float:
    """Sum of squares of the positive ones of so many normal deviates that chance exceeds with `TURNING_CHANCE`.

    Each deviate is positive in half of all cases, so the sum is a mixture of chi-squares (Kudo 1963).
    """
    positive = np.arange(1, destinations + 1)
    shares = stats.binom.pmf(positive, destinations, 0.5)

    def excess(point: float) -> float:
        return float(shares @ stats.chi2.sf(point, positive)) - TURNING_CHANCE

    return float(optimize.brentq(excess, 0.01, 100.0))
