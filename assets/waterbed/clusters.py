"""Cells that belong together in clusters: leaving one out, sums over each, and how many count.

Belongs here: what is done with the clusters of cells. Does not belong here: errors that are made of estimates without
each cluster (`inference`), or which cells make a cluster (`cells`).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from assets.waterbed.panel import FloatArray, IntArray


def leave_one_cluster_out(clusters: IntArray) -> FloatArray:
    """(1 + G, K) cell weights: all ones, then each of the G clusters set to zero once."""
    labels = np.unique(clusters)
    without = (clusters[None, :] != labels[:, None]).astype(np.float64)
    return np.vstack([np.ones(len(clusters)), without])


def weights_of_clusters(cell_weights: FloatArray, clusters: IntArray) -> FloatArray:
    """(B, G) the weights of clusters, given (B, K) weights of cells that are the same within each."""
    first = np.unique(clusters, return_index=True)[1]
    return cell_weights[:, first]


def sums_by_cluster(values: FloatArray, clusters: IntArray) -> FloatArray:
    """(G, ...) sums over the cells of every cluster of values (K, ...), in the order in which clusters are left out."""
    if _are_cells(clusters):
        return values
    return np.stack([values[cells].sum(axis=0) for cells in _cells_of_clusters(clusters)])


def products_by_cluster(left: FloatArray, right: FloatArray, clusters: IntArray) -> FloatArray:
    """(G, P, Q) sums over months and over the cells of every cluster of products of every two columns.

    Args:
        left: (months, K, P) values.
        right: (months, K, Q) values.
        clusters: (K,) numbers of the clusters.
    """
    if _are_cells(clusters):
        return np.asarray(np.matmul(left.transpose(1, 2, 0), right.transpose(1, 0, 2)))
    found = [
        left[:, cells].reshape(-1, left.shape[2]).T @ right[:, cells].reshape(-1, right.shape[2])
        for cells in _cells_of_clusters(clusters)
    ]
    return np.stack(found)


def effective_clusters(information: FloatArray, clusters: IntArray) -> float:
    """Number of equally informative clusters that would carry the estimate as well (inverse Herfindahl)."""
    by_cluster = np.bincount(clusters, weights=information)
    total = by_cluster.sum()
    return float(total**2 / (by_cluster**2).sum()) if total > 0 else 0.0


def _are_cells(clusters: IntArray) -> bool:
    """Whether every cell is a cluster of its own, in the order of the clusters."""
    return bool((np.diff(clusters) > 0).all())


def _cells_of_clusters(clusters: IntArray) -> list[slice | IntArray]:
    """The cells of every cluster; as a slice, which copies nothing, where they lie side by side."""
    if (np.diff(clusters) >= 0).all():
        starts = [0, *(np.flatnonzero(np.diff(clusters)) + 1), len(clusters)]
        return [slice(a, b) for a, b in pairwise(starts)]
    return [np.flatnonzero(clusters == label) for label in np.unique(clusters)]
