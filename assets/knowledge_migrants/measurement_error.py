"""What a recorded wage says about the true wage, relative to the salary norm.

Belongs here: learning the noise of payroll and the distribution of true wages, and the probability that a true
wage lies below the norm. Does not belong here: which months count and what makes a signal
(`assets.knowledge_migrants.h01_wage_below_norm`).

The model: log(W / N) = truth + noise. The scale of the noise is learned from workers far above the norm, where
nobody has a reason to move the wage, from the median absolute change between following months. The distribution of
the truth is the nonparametric maximum-likelihood mixing distribution on a fixed grid (Kiefer and Wolfowitz 1956;
EM iterations), so the heap of wages exactly at the norm is part of what is known beforehand: a wage a hair under
the norm is then mostly a wage at the norm with noise. The posterior corrects for looking at the lowest months.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

#: Grid of true log ratios: steps of half a per cent, wide enough that the ends are certain either way.
STEP = 0.005
GRID = np.round(np.arange(-140, 141) * STEP, 6)
EM_STEPS = 300
MAD_TO_SIGMA = 1.4826
#: Strata of the noise, from fine to coarse: employer type (sector), source of the wage, kind of period.
NOISE_STRATA = (["sbi2", "is_contract", "is_four_weeks"], ["is_contract", "is_four_weeks"], ["is_contract"])


@dataclass(frozen=True)
class Noise:
    """Rules of learning the noise."""

    ratio: float
    min_changes: float
    floor: float


def noise_scale(months: pl.DataFrame, noise: Noise) -> pl.Series:
    """Standard deviation of payroll noise for each row of `months`.

    Args:
        months: `application_id`, `month`, `log_ratio`, `sbi2`, `is_contract`, `is_four_weeks`.
        noise: learned from permits whose median wage is at least `ratio` times the norm; a stratum with fewer than
            `min_changes` month-to-month changes uses the next coarser one; never below `floor`.

    Returns:
        Series `sigma`, in log points, in the order of `months`.
    """
    ordered = months.sort("application_id", "month")
    changes = ordered.with_columns(
        pl.col("log_ratio").diff().over("application_id").alias("change"),
        pl.col("log_ratio").median().over("application_id").alias("typical"),
    ).filter(pl.col("change").is_not_null() & (pl.col("typical") >= np.log(noise.ratio)))
    found = months.with_columns(pl.lit(None, dtype=pl.Float64).alias("sigma"))
    for level in (*NOISE_STRATA, []):
        scale = _scale(changes, level, noise)
        joined = (
            found.join(scale, on=level, how="left", nulls_equal=True, maintain_order="left")
            if level
            else (found.join(scale, how="cross", maintain_order="left"))
        )
        found = joined.with_columns(pl.coalesce("sigma", "learned").alias("sigma")).drop("learned")
    return found["sigma"].fill_null(noise.floor).clip(lower_bound=noise.floor)


def _scale(changes: pl.DataFrame, level: list[str], noise: Noise) -> pl.DataFrame:
    centred = (pl.col("change") - pl.col("change").median()).abs().median()
    learned = (centred * MAD_TO_SIGMA / np.sqrt(2.0)).alias("learned")
    if not level:
        return changes.select(pl.when(pl.len() >= noise.min_changes).then(learned).alias("learned"))
    return (
        changes.group_by(level)
        .agg(learned, pl.len().alias("changes"))
        .filter(pl.col("changes") >= noise.min_changes)
        .drop("changes")
    )


def probability_below(log_ratio: Floats, sigma: Floats) -> Floats:
    """Probability for each recorded wage that the true wage is below the norm.

    Args:
        log_ratio: log(W / N), shape (months,).
        sigma: noise of each, shape (months,); classes of equal noise (within a quarter) share one
            distribution of truth.

    Returns:
        Probabilities, shape (months,).
    """
    below = np.zeros(log_ratio.size)
    if not log_ratio.size:
        return below
    bins = np.clip(np.rint(log_ratio / STEP).astype(np.int64) + GRID.size // 2, 0, GRID.size - 1)
    classes = np.rint(np.log(sigma / sigma.min()) / np.log(1.25)).astype(np.int64)
    for number in np.unique(classes):
        members = classes == number
        kernel = _kernel(float(np.median(sigma[members])))
        truth = _mixing_distribution(np.bincount(bins[members], minlength=GRID.size), kernel)
        joint = kernel * truth
        total = joint.sum(axis=1)
        share = joint[:, GRID < -STEP / 2].sum(axis=1) / np.where(total > 0, total, 1.0)
        below[members] = np.where(total > 0, share, GRID < 0)[bins[members]]
    return below


def _kernel(sigma: float) -> Floats:
    """Probability of each recorded bin (rows) given each truth (columns)."""
    distance = GRID[:, None] - GRID[None, :]
    upper, lower = stats.norm.cdf((distance + STEP / 2) / sigma), stats.norm.cdf((distance - STEP / 2) / sigma)
    return np.asarray(upper - lower, dtype=np.float64)


def _mixing_distribution(counts: NDArray[np.int64], kernel: Floats) -> Floats:
    """Nonparametric maximum likelihood of the distribution of truth, by EM from a flat start."""
    seen = counts > 0
    weights, likelihood = counts[seen] / counts.sum(), kernel[seen]
    truth = np.full(GRID.size, 1.0 / GRID.size)
    for _ in range(EM_STEPS):
        fitted = likelihood @ truth
        truth = truth * (likelihood.T @ (weights / np.maximum(fitted, 1e-300)))
        truth = truth / truth.sum()
    return truth


def at_least(probabilities: Floats, needed: int) -> float:
    """Probability that at least `needed` of independent events happen (Poisson-binomial), shape (events,)."""
    counts = np.zeros(needed + 1)
    counts[0] = 1.0
    for p in probabilities:
        moved = counts * p
        counts = counts - moved
        counts[1:] += moved[:-1]
        counts[-1] += moved[-1]
    return float(np.clip(counts[-1], 0.0, 1.0))
