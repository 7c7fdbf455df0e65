"""A national monthly series around an event: what lands on all sectors alike.

Belongs here: the structural time series model with an intervention, and the naive regression that it is held against.
Does not belong here: effects by cell (`analysis`).

The main design sees only what differs between exposed and unexposed cells. Displacement that falls on all sectors
alike shows in the national series, if anywhere. A straight trend with a step finds shifts that are not there, because
the level of such series wanders; a level that may wander (local level model) does not.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from statsmodels.regression.linear_model import OLS
from statsmodels.tsa.statespace.structural import UnobservedComponents

from assets.waterbed.panel import FloatArray

#: Fewest months before and after the event.
LEAST_BEFORE, LEAST_AFTER = 36, 6


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

    Args:
        log_series: (T,) logarithm of a monthly series.
        event: position of the first month after the event.
        regressors: (T, R) further explanatory series.

    Raises:
        ValueError: with fewer months than the constants above ask for.
    """
    design = _design(log_series, event, regressors)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # flat likelihoods are reported as such; the step does not depend on them
        model = UnobservedComponents(log_series, level="llevel", seasonal=12, stochastic_seasonal=False, exog=design)
        fitted = model.fit(disp=False, maxiter=200)
    names = list(model.param_names)
    position = names.index("beta.x1")
    return Step(float(fitted.params[position]), float(fitted.bse[position]))


def naive_step(log_series: FloatArray, event: int, regressors: FloatArray | None = None) -> Step:
    """The step of an interrupted time series with a straight trend: shown as the trap it is, never as a finding."""
    design = _design(log_series, event, regressors)
    months = np.arange(len(log_series))
    season = (months[:, None] % 12 == np.arange(11)).astype(np.float64)
    columns = np.column_stack([design, np.ones(len(months)), months, season])
    fitted = OLS(log_series, columns).fit(cov_type="HAC", cov_kwds={"maxlags": 12})
    return Step(float(fitted.params[0]), float(fitted.bse[0]))


def _design(log_series: FloatArray, event: int, regressors: FloatArray | None) -> FloatArray:
    if event < LEAST_BEFORE or len(log_series) - event < LEAST_AFTER:
        raise ValueError(f"a step needs {LEAST_BEFORE} months before it and {LEAST_AFTER} after it")
    step = (np.arange(len(log_series)) >= event).astype(np.float64)[:, None]
    return step if regressors is None else np.column_stack([step, regressors])
