"""Demand as a stationary autoregression: how persistent it is, and its expectation given noisy observations.

Belongs here: persistence, variance and smoothing of one autoregression per cell. Does not belong here: what is
observed, or which effects are taken off before (`demand_model`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from assets.waterbed.panel import FloatArray, IntArray

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
    covariance = _between_routes(signal, lags) / np.maximum(_between_routes(weight, lags), 1e-12)
    best = (np.inf, PERSISTENCES[0], 1e-6)
    for persistence in PERSISTENCES:
        shape = persistence ** lags.astype(np.float64) - variance_of_mean(persistence, months)
        variance = max(float((shape * covariance).sum() / max((shape**2).sum(), 1e-12)), 1e-6)
        misfit = float(((covariance - variance * shape) ** 2).sum())
        best = min(best, (misfit, persistence, variance))
    return best[1], best[2]


def _between_routes(each: FloatArray, lags: IntArray) -> FloatArray:
    """Sums over cells, months and pairs of different routes of products of values so many months apart.

    Args:
        each: (S, K, n) values.
        lags: (L,) months.
    """
    months = each.shape[2]
    together, alone = each.sum(axis=0), each.reshape(-1, months)
    by_months = together.T @ together - alone.T @ alone
    return np.array([np.trace(by_months, offset=lag) for lag in lags])


def variance_of_mean(persistence: float, months: int) -> float:
    """Variance of the mean over so many months of an autoregression of variance one."""
    lags = np.arange(1, months)
    return float((months + 2.0 * ((months - lags) * persistence**lags).sum()) / months**2)


@dataclass(frozen=True)
class Smoother:
    """The expectation of autoregressions of mean zero given observations of known noise.

    It is linear in the observations. The inverse of the covariance of an autoregression is tridiagonal, and so are the
    equations of the expectation: they are factorised once, for all series one after the other.

    Attributes:
        diagonal: (K, T) of the factor (LAPACK `pttrf`).
        beside: (K, T) next to it; zero in the last month of every series.
    """

    diagonal: FloatArray
    beside: FloatArray

    @classmethod
    def of(cls, precision: FloatArray, variance: float, persistence: float) -> Smoother:
        """The smoother of K series.

        Args:
            precision: (K, T) one over the variance of the noise; zero where nothing is observed.
            variance: variance of the autoregression.
            persistence: its monthly autocorrelation.
        """
        inverse = 1.0 / (variance * (1.0 - persistence**2))
        diagonal = precision + inverse * (1.0 + persistence**2)
        for end in (0, -1):
            diagonal[:, end] -= inverse * persistence**2
        beside = np.full(precision.shape, -persistence * inverse)
        beside[:, -1] = 0.0
        diagonal, beside, info = lapack.dpttrf(diagonal.ravel(), beside.ravel()[:-1])
        if info:
            raise ValueError("an autoregression needs a positive variance and a persistence below one")
        return cls(diagonal.reshape(precision.shape), np.append(beside, 0.0).reshape(precision.shape))

    def __call__(self, weighted: FloatArray, first: int = 0) -> FloatArray:
        """(C, K, months) expectations for C sets of K series, of which nothing was observed before month `first`.

        Args:
            weighted: (C, K, months) observations times precision, from month `first` to the last.
            first: position of the first month.
        """
        columns = np.array(weighted, order="C", dtype=np.float64).reshape(len(weighted), -1).T
        beside = self.beside[:, first:].ravel()[:-1]
        solved, _ = lapack.dpttrs(self.diagonal[:, first:].ravel(), beside, columns, overwrite_b=True)
        return np.asarray(solved.T.reshape(weighted.shape))

    def responses(self, first: int) -> FloatArray:
        """(months, K, months) what a weighted observation larger by one adds: observed on the first axis, on the last.

        With L D L' the factors, the matrix C of all answers obeys L' C = inverse(D L), of which only the diagonal is
        needed: every row follows from the next.

        Args:
            first: position of the first month.
        """
        diagonal, beside = self.diagonal[:, first:], self.beside[:, first:]
        months = diagonal.shape[1]
        found = np.empty((months, len(diagonal), months))
        found[-1, :, -1] = 1.0 / diagonal[:, -1]
        for t in reversed(range(months - 1)):
            found[t, :, t + 1 :] = -beside[:, t, None] * found[t + 1, :, t + 1 :]
            found[t + 1 :, :, t] = found[t, :, t + 1 :].T
            found[t, :, t] = 1.0 / diagonal[:, t] - beside[:, t] * found[t + 1, :, t]
        return found
