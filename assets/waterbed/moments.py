"""The building blocks of moment conditions: routes in a bin of months, and sums over cells for many sets of weights.

Belongs here: profiles, instruments and weighted sums. Does not belong here: which moments are set to zero
(`restriction` for the loss, `gains` for the gains).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.counterfactual import fit_baseline
from assets.waterbed.demand_index import LOWEST_TILT, DemandIndex
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
        loading: loading on the demand index.
        factor: (B, months) month factors, once they are known.
    """

    counts: FloatArray
    profile: FloatArray
    by_half: FloatArray
    level: FloatArray
    slope: FloatArray
    own: FloatArray
    loading: float
    factor: FloatArray | None = None


def month_factors(route: Route) -> FloatArray:
    """(B, months) month factors of a route for which they were estimated."""
    if route.factor is None:
        raise ValueError("the month factors of this route have not been estimated")
    return route.factor


class Sums:
    """Sums over cells of instrument x values, for all sets of cell weights, with the tilt taken into account.

    With the tilt of another set of weights, the demand of a cell is what it was with all cells, and of the difference
    what the cell's own demand does not take back (`demand_index`).

    Attributes:
        cell_weights: (B, K) weights of cells.
        exposure: (K,) exposure.
        tilts: (B, months) drift of demand with exposure.
        moved: (K,) part of the exposure that a change of the tilt moves.
        change: (B, months) the tilt of every set of weights, less that with all cells.
    """

    def __init__(self, cell_weights: FloatArray, exposure: FloatArray, tilts: FloatArray, response: FloatArray) -> None:
        self.cell_weights, self.exposure, self.tilts = cell_weights, exposure, tilts
        self.moved = exposure * (1.0 - response)
        self.change = tilts - tilts[0]

    def counted(self, instrument: FloatArray, route: Route) -> FloatArray:
        """(B, months) sums of `instrument` (H, K) times the counts of `route`."""
        return self._summed(instrument.sum(axis=0), route.counts)

    def tilted(self, instrument: FloatArray, route: Route) -> FloatArray:
        """The same with the profile of `route`, every half with its own level and every set of weights its own tilt."""
        weight = (instrument * route.by_half).sum(axis=0)
        return self._tilted(weight, route, self.cell_weights)

    def everyone(self, route: Route) -> tuple[FloatArray, FloatArray]:
        """(B, months) sums of counts and of the profile over the cells of every set of weights."""
        ones = np.ones(len(self.exposure))
        return self._summed(ones, route.counts), self._tilted(ones, route, self.cell_weights)

    def all_cells(self, weight: FloatArray, route: Route) -> FloatArray:
        """(B, months) sums of `weight` (K,) times the profile over all cells, left out or not, each set's own tilt."""
        return self._tilted(weight, route, np.ones((1, len(weight))))

    def with_all_cells(self, route: Route) -> FloatArray:
        """(K, months) the profile with the tilt that all cells together show."""
        return np.asarray(route.profile * (1.0 + route.loading * self.exposure[:, None] * self.tilts[0]))

    def _tilted(self, weight: FloatArray, route: Route, cells: FloatArray) -> FloatArray:
        moved = (weight * self.moved)[:, None] * route.profile
        usual = weight[:, None] * self.with_all_cells(route)
        return np.asarray(cells @ usual + route.loading * self.change * (cells @ moved))

    def _summed(self, weight: FloatArray, values: FloatArray) -> FloatArray:
        return np.asarray(self.cell_weights @ (weight[:, None] * values))


class Setting:
    """Profiles, instruments and weights of all routes of one event; gives the pieces of one bin."""

    def __init__(
        self, panel: EventPanel, index: DemandIndex, cell_weights: FloatArray, loadings: FloatArray, window: int
    ) -> None:
        self.panel, self.index, self.cell_weights, self.loadings = panel, index, cell_weights, loadings
        self.counts = np.concatenate([panel.restricted[None], panel.destinations])
        offset = np.stack([index.offset(panel.exposure, float(a)) for a in loadings])
        n = panel.first_touched_month
        baseline = fit_baseline(self.counts, offset, panel.season_groups, panel.calendar_month, n)
        self.halves = halves(self.counts[:, :, :n], baseline.expected(n))
        tilt = 1.0 + loadings[:, None, None] * panel.exposure[:, None] * index.tilts[0]
        self.profile = baseline.profile / np.maximum(tilt, LOWEST_TILT)  # every set of weights brings its own tilt
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
            loading=float(self.loadings[position]),
        )

    def sums(self, months: slice) -> Sums:
        """Sums over cells in these months."""
        return Sums(self.cell_weights, self.panel.exposure, self.index.tilts[:, months], self.index.response)


def _for_one_person(weight: FloatArray, flow: FloatArray, whole: FloatArray) -> FloatArray:
    """(H, R, K) weight times a flow that is scaled to one person over all cells, so that instruments can be mixed."""
    return np.asarray(weight * flow / np.maximum(whole.sum(axis=-1), 1e-12)[:, None])


def divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Ratio, zero where the denominator vanishes: no information is no effect, with an error to match."""
    safe = np.where(np.abs(denominator) > 1e-12, denominator, 1.0)
    return np.asarray(np.where(np.abs(denominator) > 1e-12, numerator / safe, 0.0))
