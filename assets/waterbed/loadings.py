"""How strongly each route follows the demand of sectors, relative to the control routes.

Belongs here: loadings for specifications C1 and C2, from months before the event. Does not belong here: the demand
index (`demand_index`).

Regressing a route on the control index would give loadings that are too small, because the index is itself measured
with noise. Here loadings come from covariances *between different routes* (a factor model fitted to the off-diagonal
of the covariance matrix): counting noise of two routes is independent, so it does not enter them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assets.waterbed.clusters import sums_by_cluster
from assets.waterbed.counterfactual import Baseline, fit_baseline
from assets.waterbed.inference import jackknife_covariance
from assets.waterbed.panel import EventPanel, FloatArray

#: Months that are summed before covariances are taken.
BLOCK_MONTHS = 3
#: Relative variance of a block that routes do not share, beyond counting noise; it bounds the weight of large cells.
BLOCK_NOISE = 0.02
#: Loadings are kept inside this range: beyond it they say that the index does not fit the route.
LOWEST, HIGHEST = 0.0, 3.0
#: Standard deviation, before the data, of the mean loading around one.
PRIOR_SPREAD = 0.5
#: Fewest blocks from which covariances are taken; with fewer every loading is one.
LEAST_BLOCKS = 8


@dataclass(frozen=True)
class CrossProducts:
    """What loadings are made of, by cluster: G clusters, S routes (restricted, destinations, controls).

    Attributes:
        products: (G, S, S) weighted products of relative deviations of every two routes before the event.
        weights: (G, S, S) their weights.
        flow: (C,) persons on every control route before the event.
        baseline: undisturbed profile of the S routes, without any index.
    """

    products: FloatArray
    weights: FloatArray
    flow: FloatArray
    baseline: Baseline

    def with_controls(self, kept: Sequence[int]) -> CrossProducts:
        """The same with only the control routes at the positions `kept`."""
        first = self.products.shape[1] - len(self.flow)
        routes = np.array([*range(first), *(first + c for c in kept)])
        chosen = np.ix_(np.arange(len(self.products)), routes, routes)
        return CrossProducts(
            self.products[chosen], self.weights[chosen], self.flow[list(kept)], self.baseline.of_routes(routes)
        )


def cross_products(panel: EventPanel) -> CrossProducts:
    """Cross products of the routes of `panel` over the months before the event; without clusters when these are few."""
    counts = np.concatenate([panel.restricted[None], panel.destinations, panel.controls])
    n = panel.first_touched_month
    flow = panel.controls[:, :, :n].sum(axis=(1, 2))
    baseline = fit_baseline(counts, np.ones_like(counts), panel.season_groups, panel.calendar_month, n)
    blocks = n // BLOCK_MONTHS
    if blocks < LEAST_BLOCKS:
        none = np.zeros((0, len(counts), len(counts)))
        return CrossProducts(none, none, flow, baseline)
    expected = baseline.expected(n)
    used = slice(n - blocks * BLOCK_MONTHS, n)
    shape = (*counts.shape[:2], blocks, BLOCK_MONTHS)
    seen = counts[:, :, used].reshape(shape).sum(axis=3)
    usual = expected[:, :, used].reshape(shape).sum(axis=3)
    deviation = np.where(usual > 1e-6, seen / np.maximum(usual, 1e-6) - 1.0, 0.0)
    precision = 1.0 / (1.0 / np.maximum(usual.mean(axis=2), 1e-9) + BLOCK_NOISE)
    root = np.sqrt(precision)
    weighted = (root[:, :, None] * deviation).transpose(1, 0, 2)
    products = np.matmul(weighted, weighted.transpose(0, 2, 1))
    weights = root.T[:, :, None] * root.T[:, None, :] * blocks
    return CrossProducts(
        sums_by_cluster(products, panel.clusters), sums_by_cluster(weights, panel.clusters), flow, baseline
    )


def estimate_loadings(found: CrossProducts, is_shrunk: bool = True) -> FloatArray:
    """(1 + G, 1 + D) loading of the restricted route and of the destinations on the index of the control routes.

    Row 0 is with all clusters, the others with each left out; there is one row where panels are too short to tell.

    Args:
        found: cross products before the event.
        is_shrunk: draw every loading towards the mean of all, and that mean towards one, as far as they are uncertain
            (jackknife over clusters). Routes too small to tell get the mean; panels too short to tell get one.
    """
    routes = found.products.shape[1] - len(found.flow)
    if not len(found.products) or not len(found.flow):
        return np.ones((1, routes))
    shares = found.flow / max(found.flow.sum(), 1e-12)
    products = found.products.sum(axis=0) - np.concatenate([np.zeros_like(found.products[:1]), found.products])
    weights = found.weights.sum(axis=0) - np.concatenate([np.zeros_like(found.weights[:1]), found.weights])
    loading = np.clip(_relative(_one_factor(products, weights), routes, shares), LOWEST, HIGHEST)
    return _shrunk(loading, jackknife_covariance(loading[1:])) if is_shrunk else loading


def _one_factor(products: FloatArray, weights: FloatArray, rounds: int = 60) -> FloatArray:
    """(..., S) loadings l of the best l_s l_t for the off-diagonal covariances products / weights."""
    covariance = products / np.maximum(weights, 1e-12)
    off = weights * (1.0 - np.eye(weights.shape[-1]))
    together = off * covariance
    loading = np.full(covariance.shape[:-1], 0.1)
    for _ in range(rounds):
        fitted = np.matmul(together, loading[..., None])[..., 0]
        scale = np.matmul(off, loading[..., None] ** 2)[..., 0]
        step = 0.5 * (fitted / np.maximum(scale, 1e-12) - loading)
        loading = loading + step
        if np.abs(step).max() < 1e-7:
            break
    return loading


def _relative(loading: FloatArray, routes: int, shares: FloatArray) -> FloatArray:
    """(..., routes) loadings over the mean loading of the controls, weighted with their shares in the index."""
    pooled = (loading[..., routes:] * shares).sum(axis=-1, keepdims=True)
    return np.asarray(np.where(pooled > 1e-6, loading[..., :routes] / np.maximum(pooled, 1e-6), 1.0))


def _shrunk(loading: FloatArray, covariance: FloatArray) -> FloatArray:
    """Loadings (1 + G, 1 + D) drawn to their precision-weighted mean, and that mean to one, all rows alike.

    The spread between routes is found by moments (DerSimonian-Laird) from row 0; the mean is known before the data as
    one, give or take `PRIOR_SPREAD`.
    """
    errors = np.sqrt(np.maximum(np.diag(covariance), 1e-6))
    weight = errors**-2 / (errors**-2).sum()
    mean, mean_variance = loading @ weight, float(weight @ covariance @ weight)
    excess = float((((loading[0] - mean[0]) / errors) ** 2).sum()) - (loading.shape[1] - 1)
    scale = float((errors**-2).sum() - (errors**-4).sum() / (errors**-2).sum())
    between = max(excess / scale, 0.0) if scale > 0 else 0.0
    centre = 1.0 + PRIOR_SPREAD**2 / (PRIOR_SPREAD**2 + mean_variance) * (mean - 1.0)
    keep = between / (between + errors**2)
    return np.asarray(centre[:, None] + keep * (loading - mean[:, None]))
