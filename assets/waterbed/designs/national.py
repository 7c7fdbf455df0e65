"""A national monthly series around an event: what lands on all sectors alike.

Belongs here: the structural time series model with an intervention, and the naive regression that it is held against.
Does not belong here: effects by cell (`analysis`).

The main design sees only what differs between exposed and unexposed cells. Displacement that falls on all sectors
alike shows in the national series, if anywhere. A straight trend with a step finds shifts that are not there, because
the level of such series wanders; a level that may wander (local level model) does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from assets.waterbed.panel import FloatArray, IntArray

#: Fewest months before and after the event.
LEAST_BEFORE, LEAST_AFTER = 36, 6
#: Bounds of the logarithm of the variance of the level's steps over that of the noise, and how close to come to it.
SIGNAL_BOUNDS, SIGNAL_PRECISION = (-14.0, 5.0), 1e-4
#: Months over which residuals of the naive regression may be correlated.
NAIVE_LAGS = 12


@dataclass(frozen=True)
class Step:
    """A step in the logarithm of a series.

    Attributes:
        effect: size of the step in log points.
        error: its standard error.
    """

    effect: float
    error: float

    @property
    def t(self) -> float:
        """Step over its error."""
        return self.effect / self.error if self.error > 0 else 0.0

    @property
    def relative(self) -> float:
        """The step as a share of the level before it."""
        return float(np.expm1(self.effect))


def structural_step(log_series: FloatArray, event: int, regressors: FloatArray | None = None) -> Step:
    """The step at `event` in a local level model with a fixed monthly season.

    The level is a random walk seen through noise, so the series has a covariance with one unknown ratio; everything
    else is least squares given that ratio, and the ratio has the highest likelihood (diffuse in level and season).

    Args:
        log_series: (T,) logarithm of a monthly series.
        event: position of the first month after the event.
        regressors: (T, R) further explanatory series.

    Raises:
        ValueError: with fewer months than the constants above ask for.
    """
    design = _design(log_series, event, regressors)
    months = np.arange(len(log_series))
    columns = np.column_stack([design, np.ones(len(months)), _season(months)])
    shared = np.minimum.outer(months, months).astype(np.float64)
    steps = design.shape[1]

    def whitened(log_ratio: float) -> tuple[FloatArray, FloatArray, float]:
        root = np.linalg.cholesky(np.eye(len(months)) + np.exp(log_ratio) * shared)
        both = linalg.solve_triangular(root, np.column_stack([columns, log_series]), lower=True)
        return both[:, :-1], both[:, -1], float(np.log(np.diag(root)).sum())

    def variance(explained: FloatArray, seen: FloatArray) -> tuple[FloatArray, float]:
        coefficients: FloatArray = np.asarray(np.linalg.lstsq(explained, seen, rcond=None)[0], dtype=np.float64)
        freedom = len(seen) - explained.shape[1] + steps
        return coefficients, float(((seen - explained @ coefficients) ** 2).sum()) / freedom

    def misfit(log_ratio: float) -> float:
        explained, seen, log_root = whitened(log_ratio)
        noise = max(variance(explained, seen)[1], 1e-300)
        diffuse = explained[:, steps:]
        freedom = len(seen) - diffuse.shape[1]
        return float(freedom * np.log(noise) + 2.0 * log_root + np.linalg.slogdet(diffuse.T @ diffuse)[1])

    options = {"xatol": SIGNAL_PRECISION}
    found = optimize.minimize_scalar(misfit, bounds=SIGNAL_BOUNDS, method="bounded", options=options)
    explained, seen, _ = whitened(float(found.x))
    coefficients, noise = variance(explained, seen)
    error = np.sqrt(noise * np.linalg.pinv(explained.T @ explained)[0, 0])
    return Step(float(coefficients[0]), float(error))


def naive_step(log_series: FloatArray, event: int, regressors: FloatArray | None = None) -> Step:
    """The step of an interrupted time series with a straight trend: shown as the trap it is, never as a finding."""
    design = _design(log_series, event, regressors)
    months = np.arange(len(log_series))
    columns = np.column_stack([design, np.ones(len(months)), months, _season(months)])
    inverse = np.linalg.pinv(columns.T @ columns)
    coefficients = inverse @ columns.T @ log_series
    scores = columns * (log_series - columns @ coefficients)[:, None]
    meat = scores.T @ scores
    for lag in range(1, NAIVE_LAGS + 1):
        shifted = scores[lag:].T @ scores[:-lag]
        meat += (1.0 - lag / (NAIVE_LAGS + 1)) * (shifted + shifted.T)
    covariance = inverse @ meat @ inverse
    return Step(float(coefficients[0]), float(np.sqrt(covariance[0, 0])))


def _season(months: IntArray) -> FloatArray:
    """(T, 11) one where the month is the January, February ... November of the series."""
    return np.asarray((months[:, None] % 12 == np.arange(11)).astype(np.float64))


def _design(log_series: FloatArray, event: int, regressors: FloatArray | None) -> FloatArray:
    if event < LEAST_BEFORE or len(log_series) - event < LEAST_AFTER:
        raise ValueError(f"a step needs {LEAST_BEFORE} months before it and {LEAST_AFTER} after it")
    step = (np.arange(len(log_series)) >= event).astype(np.float64)[:, None]
    return step if regressors is None else np.column_stack([step, regressors])
