"""Through which employers: applications under one route after refusals under another.

Belongs here: the distributed lag of a route's applications on refusals, by employer and month. Does not belong here:
effects by sector (`analysis`), persons (`norm_discontinuity`).

A busy employer applies for more of everything and is refused more often. Employer and month effects alone turn that
into "switching" of a tenth of an application for each refusal where there is none. Lags of the employer's application
volume on the restricted route take it out. A month in which many employers turn to the other route together is one
event and not many: errors are clustered by month as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.designs.clustered_errors import clustered_least_squares
from assets.waterbed.panel import FloatArray

#: Months after a refusal over which applications are counted.
HORIZON_MONTHS = 12


@dataclass(frozen=True)
class Switching:
    """Extra applications on the other route for each refusal.

    Attributes:
        extra_applications: sum of the lag coefficients.
        error: its standard error, clustered by employer and by month.
        by_lag: (1 + horizon,) coefficients by months since the refusal.
    """

    extra_applications: float
    error: float
    by_lag: FloatArray


def employer_switching(
    other_applications: FloatArray,
    refusals: FloatArray,
    volume: FloatArray,
    horizon: int = HORIZON_MONTHS,
    has_volume_control: bool = True,
) -> Switching:
    """Sum of the lags of refusals in a regression of applications on the other route.

    Args:
        other_applications: (N, T) applications of employer and month on the other route.
        refusals: (N, T) refusals on the restricted route.
        volume: (N, T) applications on the restricted route.
        horizon: lags in months, from zero.
        has_volume_control: leave the volume out only to show what then goes wrong.

    Raises:
        ValueError: with fewer months than twice the horizon, or fewer than 30 employers.
    """
    employers, months = other_applications.shape
    if months < 2 * horizon or employers < 30:
        raise ValueError(f"{employers} employers and {months} months are too few for {horizon} lags")
    regressors = [*_lags(refusals, horizon), *(_lags(volume, horizon) if has_volume_control else [])]
    outcome = without_means(other_applications[:, horizon:]).ravel()
    design = np.stack([without_means(x).ravel() for x in regressors], axis=1)
    used = months - horizon
    found = clustered_least_squares(
        outcome, design, np.repeat(np.arange(employers), used), np.tile(np.arange(used), employers)
    )
    chosen = np.zeros(design.shape[1])
    chosen[: horizon + 1] = 1.0
    return Switching(
        extra_applications=float(chosen @ found.coefficients),
        error=found.careful_error(chosen),
        by_lag=found.coefficients[: horizon + 1],
    )


def _lags(series: FloatArray, horizon: int) -> list[FloatArray]:
    """The series of the months from `horizon` on, and its values 0 to `horizon` months before."""
    months = series.shape[1]
    return [series[:, horizon - lag : months - lag] for lag in range(horizon + 1)]


def without_means(tables: FloatArray) -> FloatArray:
    """Tables (..., units, months) with the means of units and of months taken out (exact in a balanced panel)."""
    of_units, of_months = tables.mean(axis=-1, keepdims=True), tables.mean(axis=-2, keepdims=True)
    return np.asarray(tables - of_units - of_months + tables.mean(axis=(-2, -1), keepdims=True))
