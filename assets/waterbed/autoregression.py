"""Demand as a stationary autoregression: how persistent it is, and its expectation given noisy observations.

Belongs here: persistence, variance and smoothing of one autoregression per cell. Does not belong here: what is
observed, or which effects are taken off before (`demand_model`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.panel import FloatArray

#: Lags (months) over which the persistence of demand is read.
LAGS = np.arange(25)
PERSISTENCES = (0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98)


def shared_persistence(deviation: FloatArray, precision: FloatArray, loading: FloatArray) -> tuple[float, float]:
    """Persistence and variance of the demand that routes share, from covariances between *different* routes.

    What a route does on its own, counting noise included, is independent of the others and does not enter.

    Args:
        deviation: (S, K, n) relative deviations before the event; their mean over the months was taken off.
        precision: (S, K, n) one over the variance of what is not demand, as far as it is known.
        loading: (S,) loadings on demand.

    Returns:
        Monthly autocorrelation, and variance of demand (at least a millionth).
    """
    months = deviation.shape[2]
    weight = loading[:, None, None] ** 2 * precision
    signal = loading[:, None, None] * precision * deviation
    lags = LAGS[: max(months - 2, 1)]
    covariance = np.empty(len(lags))
    pairs = (signal, signal.sum(axis=0)), (weight, weight.sum(axis=0))
    for i, lag in enumerate(lags):
        products, weights = (_between(each, together, lag) for each, together in pairs)
        covariance[i] = products / max(weights, 1e-12)
    best = (np.inf, PERSISTENCES[0], 1e-6)
    for persistence in PERSISTENCES:
        shape = persistence ** lags.astype(np.float64) - variance_of_mean(persistence, months)
        variance = max(float((shape * covariance).sum() / max((shape**2).sum(), 1e-12)), 1e-6)
        misfit = float(((covariance - variance * shape) ** 2).sum())
        best = min(best, (misfit, persistence, variance))
    return best[1], best[2]


def _between(each: FloatArray, together: FloatArray, lag: int) -> float:
    """Sum over cells, months and pairs of different routes of products of values `lag` months apart.

    Args:
        each: (S, K, n) values.
        together: (K, n) their sum over routes.
        lag: months.
    """
    until = together.shape[1] - lag
    same = np.einsum("skt,skt->", each[:, :, :until], each[:, :, lag:])
    return float(np.einsum("kt,kt->", together[:, :until], together[:, lag:]) - same)


def variance_of_mean(persistence: float, months: int) -> float:
    """Variance of the mean over so many months of an autoregression of variance one."""
    lags = np.arange(1, months)
    return float((months + 2.0 * ((months - lags) * persistence**lags).sum()) / months**2)


@dataclass(frozen=True)
class Smoother:
    """The expectation of an autoregression of mean zero given observations of known noise (Kalman smoother).

    It is linear in the observations, and the same for every series of observations with this noise.

    Attributes:
        persistence: monthly autocorrelation.
        gain: (T, K) what an observation moves the expectation of its own month by, coming from the past.
        back: (T, K) what a surprise of the next month moves it by.
    """

    persistence: float
    gain: FloatArray
    back: FloatArray

    @classmethod
    def of(cls, noise: FloatArray, variance: float, persistence: float) -> Smoother:
        """The smoother of K series.

        Args:
            noise: (K, T) variance of the observation noise.
            variance: variance of the autoregression.
            persistence: its monthly autocorrelation.
        """
        cells, months = noise.shape
        gain, back = np.empty((months, cells)), np.zeros((months, cells))
        ahead, innovation = np.full(cells, variance), variance * (1.0 - persistence**2)
        for t, noises in enumerate(np.ascontiguousarray(noise.T)):
            gain[t] = ahead / (ahead + noises)
            here = ahead * (1.0 - gain[t])
            ahead = persistence**2 * here + innovation
            back[t] = persistence * here / ahead
        return cls(persistence, gain, back)

    def from_month(self, first: int, seen: FloatArray) -> FloatArray:
        """(months, K, C) expectations from month `first` on for C sets of series of which nothing was seen before it.

        Args:
            first: position of the first month.
            seen: (months, K, C) observations, the last month that of the panel; zero is as expected.
        """
        smoothed, predicted = np.empty_like(seen), np.empty_like(seen)
        mean = np.zeros(seen.shape[1:])
        gain, back = self.gain[first:, :, None], self.back[first:, :, None]
        for t in range(len(seen)):
            np.multiply(mean, self.persistence, out=predicted[t])
            mean = smoothed[t]
            np.subtract(seen[t], predicted[t], out=mean)
            mean *= gain[t]
            mean += predicted[t]
        for t in range(len(seen) - 2, -1, -1):
            smoothed[t] += back[t] * (smoothed[t + 1] - predicted[t + 1])
        return smoothed

    def __call__(self, seen: FloatArray) -> FloatArray:
        """(K, T) expectations given (K, T) observations."""
        by_month = np.ascontiguousarray(seen.T)[:, :, None]
        return np.ascontiguousarray(self.from_month(0, by_month)[:, :, 0].T)
