"""Whether gains are additive in persons, or move in proportion to what a destination already receives.

Belongs here: weighing the two-part model of gains against the additive one. Does not belong here: either model
(`gains`).

Gains of which the part f is proportional have additive parts A and proportional parts P with (1 - f) P = f A in every
destination. How far the data are from that, over all destinations, is a sum of squared t values for every f; f = 0 says
that gains are additive. The two-part model gets the weight where *some* f fits clearly better than f = 0. It is not
enough that additive gains fit badly: a part P that chance made large in one destination fits no f in the others. And
because the signs of gains do not matter to these squares, choosing the form by them draws gains neither up nor down.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import integrate, optimize, special, stats

from assets.waterbed.inference import jackknife_covariance
from assets.waterbed.panel import FloatArray

#: Chance, were nothing gained anywhere, that some form fits so much better that both models get the same weight.
TURNING_CHANCE = 0.005
#: Chi-square points that are one point of log odds, as in a likelihood: the weight is that of a posterior.
TURNING_WIDTH = 2.0
#: Parts of the gain that are proportional, from none to all.
PARTS = np.linspace(0.0, 1.0, 11)


def flexible_weight(additive: FloatArray, proportional: FloatArray) -> float:
    """Weight of the two-part model, between zero and one.

    Args:
        additive: (1 + G, D) additive part of the gains over the window under the two-part model, with all cells and
            with each cluster left out.
        proportional: (1 + G, D) proportional part.
    """
    clusters, destinations = additive.shape[0] - 1, additive.shape[1]
    if clusters < 3 or not destinations:
        return 0.0
    misfit = misfits(additive, proportional)
    gained = float(misfit[0] - misfit.min())
    return float(special.expit((gained - turning_point(destinations)) / TURNING_WIDTH))


def misfits(additive: FloatArray, proportional: FloatArray) -> FloatArray:
    """(F,) how far the two parts are from each of `PARTS`, in squared t values summed over destinations."""
    clusters = len(additive) - 1
    apart = (1.0 - PARTS[:, None, None]) * proportional - PARTS[:, None, None] * additive
    errors = np.sqrt([np.diag(jackknife_covariance(a[1:])) for a in apart])
    t = np.abs(np.divide(apart[:, 0], errors, out=np.zeros_like(errors), where=errors > 0))
    # few clusters carry these differences: their t values are read with a third of the degrees of freedom
    tails = np.clip(stats.t.sf(t, max(clusters / 3.0, 2.0)), 1e-300, 0.5)
    return np.asarray((stats.norm.isf(tails) ** 2).sum(axis=1))


@cache
def turning_point(destinations: int) -> float:
    """What the difference of two chi-squares of so many degrees of freedom exceeds with `TURNING_CHANCE`.

    Without any gain, the misfit of additive gains and that of proportional ones are such chi-squares.
    """

    def excess(point: float) -> float:
        def beyond(other: float) -> float:
            return float(stats.chi2.sf(point + other, destinations) * stats.chi2.pdf(other, destinations))

        return float(integrate.quad(beyond, 0.0, np.inf)[0]) - TURNING_CHANCE

    return float(optimize.brentq(excess, 0.01, 200.0))
