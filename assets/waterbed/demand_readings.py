"""What each route says of the demand of a cell: its deviations from what is usual, and how noisy they are.

Belongs here: deviations, their noise and the loading of routes, from counts and from the undisturbed profile. Does not
belong here: what the event did to them and the demand that they share (`demand_model`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assets.waterbed.autoregression import shared_persistence, variance_of_mean
from assets.waterbed.counterfactual import Baseline
from assets.waterbed.panel import Bin, EventPanel, FloatArray
from assets.waterbed.weighting import instrument_weights

#: Relative variance of a month's count of all controls beyond Poisson that is not demand (overdispersion, shocks that
#: pass), and the least that is taken for any other route.
SHORT_NOISE = 0.02
#: The same for any route, before it is known: what weighs routes when the persistence of demand is read.
USUAL_NOISE = 0.05
#: Fewest persons expected in a month and cell for a destination, and for all controls, to be read.
LEAST_EXPECTED, LEAST_CONTROLS = 0.05, 0.5
#: No part of a route is taken to have fallen below this share of what is usual by the event alone, and the month factor
#: of cells that are not exposed is never less than this share of that of all, or more than one over it.
LEAST_LEFT = 0.2
#: Months over which counts are averaged to see what a route does on its own.
NOISE_MONTHS = 12


@dataclass(frozen=True)
class Dynamics:
    """How demand moves, and how far a month of each of S routes is from it for reasons of its own.

    Attributes:
        persistence: monthly autocorrelation of demand.
        variance: variance of demand.
        noise: (S,) relative variance of a month beyond counting, as if it were independent over months.
    """

    persistence: float
    variance: float
    noise: FloatArray


@dataclass(frozen=True)
class Readings:
    """What S routes say: the restricted one, every destination, and last the controls together.

    Attributes:
        deviation: (S, K, T) counts over what is usual, less one; zero where next to nobody is usual.
        precision: (S, K, T) one over the variance of what is not demand; zero where nothing is read.
        loading: (S,) loading of the route on demand.
        dose: (D, K, T) usual flow at risk over what is usual on a destination.
        dynamics: how demand and routes move.
    """

    deviation: FloatArray
    precision: FloatArray
    loading: FloatArray
    dose: FloatArray
    dynamics: Dynamics

    @property
    def weighted(self) -> FloatArray:
        """(S, K, T) loading times precision: the weight of a route's deviation in what is read of demand."""
        return np.asarray(self.loading[:, None, None] * self.precision)


def read_routes(
    panel: EventPanel,
    baseline: Baseline,
    loadings: FloatArray,
    bins: Sequence[Bin],
    dynamics: Dynamics | None = None,
) -> Readings:
    """What destinations and controls say of demand.

    Args:
        panel: the event; needs at least one control route.
        baseline: undisturbed profile of the restricted route, the destinations and the controls, without any index.
        loadings: (1 + D,) loadings of the restricted route and of the destinations on the demand of the controls.
        bins: months from the event in which routes may have gained or lost.
        dynamics: how demand and routes move; read from the months before the event when none.
    """
    seen, usual = _seen_and_usual(panel, baseline, bins)
    n, routes = panel.first_touched_month, len(usual) - 1
    least = np.full(1 + routes, LEAST_EXPECTED)
    least[-1] = LEAST_CONTROLS
    is_read = usual > least[:, None, None]
    # what came early is not demand, and a scheme that closed for all shows none
    is_read[0, :, n : panel.months if panel.is_closed else panel.event_month] = False
    # where no bin stands for what the event did, none of it may be read
    is_read[:, :, panel.event_month :] &= _in_bins(panel, bins)[panel.event_month :]
    deviation = np.where(is_read, seen / np.maximum(usual, 1e-9) - 1.0, 0.0)
    loading = np.append(loadings, 1.0)
    if dynamics is None:
        dynamics = _read_dynamics(deviation[:, :, :n], usual[:, :, :n], is_read[:, :, :n], loading)
    counting = 1.0 / np.maximum(usual, LEAST_EXPECTED)
    precision = np.where(is_read, 1.0 / (counting + dynamics.noise[:, None, None]), 0.0)
    at_risk = panel.exposure[:, None] * baseline.profile[0]
    dose = np.where(is_read[1:-1], at_risk / np.maximum(usual[1:-1], LEAST_EXPECTED), 0.0)
    return Readings(deviation, precision, loading, dose, dynamics)


