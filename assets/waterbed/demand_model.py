"""The demand that routes share, once what the event did to them is taken off.

Belongs here: the terms that stand for the event and for a drift with exposure, and their equations. Does not belong
here: what single routes say (`demand_readings`), how much of the drift is believed (`demand_index`), the autoregression
(`autoregression`), effects that are reported (`additive`).

For destination d and for the controls together (c), relative to what is usual in month t and cell g,

    deviation_dgt = a_d (E_g tilt_b + own_gt) + i_db + u_db E_g + v_db N_gt / p_dgt + noise
    deviation_rgt = a_r (E_g tilt_b + own_gt) + i_rb + u_rb E_g                     + noise     (the restricted route)
    deviation_cgt =      E_g tilt_b + own_gt  + i_cb                                + noise

in bin b of months. `own` is an autoregression by cell, so that the terms are fitted by generalised least squares, and
`own` is its expectation given all routes. Because i, u and v are free in every destination and bin, no gain that is
additive in persons (v), proportional to the destination (u) or even (i) is taken for demand, nor any loss on the
restricted route.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assets.waterbed.autoregression import Smoother
from assets.waterbed.demand_readings import Readings
from assets.waterbed.inference import sums_by_cluster
from assets.waterbed.panel import Bin, EventPanel, FloatArray, IntArray

#: Terms that the data cannot tell apart are held together by this part of their own information.
RIDGE = 1e-7


@dataclass(frozen=True)
class Solution:
    """Terms for B sets of weights of clusters.

    Attributes:
        tilts: (B, J) the tilts that fit best.
        without: (B, N - J) the other terms, were there no tilt.
        slopes: (B, N - J, J) what one unit of every tilt takes off them.
    """

    tilts: FloatArray
    without: FloatArray
    slopes: FloatArray

    def given(self, tilts: FloatArray) -> FloatArray:
        """(B, N) all terms at given tilts (B, J)."""
        return np.concatenate([self.without - np.einsum("bij,bj->bi", self.slopes, tilts), tilts], axis=1)


@dataclass(frozen=True)
class Equations:
    """Normal equations of N terms, by cluster: those of routes bin by bin, then the tilt of every bin.

    Attributes:
        matrix: (G, N, N) generalised least squares, every cluster's part.
        right: (G, N) the right-hand sides.
        tilts: number of tilts; zero where all cells are exposed alike.
        drift_terms: (N,) months of all bins over months of the bin for the terms u of destinations, zero for others.
        smoothed: (months, K, N) what one unit of a term takes off `own`, from `first_month` on.
        observed: (months, K, N) what one unit of a term adds to what is read of demand, before smoothing.
        first_month: position of the first month in a bin.
        read: (K, T) what all routes together say of demand, with every term at zero.
        smoother: the autoregression given the noise of all routes together.
    """

    matrix: FloatArray
    right: FloatArray
    tilts: int
    drift_terms: FloatArray
    smoothed: FloatArray
    observed: FloatArray
    first_month: int
    read: FloatArray
    smoother: Smoother

    def solve(self, cluster_weights: FloatArray, spread: float) -> Solution:
        """The terms as functions of the tilts, and the tilts themselves, for every set of weights of clusters.

        Args:
            cluster_weights: (B, G).
            spread: variance over destinations of a drift u of their own (its mean over all bins).
        """
        matrix, scale = self._with_prior(_summed(cluster_weights, self.matrix), spread)
        right = (cluster_weights @ self.right) * scale
        free = len(scale) - self.tilts
        across = matrix[:, :free, free:]
        solved = np.linalg.solve(matrix[:, :free, :free], np.concatenate([right[:, :free, None], across], axis=2))
        reduced = matrix[:, free:, free:] - np.matmul(across.transpose(0, 2, 1), solved[:, :, 1:])
        rest = right[:, free:] - np.einsum("bij,bi->bj", across, solved[:, :, 0])
        tilts = np.linalg.solve(reduced, rest[..., None])[..., 0] * scale[free:]
        slopes = solved[:, :, 1:] * scale[:free, None] / scale[free:]
        return Solution(tilts, solved[:, :, 0] * scale[:free], slopes)

    def drifts(self, bins: Sequence[Bin]) -> tuple[FloatArray, FloatArray]:
        """(D,) drifts u of destinations, as means over all bins, and their (D, D) covariance from clusters.

        Args:
            bins: months from the event.
        """
        matrix, scale = self._with_prior(self.matrix.sum(axis=0)[None], np.inf)
        inverse = np.linalg.inv(matrix[0]) * np.outer(scale, scale)
        terms = inverse @ self.right.sum(axis=0)
        influence = (self.right - self.matrix @ terms) @ inverse
        lengths = np.array([high - low for low, high in bins], dtype=np.float64)
        drifting = self.drift_terms > 0

        def means(values: FloatArray) -> FloatArray:
            by_bin = values[..., drifting].reshape(*values.shape[:-1], len(bins), -1)
            return np.asarray(np.einsum("...jd,j->...d", by_bin, lengths / lengths.sum()))

        moved = means(influence)
        return means(terms), moved.T @ moved

    def _with_prior(self, matrix: FloatArray, spread: float) -> tuple[FloatArray, FloatArray]:
        """The matrices (B, N, N) in units of their own information, with what is known before, and these units."""
        scale = 1.0 / np.sqrt(np.maximum(np.diag(matrix[0]), 1e-9))
        drifting = self.drift_terms > 0
        prior = np.zeros(len(scale))
        prior[drifting] = 1.0 / np.maximum(spread * self.drift_terms[drifting], 1e-9)
        scaled = matrix * np.outer(scale, scale)
        each = np.arange(len(scale))
        scaled[:, each, each] += RIDGE + prior * scale**2
        return scaled, scale

    def own(self, terms: FloatArray) -> FloatArray:
        """(K, T) demand of every cell apart from the tilt, given the terms (N,)."""
        read = self.read.copy()
        read[:, self.first_month :] -= (self.observed @ terms).T
        return self.smoother(read)


def equations(panel: EventPanel, readings: Readings, bins: Sequence[Bin]) -> Equations:
    """The equations of all terms.

    Args:
        panel: the event.
        readings: what the routes say.
        bins: months from the event, in which routes may have gained or lost.
    """
    first = panel.event_month + min(low for low, _ in bins)
    weighted = readings.weighted
    total = np.maximum((weighted * readings.loading[:, None, None]).sum(axis=0), 1e-9)
    said = (weighted * readings.deviation).sum(axis=0)
    smoother = Smoother.of(1.0 / total, readings.variance, readings.persistence)
    own = smoother(said / total)[:, first:]
    terms = _terms(panel, readings, first)
    weighing = terms.weighing(readings, total)
    months, cells, size = weighing.shape
    spans = [slice(panel.event_month + low - first, panel.event_month + high - first) for low, high in bins]
    # the terms of routes bin by bin, then the tilts
    routes, free = len(terms.owner), len(terms.owner) * len(bins)
    parts = [
        [(slice(0, routes), slice(j * routes, (j + 1) * routes))]
        + [(slice(routes, size), slice(free + j, free + j + 1))] * len(terms.tilt)
        for j in range(len(bins))
    ]
    count = size * len(bins)
    observed = np.zeros((months, cells, count))
    for span, blocks in zip(spans, parts, strict=True):
        for mine, block in blocks:
            observed[span, :, block] = weighing[span, :, mine] / total.T[first:][span][:, :, None]
    smoothed = smoother.from_month(first, observed)
    matrix, right = np.empty((cells, count, count)), np.empty((cells, count))
    for span, blocks in zip(spans, parts, strict=True):
        here = weighing[span].transpose(1, 2, 0)
        products, alone = terms.in_span(readings, here, said[:, first:], span)
        alone -= np.einsum("tkp,kt->kp", weighing[span], own[:, span])
        for mine, block in blocks:
            matrix[:, block] = -np.matmul(here[:, mine], smoothed[span].transpose(1, 0, 2))
            right[:, block] = alone[:, mine]
            for other, across in blocks:
                matrix[:, block, across] += products[:, mine, other]
    lengths = np.array([high - low for low, high in bins])
    return Equations(
        matrix=sums_by_cluster(matrix, panel.clusters),
        right=sums_by_cluster(right, panel.clusters),
        tilts=count - free,
        drift_terms=np.append(np.outer(1.0 / lengths, terms.is_drift * lengths.sum()), np.zeros(count - free)),
        smoothed=smoothed,
        observed=observed,
        first_month=first,
        read=said / total,
        smoother=smoother,
    )


@dataclass(frozen=True)
class _Terms:
    """The terms of one bin: those of routes, then the tilt where cells differ in exposure.

    Attributes:
        owner: (R,) the route that a term belongs to.
        basis: (R, K, months) what one unit of it adds to the deviation of its route, from the first month on.
        tilt: (1 or 0, K, 1) exposure.
        is_drift: (R,) one for the drift u of a destination.
        first: position of the first month.
    """

    owner: IntArray
    basis: FloatArray
    tilt: FloatArray
    is_drift: FloatArray
    first: int

    def weighing(self, readings: Readings, total: FloatArray) -> FloatArray:
        """(months, K, P) the terms times loading and precision, summed over the routes that they are in."""
        routes = readings.weighted[self.owner][:, :, self.first :] * self.basis
        return np.ascontiguousarray(
            np.concatenate([routes, (total * self.tilt)[:, :, self.first :]]).transpose(2, 1, 0)
        )

    def in_span(
        self, readings: Readings, weighing: FloatArray, said: FloatArray, span: slice
    ) -> tuple[FloatArray, FloatArray]:
        """(K, P, P) and (K, P) products of the terms with each other and with deviations, were demand known.

        Args:
            readings: what the routes say.
            weighing: (K, P, span) terms times loading and precision.
            said: (K, months) deviations times loading and precision, summed over routes.
            span: months of the bin, counted from the first month.
        """
        months = slice(self.first + span.start, self.first + span.stop)
        basis = self.basis[:, :, span].transpose(1, 0, 2)
        precise = readings.precision[:, :, months][self.owner].transpose(1, 0, 2) * basis
        deviation = readings.deviation[:, :, months][self.owner].transpose(1, 0, 2)
        routes, size = len(self.owner), weighing.shape[1]
        products, alone = np.empty((len(weighing), size, size)), np.empty((len(weighing), size))
        is_same = self.owner[:, None] == self.owner[None, :]
        products[:, :routes, :routes] = np.matmul(precise, basis.transpose(0, 2, 1)) * is_same
        alone[:, :routes] = (precise * deviation).sum(axis=2)
        for tilt in self.tilt[:, :, 0]:
            across = weighing.sum(axis=2) * tilt[:, None]
            products[:, routes, :], products[:, :, routes] = across, across
            alone[:, routes] = tilt * said[:, span].sum(axis=1)
        return products, alone


def _terms(panel: EventPanel, readings: Readings, first: int) -> _Terms:
    differs = bool(np.ptp(panel.exposure) > 1e-9)
    routes, cells, months = readings.deviation[:, :, first:].shape
    exposed = np.broadcast_to(panel.exposure[:, None], (cells, months))
    even = np.ones((cells, months))
    held = [exposed] if differs else []
    kinds = [[even, *held], *([even, *held, dose] for dose in readings.dose[:, :, first:]), [even]]
    drifts = [[0.0] * (1 + len(held)), *([0.0, *([1.0] * len(held)), 0.0] for _ in readings.dose), [0.0]]
    return _Terms(
        owner=np.repeat(np.arange(routes), [len(k) for k in kinds]),
        basis=np.stack([kind for mine in kinds for kind in mine]),
        tilt=panel.exposure[None, :, None][: int(differs)],
        is_drift=np.array([d for mine in drifts for d in mine]),
        first=first,
    )


def _summed(weights: FloatArray, values: FloatArray) -> FloatArray:
    """(B, ...) weighted sums of values (G, ...), most weights being one."""
    summed = np.repeat(values.sum(axis=0)[None], len(weights), axis=0)
    for row, left in np.argwhere(weights != 1.0):
        summed[row] -= (1.0 - weights[row, left]) * values[left]
    return summed
