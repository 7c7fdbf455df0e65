"""The terms that stand for what an event did to routes, and for a drift of demand with exposure.

Belongs here: which terms there are, and what they weigh by cell and month. Does not belong here: their equations
(`demand_model`), effects that are reported (`additive`).

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

from dataclasses import dataclass

import numpy as np

from assets.waterbed.clusters import products_by_cluster, sums_by_cluster
from assets.waterbed.demand_readings import Readings
from assets.waterbed.panel import EventPanel, FloatArray, IntArray


@dataclass(frozen=True)
class Terms:
    """The terms of one bin: those of routes, then the tilt where cells differ in exposure.

    Attributes:
        owner: (R,) the route that a term belongs to.
        basis: (months, K, R) what one unit of it adds to the deviation of its route, from the first month on.
        tilt: (K, 1 or 0) exposure.
        is_drift: (P,) one for the drift u of a destination.
        first: position of the first month.
    """

    owner: IntArray
    basis: FloatArray
    tilt: FloatArray
    is_drift: FloatArray
    first: int

    def weighed(self, readings: Readings, own: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """What the terms weigh by cell and month.

        Args:
            readings: what the routes say.
            own: (K, T) demand that is read with every term at zero.

        Returns:
            (months, K, R) terms times precision; (months, K, P) terms times loading and precision, summed over the
            routes that they are in; (months, K, P) terms times precision times what `own` leaves unexplained.
        """
        loading = readings.loading[:, None, None]
        precision = readings.precision[..., self.first :]
        left = precision * (readings.deviation[..., self.first :] - loading * own[:, self.first :])
        precise = _by_month(precision).take(self.owner, axis=2) * self.basis
        weighing = [precise * readings.loading[self.owner]]
        found = [_by_month(left).take(self.owner, axis=2) * self.basis]
        if self.tilt.size:
            weighing.append(_by_month((loading**2 * precision).sum(axis=0))[..., None] * self.tilt)
            found.append(_by_month((loading * left).sum(axis=0))[..., None] * self.tilt)
        return precise, np.concatenate(weighing, axis=2), np.concatenate(found, axis=2)

    def products(self, precise: FloatArray, weighing: FloatArray, span: slice, clusters: IntArray) -> FloatArray:
        """(G, P, P) products of the terms with each other, were demand known.

        Args:
            precise: (span, K, R) terms times precision.
            weighing: (span, K, P) terms times loading and precision.
            span: months of the bin, counted from the first month.
            clusters: (K,) numbers of the clusters.
        """
        routes, size = len(self.owner), weighing.shape[2]
        is_same = self.owner[:, None] == self.owner[None, :]
        of_routes = products_by_cluster(precise, self.basis[span], clusters) * is_same
        products = np.zeros((len(of_routes), size, size))
        products[:, :routes, :routes] = of_routes
        if size > routes:
            across = sums_by_cluster(weighing.sum(axis=0) * self.tilt, clusters)
            products[:, routes, :], products[:, :, routes] = across, across
        return products


def event_terms(panel: EventPanel, readings: Readings, first: int) -> Terms:
    """The terms of one bin.

    Args:
        panel: the event.
        readings: what the routes say.
        first: position of the first month in a bin.
    """
    differs = bool(np.ptp(panel.exposure) > 1e-9)
    routes, cells, months = readings.deviation[:, :, first:].shape
    exposed = np.broadcast_to(panel.exposure, (months, cells))
    even = np.ones((months, cells))
    held = [exposed] if differs else []
    doses = readings.dose[:, :, first:].transpose(0, 2, 1)
    kinds = [[even, *held], *([even, *held, dose] for dose in doses), [even]]
    drifts = [[0.0] * (1 + len(held)), *([0.0, *([1.0] * len(held)), 0.0] for _ in doses), [0.0], [0.0] * len(held)]
    return Terms(
        owner=np.repeat(np.arange(routes), [len(k) for k in kinds]),
        basis=np.stack([kind for mine in kinds for kind in mine], axis=2),
        tilt=panel.exposure[:, None][:, : int(differs)],
        is_drift=np.array([d for mine in drifts for d in mine]),
        first=first,
    )


def _by_month(values: FloatArray) -> FloatArray:
    """(months, K, ...) of values (..., K, months)."""
    return np.ascontiguousarray(values.T)
