"""Gains of a form that the additive model does not allow: part additive, part in proportion to the destination.

Belongs here: the two-part model of one destination. Does not belong here: deciding which form the data speak for
(`analysis`).

E[Y_gt] = m_t p_gt (1 + theta_t E_g) + beta N_gt. When the second part is absent this wastes precision; when flow moves
in proportion to what a destination already receives, the additive model alone finds too little, because its weights
favour cells where the flow at risk is large beside the destination's own.
"""

from __future__ import annotations

import numpy as np

from assets.waterbed.moments import Route, Sums, divide, month_factors
from assets.waterbed.panel import FloatArray


def flexible_gain(sums: Sums, route: Route, restricted: Route, flow: FloatArray) -> FloatArray:
    """(B,) persons gained by one destination in one bin under the two-part model.

    Args:
        sums: sums over cells in the bin.
        route: the destination.
        restricted: the restricted route with its month factors.
        flow: (B,) persons at risk in the bin.
    """
    exposure = sums.exposure
    level, slope, own = route.level, route.slope, route.level * exposure

    def profile(instrument: FloatArray) -> tuple[FloatArray, FloatArray]:
        return sums.tilted(instrument, route), sums.tilted(instrument * exposure, route)

    def at_risk(instrument: FloatArray) -> FloatArray:
        return np.asarray(month_factors(restricted) * sums.tilted(instrument * exposure, restricted))

    (a, b), (c, d) = profile(level), profile(own)
    determinant = a * d - b * c

    def partial(by_level: FloatArray, by_own: FloatArray) -> tuple[FloatArray, FloatArray]:
        return divide(d * by_level - b * by_own, determinant), divide(a * by_own - c * by_level, determinant)

    seen_level, seen_own = partial(sums.plain(level, route.counts), sums.plain(own, route.counts))
    dose_level, dose_own = partial(at_risk(level), at_risk(own))
    p, q = profile(slope)
    surplus = sums.plain(slope, route.counts) - p * seen_level - q * seen_own
    dose = at_risk(slope) - p * dose_level - q * dose_own
    beta = divide(surplus.sum(axis=1), dose.sum(axis=1))
    theta = seen_own - beta[:, None] * dose_own
    first, second = exposure @ route.profile, exposure**2 @ route.profile
    proportional = (theta * (first + route.loading * sums.tilts * second)).sum(axis=1)
    return np.asarray(flow * beta + proportional)
