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
correlate with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assets.waterbed.counterfactual import fit_baseline
from assets.waterbed.demand_index import LOWEST_TILT, DemandIndex
from assets.waterbed.panel import EventPanel, FloatArray, IntArray
from assets.waterbed.weighting import instrument_weights

Bin = tuple[int, int]
#: Months after the event, first and one past last, of the lag profile.
BINS: Sequence[Bin] = ((0, 3), (3, 6), (6, 12), (12, 24), (24, 36))


#: Months before the event that set the level which a closed route would have kept.
USUAL_MONTHS = 24


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
        gain: (B, D, bins) persons gained by every destination.
        information: (K,) share of every cell in the information on the loss; sums to one.
        gain_information: (D, K) the same for every destination.
    """

    bins: Sequence[Bin]
    at_risk: FloatArray
    loss: FloatArray
    rush: FloatArray
    gain: FloatArray
    information: FloatArray
    gain_information: FloatArray

    def upto(self, months_after: int) -> list[int]:
        """Positions of the bins of the first `months_after` months."""
        return [i for i, b in enumerate(self.bins) if b[1] <= months_after]


@dataclass(frozen=True)
class _Route:
    """One route in one bin: counts and profile (K, months), instruments (K,), month factors once they are known."""

    counts: FloatArray
    profile: FloatArray
    level: FloatArray
    slope: FloatArray
    loading: float
    factor: FloatArray | None = None


class _Sums:
    """Sums over cells of instrument x values, for all sets of cell weights, with the tilt taken into account."""

    def __init__(self, cell_weights: FloatArray, exposure: FloatArray, tilts: FloatArray) -> None:
        self.cell_weights, self.exposure, self.tilts = cell_weights, exposure, tilts

    def plain(self, instrument: FloatArray, values: FloatArray) -> FloatArray:
        """(B, months) sums of `instrument` (K,) times `values` (K, months)."""
        return np.asarray(self.cell_weights @ (instrument[:, None] * values))

    def tilted(self, instrument: FloatArray, route: _Route) -> FloatArray:
        """The same with the profile of `route` tilted by exposure, each set of weights with its own tilt."""
        with_exposure = self.plain(instrument * self.exposure, route.profile)
        return self.plain(instrument, route.profile) + route.loading * self.tilts * with_exposure


class _Setting:
    """Profiles, instruments and weights of all routes of one event; gives the pieces of one bin."""

    def __init__(
        self, panel: EventPanel, index: DemandIndex, cell_weights: FloatArray, loadings: FloatArray, window: int
    ) -> None:
        self.panel, self.index, self.cell_weights, self.loadings = panel, index, cell_weights, loadings
        self.counts = np.concatenate([panel.restricted[None], panel.destinations])
        offset = np.stack([index.offset(panel.exposure, float(a)) for a in loadings])
        baseline = fit_baseline(
            self.counts, offset, panel.season_groups, panel.calendar_month, panel.first_touched_month
        )
        tilt = 1.0 + loadings[:, None, None] * panel.exposure[:, None] * index.tilts[0]
        self.profile = baseline.profile / np.maximum(tilt, LOWEST_TILT)  # every set of weights brings its own tilt
        self.month_factor = baseline.month_factor[0]
        at_risk = panel.exposure * baseline.flat[0]
        weight = instrument_weights(baseline.flat, window, at_risk)
        self.level, self.slope = weight * baseline.flat, weight * at_risk

    def months(self, low: int, high: int) -> slice:
        """Positions in the panel of the months `low` up to `high` after the event."""
        return slice(self.panel.event_month + low, self.panel.event_month + high)

    def route(self, position: int, months: slice) -> _Route:
        """Route 0 is the restricted one, 1 and on are the destinations."""
        return _Route(
            counts=self.counts[position][:, months],
            profile=self.profile[position][:, months],
            level=self.level[position],
            slope=self.slope[position],
            loading=float(self.loadings[position]),
        )

    def sums(self, months: slice) -> _Sums:
        """Sums over cells in these months."""
        return _Sums(self.cell_weights, self.panel.exposure, self.index.tilts[:, months])


def estimate_effects(
    panel: EventPanel,
    index: DemandIndex,
    cell_weights: FloatArray,
    bins: Sequence[Bin],
    loadings: FloatArray | None = None,
) -> Effects:
    """Loss, rush and gains of the event of `panel`.

    Args:
        panel: counts and exposure.
        index: demand of the cells; `no_demand_index` for specification C0.
        cell_weights: (B, K) weights of cells, row 0 all ones.
        bins: months after the event; must lie inside the panel.
        loadings: (1 + D,) loading of the restricted route and the destinations on the index; ones when none.
    """
    routes, rows = len(panel.destinations), len(cell_weights)
    ones = np.ones(1 + routes)
    setting = _Setting(panel, index, cell_weights, ones if loadings is None else loadings, bins[-1][1])
    at_risk, loss = np.empty((rows, len(bins))), np.empty((rows, len(bins)))
    gain = np.empty((rows, routes, len(bins)))
    information = np.zeros((1 + routes, panel.cells))
    for i, (low, high) in enumerate(bins):
        months = setting.months(low, high)
        sums = setting.sums(months)
        phi, restricted = _restriction_of(setting, sums, months)
        flow = _at_risk(sums, restricted)
        at_risk[:, i], loss[:, i] = flow, phi * flow
        information[0] += _information(sums, restricted, restricted)
        for d in range(routes):
            destination = setting.route(1 + d, months)
            gain[:, d, i] = flow * _diversion(sums, destination, restricted)
            information[1 + d] += _information(sums, destination, restricted)
    information /= np.maximum(information.sum(axis=1, keepdims=True), 1e-12)
    return Effects(
        bins=list(bins),
        at_risk=at_risk,
        loss=loss,
        rush=_rush(setting),
        gain=gain,
        information=information[0],
        gain_information=information[1:],
    )


def _rush(setting: _Setting) -> FloatArray:
    """(B,) persons brought forward into the months of anticipation."""
    if not setting.panel.anticipation_months:
        return np.zeros(len(setting.cell_weights))
    months = setting.months(-setting.panel.anticipation_months, 0)
    sums = setting.sums(months)
    phi, restricted = _restriction_of(setting, sums, months)
    return np.asarray(-phi * _at_risk(sums, restricted))


def _at_risk(sums: _Sums, restricted: _Route) -> FloatArray:
    """(B,) sum of m p E over all cells, with every set's own tilt; cells left out are predicted too."""
    first = sums.exposure @ restricted.profile
    second = sums.exposure**2 @ restricted.profile
    whole = first + restricted.loading * sums.tilts * second
    return np.asarray((_factor(restricted) * whole).sum(axis=1))


