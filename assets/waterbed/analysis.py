"""One event, one specification: effects with their joint covariance.

Belongs here: putting index, effects and errors together. Does not belong here: the moment conditions (`restriction`,
`additive`, `flexible`), what is printed (`results`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from assets.waterbed.additive import Bin, Effects, bins_within, estimate_effects
from assets.waterbed.breakdown import rates_before
from assets.waterbed.demand_index import DemandIndex, control_demand_index, no_demand_index
from assets.waterbed.form import flexible_weight
from assets.waterbed.inference import (
    critical_value,
    effective_clusters,
    jackknife_covariance,
    leave_one_cluster_out,
)
from assets.waterbed.loadings import CrossProducts, cross_products, estimate_loadings
from assets.waterbed.panel import EventPanel, FloatArray
from assets.waterbed.restriction import closure_level_error

Specification = Literal["C0", "C1", "C2"]
#: Part of the spread over control routes that is not counting noise of the controls, which the clusters show already.
CONTROL_SPREAD_PART = 0.5
SPECIFICATIONS: Sequence[Specification] = ("C0", "C1", "C2")


@dataclass(frozen=True)
class Analysis:
    """Effects of one event under one specification.

    The vector of parameters is: the loss of every bin, the rush, then for every destination the gain of every bin.

    Attributes:
        panel: what was analysed.
        specification: C0, C1 or C2.
        effects: estimates; row 0 with all cells, the others with one cluster left out.
        flexible_weight: weight of the two-part model of gains, see `form`.
        estimates: (P,) the parameters.
        covariance: (P, P) their covariance.
        degrees: degrees of freedom of the t distribution, clusters minus one.
        rates_before: (D, years) what the same moments find in years before the event, for each person at risk.
    """

    panel: EventPanel
    specification: Specification
    effects: Effects
    flexible_weight: float
    estimates: FloatArray
    covariance: FloatArray
    degrees: int
    rates_before: FloatArray

    @property
    def bins(self) -> Sequence[Bin]:
        """Bins of months after the event."""
        return self.effects.bins

    @cached_property
    def critical(self) -> float:
        """Quantile for a 95 % interval."""
        return critical_value(self.degrees)

    def loss_selector(self, months_after: int, net: bool = True) -> FloatArray:
        """(P,) coefficients that make the loss over a horizon out of the parameters."""
        selector = np.zeros(len(self.estimates))
        selector[self.effects.upto(months_after)] = 1.0
        if net:
            selector[len(self.bins)] = -1.0
        return selector

    def gain_selector(self, destination: int, months_after: int) -> FloatArray:
        """(P,) coefficients that make the gain of one destination over a horizon."""
        selector = np.zeros(len(self.estimates))
        first = len(self.bins) + 1 + destination * len(self.bins)
        selector[[first + i for i in self.effects.upto(months_after)]] = 1.0
        return selector

    def bin_gain_selector(self, destination: int, position: int) -> FloatArray:
        """(P,) coefficients that pick the gain of one destination in the bin at `position`."""
        selector = np.zeros(len(self.estimates))
        selector[len(self.bins) + 1 + destination * len(self.bins) + position] = 1.0
        return selector

    def bin_loss_selector(self, position: int) -> FloatArray:
        """(P,) coefficients that make the loss in the bin at `position`, at the loss rate of the whole window.

        The flow at risk of a bin is known far better than its own loss rate, and a bin's own rate is too noisy to
        divide by.
        """
        at_risk = self.effects.at_risk[0]
        selector = np.zeros(len(self.estimates))
        selector[: len(self.bins)] = at_risk[position] / at_risk.sum() if at_risk.sum() > 0 else 0.0
        return selector

    def effective_clusters(self, destination: int | None = None) -> float:
        """Clusters that the loss (none) or a destination's gain effectively rests on."""
        of = self.effects.information if destination is None else self.effects.gain_information[destination]
        return effective_clusters(of, self.panel.clusters)


