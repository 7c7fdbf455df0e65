"""The building blocks of moment conditions: routes in a bin of months, and sums over cells for many sets of weights.

Belongs here: profiles, instruments and weighted sums. Does not belong here: which moments are set to zero
(`restriction` for the loss, `additive` and `flexible` for the gains).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.counterfactual import fit_baseline
from assets.waterbed.demand_index import LOWEST_TILT, DemandIndex
from assets.waterbed.panel import EventPanel, FloatArray
from assets.waterbed.weighting import instrument_weights


@dataclass(frozen=True)
class Route:
    """One route in one bin: counts and profile (K, months), instruments (K,), month factors once they are known."""

    counts: FloatArray
    profile: FloatArray
    level: FloatArray
    slope: FloatArray
    loading: float
    factor: FloatArray | None = None


def month_factors(route: Route) -> FloatArray:
    """(B, months) month factors of a route for which they were estimated."""
    if route.factor is None:
        raise ValueError("the month factors of this route have not been estimated")
    return route.factor


class Sums:
    """Sums over cells of instrument x values, for all sets of cell weights, with the tilt taken into account."""

    def __init__(self, cell_weights: FloatArray, exposure: FloatArray, tilts: FloatArray) -> None:
        self.cell_weights, self.exposure, self.tilts = cell_weights, exposure, tilts

    def plain(self, instrument: FloatArray, values: FloatArray) -> FloatArray:
        """(B, months) sums of `instrument` (K,) times `values` (K, months)."""
        return np.asarray(self.cell_weights @ (instrument[:, None] * values))

    def tilted(self, instrument: FloatArray, route: Route) -> FloatArray:
        """The same with the profile of `route` tilted by exposure, each set of weights with its own tilt."""
        with_exposure = self.plain(instrument * self.exposure, route.profile)
        return self.plain(instrument, route.profile) + route.loading * self.tilts * with_exposure


class Setting:
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

    def route(self, position: int, months: slice) -> Route:
        """Route 0 is the restricted one, 1 and on are the destinations."""
        return Route(
            counts=self.counts[position][:, months],
            profile=self.profile[position][:, months],
            level=self.level[position],
            slope=self.slope[position],
            loading=float(self.loadings[position]),
        )

    def sums(self, months: slice) -> Sums:
        """Sums over cells in these months."""
        return Sums(self.cell_weights, self.panel.exposure, self.index.tilts[:, months])


def divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Ratio, zero where the denominator vanishes: no information is no effect, with an error to match."""
    safe = np.where(np.abs(denominator) > 1e-12, denominator, 1.0)
    return np.asarray(np.where(np.abs(denominator) > 1e-12, numerator / safe, 0.0))
