"""How large a drift after the event it would take to undo a finding.

Belongs here: rates before the event and the breakdown value of a gain. Does not belong here: the estimates themselves
and the test behind the value (`designs.relative_magnitudes`).

The same moments as after the event are solved for years before it, where there is nothing to find. What they find is
drift. If the rate of gains had gone on drifting after the event by at most M times the largest step from one year to
the next before it, how large must M be until zero can no longer be excluded? (Relative magnitudes of Rambachan and
Roth, 2023. The largest step is estimated too, and the value knows that.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets.waterbed.additive import estimate_effects
from assets.waterbed.demand_index import Held
from assets.waterbed.designs.relative_magnitudes import DriftingEffect, largest_multiple
from assets.waterbed.inference import jackknife_covariance
from assets.waterbed.panel import Bin, EventPanel, FloatArray
from assets.waterbed.uncertainty import Fit

#: Most years before the event that are looked at.
MOST_YEARS = 4


def years_before(panel: EventPanel) -> list[Bin]:
    """Whole years before the first touched month, oldest first, in months from the event."""
    years = min(panel.first_touched_month // 12, MOST_YEARS)
    last = -panel.anticipation_months
    return [(last - 12 * (k + 1), last - 12 * k) for k in reversed(range(years))]


def rates_before(panel: EventPanel, fit: Fit, held: Held, cell_weights: FloatArray) -> FloatArray:
    """(B, D, years) persons gained by every destination for each person at risk, in years before the event.

    Args:
        panel: the event.
        fit: how it is fitted.
        held: weight of the tilts, spread of destinations and how demand moves, as found for the event.
        cell_weights: (B, K) weights of cells, row 0 all ones.
    """
    bins = years_before(panel)
    if not bins:
        return np.zeros((len(cell_weights), len(panel.destinations), 0))
    # as after the event: what a destination gained in these years is not taken for demand
    index = fit.demand(panel, cell_weights, held, bins)
    effects = estimate_effects(panel, index, cell_weights, bins, window_months=fit.bins[-1][1], is_two_part=False)
    at_risk = np.where(np.abs(effects.at_risk) > 1e-9, effects.at_risk, np.inf)
    return np.asarray(effects.gain / at_risk[:, None, :])


def breakdown_value(
    gains: FloatArray, error: float, rates: FloatArray, at_risk: FloatArray, bins: Sequence[Bin]
) -> float | None:
    """The multiple of the largest yearly step before the event up to which a gain is told from zero.

    Args:
        gains: (1 + G,) persons gained over the bins, with all clusters and with each left out.
        error: standard error of the first of them, as published; half of its 95 % interval over 1.96.
        rates: (1 + G, years) persons gained for each person at risk in years before the event.
        at_risk: (bins,) persons at risk in the bins after the event.
        bins: months after the event.

    Returns:
        Zero when the last year before the event differs so much that nothing is told even if that just stays; none when
        there are no two years before the event or nobody was at risk after it.
    """
    persons = float(at_risk.sum())
    if rates.shape[1] < 2 or not persons > 0:
        return None
    since_last_year = np.column_stack([rates[:, :-1], gains / persons]) - rates[:, -1:]
    covariance = jackknife_covariance(since_last_year[1:])
    # the published error also holds what leaving out clusters does not show, such as the choice of control routes
    known = float(jackknife_covariance(gains[1:, None])[0, 0])
    covariance[-1, -1] += max(error**2 - known, 0.0) / persons**2
    # years from the middle of the last year before the event to the middle of the bin
    years = np.array([(low + high) / 2.0 + 6.0 for low, high in bins]) / 12.0
    return largest_multiple(
        DriftingEffect(
            before=since_last_year[0, :-1],
            effect=float(since_last_year[0, -1]),
            covariance=covariance,
            steps=float(at_risk @ years) / persons,
        )
    )
