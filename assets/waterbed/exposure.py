"""How hard an event bites in a cell: the share of its flow that the new rule would have excluded.

Belongs here: exposure from declared salaries before the event. Does not belong here: amounts of the law (they come
from `core.salary_norms` and `core.minimum_wage`) and estimation.

A share counted from few salaries is mostly noise, and noise in exposure makes the loss look smaller than it was. So
shares are drawn towards the mean of all cells as far as they rest on few salaries (beta-binomial posterior mean): what
is left of the error does not correlate with the exposure that is used, and the slope on it is not attenuated.
"""

from __future__ import annotations

import numpy as np

from assets.waterbed.panel import FloatArray

#: Pseudo-salaries of a prior that lets no cell differ from the mean.
NO_SPREAD = 10_000.0
#: Part of cases in which chance alone may make exposure look different between cells, and how often it is tried.
CHANCE = 0.05
DEALS, DEAL_SEED = 999, 20_240_101


def in_band(salaries_over_norm: FloatArray, rise: float) -> FloatArray:
    """1.0 where a salary met the old norm and would fail the new one.

    Args:
        salaries_over_norm: salary divided by the norm that applied to it.
        rise: new norm divided by old norm.
    """
    return np.asarray((salaries_over_norm >= 1.0) & (salaries_over_norm < rise), dtype=np.float64)


def shrunk_shares(hits: FloatArray, trials: FloatArray) -> FloatArray:
    """(K,) posterior mean share of every cell, given the spread of shares over cells.

    The prior is a beta distribution fitted by moments: its mean is the pooled share, its precision follows from how
    much more the shares spread than counting alone would make them. Cells without salaries get the pooled share.

    Args:
        hits: (K,) salaries in the excluded band.
        trials: (K,) salaries known.
    """
    total = trials.sum()
    if total <= 0:
        return np.zeros_like(hits)
    mean = hits.sum() / total
    if mean in {0.0, 1.0}:
        return np.full_like(hits, mean)
    precision = _prior_precision(hits, trials, float(mean))
    return np.asarray((hits + precision * mean) / (trials + precision))


def differs_between_cells(hits: FloatArray, trials: FloatArray) -> bool:
    """True when shares spread over cells more than chance makes them in 95 of 100 cases.

    Chance is the same salaries dealt out anew over cells of the same size. Without this, a handful of cells that differ
    by chance from all others would be held against them, and what their sectors did would be read as the effect.

    Args:
        hits: (K,) salaries in the excluded band.
        trials: (K,) salaries known.
    """
    known = trials > 0
    n, found = trials[known].astype(np.int64), hits[known]
    if not 0.0 < found.sum() < n.sum():
        return False
    dealt = np.random.default_rng(DEAL_SEED).multivariate_hypergeometric(
        n, int(found.sum()), size=DEALS, method="marginals"
    )
    spread = (found**2 / n).sum()
    at_least = int(((dealt**2 / n).sum(axis=1) >= spread - 1e-9).sum())
    return (1 + at_least) / (1 + DEALS) <= CHANCE


def _prior_precision(hits: FloatArray, trials: FloatArray, mean: float) -> float:
    """Pseudo-salaries of the prior, between 0.5 and ten thousand (DerSimonian-Laird moments)."""
    known = trials > 0
    n, share = trials[known], hits[known] / trials[known]
    counting = mean * (1.0 - mean)
    excess = float((n * (share - mean) ** 2).sum()) - (len(n) - 1) * counting
    scale = float(n.sum() - (n**2).sum() / n.sum()) - (len(n) - 1)
    if scale <= 0:
        return NO_SPREAD
    variance = excess / scale
    if variance <= 0:
        return NO_SPREAD
    return float(np.clip(counting / variance - 1.0, 0.5, NO_SPREAD))
