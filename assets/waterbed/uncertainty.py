"""What adds to the errors of clusters: counting, the form of the gains, the tilt of demand, the controls, the level.

Belongs here: one covariance for each of these, and refits of one event with something changed. Does not belong here:
the jackknife over clusters and intervals (`inference`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from assets.waterbed.additive import Effects, estimate_effects
from assets.waterbed.demand_index import DemandIndex, Held, demand_index, no_demand_index
from assets.waterbed.inference import critical_value, jackknife_covariance
from assets.waterbed.loadings import CrossProducts, estimate_loadings
from assets.waterbed.panel import Bin, EventPanel, FloatArray
from assets.waterbed.restriction import closure_level_error

Specification = Literal["C0", "C1", "C2"]
#: Part of the spread over control routes that is not counting noise of the controls, which the clusters show already.
CONTROL_SPREAD_PART = 0.5
#: Weight of the two-part model below which refits leave it out.
LEAST_FORM_WEIGHT = 0.001


@dataclass(frozen=True)
class Fit:
    """How an event is fitted, so that it can be fitted again with something changed.

    Attributes:
        specification: C0, C1 or C2.
        bins: months after the event.
        found: cross products of the routes, for the loadings; none for C0.
    """

    specification: Specification
    bins: Sequence[Bin]
    found: CrossProducts | None

    @cached_property
    def loadings(self) -> FloatArray | None:
        """(1 + G or 1, 1 + D) loadings of the routes on the index of the controls; none for C0."""
        return None if self.found is None else estimate_loadings(self.found, self.specification == "C1")

    def demand(
        self,
        panel: EventPanel,
        cell_weights: FloatArray,
        held: Held | None = None,
        bins: Sequence[Bin] | None = None,
    ) -> DemandIndex:
        """The demand index of the specification; over other bins where these are given."""
        if self.found is None or self.loadings is None:
            return no_demand_index(panel)
        return demand_index(panel, self.found.baseline, bins or self.bins, cell_weights, self.loadings, held=held)

    def once(self, panel: EventPanel, held: Held, form_weight: float) -> Effects:
        """Effects with all cells, of this or another panel, with what is held and a weight of the two-part model."""
        return self.with_index(panel, self.demand(panel, np.ones((1, panel.cells)), held), form_weight)

    def with_index(self, panel: EventPanel, index: DemandIndex, form_weight: float) -> Effects:
        """Effects with all cells only, with a demand index and a weight of the two-part model."""
        everything = np.ones((1, panel.cells))
        is_two_part = form_weight > LEAST_FORM_WEIGHT
        return estimate_effects(panel, index, everything, self.bins, is_two_part=is_two_part, is_refit=True)


def parameter_vectors(effects: Effects, weight: float = 0.0) -> FloatArray:
    """(B, P) loss of every bin, rush, gain of every destination and bin.

    Args:
        effects: estimates for every set of cell weights.
        weight: weight of the two-part model of gains.
    """
    gain = (1.0 - weight) * effects.gain + weight * effects.flexible_gain
    return np.concatenate([effects.loss, effects.rush[:, None], gain.reshape(len(gain), -1)], axis=1)


def above_counting_noise(covariance: FloatArray, effects: Effects, degrees: int) -> FloatArray:
    """The covariance with the error of every gain raised to what counting alone makes, where it was below that.

    A destination with a few persons a month can show less variation between clusters than counting must bring. Errors
    are read with the t distribution because they were estimated from few clusters. Counting noise is not, so that it is
    put in at what makes these intervals the normal ones.

    Args:
        covariance: (P, P) from clusters.
        effects: the estimates.
        degrees: degrees of freedom that errors are read with.
    """
    known = (critical_value(np.inf) / critical_value(degrees)) ** 2
    first = len(effects.bins) + 1
    scale = np.ones(len(covariance))
    for d, floor in enumerate(effects.counting_variance):
        mine = slice(first + d * len(effects.bins), first + (d + 1) * len(effects.bins))
        found, least = float(covariance[mine, mine].sum()), known * float(floor.sum())
        if 0.0 < found < least:
            scale[mine] = np.sqrt(least / found)
    return np.asarray(covariance * np.outer(scale, scale))


def form_uncertainty(effects: Effects, weight: float) -> FloatArray:
    """(P, P) what not knowing the form of the gains adds: the spread between the two models, by their weights."""
    apart = parameter_vectors(effects, 1.0)[0] - parameter_vectors(effects, 0.0)[0]
    return np.asarray(weight * (1.0 - weight) * np.outer(apart, apart))


def tilt_uncertainty(
    panel: EventPanel,
    fit: Fit,
    index: DemandIndex,
    estimates: FloatArray,
    form_weight: float,
) -> FloatArray:
    """(P, P) what giving the tilt of demand less than full weight leaves in doubt.

    The clusters show weight^2 of the variance that a tilt brings; 1 - weight is added to that. Sets of nominally 95 %
    then hold the truth in 93 to 97 % of cases, whatever the true tilt is, where a third of all variance is the tilt's.
    What one error of the tilt does is found by adding it to the tilt of all months after the event. (Scaling up the
    tilt that was found would not do: where its mean happens to be near zero, its months are still far from it.)

    Args:
        panel: the event.
        fit: how it was fitted.
        index: the demand index that was used.
        estimates: (P,) estimates at that weight.
        form_weight: weight of the two-part model of gains.
    """
    if index.held.weight > 1.0 - 1e-6 or not index.tilt_error > 0:
        return np.zeros((len(estimates), len(estimates)))
    shifted = fit.with_index(panel, index.with_tilt(index.tilt_error, panel.event_month), form_weight)
    one_error = parameter_vectors(shifted, form_weight)[0] - estimates
    return np.asarray((1.0 - index.held.weight) * np.outer(one_error, one_error))


def control_spread(panel: EventPanel, fit: Fit, held: Held, form_weight: float) -> FloatArray:
    """(P, P) jackknife covariance over control routes: what the choice of controls adds."""
    if fit.found is None:
        raise ValueError("a specification without controls has no spread over them")
    count = len(panel.controls)
    without = []
    for left in range(count):
        kept = [c for c in range(count) if c != left]
        fewer = replace(fit, found=fit.found.with_controls(kept))
        effects = fewer.once(panel.with_controls(kept), held, form_weight)
        without.append(parameter_vectors(effects, form_weight)[0])
    return CONTROL_SPREAD_PART * jackknife_covariance(np.stack(without))


def level_uncertainty(panel: EventPanel, effects: Effects) -> FloatArray:
    """(P, P) what not knowing the level of a closed route adds: all bins of the loss move together."""
    relative = closure_level_error(panel.restricted, panel.first_touched_month, effects.bins[-1][1])
    moved = np.zeros(parameter_vectors(effects).shape[1])
    moved[: len(effects.bins)] = effects.at_risk[0]
    return np.asarray(relative**2 * np.outer(moved, moved))