def analyse(panel: EventPanel, specification: Specification, months_after: int | None = None) -> Analysis:
    """Estimate one event under one specification.

    Args:
        panel: counts and exposure around the event.
        specification: C0 without a demand index; C1 with an index whose loading is one as far as the months before
            the event do not say otherwise; C2 with loadings as estimated from those months.
        months_after: months after the event to use; all of the panel when none.

    Raises:
        ValueError: when no bin fits into the months after the event, or when C1 or C2 lacks a control route.
    """
    available = panel.months - panel.event_month
    bins = bins_within(available if months_after is None else min(months_after, available))
    if not bins:
        raise ValueError("there are fewer than three months after the event")
    cell_weights = leave_one_cluster_out(panel.clusters)
    found = None if specification == "C0" else cross_products(panel)
    index, loadings = _demand(panel, specification, cell_weights, bins, found)
    effects = estimate_effects(panel, index, cell_weights, bins, loadings)
    # where a route closed for all, exposure is one everywhere and the two-part model has nothing to hold on to
    weight = 0.0 if panel.is_closed else flexible_weight(effects.gain.sum(axis=2), effects.flexible_gain.sum(axis=2))
    vectors = parameter_vectors(effects, weight)
    covariance = _above_counting_noise(jackknife_covariance(vectors[1:]), effects)
    covariance = covariance + _form_uncertainty(effects, weight)
    if found is not None and len(panel.controls) > 1:
        covariance = covariance + _control_spread(panel, specification, bins, found, weight)
    if panel.is_closed:
        covariance = covariance + _level_uncertainty(panel, effects)
    return Analysis(
        panel=panel,
        specification=specification,
        effects=effects,
        flexible_weight=weight,
        estimates=np.asarray(vectors[0]),
        covariance=covariance,
        degrees=len(cell_weights) - 2,
        rates_before=rates_before(panel, index, loadings, bins[-1][1]),
    )


def parameter_vectors(effects: Effects, weight: float = 0.0) -> FloatArray:
    """(B, P) loss of every bin, rush, gain of every destination and bin.

    Args:
        effects: estimates for every set of cell weights.
        weight: weight of the two-part model of gains.
    """
    gain = (1.0 - weight) * effects.gain + weight * effects.flexible_gain
    return np.concatenate([effects.loss, effects.rush[:, None], gain.reshape(len(gain), -1)], axis=1)


def _demand(
    panel: EventPanel,
    specification: Specification,
    cell_weights: FloatArray,
    bins: Sequence[Bin],
    found: CrossProducts | None,
) -> tuple[DemandIndex, FloatArray | None]:
    """The demand index of a specification, and the loadings of the routes on it."""
    if specification == "C0" or found is None:
        return no_demand_index(panel, cell_weights), None
    index = control_demand_index(panel, cell_weights, bins[-1][1])
    return index, estimate_loadings(found, is_shrunk=specification == "C1")


def _above_counting_noise(covariance: FloatArray, effects: Effects) -> FloatArray:
    """The covariance with the error of every gain raised to what counting alone makes, where it was below that.

    A destination with a few persons a month can show less variation between clusters than counting must bring.
    """
    first = len(effects.bins) + 1
    scale = np.ones(len(covariance))
    for d, floor in enumerate(effects.counting_variance):
        mine = slice(first + d * len(effects.bins), first + (d + 1) * len(effects.bins))
        found = float(covariance[mine, mine].sum())
        if 0.0 < found < floor.sum():
            scale[mine] = np.sqrt(floor.sum() / found)
    return np.asarray(covariance * np.outer(scale, scale))


def _form_uncertainty(effects: Effects, weight: float) -> FloatArray:
    """(P, P) what not knowing the form of the gains adds: the spread between the two models, by their weights."""
    apart = parameter_vectors(effects, 1.0)[0] - parameter_vectors(effects, 0.0)[0]
    return np.asarray(weight * (1.0 - weight) * np.outer(apart, apart))


def _level_uncertainty(panel: EventPanel, effects: Effects) -> FloatArray:
    """(P, P) what not knowing the level of a closed route adds: all bins of the loss move together."""
    relative = closure_level_error(panel.restricted, panel.first_touched_month, effects.bins[-1][1])
    moved = np.zeros(parameter_vectors(effects).shape[1])
    moved[: len(effects.bins)] = effects.at_risk[0]
    return np.asarray(relative**2 * np.outer(moved, moved))


def _control_spread(
    panel: EventPanel, specification: Specification, bins: Sequence[Bin], found: CrossProducts, weight: float
) -> FloatArray:
    """(P, P) jackknife covariance over control routes: what the choice of controls adds."""
    everything = np.ones((1, panel.cells))
    count = len(panel.controls)
    without = []
    for left in range(count):
        kept = [c for c in range(count) if c != left]
        fewer = panel.with_controls(kept)
        index, loadings = _demand(fewer, specification, everything, bins, found.with_controls(kept))
        effects = estimate_effects(fewer, index, everything, bins, loadings)
        without.append(parameter_vectors(effects, weight)[0])
    return CONTROL_SPREAD_PART * jackknife_covariance(np.stack(without))