def _factor(route: _Route) -> FloatArray:
    """(B, months) month factors of a route for which they were estimated."""
    if route.factor is None:
        raise ValueError("the month factors of this route have not been estimated")
    return route.factor


def _restriction_of(setting: _Setting, sums: _Sums, months: slice) -> tuple[FloatArray, _Route]:
    """Share lost (B,) and month factors of the restricted route in these months."""
    if setting.panel.is_closed:
        return _closure(setting, sums, months)
    return _restriction(sums, setting.route(0, months))


def _closure(setting: _Setting, sums: _Sums, months: slice) -> tuple[FloatArray, _Route]:
    """The same for a route that closed: the level of a month is that of its calendar month before the event."""
    panel = setting.panel
    usual = usual_month_factors(setting.month_factor, panel.calendar_month, panel.first_touched_month)
    factor = np.tile(usual[panel.calendar_month[months]], (len(setting.cell_weights), 1))
    route = setting.route(0, months)
    everyone = np.ones(panel.cells)
    expected = (factor * sums.tilted(everyone, route)).sum(axis=1)
    phi = 1.0 - _divide(sums.plain(everyone, route.counts).sum(axis=1), expected)
    return phi, replace(route, factor=factor)


def usual_month_factors(month_factor: FloatArray, calendar_month: IntArray, untreated_months: int) -> FloatArray:
    """(12,) mean factor of every calendar month over the last two untreated years."""
    recent = slice(max(untreated_months - USUAL_MONTHS, 0), untreated_months)
    values, calendar = month_factor[recent], calendar_month[recent]
    return np.array([values[calendar == m].mean() if (calendar == m).any() else values.mean() for m in range(12)])


