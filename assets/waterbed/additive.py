"""The additive displacement estimator: persons lost on one route, persons gained on others.

Belongs here: the moment conditions of the loss, the rush and the gains, solved for many sets of cell weights at once
(all cells; every cluster left out once). Does not belong here: errors and intervals (`inference`), shares
(`results`).

For the restricted route       E[Y_gt] = m_t p_gt (1 - phi_b E_g)            b: bin of months after the event
and before the event           E[Y_gt] = m_t p_gt (1 + rho E_g)              in the months of anticipation
so that the flow at risk is    N_gt    = m_t p_gt E_g
and for a destination          E[Y_gt] = m_t p_gt + beta_b N_gt .

p is the profile of untreated months (`counterfactual`) times the demand index. A lost person adds to a destination
whatever that destination's size was: the effect is additive in persons. The level m_t of every month is estimated
with the effect, so what moves a route in all cells alike is never read as an effect of the event.

Instruments are w p_bar (for m_t) and w E p_bar_r (for the effects), with p_bar the flow before the event: neither
the demand index nor any outcome under the new rule enters them, so that noise of the index in N and in p cannot
correlate with them. Nor can the noise of p itself: its level in one half of the months before the event meets
instruments that are made of the other half (`halves`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assets.waterbed.demand_index import DemandIndex
from assets.waterbed.gains import additive_gain, gain_sums, two_part_gain
from assets.waterbed.moments import Routes, Setting, Sums, divide, month_factors
from assets.waterbed.panel import Bin, EventPanel, FloatArray
from assets.waterbed.restriction import persons_at_risk, restriction, rush

#: Months after the event, first and one past last, of the lag profile.
BINS: Sequence[Bin] = ((0, 3), (3, 6), (6, 12), (12, 24), (24, 36))


def bins_within(months_after: int) -> list[Bin]:
    """The bins that fit completely into the months that there are after the event."""
    return [b for b in BINS if b[1] <= months_after]


@dataclass(frozen=True)
class Effects:
    """Persons lost and gained, by set of cell weights (row 0: all cells).

    Attributes:
        bins: months after the event of every bin.
        at_risk: (B, bins) persons of the excluded kind who would have come.
        loss: (B, bins) persons lost.
        rush: (B,) persons brought forward.
        gain: (B, D, bins) persons gained by every destination when gains are additive.
        flexible_gain: (B, D, bins) the same under the two-part model of `gains`.
        counting_variance: (D, bins) variance of the gain if counts were Poisson and nothing else varied: a floor.
        information: (K,) share of every cell in the information on the loss; sums to one.
        gain_information: (D, K) the same for every destination.
        proportional_gain: (B, D, bins) the proportional part of `flexible_gain`; none where that was not solved for.
    """

    bins: Sequence[Bin]
    at_risk: FloatArray
    loss: FloatArray
    rush: FloatArray
    gain: FloatArray
    flexible_gain: FloatArray
    counting_variance: FloatArray
    information: FloatArray
    gain_information: FloatArray
    proportional_gain: FloatArray | None = None

    def upto(self, months_after: int) -> list[int]:
        """Positions of the bins of the first `months_after` months."""
        return [i for i, b in enumerate(self.bins) if b[1] <= months_after]


def estimate_effects(
    panel: EventPanel,
    index: DemandIndex,
    cell_weights: FloatArray,
    bins: Sequence[Bin],
    *,
    window_months: int | None = None,
    is_two_part: bool = True,
    is_refit: bool = False,
) -> Effects:
    """Loss, rush and gains of the event of `panel`.

    Args:
        panel: counts and exposure.
        index: demand of the cells; `no_demand_index` for specification C0.
        cell_weights: (B, K) weights of cells, row 0 all ones.
        bins: months after the event (before it, when negative); must lie inside the panel.
        loadings: (1 + D,) loading of the restricted route and the destinations on the index; ones when none.
        window_months: length of the window that weights are made for; up to the last bin when none.
        is_refit: leave out what only errors are made of, counting noise and information: they are zero then.
        is_two_part: also solve the two-part model; `flexible_gain` repeats `gain` when not.
    """
    routes, rows = len(panel.destinations), len(cell_weights)
    window = bins[-1][1] if window_months is None else window_months
    setting = Setting(panel, index, cell_weights, window)
    at_risk, loss = np.empty((rows, len(bins))), np.empty((rows, len(bins)))
    gain, parts = np.empty((rows, routes, len(bins))), np.zeros((2, rows, routes, len(bins)))
    counting = np.zeros((routes, len(bins)))
    information = np.zeros((1 + routes, panel.cells))
    for i, (low, high) in enumerate(bins):
        months = panel.after(low, high)
        sums = setting.sums(months)
        phi, restricted = restriction(setting, sums, months)
        flow = persons_at_risk(sums, restricted)
        at_risk[:, i], loss[:, i] = flow, phi * flow
        destinations = setting.routes(setting.destinations, months)
        found = gain_sums(sums, destinations, restricted, flow, are_two_parts=is_two_part)
        gain[..., i] = additive_gain(found).T
        if is_two_part:
            parts[..., i] = two_part_gain(found).transpose(0, 2, 1)
        if is_refit:
            continue
        information[:1] += _information(sums, restricted, restricted)
        information[1:] += _information(sums, destinations, restricted)
        counting[:, i] = flow[0] ** 2 * _counting_variance(sums, destinations, restricted)
    if panel.is_closed:  # nothing is compared: the loss rests on the flow that there was
        information[0] = panel.restricted[:, : panel.first_touched_month].sum(axis=1)
    information /= np.maximum(information.sum(axis=1, keepdims=True), 1e-12)
    return Effects(
        bins=list(bins),
        at_risk=at_risk,
        loss=loss,
        rush=rush(setting),
        gain=gain,
        flexible_gain=parts.sum(axis=0) if is_two_part else gain,
        counting_variance=counting * (1.0 + window / panel.first_touched_month),
        information=information[0],
        gain_information=information[1:],
        proportional_gain=parts[1] if is_two_part else None,
    )


def _counting_variance(sums: Sums, routes: Routes, restricted: Routes) -> FloatArray:
    """(D,) Poisson variance of persons gained for each person at risk, in one bin, with all cells."""
    level, slope = routes.level.sum(axis=0)[:, :, None], routes.slope.sum(axis=0)[:, :, None]
    usual = (level * routes.profile).sum(axis=1)
    dose = sums.exposure[:, None] * restricted.profile * month_factors(restricted)[:, :1]
    instrument = slope - level * divide((slope * routes.profile).sum(axis=1), usual)[:, None]
    factor = divide((level * routes.counts).sum(axis=1), usual)[:, None]
    denominator = (instrument * dose).sum(axis=(1, 2))
    surplus = (instrument * routes.counts).sum(axis=(1, 2))
    diverted = np.where(denominator > 0, np.maximum(divide(surplus, denominator), 0.0), 0.0)
    expected = factor * routes.profile + diverted[:, None, None] * dose
    return divide(divide((instrument**2 * expected).sum(axis=(1, 2)), denominator), denominator)


def _information(sums: Sums, routes: Routes, restricted: Routes) -> FloatArray:
    """(R, K) contribution of every cell to the denominator of an effect: instrument times dose, both centred."""
    usual = routes.profile.sum(axis=2)
    dose = sums.exposure * (restricted.profile * month_factors(restricted)[:, :1]).sum(axis=2)
    level, slope = routes.level.sum(axis=0), routes.slope.sum(axis=0)
    denominator = np.maximum((level * usual).sum(axis=1, keepdims=True), 1e-12)
    instrument = slope - level * (slope * usual).sum(axis=1, keepdims=True) / denominator
    centred = dose - usual * (level * dose).sum(axis=1, keepdims=True) / denominator
    return np.asarray(np.abs(instrument * centred))
