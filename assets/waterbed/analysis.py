"""One event, one specification: effects with their joint covariance.

Belongs here: putting index, effects and errors together. Does not belong here: the moment conditions (`restriction`,
`additive`, `gains`), what is printed (`results`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assets.waterbed.additive import Effects, bins_within, estimate_effects
from assets.waterbed.breakdown import rates_before
from assets.waterbed.closed_sector import analyse_closed_sector, is_closed_sector
from assets.waterbed.clusters import effective_clusters, leave_one_cluster_out
from assets.waterbed.demand_index import DemandIndex, no_demand_index
from assets.waterbed.form import flexible_weight
from assets.waterbed.inference import critical_value, jackknife_covariance
from assets.waterbed.loadings import cross_products
from assets.waterbed.panel import Bin, EventPanel, FloatArray
from assets.waterbed.uncertainty import (
    Fit,
    Specification,
    above_counting_noise,
    control_spread,
    form_uncertainty,
    level_uncertainty,
    parameter_vectors,
    tilt_uncertainty,
)

__all__ = ["SPECIFICATIONS", "Analysis", "Specification", "analyse", "parameter_vectors"]

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
        degrees: degrees of freedom of the t distribution: clusters minus one. Errors of the jackknife already know how
            unequal these are; fewer degrees on top of that make sets too wide.
        index: demand of the cells.
        fit: how it was fitted.
    """

    panel: EventPanel
    specification: Specification
    effects: Effects
    flexible_weight: float
    estimates: FloatArray
    covariance: FloatArray
    degrees: int
    index: DemandIndex
    fit: Fit

    @property
    def bins(self) -> Sequence[Bin]:
        """Bins of months after the event."""
        return self.effects.bins

    @cached_property
    def critical(self) -> float:
        """Quantile for a 95 % interval."""
        return critical_value(self.degrees)

    @cached_property
    def rates_before(self) -> FloatArray:
        """(1 + G, D, years) what the same moments find in years before the event, for each person at risk."""
        everything = leave_one_cluster_out(self.panel.clusters)
        return rates_before(self.panel, self.fit, self.index.held, everything)

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
    if is_closed_sector(panel):
        return _of_closed_sector(panel, specification, bins)
    cell_weights = leave_one_cluster_out(panel.clusters)
    fit = Fit(specification, bins, None if specification == "C0" else cross_products(panel))
    index = fit.demand(panel, cell_weights)
    effects = estimate_effects(panel, index, cell_weights, bins)
    weight = _form_weight(panel, effects)
    vectors = parameter_vectors(effects, weight)
    degrees = len(np.unique(panel.clusters)) - 1
    covariance = above_counting_noise(jackknife_covariance(vectors[1:]), effects, degrees)
    covariance = covariance + form_uncertainty(effects, weight)
    if fit.found is not None:
        covariance = covariance + tilt_uncertainty(panel, fit, index, vectors[0], weight)
        if len(panel.controls) > 1:
            covariance = covariance + control_spread(panel, fit, index.held, weight)
    if panel.is_closed:
        covariance = covariance + level_uncertainty(panel, effects)
    return Analysis(
        panel=panel,
        specification=specification,
        effects=effects,
        flexible_weight=weight,
        estimates=np.asarray(vectors[0]),
        covariance=covariance,
        degrees=degrees,
        index=index,
        fit=fit,
    )


def _of_closed_sector(panel: EventPanel, specification: Specification, bins: Sequence[Bin]) -> Analysis:
    found = analyse_closed_sector(panel, specification, bins)
    return Analysis(
        panel=panel,
        specification=specification,
        effects=found.effects,
        flexible_weight=0.0,
        estimates=found.estimates,
        covariance=found.covariance,
        degrees=found.degrees,
        index=no_demand_index(panel),
        fit=Fit(specification, bins, None),
    )


def _form_weight(panel: EventPanel, effects: Effects) -> float:
    # where a route closed for all, exposure is one everywhere and the two-part model has nothing to hold on to
    if panel.is_closed or effects.proportional_gain is None:
        return 0.0
    proportional = effects.proportional_gain.sum(axis=2)
    return flexible_weight(effects.flexible_gain.sum(axis=2) - proportional, proportional)
