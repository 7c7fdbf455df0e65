"""Rates of many small groups: beta-binomial shrinkage, exceedance and a false-discovery rate.

Belongs here: the statistics for sponsors, employers and clients that are mostly tiny. Does not belong here: what
a success is. A raw rate would put every group of one at the top; the posterior does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Floats = NDArray[np.float64]

#: Bounds of the concentration a + b of the prior; beyond them the likelihood is flat.
CONCENTRATION = (0.5, 5000.0)


@dataclass(frozen=True)
class BetaPrior:
    """How rates vary over groups: a beta distribution with parameters a and b."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        """Mean rate over groups."""
        return self.a / (self.a + self.b)


def fit_prior(successes: Floats, sizes: Floats) -> BetaPrior:
    """The beta distribution that makes the counts of the groups most likely.

    Args:
        successes: per group, shape (groups,); effective numbers (not whole) are allowed.
        sizes: units per group, shape (groups,), all above 0.

    Returns:
        The prior. With fewer than five groups, or without any success or failure, nothing can be learned about
        the spread: the pooled rate with the weight of two units.
    """
    pooled = (float(successes.sum()) + 0.5) / (float(sizes.sum()) + 1)
    if sizes.size < 5 or successes.sum() <= 0 or (sizes - successes).sum() <= 0:
        return BetaPrior(2 * pooled, 2 * (1 - pooled))

    def surprise(parameters: Floats) -> float:
        mean, concentration = special.expit(parameters[0]), np.exp(parameters[1])
        a, b = mean * concentration, (1 - mean) * concentration
        fit = special.betaln(a + successes, b + sizes - successes) - special.betaln(a, b)
        return -float(fit.sum())

    found = optimize.minimize(
        surprise,
        x0=np.array([special.logit(pooled), np.log(10.0)]),
        bounds=[(-12.0, 12.0), tuple(np.log(CONCENTRATION))],
        method="L-BFGS-B",
    )
    mean, concentration = float(special.expit(found.x[0])), float(np.exp(found.x[1]))
    return BetaPrior(mean * concentration, (1 - mean) * concentration)


def posterior_mean(successes: Floats, sizes: Floats, prior: BetaPrior) -> Floats:
    """Shrunken rate per group."""
    return np.asarray((prior.a + successes) / (prior.a + prior.b + sizes), dtype=np.float64)


def exceedance(successes: Floats, sizes: Floats, prior: BetaPrior, reference: float) -> Floats:
    """Probability per group that its own rate is above `reference`."""
    above = stats.beta.sf(reference, prior.a + successes, prior.b + sizes - successes)
    return np.asarray(above, dtype=np.float64)


def select_at_fdr(probability: Floats, rate: float) -> NDArray[np.bool_]:
    """The largest set of groups of which a share of at most `rate` is expected to be false.

    Args:
        probability: per group that it truly exceeds, shape (groups,).
        rate: false-discovery rate, 0 to 1.

    Returns:
        True for those in the set; a group that is more likely not to exceed is never in it.
    """
    doubt = 1 - probability
    order = np.argsort(doubt, kind="stable")
    expected = np.cumsum(doubt[order]) / np.arange(1, doubt.size + 1)
    chosen = np.zeros(doubt.size, dtype=np.bool_)
    chosen[order] = expected <= rate
    return chosen & (probability > 0.5)


def within_group_correlation(values: Floats, groups: NDArray[np.int64]) -> float:
    """How alike the units of one group are: the intraclass correlation by analysis of variance, 0 to 1.

    Args:
        values: 0 or 1 per unit, shape (units,).
        groups: number of the group of each unit, from 0 without gaps, shape (units,).
    """
    sizes = np.bincount(groups).astype(np.float64)
    units, count = float(sizes.sum()), sizes.size
    if count < 2 or units <= count or values.min() == values.max():
        return 1.0
    means = np.bincount(groups, weights=values) / sizes
    between = float((sizes * (means - values.mean()) ** 2).sum()) / (count - 1)
    within = float(((values - means[groups]) ** 2).sum()) / (units - count)
    typical = (units - float((sizes**2).sum()) / units) / (count - 1)
    total = between + (typical - 1) * within
    return float(np.clip((between - within) / total, 0.0, 1.0)) if total > 0 else 1.0
