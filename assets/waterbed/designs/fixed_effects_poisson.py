"""Counts of units over periods in proportion to what a unit usually does: Poisson regression with unit effects.

Belongs here: the conditional likelihood, in which unit effects drop out exactly, and errors clustered by unit. Does
not belong here: which counts (`companions.companies`).

Units without a single count say nothing and are left out. Effects of periods are columns of the regressors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.panel import FloatArray

#: Newton steps at most, and the change of the coefficients at which they end.
MOST_STEPS, CLOSE_ENOUGH = 50, 1e-10


@dataclass(frozen=True)
class PoissonEffects:
    """Coefficients on the logarithm of the expected count.

    Attributes:
        coefficients: (R,) of the regressors.
        covariance: (R, R) clustered by unit.
        model_covariance: (R, R) if counts were Poisson.
        units: units with at least one count.
        log_likelihood: the conditional likelihood at the coefficients.
    """

    coefficients: FloatArray
    covariance: FloatArray
    model_covariance: FloatArray
    units: int
    log_likelihood: float


def fixed_effects_poisson(counts: FloatArray, regressors: FloatArray) -> PoissonEffects:
    """Conditional maximum likelihood of a balanced panel (Hausman, Hall and Griliches, 1984).

    Args:
        counts: (N, T) counts.
        regressors: (N, T, R) regressors, effects of periods included.

    Raises:
        ValueError: when fewer than two units have a count, or a regressor never moves within a unit.
    """
    has_counts = counts.sum(axis=1) > 0
    y, x = counts[has_counts], regressors[has_counts]
    if len(y) < 2:
        raise ValueError("fewer than two units have a count")
    total = y.sum(axis=1, keepdims=True)
    beta = np.zeros(x.shape[2])
    for _ in range(MOST_STEPS):
        share, mean = _shares(x, beta)
        score = np.einsum("nt,ntr->r", y - total * share, x)
        information = _information(x, mean, total * share)
        if np.linalg.matrix_rank(information) < len(beta):
            raise ValueError("a regressor does not move within units")
        step = np.linalg.solve(information, score)
        step *= min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        beta = beta + step
        if np.abs(step).max() < CLOSE_ENOUGH:
            break
    share, mean = _shares(x, beta)
    inverse = np.linalg.inv(_information(x, mean, total * share))
    scores = np.einsum("nt,ntr->nr", y - total * share, x)
    meat = scores.T @ scores * len(y) / (len(y) - 1)
    return PoissonEffects(
        coefficients=beta,
        covariance=np.asarray(inverse @ meat @ inverse),
        model_covariance=np.asarray(inverse),
        units=len(y),
        log_likelihood=float((y * np.log(np.maximum(share, 1e-300))).sum()),
    )


def _shares(x: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(N, T) expected share of a unit's count in every period, and (N, R) mean regressors under them."""
    index = x @ beta
    weight = np.exp(index - index.max(axis=1, keepdims=True))
    share = weight / weight.sum(axis=1, keepdims=True)
    return share, np.einsum("nt,ntr->nr", share, x)


def _information(x: FloatArray, mean: FloatArray, expected: FloatArray) -> FloatArray:
    centred = x - mean[:, None, :]
    flat = (centred * np.sqrt(expected)[:, :, None]).reshape(-1, x.shape[2])
    return np.asarray(flat.T @ flat)