def closure_level_error(restricted: FloatArray, untreated_months: int, months_after: int) -> float:
    """Relative standard error of the level that a closed route would have kept.

    Read from how much its yearly totals moved before the event, taken as a random walk over the time from the middle
    of the base period to the middle of the window. One when there are fewer than three years.
    """
    totals = restricted.sum(axis=0)[:untreated_months]
    years = len(totals) // 12
    if years < 3:
        return 1.0
    yearly = totals[len(totals) - 12 * years :].reshape(years, 12).sum(axis=1)
    moves = np.diff(np.log(np.maximum(yearly, 1.0)))
    return float(np.sqrt((moves**2).mean() * (USUAL_MONTHS + months_after) / 2.0 / 12.0))


def _restriction(sums: _Sums, route: _Route, rounds: int = 40) -> tuple[FloatArray, _Route]:
    """Share lost of the flow at risk (B,), and the restricted route with its month factors."""
    exposure = sums.exposure
    y0, y1 = sums.plain(route.level, route.counts), sums.plain(route.slope, route.counts)
    p0, p1 = sums.tilted(route.level, route), sums.tilted(route.slope, route)
    q0, q1 = sums.tilted(route.level * exposure, route), sums.tilted(route.slope * exposure, route)
    phi = np.zeros(len(y0))
    factor = y0 / np.maximum(p0, 1e-12)
    for _ in range(rounds):
        change = _divide((factor * p1 - y1).sum(axis=1), (factor * q1).sum(axis=1)) - phi
        phi = phi + change
        factor = y0 / np.maximum(p0 - phi[:, None] * q0, 1e-9)
        if np.abs(change).max() < 1e-10:
            break
    return phi, replace(route, factor=factor)


def _diversion(sums: _Sums, route: _Route, restricted: _Route) -> FloatArray:
    """(B,) persons gained by one destination for each person at risk, in one bin."""
    exposure = sums.exposure
    ratio = _divide(sums.tilted(route.slope, route), sums.tilted(route.level, route))
    surplus = sums.plain(route.slope, route.counts) - ratio * sums.plain(route.level, route.counts)
    at_risk_by_slope = sums.tilted(route.slope * exposure, restricted)
    at_risk_by_level = sums.tilted(route.level * exposure, restricted)
    dose = _factor(restricted) * (at_risk_by_slope - ratio * at_risk_by_level)
    return _divide(surplus.sum(axis=1), dose.sum(axis=1))


def _information(sums: _Sums, route: _Route, restricted: _Route) -> FloatArray:
    """(K,) contribution of every cell to the denominator of an effect: instrument times dose, both centred."""
    p = route.profile.sum(axis=1)
    dose = sums.exposure * (restricted.profile * _factor(restricted)[0]).sum(axis=1)
    denominator = max(float((route.level * p).sum()), 1e-12)
    instrument = route.slope - route.level * float((route.slope * p).sum()) / denominator
    centred = dose - p * float((route.level * dose).sum()) / denominator
    return np.asarray(np.abs(instrument * centred))


def _divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Ratio, zero where the denominator vanishes: no information is no effect, with an error to match."""
    safe = np.where(np.abs(denominator) > 1e-12, denominator, 1.0)
    return np.asarray(np.where(np.abs(denominator) > 1e-12, numerator / safe, 0.0))
