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
class Routes:
    """R routes in one bin of months.

    Attributes:
        counts: (R, K, months) persons.
        profile: (R, K, months) expected counts up to a factor for each month.
        by_half: (H, R, K) level of the profile in each half of the months before the event, over its level in all.
        level: (H, R, K) instrument for the month factors, one for each half.
        slope: (H, R, K) instrument for an effect in proportion to the flow at risk.
        own: (H, R, K) instrument for an effect in proportion to the exposed flow of the route itself.
        loading: (B or 1, R) loading on the demand index with each set of cell weights.
        per_loading: (R, K, months) relative change of the profile for a loading larger by one.
        factor: (R, B, months) month factors, once they are known.
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


def month_factors(routes: Routes) -> FloatArray:
    """(R, B, months) month factors of routes for which they were estimated."""
    if routes.factor is None:
        raise ValueError("the month factors of these routes have not been estimated")
    return routes.factor


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

    def counted(self, instruments: FloatArray, routes: Routes) -> FloatArray:
        """(I, R, B, months) sums of instruments (I, H, R, K) times the counts of `routes`."""
        return np.asarray(np.matmul(self.cell_weights, instruments.sum(axis=1)[..., None] * routes.counts))

    def usual(self, instruments: FloatArray, routes: Routes) -> FloatArray:
        """The same with the profiles, every half with its own level; a single route serves all instruments."""
        return self._summed((instruments * routes.by_half).sum(axis=1), routes, self.cell_weights, self.kept)

    def everyone(self, routes: Routes) -> tuple[FloatArray, FloatArray]:
        """(R, B, months) sums of counts and of the profiles over the cells of every set of weights."""
        ones = np.ones_like(routes.profile[..., 0])
        seen = np.asarray(np.matmul(self.cell_weights, routes.counts))
        return seen, self._summed(ones, routes, self.cell_weights, self.kept)

    def all_cells(self, weight: FloatArray, routes: Routes) -> FloatArray:
        """(R, B, months) sums of `weight` (K,) times the profiles over all cells, left out or not."""
        everywhere = np.ones_like(self.cell_weights)
        weights = np.broadcast_to(weight, routes.profile.shape[:-1])
        return self._summed(weights, routes, everywhere, self.changes)

    def _summed(
        self, weights: FloatArray, routes: Routes, cell_weights: FloatArray, changes: FloatArray | None
    ) -> FloatArray:
        """(..., B, months) sums of `weights` (..., K) times the profiles."""
        values = weights[..., None] * routes.profile
        summed: FloatArray = np.asarray(np.matmul(cell_weights, values))
        if changes is not None:
            flat = values.reshape(-1, *values.shape[-2:]).transpose(2, 0, 1)
            moved = np.matmul(flat, changes).transpose(1, 2, 0).reshape(summed.shape)
            summed += routes.loading[0][:, None, None] * moved
        if len(routes.loading) > 1:
            other = (routes.loading - routes.loading[0]).T[:, :, None]
            summed += other * np.matmul(cell_weights, values * routes.per_loading)
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
        self.per_loading = np.zeros_like(offset) if len(index.loadings) == 1 else self._per_loading(expected)
        self.profile = baseline.profile
        self.month_factor = baseline.month_factor[0]
        flat = self.halves.flat
        weight = instrument_weights(flat, window) * self.halves.part
        self.level = weight * flat
        self.slope = _for_one_person(weight, panel.exposure * flat[:, :1], baseline.flat[:1] * panel.exposure)
        self.own = _for_one_person(weight, panel.exposure * flat, baseline.flat * panel.exposure)

    def _per_loading(self, expected: FloatArray) -> FloatArray:
        """(R, K, T) relative change of profiles for a loading larger by one; `expected` are persons before the event.

        A profile is level times index, and the level is what makes it fit before the event.
        """
        of_routes = self.index.loadings[0]
        moved = np.stack([self.index.per_loading(self.panel.exposure, float(a)) for a in of_routes])
        weighted = (expected * moved[:, :, : expected.shape[2]]).sum(axis=2)
        return np.asarray(moved - (weighted / np.maximum(expected.sum(axis=2), 1e-12))[:, :, None])

    @property
    def restricted(self) -> slice:
        """Position of the restricted route."""
        return slice(0, 1)

    @property
    def destinations(self) -> slice:
        """Positions of the destinations."""
        return slice(1, len(self.counts))

    def routes(self, positions: slice, months: slice) -> Routes:
        """Some of the routes in these months."""
        return Routes(
            counts=self.counts[positions, :, months],
            profile=self.profile[positions, :, months],
            by_half=self.halves.level[:, positions],
            level=self.level[:, positions],
            slope=self.slope[:, positions],
            own=self.own[:, positions],
            loading=self.index.loadings[:, positions],
            per_loading=self.per_loading[positions, :, months],
        )

    def sums(self, months: slice) -> Sums:
        """Sums over cells in these months."""
        return Sums(self.cell_weights, self.panel.exposure, self.index.changed(months))


def _for_one_person(weight: FloatArray, flow: FloatArray, whole: FloatArray) -> FloatArray:
    """(H, R, K) weight times a flow that is scaled to one person over all cells, so that instruments can be mixed."""
    return np.asarray(weight * flow / np.maximum(whole.sum(axis=-1), 1e-12)[:, None])


def divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Ratio, zero where the denominator vanishes: no information is no effect, with an error to match."""
    is_told = np.abs(denominator) > 1e-12
    if is_told.all():
        return np.asarray(numerator / denominator)
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    return np.divide(numerator, denominator, out=np.zeros(shape), where=is_told)
