"""What a route would have looked like without the event, from untreated months alone.

Belongs here: the multiplicative model cell x month x seasonal group and its fit by proportional fitting. Does not
belong here: the effect of the event (`additive`) or the demand index that enters as an offset (`demand_index`).

The level of a cell is fitted on untreated months only, so that a wrong shape of the effect cannot leak into the
counterfactual (the imputation idea of Borusyak, Jaravel and Spiess). Months after the event get no level of their
own here: the common level of a month is estimated together with the effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.panel import FloatArray, IntArray


@dataclass(frozen=True)
class Baseline:
    """The undisturbed profile of R routes.

    Attributes:
        profile: (R, K, T) expected counts up to a common factor for each month: level of the cell, times the season
            of its group, times the offset.
        flat: (R, K) expected monthly count of the cell before the event, without season and offset: what weights
            and instruments are made of.
        month_factor: (R, T) common factor of every untreated month; nan from the first touched month on.
    """

    profile: FloatArray
    flat: FloatArray
    month_factor: FloatArray

    def of_routes(self, routes: IntArray) -> Baseline:
        """The profile of some of the routes."""
        return Baseline(self.profile[routes], self.flat[routes], self.month_factor[routes])

    def expected(self, untreated_months: int) -> FloatArray:
        """(R, K, n) expected counts of the untreated months."""
        n = untreated_months
        return np.asarray(self.profile[:, :, :n] * self.month_factor[:, None, :n])


def group_indicator(groups: IntArray) -> FloatArray:
    """(G, K) one where the cell belongs to the group."""
    labels = np.unique(groups)
    return np.asarray(groups[None, :] == labels[:, None], dtype=np.float64)


def fit_baseline(
    counts: FloatArray,
    offset: FloatArray,
    groups: IntArray,
    calendar_month: IntArray,
    untreated_months: int,
    *,
    iterations: int = 6,
) -> Baseline:
    """Fit level, month and season of every route on the first `untreated_months` months.

    The fit equates sums of counts and of expectations for every cell, every month and every season of a group
    (iterative proportional fitting: the Poisson likelihood equations).

    Args:
        counts: (R, K, T) persons a month.
        offset: (R, K, T) demand index, one on average before the event; ones for none.
        groups: (K,) group of cells that shares a seasonal pattern.
        calendar_month: (T,) 0 to 11.
        untreated_months: number of months at the start of the panel that the event cannot have touched.
        iterations: sweeps of the proportional fitting; it converges geometrically.
    """
    n = untreated_months
    y, h = counts[:, :, :n], offset[:, :, :n]
    member = group_indicator(groups)
    calendar = calendar_month[:n]
    seasonal = np.zeros((n, 12))
    seasonal[np.arange(n), calendar] = 1.0
    membership = member.argmax(axis=0)
    cells = np.arange(len(membership))

    by_cell = y.sum(axis=2)
    by_month = y.sum(axis=1)
    by_season = np.matmul(np.matmul(member, y), seasonal)
    level = by_cell / np.maximum(h.sum(axis=2), 1e-12)
    season = np.ones((len(counts), len(member), 12))
    month = np.ones((len(counts), n))
    for _ in range(iterations):
        # all that depends on the month is the same for the cells of a group: (R, G, n) is enough
        usual = np.matmul(level[:, None, :] * member, h)
        month = _ratio(by_month, (season[:, :, calendar] * usual).sum(axis=1))
        season = _ratio(by_season, np.matmul(usual * month[:, None, :], seasonal))
        factor = season[:, :, calendar] * month[:, None, :]
        by_group = np.matmul(h, factor.transpose(0, 2, 1))
        level = _ratio(by_cell, by_group[:, cells, membership], missing=0.0)
    profile = season[:, :, calendar_month][:, membership]
    profile *= level[:, :, None]
    profile *= offset
    month_factor = np.full((len(counts), counts.shape[2]), np.nan)
    month_factor[:, :n] = month
    return Baseline(profile=profile, flat=by_cell / n, month_factor=month_factor)


def _ratio(numerator: FloatArray, denominator: FloatArray, missing: float = 1.0) -> FloatArray:
    """Numerator over denominator, `missing` where nothing is expected."""
    return np.asarray(np.where(denominator > 1e-12, numerator / np.maximum(denominator, 1e-12), missing))
