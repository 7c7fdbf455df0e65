"""One simulated world: counts of a restricted route, seven destinations and three controls, and the truth.

Belongs here: the data-generating process. Does not belong here: which parameter sets are studied (`scenarios`) and
scoring. All randomness comes from the generator that is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from assets.waterbed.exposure import shrunk_shares
from assets.waterbed.panel import EventPanel, FloatArray, IntArray

DESTINATIONS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {  # monthly total, displaced share, mean lag in months
        "blue_card": (60.0, 0.15, 2.0),
        "ict_eu": (300.0, 0.05, 3.0),
        "gvva": (350.0, 0.10, 4.0),
        "twv": (700.0, 0.0, 4.0),
        "posting_third_country": (1500.0, 0.20, 6.0),
        "self_employed": (90.0, 0.03, 5.0),
        "startup": (20.0, 0.0, 4.0),
    }
)
CONTROLS: Mapping[str, float] = MappingProxyType({"researcher_801": 400.0, "twv_seasonal": 800.0, "twv_student": 300.0})
RESTRICTED_TOTAL = 1500.0


@dataclass(frozen=True)
class WorldSpec:
    """The parameters of a world; the defaults are the base world.

    Attributes:
        sectors: number of sectors.
        months: length of the panel.
        event_month: position of the first month under the new rule.
        window_months: months after the event over which the truth is counted.
        lost_share: share of the newly excluded flow that is lost.
        rush_share: share of the first six months' loss that was brought forward into the three months before.
        share_scale: factor on every displaced share.
        demand_drift: drift of demand in exposed cells after the event, reached after a year (log).
        control_loading: lowest and highest loading of the control routes on sector demand.
        multiplicative: gains are proportional to the destination's own flow instead of to the loss.
        exposure_sample: mean number of salaries from which a cell's exposure is known; none means without error.
        leakage: share of the loss that ends up in the first control route.
        second_reform_month: months after the event at which the third destination (gvva) is restricted too.
        share_spread: coefficient of variation of displaced shares over sectors.
    """

    sectors: int = 88
    months: int = 156
    event_month: int = 110
    window_months: int = 36
    lost_share: float = 0.6
    rush_share: float = 0.3
    share_scale: float = 1.0
    demand_drift: float = 0.0
    control_loading: tuple[float, float] = (0.6, 1.4)
    multiplicative: bool = False
    exposure_sample: float | None = None
    leakage: float = 0.0
    second_reform_month: int | None = None
    share_spread: float = 0.3
    anticipation_months: int = field(default=3)


@dataclass(frozen=True)
class Truth:
    """What truly happened in a world, in persons over the evaluation window.

    Attributes:
        gross_loss: persons lost after the date.
        rush: persons brought forward before the date.
        loss_by_month: (window,) persons lost in every month of the window.
        gain_by_month: (D, window) persons gained.
    """

    gross_loss: float
    rush: float
    loss_by_month: FloatArray
    gain_by_month: FloatArray

    @property
    def net_loss(self) -> float:
        """Persons lost after the date, less those brought forward."""
        return self.gross_loss - self.rush

    @property
    def gains(self) -> FloatArray:
        """(D,) persons gained over the window."""
        return np.asarray(self.gain_by_month.sum(axis=1))

    @property
    def shares(self) -> FloatArray:
        """(D,) displaced shares of the net loss."""
        return np.asarray(self.gains / self.net_loss)


def _autoregression(rng: np.random.Generator, shape: tuple[int, ...], rho: float, sd: float) -> FloatArray:
    """Stationary AR(1) paths along the last axis with standard deviation `sd`."""
    paths = np.empty(shape)
    shocks = rng.normal(0.0, sd, shape)
    paths[..., 0] = shocks[..., 0]
    for t in range(1, shape[-1]):
        paths[..., t] = rho * paths[..., t - 1] + np.sqrt(1 - rho**2) * shocks[..., t]
    return paths


def _lag_weights(mean: float, length: int) -> FloatArray:
    """Weights of a gamma lag (shape 2) with the given mean over whole months, summing to one."""
    months = np.arange(length) + 0.5
    density = months * np.exp(-2.0 * months / mean)
    return np.asarray(density / density.sum())


def _counts(rng: np.random.Generator, mean: FloatArray, overdispersion: float = 0.03) -> FloatArray:
    """Negative binomial counts with the given mean and variance mean + overdispersion * mean^2."""
    mixed = mean * rng.gamma(1.0 / overdispersion, overdispersion, mean.shape)
    return rng.poisson(mixed).astype(np.float64)


def _undisturbed(
    rng: np.random.Generator,
    spec: WorldSpec,
    *,
    totals: FloatArray,
    loading: FloatArray,
    exposure: FloatArray,
    groups: IntArray,
) -> FloatArray:
    """(S, K, T) expected counts of every route without the event."""
    schemes, sectors, months = len(totals), spec.sectors, spec.months
    size = rng.lognormal(0.0, 1.2, sectors)
    weight = size * rng.lognormal(0.0, 0.7, (schemes, sectors))
    level = totals[:, None] * weight / weight.sum(axis=1, keepdims=True)
    calendar = np.arange(months) % 12
    season = rng.normal(0.0, 0.10, (schemes, 1, 12)) + rng.normal(0.0, 0.10, (schemes, 6, 12))[:, groups, :]
    season -= season.mean(axis=2, keepdims=True)
    walk = np.cumsum(rng.normal(0.0, 0.02, (schemes, 1, months)), axis=2)
    since_dip = np.arange(months) - 62
    dip = np.where(since_dip >= 0, -np.exp(-np.maximum(since_dip, 0) / 5.0), 0.0)
    shock = rng.uniform(0.4, 1.0, (schemes, 1, 1)) * dip
    demand = _autoregression(rng, (sectors, months), 0.9, 0.12)
    drift = np.clip((np.arange(months) - spec.event_month) / 12.0, 0.0, 1.0)
    demand = demand + spec.demand_drift * exposure[:, None] * drift
    own = _autoregression(rng, (schemes, sectors, months), 0.5, 0.10)
    return np.asarray(
        level[:, :, None] * np.exp(season[:, :, calendar] + walk + shock + loading[:, None, None] * demand[None] + own)
    )


def _losses(spec: WorldSpec, at_risk: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Expected persons lost (K, T) and brought forward (K, T), from the at-risk flow (K, T)."""
    start = spec.event_month
    lost = np.zeros_like(at_risk)
    lost[:, start:] = spec.lost_share * at_risk[:, start:]
    rush = np.zeros_like(at_risk)
    ahead = spec.anticipation_months
    brought = spec.rush_share * lost[:, start : start + 6].sum(axis=1)
    if ahead:
        rush[:, start - ahead : start] = brought[:, None] / ahead
    return lost, rush


