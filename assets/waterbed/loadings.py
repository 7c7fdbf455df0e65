"""How strongly each route follows the demand of sectors, relative to the control routes.

Belongs here: loadings for specification C2, from months before the event alone. Does not belong here: the demand
index (`demand_index`).

Regressing a route on the control index would give loadings that are too small, because the index is itself measured
with noise. Here loadings come from covariances *between different routes* (a factor model fitted to the off-diagonal
of the covariance matrix): counting noise of two routes is independent, so it does not enter them.
"""

from __future__ import annotations

import numpy as np

from assets.waterbed.counterfactual import fit_baseline
from assets.waterbed.panel import EventPanel, FloatArray

#: Months that are summed before covariances are taken.
BLOCK_MONTHS = 3
#: Relative variance of a block that routes do not share, beyond counting noise; it bounds the weight of large cells.
BLOCK_NOISE = 0.02
#: Loadings are kept inside this range: beyond it they say that the index does not fit the route.
LOWEST, HIGHEST = 0.0, 3.0
#: Fewest blocks from which covariances are taken; with fewer every loading is one.
LEAST_BLOCKS = 8


def estimate_loadings(panel: EventPanel) -> FloatArray:
    """(1 + D,) loading of the restricted route and of the destinations on the index of the control routes.

    Each loading is drawn towards the mean of all as far as it is uncertain (jackknife over cells); routes too small to
    tell get the mean.
    """
    routes = 1 + len(panel.destinations)
    blocks = panel.first_touched_month // BLOCK_MONTHS
    if blocks < LEAST_BLOCKS or not len(panel.controls):
        return np.ones(routes)
    products, weights = _cross_products(panel, blocks)
    shares = panel.controls[:, :, : panel.first_touched_month].sum(axis=(1, 2))
    shares = shares / max(shares.sum(), 1e-12)
    all_cells = _relative(_one_factor(products.sum(axis=0), weights.sum(axis=0)), routes, shares)
    without = _relative(_one_factor(products.sum(axis=0) - products, weights.sum(axis=0) - weights), routes, shares)
    errors = np.sqrt((len(without) - 1) / len(without) * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    return _shrunk(np.clip(all_cells, LOWEST, HIGHEST), np.maximum(errors, 1e-3))


def _cross_products(panel: EventPanel, blocks: int) -> tuple[FloatArray, FloatArray]:
    """(K, S, S) weighted products of relative deviations of every two routes, and their weights, by cell."""
    counts = np.concatenate([panel.restricted[None], panel.destinations, panel.controls])
    n = panel.first_touched_month
    baseline = fit_baseline(counts, np.ones_like(counts), panel.season_groups, panel.calendar_month, n)
    expected = baseline.profile[:, :, :n] * baseline.month_factor[:, None, :n]
    used = slice(n - blocks * BLOCK_MONTHS, n)
    shape = (*counts.shape[:2], blocks, BLOCK_MONTHS)
    seen = counts[:, :, used].reshape(shape).sum(axis=3)
    usual = expected[:, :, used].reshape(shape).sum(axis=3)
    deviation = np.where(usual > 1e-6, seen / np.maximum(usual, 1e-6) - 1.0, 0.0)
    precision = 1.0 / (1.0 / np.maximum(usual.mean(axis=2), 1e-9) + BLOCK_NOISE)
    weighted = np.sqrt(precision)[:, :, None] * deviation
    products = np.einsum("skb,tkb->kst", weighted, weighted, optimize=True)
    weights = np.einsum("sk,tk->kst", np.sqrt(precision), np.sqrt(precision)) * blocks
    return products, weights


def _one_factor(products: FloatArray, weights: FloatArray, rounds: int = 60) -> FloatArray:
    """(..., S) loadings l of the best l_s l_t for the off-diagonal covariances products / weights."""
    covariance = products / np.maximum(weights, 1e-12)
    off = weights * (1.0 - np.eye(weights.shape[-1]))
    loading = np.full(covariance.shape[:-1], 0.1)
    for _ in range(rounds):
        fitted = (off * covariance * loading[..., None, :]).sum(axis=-1)
        scale = (off * loading[..., None, :] ** 2).sum(axis=-1)
        loading = 0.5 * loading + 0.5 * fitted / np.maximum(scale, 1e-12)
    return loading


def _relative(loading: FloatArray, routes: int, shares: FloatArray) -> FloatArray:
    """(..., routes) loadings over the mean loading of the controls, weighted with their shares in the index."""
    pooled = (loading[..., routes:] * shares).sum(axis=-1, keepdims=True)
    return np.asarray(np.where(pooled > 1e-6, loading[..., :routes] / np.maximum(pooled, 1e-6), 1.0))


def _shrunk(loading: FloatArray, errors: FloatArray) -> FloatArray:
    """Loadings drawn towards their precision-weighted mean (DerSimonian-Laird spread between routes)."""
    weight = errors**-2
    mean = (weight * loading).sum() / weight.sum()
    excess = float((weight * (loading - mean) ** 2).sum()) - (len(loading) - 1)
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    between = max(excess / scale, 0.0) if scale > 0 else 0.0
    keep = between / (between + errors**2)
    return np.asarray(mean + keep * (loading - mean))
