"""The demand that routes share, once what the event did to them is taken off.

Belongs here: the equations of all terms of an event (`demand_terms`) and their solution. Does not belong here: what
single routes say (`demand_readings`), how much of the drift is believed (`demand_index`), the autoregression
(`autoregression`).

`own` is an autoregression by cell, so that the terms are fitted by generalised least squares, and the demand that is
read is its expectation given all routes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from assets.waterbed.autoregression import Smoother
from assets.waterbed.clusters import products_by_cluster, sums_by_cluster
from assets.waterbed.demand_readings import Readings
from assets.waterbed.demand_terms import event_terms
from assets.waterbed.panel import Bin, EventPanel, FloatArray, IntArray

#: Terms that the data cannot tell apart are held together by this part of their own information.
RIDGE = 1e-7


@dataclass(frozen=True)
class Solution:
    """Terms for B sets of weights of clusters.

    Attributes:
        best: (B, N) the terms that fit best.
        per_tilt: (B, N, J) what all terms change by when a tilt is one larger, and they fit as well as they can.
        tilt_places: (J,) places of the tilts among the terms.
    """

    best: FloatArray
    per_tilt: FloatArray
    tilt_places: IntArray

    @property
    def tilts(self) -> FloatArray:
        """(B, J) the tilts that fit best."""
        return self.best[:, self.tilt_places]

    def given(self, tilts: FloatArray) -> FloatArray:
        """(B, N) all terms at given tilts (B, J)."""
        return np.asarray(self.best + np.einsum("bij,bj->bi", self.per_tilt, tilts - self.tilts))


@dataclass(frozen=True)
class Equations:
    """Normal equations of N = J x P terms, by cluster: bin by bin, P terms in each (`demand_terms`).

    Attributes:
        matrix: (G, N, N) generalised least squares, every cluster's part.
        right: (G, N) the right-hand sides.
        tilt_places: places of the tilts among the terms; none where all cells are exposed alike.
        drift_terms: (N,) months of all bins over months of the bin for the terms u of destinations, zero for others.
        spans: months of every bin, counted from the first month.
        smoothed: for every bin, (K, months, P) what one unit of its terms takes off `own`, from the first month on.
        weighing: (months, K, P) what one unit of the terms of the month's bin adds to what is read of demand.
        first_month: position of the first month in a bin.
        read: (K, T) what all routes together say of demand, with every term at zero, times its precision.
        smoother: the autoregression given the noise of all routes together.
    """

    matrix: FloatArray
    right: FloatArray
    tilt_places: IntArray
    drift_terms: FloatArray
    spans: Sequence[slice]
    smoothed: Sequence[FloatArray]
    weighing: FloatArray
    first_month: int
    read: FloatArray
    smoother: Smoother

    def solve(self, cluster_weights: FloatArray, spread: float) -> Solution:
        """All terms, and what they become at other tilts, for every set of weights of clusters.

        Args:
            cluster_weights: (B, G).
            spread: variance over destinations of a drift u of their own (its mean over all bins).

        Raises:
            LinAlgError: when the equations have no solution.
        """
        everyone = self.matrix.sum(axis=0)
        scale, prior = self._prior(everyone, spread)
        units, ones = np.outer(scale, scale), np.eye(len(scale))[:, self.tilt_places]
        right = (cluster_weights @ self.right) * scale
        solved = np.empty((*right.shape, 1 + len(self.tilt_places)))
        # one set after the other: a matrix stays near the processor, and all of them together would not
        for b, weights in enumerate(cluster_weights):
            matrix = everyone.copy()
            for left in np.flatnonzero(weights != 1.0):
                matrix -= (1.0 - weights[left]) * self.matrix[left]
            matrix *= units
            matrix.flat[:: len(scale) + 1] += prior
            # the matrix is its own transpose, and that is how LAPACK wants to have it
            knowns = np.column_stack([right[b], ones])
            _, solved[b], info = lapack.dposv(matrix.T, knowns, lower=True, overwrite_a=True)
            if info:
                raise np.linalg.LinAlgError("the equations of demand have no solution")
        solved *= scale[:, None]
        # terms that fit as well as they can while tilts are held lie on a line through the best ones
        per_tilt = np.matmul(solved[:, :, 1:], np.linalg.inv(solved[:, self.tilt_places, 1:]))
        return Solution(solved[:, :, 0], per_tilt, self.tilt_places)

    def drifts(self, bins: Sequence[Bin]) -> tuple[FloatArray, FloatArray]:
        """(D,) drifts u of destinations, as means over all bins, and their (D, D) covariance from clusters.

        Args:
            bins: months from the event.
        """
        everyone = self.matrix.sum(axis=0)
        scale, prior = self._prior(everyone, np.inf)
        units = np.outer(scale, scale)
        inverse = np.linalg.inv(everyone * units + np.diag(prior)) * units
        terms = inverse @ self.right.sum(axis=0)
        influence = (self.right - self.matrix @ terms) @ inverse
        lengths = np.array([high - low for low, high in bins], dtype=np.float64)
        drifting = self.drift_terms > 0

        def means(values: FloatArray) -> FloatArray:
            by_bin = values[..., drifting].reshape(*values.shape[:-1], len(bins), -1)
            return np.asarray(np.einsum("...jd,j->...d", by_bin, lengths / lengths.sum()))

        moved = means(influence)
        return means(terms), moved.T @ moved

    def _prior(self, everyone: FloatArray, spread: float) -> tuple[FloatArray, FloatArray]:
        """(N,) units in which every term has an information of one, and what is known of it before, in these units."""
        scale = 1.0 / np.sqrt(np.maximum(np.diag(everyone), 1e-9))
        drifting = self.drift_terms > 0
        prior = np.zeros(len(scale))
        prior[drifting] = 1.0 / np.maximum(spread * self.drift_terms[drifting], 1e-9)
        return scale, RIDGE + prior * scale**2

    def by_bin(self, terms: FloatArray) -> FloatArray:
        """(J, ..., P) the terms (..., N) of every bin."""
        return np.moveaxis(terms.reshape(*terms.shape[:-1], len(self.spans), -1), -2, 0)

    def own(self, terms: FloatArray) -> FloatArray:
        """(C, K, T) demand of every cell apart from the tilt, given C sets of terms (C, N)."""
        read = np.repeat(self.read[None], len(terms), axis=0)
        for span, of_bin in zip(self.spans, self.by_bin(terms), strict=True):
            months = slice(self.first_month + span.start, self.first_month + span.stop)
            read[:, :, months] -= np.matmul(self.weighing[span], of_bin.T).transpose(2, 1, 0)
        return self.smoother(read)

    def own_less(self, terms: FloatArray) -> FloatArray:
        """(months, K, C) what C sets of terms (C, N) take off `own`, from the first month in a bin on."""
        smoothed = np.concatenate([of_bin.transpose(1, 0, 2) for of_bin in self.smoothed], axis=2)
        return np.asarray((smoothed.reshape(-1, smoothed.shape[2]) @ terms.T).reshape(*smoothed.shape[:2], -1))


def equations(
    panel: EventPanel, readings: Readings, bins: Sequence[Bin], clusters: IntArray | None = None
) -> Equations:
    """The equations of all terms.

    Args:
        panel: the event.
        readings: what the routes say.
        bins: months from the event, in which routes may have gained or lost.
        clusters: (K,) numbers of the clusters that may be left out; those of the panel when none.
    """
    clusters = panel.clusters if clusters is None else clusters
    first = panel.event_month + min(low for low, _ in bins)
    spans = [slice(panel.event_month + low - first, panel.event_month + high - first) for low, high in bins]
    weighted = readings.weighted
    said = (weighted * readings.deviation).sum(axis=0)
    total = np.maximum((weighted * readings.loading[:, None, None]).sum(axis=0), 1e-9)
    smoother = Smoother.of(total, readings.dynamics.variance, readings.dynamics.persistence)
    terms = event_terms(panel, readings, first)
    precise, weighing, found = terms.weighed(readings, smoother(said[None])[0])
    response = smoother.responses(first).transpose(1, 2, 0)
    smoothed = [np.matmul(response[:, :, span], weighing[span].transpose(1, 0, 2)) for span in spans]
    right = [sums_by_cluster(found[span].sum(axis=0), clusters) for span in spans]
    size, count = weighing.shape[2], weighing.shape[2] * len(bins)
    places = [slice(j * size, (j + 1) * size) for j in range(len(bins))]
    matrix = np.empty((len(right[0]), count, count))
    for i, span in enumerate(spans):
        here = weighing[span]
        for j in range(i, len(spans)):
            there = smoothed[j][:, span].transpose(1, 0, 2)
            # known demand would tell the terms apart better than demand that is read with them
            block = -products_by_cluster(here, there, clusters)
            if i == j:
                block += terms.products(precise[span], here, span, clusters)
            matrix[:, places[i], places[j]] = block
            matrix[:, places[j], places[i]] = block.transpose(0, 2, 1)
    lengths = np.array([high - low for low, high in bins])
    return Equations(
        matrix=matrix,
        right=np.concatenate(right, axis=1),
        tilt_places=np.arange(count)[np.tile(np.arange(size) >= len(terms.owner), len(bins))],
        drift_terms=np.outer(lengths.sum() / lengths, terms.is_drift).ravel(),
        spans=spans,
        smoothed=smoothed,
        weighing=weighing,
        first_month=first,
        read=said,
        smoother=smoother,
    )