def _gains(
    rng: np.random.Generator, spec: WorldSpec, lost: FloatArray, destinations: FloatArray, exposure: FloatArray
) -> FloatArray:
    """(D, K, T) expected persons gained by every destination."""
    seeking = lost.copy()
    seeking[:, spec.event_month : spec.event_month + 6] *= 1.0 - spec.rush_share
    gains = np.zeros_like(destinations)
    for d, (_, share, lag) in enumerate(DESTINATIONS.values()):
        weights = _lag_weights(lag, spec.months)
        spread = np.maximum(1.0 + spec.share_spread * rng.normal(size=(spec.sectors, 1)), 0.0)
        arriving = np.stack([np.convolve(row, weights)[: spec.months] for row in seeking])
        gains[d] = spec.share_scale * share * spread * arriving
        if spec.multiplicative:
            pull = destinations[d] * exposure[:, None]
            gains[d] = pull * gains[d].sum(axis=0) / np.maximum(pull.sum(axis=0), 1e-9)
    return gains


def make_world(spec: WorldSpec, rng: np.random.Generator) -> tuple[EventPanel, Truth]:
    """One world: the panel that the estimator may see, and the truth that it may not."""
    exposure = np.where(rng.random(spec.sectors) < 0.2, 0.0, rng.beta(1.2, 3.0, spec.sectors))
    groups = rng.integers(0, 6, spec.sectors)
    totals = np.array([RESTRICTED_TOTAL, *(d[0] for d in DESTINATIONS.values()), *CONTROLS.values()])
    loading = rng.uniform(0.6, 1.4, len(totals))
    first_control = 1 + len(DESTINATIONS)
    loading[first_control:] = rng.uniform(*spec.control_loading, len(CONTROLS))
    mean = _undisturbed(rng, spec, totals=totals, loading=loading, exposure=exposure, groups=groups)
    lost, rush = _losses(spec, exposure[:, None] * mean[0])
    gains = _gains(rng, spec, lost, mean[1:first_control], exposure)
    mean[0] += rush - lost
    mean[1:first_control] += gains
    mean[first_control] += spec.leakage * lost
    if spec.second_reform_month is not None:
        other = 0.5 * exposure + 0.5 * rng.beta(1.2, 3.0, spec.sectors)
        mean[3, :, spec.event_month + spec.second_reform_month :] *= 1.0 - 0.4 * other[:, None]
    counts = _counts(rng, mean)
    seen = exposure
    if spec.exposure_sample is not None:
        salaries = 1 + rng.poisson(spec.exposure_sample, spec.sectors)
        hits = rng.binomial(salaries, exposure)
        seen = shrunk_shares(hits.astype(np.float64), salaries.astype(np.float64))
    window = slice(spec.event_month, spec.event_month + spec.window_months)
    truth = Truth(
        gross_loss=float(lost[:, window].sum()),
        rush=float(rush.sum()),
        loss_by_month=lost[:, window].sum(axis=0),
        gain_by_month=gains[:, :, window].sum(axis=1),
    )
    panel = EventPanel(
        restricted=counts[0],
        destinations=counts[1:first_control],
        controls=counts[first_control:],
        exposure=seen,
        clusters=np.arange(spec.sectors),
        season_groups=groups,
        event_month=spec.event_month,
        anticipation_months=spec.anticipation_months,
        first_calendar_month=0,
        destination_names=list(DESTINATIONS),
        control_names=list(CONTROLS),
    )
    return panel, truth