def _seen_and_usual(panel: EventPanel, baseline: Baseline, bins: Sequence[Bin]) -> tuple[FloatArray, FloatArray]:
    """(S, K, T) persons on every route, the controls together last, and persons usual there but for demand."""
    window_months = max(bins[-1][1], 1)
    counts = np.concatenate([panel.restricted[None], panel.destinations, panel.controls])
    n, routes = panel.first_touched_month, 1 + len(panel.destinations)
    level = (instrument_weights(baseline.flat, window_months) * baseline.flat)[:, None]
    usual_sum = np.matmul(level, baseline.profile)
    month = np.where(usual_sum > 1e-12, np.matmul(level, counts) / np.maximum(usual_sum, 1e-12), 1.0)
    expected = baseline.profile * month
    seen = np.concatenate([counts[:routes], counts[routes:].sum(axis=0)[None]])
    usual = np.concatenate([expected[:routes], expected[routes:].sum(axis=0)[None]])
    for low, high in bins:
        months = panel.after(low, high)
        factor, slope = _by_exposure(seen[:, :, months], usual[:, :, months], panel.exposure, n)
        usual[:, :, months] *= factor[:, None, None]
        usual[0, :, months] *= np.maximum(1.0 + slope[0] * panel.exposure[:, None], LEAST_LEFT)
    return seen, usual


def _read_dynamics(
    deviation: FloatArray, usual: FloatArray, is_read: npt.NDArray[np.bool_], loading: FloatArray
) -> Dynamics:
    """How demand and routes move, from (S, K, n) deviations before the event and persons usual there."""
    precision = np.where(is_read, 1.0 / (1.0 / np.maximum(usual, LEAST_EXPECTED) + USUAL_NOISE), 0.0)
    persistence, variance = shared_persistence(deviation, precision, loading)
    own = _own_noise(deviation[:-1], usual[:-1], loading[:-1], variance, persistence)
    return Dynamics(persistence, variance, np.append(own, SHORT_NOISE))


def _in_bins(panel: EventPanel, bins: Sequence[Bin]) -> npt.NDArray[np.bool_]:
    """(T,) whether a month lies in one of the bins."""
    inside = np.zeros(panel.months, dtype=np.bool_)
    for low, high in bins:
        inside[panel.after(low, high)] = True
    return inside


def _by_exposure(
    seen: FloatArray, usual: FloatArray, exposure: FloatArray, months_before: int
) -> tuple[FloatArray, FloatArray]:
    """What the month factors of a bin must be multiplied by to be those of cells that are not exposed, and the slope.

    Month factors hold the mean of what happened to all cells. Deviations from them would be too small where much
    happened to exposed cells, and a drift with exposure with them.

    Args:
        seen: (S, K, months) persons in the bin.
        usual: (S, K, months) persons expected in it.
        exposure: (K,) exposure.
        months_before: months that levels rest on, for the weights.

    Returns:
        (S,) factors, and (S,) relative change of a cell that is wholly exposed against one that is not.
    """
    persons, expected = seen.sum(axis=2), usual.sum(axis=2)
    weight = instrument_weights(expected / usual.shape[2], months_before)
    moments = [(weight * exposure**k * expected).sum(axis=1) for k in range(3)]
    found = [(weight * exposure**k * persons).sum(axis=1) for k in range(2)]
    determinant = moments[0] * moments[2] - moments[1] ** 2
    is_told = determinant > 1e-9 * moments[0] * moments[2]
    factor = (found[0] * moments[2] - found[1] * moments[1]) / np.where(is_told, determinant, 1.0)
    factor = np.where(is_told, np.clip(factor, LEAST_LEFT, 1.0 / LEAST_LEFT), 1.0)
    slope = (found[1] - factor * moments[1]) / np.maximum(factor * moments[2], 1e-12)
    return factor, np.where(is_told, slope, 0.0)


def _own_noise(
    deviation: FloatArray, usual: FloatArray, loading: FloatArray, variance: float, persistence: float
) -> FloatArray:
    """(D,) relative variance of a month that a destination does not share, as if it were independent over months.

    Read from means over `NOISE_MONTHS` before the event, less what counting and demand make of them, so that shocks of
    the destination that last count for as much as they blur demand.

    Args:
        deviation: (D, K, n) deviations before the event.
        usual: (D, K, n) persons expected.
        loading: (D,) loadings on demand.
        variance: variance of demand.
        persistence: its monthly autocorrelation.
    """
    months = usual.shape[2]
    length = min(NOISE_MONTHS, months // 2)
    if length < 2:
        return np.full(len(usual), SHORT_NOISE)
    blocks = months // length
    shape = (*usual.shape[:2], blocks, length)
    persons = usual[..., -blocks * length :].reshape(shape).sum(axis=3)
    means = (usual * deviation)[..., -blocks * length :].reshape(shape).sum(axis=3) / np.maximum(persons, 1e-9)
    counting = 1.0 / np.maximum(persons, LEAST_EXPECTED)
    demand = variance * (variance_of_mean(persistence, length) - variance_of_mean(persistence, months))
    # the level of a cell is made of the same months, which takes one block's worth of noise away
    noise_left = (1.0 - 1.0 / blocks) * counting
    beyond = means**2 - noise_left - loading[:, None, None] ** 2 * demand
    weight = 1.0 / (counting + SHORT_NOISE / length) ** 2
    found = (weight * beyond).sum(axis=(1, 2)) / (weight.sum(axis=(1, 2)) * (1.0 - 1.0 / blocks))
    return np.asarray(np.maximum(length * found, SHORT_NOISE))
