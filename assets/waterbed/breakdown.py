"""How large a break of trend after the event it would take to undo a finding.

Belongs here: rates before the event and the breakdown value. Does not belong here: the estimates themselves.

The same moments as after the event are solved for years before it, where there is nothing to find. What they find is
drift. If the rate of gains had gone on drifting after the event by M times the largest step from one year to the next
before it, how large must M be for zero to be reached? (Relative magnitudes of Rambachan and Roth (2023), in a plain
form that is quick enough for every estimate: the worst drift is a straight line and the largest step is taken as
known, which makes the value somewhat too large when few years stand before the event. The exact intervals stand in
`estimates.companions`, from `designs.relative_magnitudes`.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets.waterbed.additive import Bin, estimate_effects
from assets.waterbed.demand_index import DemandIndex
from assets.waterbed.panel import EventPanel, FloatArray

#: Most years before the event that are looked at.
MOST_YEARS = 4


def years_before(panel: EventPanel) -> list[Bin]:
    """Whole years before the first touched month, oldest first, in months from the event."""
    years = min(panel.first_touched_month // 12, MOST_YEARS)
    last = -panel.anticipation_months
    return [(last - 12 * (k + 1), last - 12 * k) for k in reversed(range(years))]


def rates_before(panel: EventPanel, index: DemandIndex, loadings: FloatArray | None, window_months: int) -> FloatArray:
    """(D, years) persons gained by every destination for each person at risk, in years before the event.

    Args:
        panel: the event.
        index: demand of the cells, of any number of sets of cell weights.
        loadings: loadings of the routes; ones when none.
        window_months: length of the window after the event, for the weights.
    """
    bins = years_before(panel)
    if not bins:
        return np.zeros((len(panel.destinations), 0))
    first = DemandIndex(index.tilts[:1], index.own, index.persistence, index.variance)
    everything = np.ones((1, panel.cells))
    effects = estimate_effects(panel, first, everything, bins, loadings, window_months=window_months)
    at_risk = np.where(np.abs(effects.at_risk[0]) > 1e-9, effects.at_risk[0], np.inf)
    return np.asarray(effects.gain[0] / at_risk)


def breakdown_value(
    gain: float, half_width: float, rates: FloatArray, at_risk: FloatArray, bins: Sequence[Bin]
) -> float | None:
    """The multiple of the largest yearly step before the event at which the interval of a gain reaches zero.

    Args:
        gain: persons gained over the bins.
        half_width: half of its 95 % interval.
        rates: (years,) persons gained for each person at risk in years before the event.
        at_risk: (bins,) persons at risk in the bins after the event.
        bins: months after the event.

    Returns:
        Zero when the finding is none to begin with; none when there are no two years before the event.
    """
    if len(rates) < 2:
        return None
    beyond = abs(gain) - half_width
    if beyond <= 0:
        return 0.0
    step = float(np.abs(np.diff(rates)).max())
    # years from the middle of the last year before the event to the middle of the bin
    years = np.array([(low + high) / 2.0 + 6.0 for low, high in bins]) / 12.0
    drift = step * float(np.abs(at_risk) @ years)
    return beyond / drift if drift > 0 else None
