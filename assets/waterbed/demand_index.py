"""The demand of a cell, read from control routes that share it but cannot receive the displaced flow.

Belongs here: the index of specification C1 (and C2), from control routes alone. Does not belong here: the restricted
route, the destinations, or the choice of controls, which is declared before estimation.

The index of cell g in month t is (1 + E_g * tilt_t) * exp(own_gt):

- `tilt` is the drift of demand with exposure. It is what confounds a displacement estimate, but where there is none
  it adds only noise. So it is weighed by how clearly it is there after the event (t over clusters): weight
  t^4 / (4 + t^4), one half at t = 1.4 and 0.95 at t = 3. What that leaves in doubt, `uncertainty` adds to the errors.
- `own` is the rest of a cell's demand, an autoregression seen through counting noise; its conditional expectation
  (Kalman smoother) is shrunk as far as the counts of the cell are noisy. Shrinkage here costs precision, no bias.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.counterfactual import Baseline, fit_baseline
from assets.waterbed.inference import jackknife_covariance
from assets.waterbed.panel import EventPanel, FloatArray
from assets.waterbed.weighting import instrument_weights

#: Lags (months) at which the persistence of demand is read; shorter lags hold noise that routes do not share.
LAGS = np.arange(2, 25)
PERSISTENCES = (0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98)
#: Relative variance of a month's count beyond Poisson that is not demand (overdispersion and short-lived shocks).
SHORT_NOISE = 0.02
#: Clarity (t over clusters) of the tilt at which it gets half its weight.
HALF_CLEAR_T = 2.0**0.5
#: Demand of a cell is never taken to fall below this share of what it was.
LOWEST_TILT = 0.05


@dataclass(frozen=True)
class DemandIndex:
    """Demand by cell and month, and how its tilt changes when cells are left out.

    Attributes:
        tilts: (B, T) drift of demand with exposure; row 0 with all cells, the others with the given cell weights.
        own: (K, T) log deviation of the cell's demand from the tilt.
        response: (K,) part of a change of the tilt that `own` takes back.
        persistence: monthly autocorrelation of `own`; nan when there are no controls.
        variance: variance of `own`.
        weight: weight that the tilts were given, between zero and one.
        clarity: t value of the mean tilt after the event, from which the weight follows; nan when it was given.
        tilt_error: error of that mean at full weight; zero when the weight was given.
    """

    tilts: FloatArray
    own: FloatArray
    response: FloatArray
    persistence: float
    variance: float
    weight: float = 1.0
    clarity: float = float("nan")
    tilt_error: float = 0.0

    def offset(self, exposure: FloatArray, loading: float = 1.0) -> FloatArray:
        """(K, T) the index as it enters a route with the given loading."""
        tilted = np.maximum(1.0 + loading * exposure[:, None] * self.tilts[0], LOWEST_TILT)
        return np.asarray(tilted * np.exp(loading * self.own))


def no_demand_index(panel: EventPanel, cell_weights: FloatArray) -> DemandIndex:
    """The index of specification C0: demand does not move."""
    return DemandIndex(
        tilts=np.zeros((len(cell_weights), panel.months)),
        own=np.zeros((panel.cells, panel.months)),
        response=np.zeros(panel.cells),
        persistence=float("nan"),
        variance=0.0,
    )


def control_demand_index(
    panel: EventPanel,
    cell_weights: FloatArray,
    window_months: int,
    weight: float | None = None,
    tilt_shift: float = 0.0,
) -> DemandIndex:
    """The index from the control routes of `panel`.

    Args:
        panel: the event; needs at least one control route.
        cell_weights: (B, K) weights of cells, row 0 all ones.
        window_months: length of the window over which effects will be summed.
        weight: weight of the tilts; found from the clusters when none, for which `cell_weights` must leave out each.
        tilt_shift: added to the weighted tilts of the window, to see what another tilt would do.

    Raises:
        ValueError: when the panel has no control route.
    """
    if not len(panel.controls):
        raise ValueError("a demand index needs at least one control route")
    flat_index = np.ones_like(panel.controls)
    baseline = fit_baseline(
        panel.controls, flat_index, panel.season_groups, panel.calendar_month, panel.first_touched_month
    )
    tilts, month_factors = _tilts(panel, baseline, cell_weights, window_months)
    clarity, error = float("nan"), 0.0
    window = panel.after(0, window_months)
    if weight is None:
        error = tilt_error(tilts[:, window])
        clarity = abs(float(tilts[0, window].mean())) / error if error > 0 else float("inf")
        weight = clarity_weight(clarity)
    tilts = weight * tilts
    tilts[:, window] += tilt_shift
    tilted = np.maximum(1.0 + panel.exposure[:, None] * tilts[0], LOWEST_TILT)
    expected = (month_factors[:, None, :] * baseline.profile).sum(axis=0) * tilted
    seen = expected > 0.5
    deviation = np.where(seen, panel.controls.sum(axis=0) / np.maximum(expected, 1e-9) - 1.0, 0.0)
    persistence, variance = demand_persistence(deviation, expected, panel.first_touched_month)
    noise = 1.0 / np.maximum(expected, 0.05) + SHORT_NOISE
    own = smooth_autoregression(deviation, noise, variance, persistence)
    drift = np.zeros_like(tilted)
    drift[:, window] = (panel.exposure[:, None] / tilted)[:, window]
    taken_back = smooth_autoregression(drift, noise, variance, persistence)
    response = _safe_ratio(taken_back[:, window].sum(axis=1), drift.sum(axis=1))
    return DemandIndex(tilts, own, response, persistence, variance, weight, clarity, error)


def tilt_error(tilts: FloatArray) -> float:
    """The error of the mean tilt over the given months; zero when fewer than three sets of cells show none.

    Args:
        tilts: (1 + G, months) tilts with all cells and with each cluster left out.
    """
    means = tilts.mean(axis=1)
    if len(means) < 4:
        return 0.0
    return float(np.sqrt(jackknife_covariance(means[1:, None])[0, 0]))


def clarity_weight(t: float) -> float:
    """Weight of a tilt that stands `t` errors from zero."""
    return 1.0 if np.isinf(t) else float(t**4 / (HALF_CLEAR_T**4 + t**4))


def _tilts(
    panel: EventPanel, baseline: Baseline, cell_weights: FloatArray, window_months: int, rounds: int = 8
) -> tuple[FloatArray, FloatArray]:
    """(B, T) tilts, and the (C, T) month factors of row 0.

    Solves, for every month, sum_g z (y - m_c p (1 + E tilt)) = 0 with z = w p (for the month factor m_c of every
    control) and z = w p E, summed over controls (for the tilt that they share).
    """
    exposure, counts, profile = panel.exposure, panel.controls, baseline.profile
    weight = instrument_weights(baseline.flat, window_months)
    level = weight * baseline.flat
    slope = level * exposure

    def total(instrument: FloatArray, values: FloatArray) -> FloatArray:
        """(C, B, T) sums over cells."""
        return np.asarray(np.matmul(cell_weights, instrument[:, :, None] * values))

    y0, p0, q0 = total(level, counts), total(level, profile), total(level * exposure, profile)
    y1, p1, q1 = total(slope, counts), total(slope, profile), total(slope * exposure, profile)
    tilts = np.zeros(y0.shape[1:])
    factor = y0 / np.maximum(p0, 1e-12)
    for _ in range(rounds):
        tilts = _safe_ratio((y1 - factor * p1).sum(axis=0), (factor * q1).sum(axis=0))
        factor = y0 / np.maximum(p0 + tilts * q0, 1e-12)
    return tilts, factor[:, 0]


def _safe_ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    return np.asarray(np.where(denominator > 1e-9, numerator / np.maximum(denominator, 1e-9), 0.0))


def demand_persistence(deviation: FloatArray, expected: FloatArray, months: int) -> tuple[float, float]:
    """Persistence and variance of demand from autocovariances of the first `months` months.

    Args:
        deviation: (K, T) relative deviation of counts from their expectation.
        expected: (K, T) expected counts; cells with few persons count for less.
        months: untreated months.

    Returns:
        Monthly autocorrelation, and variance of demand (at least a millionth).
    """
    weight = expected[:, :months] / (1.0 + 0.05 * expected[:, :months])
    lags = LAGS[: max(months - 4, 1)]
    covariance = np.empty(len(lags))
    for i, lag in enumerate(lags):
        pair = np.sqrt(weight[:, lag:] * weight[:, :-lag])
        products = deviation[:, lag:months] * deviation[:, : months - lag]
        covariance[i] = (pair * products).sum() / max(pair.sum(), 1e-12)
    best = (np.inf, PERSISTENCES[0], 1e-6)
    for persistence in PERSISTENCES:
        shape = persistence ** lags.astype(np.float64)
        variance = max(float((shape * covariance).sum() / max((shape**2).sum(), 1e-12)), 1e-6)
        misfit = float(((covariance - variance * shape) ** 2).sum())
        best = min(best, (misfit, persistence, variance))
    return best[1], best[2]


def smooth_autoregression(seen: FloatArray, noise: FloatArray, variance: float, persistence: float) -> FloatArray:
    """(K, T) expectation of a stationary AR(1) given noisy observations (Kalman filter and smoother).

    Args:
        seen: (K, T) observations.
        noise: (K, T) variance of the observation noise.
        variance: variance of the autoregression.
        persistence: its monthly autocorrelation.
    """
    cells, months = seen.shape
    filtered, predicted = np.empty((months, cells)), np.empty((months, cells))
    spread, ahead = np.empty((months, cells)), np.empty((months, cells))
    mean, uncertainty = np.zeros(cells), np.full(cells, variance)
    innovation = variance * (1.0 - persistence**2)
    observations, noises = np.ascontiguousarray(seen.T), np.ascontiguousarray(noise.T)
    for t in range(months):
        if t:
            mean = persistence * mean
            uncertainty = persistence**2 * uncertainty + innovation
        predicted[t], ahead[t] = mean, uncertainty
        gain = uncertainty / (uncertainty + noises[t])
        mean = mean + gain * (observations[t] - mean)
        uncertainty = uncertainty * (1.0 - gain)
        filtered[t], spread[t] = mean, uncertainty
    smoothed = filtered
    back = persistence * spread[:-1] / ahead[1:]
    for t in range(months - 2, -1, -1):
        smoothed[t] += back[t] * (smoothed[t + 1] - predicted[t + 1])
    return np.ascontiguousarray(smoothed.T)
