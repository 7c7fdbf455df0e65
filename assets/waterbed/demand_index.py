"""The demand of a cell, read from control routes and from what other routes show beyond the event.

Belongs here: the index of specifications C1 and C2, how far a drift with exposure is believed, and how the index
changes when cells are left out. Does not belong here: the equations (`demand_model`), the choice of controls, which is
declared before estimation, or effects.

The index of cell g in month t is (1 + E_g * tilt_t) * exp(own_gt):

- `tilt` is the drift of demand with exposure. It is what confounds a displacement estimate, but where there is none
  it adds only noise. So it is weighed by how clearly it is there after the event (t over clusters): weight
  t^4 / (16 + t^4), one half at t = 2 and 0.94 at t = 4. What that leaves in doubt, `uncertainty` adds to the errors.
- `own` is the rest of a cell's demand, shrunk as far as the counts of the cell are noisy. Shrinkage here costs
  precision, no bias.

Destinations may drift with exposure for reasons of their own: gains in proportion to their size, another rule of the
same date. How much they do is found by how far they are from the drift of the controls, beyond chance; the more they
do, the less their drift says of demand (`route_spread`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assets.waterbed.clusters import weights_of_clusters
from assets.waterbed.counterfactual import Baseline
from assets.waterbed.demand_model import Equations, equations
from assets.waterbed.demand_readings import Dynamics, read_routes
from assets.waterbed.inference import jackknife_covariance
from assets.waterbed.panel import Bin, EventPanel, FloatArray

#: Clarity (t over clusters) of the tilt at which it gets half its weight.
HALF_CLEAR_T = 2.0
#: Demand of a cell is never taken to fall below this share of what it was.
LOWEST_TILT = 0.05


@dataclass(frozen=True)
class Held:
    """What is found once, from all clusters, and then held when an event is fitted again with something changed.

    Attributes:
        weight: weight that the tilts get, between zero and one.
        route_spread: variance over destinations of drifts with exposure that are not those of demand.
        dynamics: how demand and routes move; none where that is read anew.
    """

    weight: float
    route_spread: float
    dynamics: Dynamics | None = None


@dataclass(frozen=True)
class DemandIndex:
    """Demand by cell and month, and how it changes when cells are left out.

    Attributes:
        tilts: (T,) drift of demand with exposure.
        own: (K, T) log deviation of the cell's demand from the tilt.
        loadings: (B or 1, 1 + D) loadings of the restricted route and the destinations on it, row 0 with all cells.
        changes: (months, K, B) relative change of demand with each set of cell weights, from `first_month` on; none
            where demand is the same for all.
        own_per_tilt: (K, T) what a tilt larger by one after the event changes `own` by.
        first_month: position of the first month in a bin.
        held: weight of the tilts, spread of destinations and how demand moves.
        clarity: t value of the mean tilt after the event, from which the weight follows; nan when it was given.
        tilt_error: error of that mean at full weight; zero when the weight was given.
    """

    tilts: FloatArray
    own: FloatArray
    loadings: FloatArray
    changes: FloatArray | None = None
    own_per_tilt: FloatArray | None = None
    first_month: int = 0
    held: Held = Held(1.0, 0.0)
    clarity: float = float("nan")
    tilt_error: float = 0.0

    def offset(self, exposure: FloatArray, loading: float = 1.0) -> FloatArray:
        """(K, T) the index as it enters a route with the given loading."""
        tilted = np.maximum(1.0 + loading * exposure[:, None] * self.tilts, LOWEST_TILT)
        return np.asarray(tilted * np.exp(loading * self.own))

    def per_loading(self, exposure: FloatArray, loading: float) -> FloatArray:
        """(K, T) what a loading larger by one adds to the logarithm of that."""
        tilted = np.maximum(1.0 + loading * exposure[:, None] * self.tilts, LOWEST_TILT)
        return np.asarray(exposure[:, None] * self.tilts / tilted + self.own)

    def changed(self, months: slice) -> FloatArray | None:
        """(months, K, B) relative change of demand in these months; none where it does not change."""
        if self.changes is None or months.start < self.first_month:
            return None
        return self.changes[months.start - self.first_month : months.stop - self.first_month]

    def with_tilt(self, shift: float, event_month: int) -> DemandIndex:
        """The index, for all cells only, were the tilt larger by `shift` in all months from `event_month` on."""
        tilts = self.tilts.copy()
        tilts[event_month:] += shift
        own = self.own if self.own_per_tilt is None else self.own + shift * self.own_per_tilt
        return DemandIndex(tilts, own, self.loadings[:1], held=self.held)


def no_demand_index(panel: EventPanel) -> DemandIndex:
    """The index of specification C0: demand does not move."""
    ones = np.ones((1, 1 + len(panel.destinations)))
    return DemandIndex(np.zeros(panel.months), np.zeros((panel.cells, panel.months)), ones)


def demand_index(
    panel: EventPanel,
    baseline: Baseline,
    bins: Sequence[Bin],
    cell_weights: FloatArray,
    loadings: FloatArray,
    *,
    held: Held | None = None,
) -> DemandIndex:
    """The index from the destinations and control routes of `panel`.

    Args:
        panel: the event; needs at least one control route.
        baseline: undisturbed profile of the restricted route, the destinations and the controls, without any index.
        bins: months from the event in which routes may have gained or lost.
        cell_weights: (B, K) weights of cells, the same within a cluster, row 0 all ones.
        loadings: (B or 1, 1 + D) loadings of the restricted route and of the destinations on the demand of the
            controls, row 0 with all cells.
        held: what was found before; found from the clusters when none, for which `cell_weights` must leave out each.

    Raises:
        ValueError: when the panel has no control route.
    """
    if not len(panel.controls):
        raise ValueError("a demand index needs at least one control route")
    # with a single set of weights nothing is left out, and sums over all cells are all that is asked for
    clusters = panel.clusters if len(cell_weights) > 1 else np.zeros_like(panel.clusters)
    readings = read_routes(panel, baseline, loadings[0], bins, held.dynamics if held else None)
    found = equations(panel, readings, bins, clusters)
    spread = route_spread(found, bins) if held is None else held.route_spread
    solution = found.solve(weights_of_clusters(cell_weights, clusters), spread)
    lengths = np.array([high - low if low >= 0 else 0 for low, high in bins], dtype=np.float64)
    clarity, error = float("nan"), 0.0
    if held is None:
        held = Held(0.0, spread, readings.dynamics)
        if solution.tilts.size:
            means = solution.tilts @ lengths / max(lengths.sum(), 1.0)
            error = tilt_error(means)
            clarity = abs(float(means[0])) / error if error > 0 else float("inf")
            held = replace(held, weight=clarity_weight(clarity))
    tilts = held.weight * solution.tilts
    terms = solution.given(tilts)
    one_tilt_more = solution.given(tilts + (lengths > 0)[: tilts.shape[1]])[0]
    own, shifted = found.own(np.stack([terms[0], one_tilt_more]))
    one_more = shifted - own if tilts.size else None
    drift = np.zeros((len(terms), panel.months))
    for (low, high), tilt in zip(bins, tilts.T, strict=False):
        drift[:, panel.after(low, high)] = tilt[:, None]
    changes, first = None, found.first_month
    if len(terms) > 1:
        changes = found.own_less(terms[0] - terms)
        tilted = np.maximum(1.0 + panel.exposure[:, None] * drift[0, first:], LOWEST_TILT)
        changes += (panel.exposure[:, None] / tilted).T[:, :, None] * (drift - drift[0]).T[first:, None, :]
    rows = loadings if len(loadings) == len(terms) else loadings[:1]
    return DemandIndex(drift[0], own, rows, changes, one_more, first, held, clarity, error)


def route_spread(found: Equations, bins: Sequence[Bin]) -> float:
    """Variance over destinations of drifts with exposure beyond that of the controls (DerSimonian-Laird, around zero).

    Args:
        found: the equations.
        bins: months from the event.
    """
    if not (found.drift_terms > 0).any() or len(found.matrix) < 3:
        return 0.0
    drifts, covariance = found.drifts(bins)
    precision = 1.0 / np.maximum(np.diag(covariance), 1e-12)
    excess = float((precision * drifts**2).sum()) - len(drifts)
    return max(excess, 0.0) / float(precision.sum())


def tilt_error(means: FloatArray) -> float:
    """The error of a mean tilt; zero when fewer than three sets of cells show none.

    Args:
        means: (1 + G,) mean tilt with all cells and with each cluster left out.
    """
    if len(means) < 4:
        return 0.0
    return float(np.sqrt(jackknife_covariance(means[1:, None])[0, 0]))


def clarity_weight(t: float) -> float:
    """Weight of a tilt that stands `t` errors from zero."""
    return 1.0 if np.isinf(t) else float(t**4 / (HALF_CLEAR_T**4 + t**4))
