"""The building blocks of moment conditions: routes in a bin of months, and sums over cells for many sets of weights.

Belongs here: profiles, instruments and weighted sums. Does not belong here: which moments are set to zero
(`restriction` for the loss, `gains` for the gains).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.counterfactual import fit_baseline
from assets.waterbed.demand_index import DemandIndex
from assets.waterbed.halves import halves
from assets.waterbed.panel import EventPanel, FloatArray
from assets.waterbed.weighting import instrument_weights


@dataclass(frozen=True)
class Route:
    """One route in one bin of months.

    Attributes:
        counts: (K, months) persons.
        profile: (K, months) expected counts up to a factor for each month.
        by_half: (H, K) level of the profile in each half of the months before the event, over its level in all.
        level: (H, K) instrument for the month factors, one for each half.
        slope: (H, K) instrument for an effect in proportion to the flow at risk.
        own: (H, K) instrument for an effect in proportion to the exposed flow of the route itself.
        loading: (B or 1,) loading on the demand index with each set of cell weights.
        per_loading: (K, months) relative change of the profile for a loading larger by one.
        factor: (B, months) month factors, once they are known.
    """

    counts: FloatArray
    profile: FloatArray
    by_half: FloatArray
    level: FloatArray
    slope: FloatArray
    own: FloatArray
    loading: FloatArray
    per_loading: FloatArray
    factor: FloatArray | None = None


def month_factors(route: Route) -> FloatArray:
    """(B, months) month factors of a route for which they were estimated."""
    if route.factor is None:
        raise ValueError("the month factors of this route have not been estimated")
    return route.factor


class Sums:
    """Sums over cells of instrument x values, for all sets of cell weights, each with its own demand of the cells.

    Attributes:
        cell_weights: (B, K) weights of cells.
        exposure: (K,) exposure.
        changes: (months, K, B) relative change of demand with each set of weights; none where it does not change.
    """

    def __init__(self, cell_weights: FloatArray, exposure: FloatArray, changes: FloatArray | None) -> None:
        self.cell_weights, self.exposure, self.changes = cell_weights, exposure, changes
        self.kept = None if changes is None else changes * cell_weights.T

    def counted(self, instruments: FloatArray, route: Route) -> FloatArray:
        """(I, B, months) sums of I instruments (I, H, K) times the counts of `route`."""
        return np.asarray(np.matmul(self.cell_weights, instruments.sum(axis=1)[:, :, None] * route.counts))

    def usual(self, instruments: FloatArray, route: Route) -> FloatArray:
        """The same with the profile of `route`, every half with its own level."""
        return self._summed((instruments * route.by_half).sum(axis=1), route, self.cell_weights, self.kept)

    def everyone(self, route: Route) -> tuple[FloatArray, FloatArray]:
        """(B, months) sums of counts and of the profile over the cells of every set of weights."""
        ones = np.ones((1, len(self.exposure)))
        return np.asarray(self.cell_weights @ route.counts), self._summed(ones, route, self.cell_weights, self.kept)[0]

    def all_cells(self, weight: FloatArray, route: Route) -> FloatArray:
        """(B, months) sums of `weight` (K,) times the profile over all cells, left out or not."""
        everywhere = np.ones((len(self.cell_weights), len(weight)))
        return np.asarray(self._summed(weight[None], route, everywhere, self.changes)[0])

    def _summed(
        self, weights: FloatArray, route: Route, cell_weights: FloatArray, changes: FloatArray | None
    ) -> FloatArray:
        values = weights[:, :, None] * route.profile
        summed: FloatArray = np.asarray(np.matmul(cell_weights, values))
        if changes is not None:
            summed += route.loading[0] * np.matmul(values.transpose(2, 0, 1), changes).transpose(1, 2, 0)
        if len(route.loading) > 1:
            other = (route.loading - route.loading[0])[:, None]
            summed += other * np.matmul(cell_weights, values * route.per_loading)
        return summed


class Setting:
    """Profiles, instruments and weights of all routes of one event; gives the pieces of one bin."""

    def __init__(self, panel: EventPanel, index: DemandIndex, cell_weights: FloatArray, window: int) -> None:
        self.panel, self.index, self.cell_weights = panel, index, cell_weights
        self.counts = np.concatenate([panel.restricted[None], panel.destinations])
        offset = np.stack([index.offset(panel.exposure, float(a)) for a in index.loadings[0]])
        n = panel.first_touched_month
        baseline = fit_baseline(self.counts, offset, panel.season_groups, panel.calendar_month, n)
        expected = baseline.expected(n)
        self.halves = halves(self.counts[:, :, :n], expected)
        # a profile is level times index, and the level is what makes it fit before the event
        moved = np.stack([index.per_loading(panel.exposure, float(a)) for a in index.loadings[0]])
        before = (expected * moved[:, :, :n]).sum(axis=2) / np.maximum(expected.sum(axis=2), 1e-12)
        self.per_loading = moved - before[:, :, None]
        self.profile = baseline.profile
        self.month_factor = baseline.month_factor[0]
        flat = self.halves.flat
        weight = instrument_weights(flat, window) * self.halves.part
        self.level = weight * flat
        self.slope = _for_one_person(weight, panel.exposure * flat[:, :1], baseline.flat[:1] * panel.exposure)
        self.own = _for_one_person(weight, panel.exposure * flat, baseline.flat * panel.exposure)

    def route(self, position: int, months: slice) -> Route:
        """Route 0 is the restricted one, 1 and on are the destinations."""
        return Route(
            counts=self.counts[position][:, months],
            profile=self.profile[position][:, months],
            by_half=self.halves.level[:, position],
            level=self.level[:, position],
            slope=self.slope[:, position],
            own=self.own[:, position],
            loading=self.index.loadings[:, position],
            per_loading=self.per_loading[position][:, months],
        )

    def sums(self, months: slice) -> Sums:
        """Sums over cells in these months."""
        return Sums(self.cell_weights, self.panel.exposure, self.index.changed(months))


def _for_one_person(weight: FloatArray, flow: FloatArray, whole: FloatArray) -> FloatArray:
    """(H, R, K) weight times a flow that is scaled to one person over all cells, so that instruments can be mixed."""
    return np.asarray(weight * flow / np.maximum(whole.sum(axis=-1), 1e-12)[:, None])


def divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Ratio, zero where the denominator vanishes: no information is no effect, with an error to match."""
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    ratio = np.zeros(shape)
    return np.divide(numerator, denominator, out=ratio, where=np.abs(denominator) > 1e-12)
