"""95 % intervals of shares and counts.

Belongs here: intervals that any indicator may need. Does not belong here: what is counted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Z95 = float(stats.norm.ppf(0.975))


def wilson(successes: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share; `successes` and `n` may be effective numbers (not whole).

    Returns:
        Lower and upper end, within 0 and 1; (0, 1) when n is 0.
    """
    if n <= 0:
        return 0.0, 1.0
    share = successes / n
    centre = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2)) / (1 + Z95**2 / n)
    return float(min(share, max(0.0, centre - half))), float(max(share, min(1.0, centre + half)))


def effective_number(successes: Floats, sizes: Floats) -> float:
    """How many independent units a clustered sample is worth for a share.

    The design effect is the linearised variance of the ratio over clusters, divided by that of independent
    units, never below 1. Where the share is 0 or 1, or there is one cluster, the variance cannot be seen: the
    number is then that of clusters of equal size (Kish), which is the cautious end.

    Args:
        successes: per cluster, shape (clusters,).
        sizes: units per cluster, shape (clusters,), all above 0.
    """
    n = float(sizes.sum())
    share = float(successes.sum()) / n
    clusters = sizes.size
    if clusters < 2 or share in (0.0, 1.0):
        return n**2 / float((sizes**2).sum())
    between = clusters / (clusters - 1) * float(((successes - share * sizes) ** 2).sum()) / n**2
    independent = share * (1 - share) / n
    return n / max(1.0, between / independent)


def poisson(count: int) -> tuple[float, float]:
    """The exact (Garwood) interval of a count of independent events."""
    low = float(stats.chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    return low, float(stats.chi2.ppf(0.975, 2 * count + 2)) / 2
