"""Effects by year before and after an event, against the last year before it.

Belongs here: the yearly coefficients with their joint covariance, and the test that all earlier ones are zero. Does
not belong here: how far a drift could undo a finding (`smoothness`, `relative_magnitudes`) and lags by month
(`analysis`).

Before the event there is nothing to find. What the same moments find there is drift of exposed cells against others;
a drift that was there before the event may have gone on after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from assets.waterbed.additive import Effects, estimate_effects
from assets.waterbed.analysis import Specification
from assets.waterbed.breakdown import years_before
from assets.waterbed.clusters import leave_one_cluster_out
from assets.waterbed.inference import jackknife_covariance
from assets.waterbed.loadings import cross_products
from assets.waterbed.panel import Bin, EventPanel, FloatArray
from assets.waterbed.uncertainty import Fit

#: Months of a coefficient after the event; a shorter window gets one coefficient of three or six months.
YEAR, SHORTEST = 12, (6, 3)


@dataclass(frozen=True)
class EventStudy:
    """Coefficients by year, as persons for each person at risk, against the last year before the event.

    Attributes:
        bins: months from the event of every coefficient, oldest first; the year of reference is left out.
        reference: months of the year of reference.
        before: how many of the coefficients lie before the event.
        gain: (C,) persons gained on all destinations together.
        gain_covariance: (C, C) its covariance.
        loss: (C,) persons lost on the restricted route.
        loss_covariance: (C, C) its covariance.
        at_risk: (C,) persons at risk in the months of every coefficient.
        degrees: degrees of freedom, clusters minus one.
    """

    bins: Sequence[Bin]
    reference: Bin
    before: int
    gain: FloatArray
    gain_covariance: FloatArray
    loss: FloatArray
    loss_covariance: FloatArray
    at_risk: FloatArray
    degrees: int


def event_study(panel: EventPanel, specification: Specification) -> EventStudy | None:
    """The event study of a panel; none without two whole years before the event or three months after it.

    Args:
        panel: the event.
        specification: C0 without a demand index, else with it.
    """
    earlier, later = years_before(panel), years_after(panel.months - panel.event_month)
    if len(earlier) < 2 or not later or panel.is_closed:
        return None
    bins = [*earlier, *later]
    effects = _effects(panel, specification, bins)
    reference = len(earlier) - 1
    kept = [i for i in range(len(bins)) if i != reference]
    at_risk = np.where(np.abs(effects.at_risk) > 1e-9, effects.at_risk, np.inf)
    gain = effects.gain.sum(axis=1) / at_risk
    loss = effects.loss / at_risk
    gain, loss = (rate[:, kept] - rate[:, [reference]] for rate in (gain, loss))
    return EventStudy(
        bins=[bins[i] for i in kept],
        reference=bins[reference],
        before=reference,
        gain=np.asarray(gain[0]),
        gain_covariance=jackknife_covariance(gain[1:]),
        loss=np.asarray(loss[0]),
        loss_covariance=jackknife_covariance(loss[1:]),
        at_risk=np.asarray(effects.at_risk[0][kept]),
        degrees=len(gain) - 2,
    )


def years_after(months: int) -> list[Bin]:
    """Whole years after the event, or one shorter bin where there is no whole year."""
    whole = [(12 * k, 12 * (k + 1)) for k in range(months // YEAR)]
    return whole or [(0, length) for length in SHORTEST if length <= months][:1]


def joint_p_value(coefficients: FloatArray, covariance: FloatArray, degrees: int) -> float:
    """The p value of all coefficients being zero (Wald test with Hotelling's F); one when there is nothing to test."""
    rank = int(np.linalg.matrix_rank(covariance)) if len(coefficients) else 0
    if rank == 0 or degrees <= rank:
        return 1.0
    wald = float(coefficients @ np.linalg.pinv(covariance) @ coefficients)
    scaled = wald * (degrees - rank + 1) / (degrees * rank)
    return float(stats.f.sf(scaled, rank, degrees - rank + 1))


def _effects(panel: EventPanel, specification: Specification, bins: Sequence[Bin]) -> Effects:
    cell_weights = leave_one_cluster_out(panel.clusters)
    fit = Fit(specification, bins, None if specification == "C0" else cross_products(panel))
    index = fit.demand(panel, cell_weights)
    window = max(bins[-1][1], 1)
    return estimate_effects(panel, index, cell_weights, bins, window_months=window, is_two_part=False)
