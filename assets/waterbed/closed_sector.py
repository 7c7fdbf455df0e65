"""A scheme that closed and that one sector, or a few, used alone: these sectors against all others.

Belongs here: losses, gains and their covariance. Does not belong here: what would have come (`closed_levels`), schemes
whose companies are compared with each other (`additive`), and what is printed (`results`).

For the scheme that closed       R(0) = usual level of the calendar month x growth of the controls in its sectors
for a destination                Y(0) = usual level in these sectors x growth of the destination elsewhere
                                        x growth of the controls in these sectors over their growth elsewhere
with usual levels from the last two untreated years. The growth of controls enters with loading zero (C0), one (C1) or
as found in the years before (C2). What came beyond Y(0) is the gain, newly founded companies included.

A jackknife over sectors says nothing where one sector is treated. Errors are made of three parts: counting noise of all
series; how far the same two forecasts miss in sectors that never had the scheme, over the same months (their placebo
gains and losses); and what single control routes change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assets.waterbed.additive import Effects
from assets.waterbed.closed_levels import (
    LEAST_CONTROL_PERSONS,
    Growth,
    Sums,
    demand_growth,
    destinations_without,
    growth,
    scheme_without,
    sums_of,
    usual_months,
)
from assets.waterbed.inference import jackknife_covariance
from assets.waterbed.panel import Bin, EventPanel, FloatArray
from assets.waterbed.restriction import USUAL_MONTHS, whole_years
from assets.waterbed.uncertainty import CONTROL_SPREAD_PART, Specification, parameter_vectors

#: Fewest persons by a destination in another sector, in the usual months, for the sector to serve as placebo.
LEAST_PLACEBO_PERSONS = 24
#: Fewest sectors from which an error is told.
LEAST_PLACEBO_SECTORS = 5
#: Draws of counting noise, and their seed: a few hundred settle a covariance to a few per cent.
DRAWS, SEED = 400, 1
#: Relative error of a level that no other sector shows.
UNKNOWN_LEVEL_ERROR = 1.0
LARGEST_LOADING = 1.5


@dataclass(frozen=True)
class ClosedSector:
    """What was found.

    Attributes:
        effects: one row: all cells.
        estimates: (P,) loss of every bin, rush, gain of every destination and bin.
        covariance: (P, P).
        degrees: sectors in which forecasts were tried, minus one.
    """

    effects: Effects
    estimates: FloatArray
    covariance: FloatArray
    degrees: int


def is_closed_sector(panel: EventPanel) -> bool:
    """Whether a closed scheme is held against sectors that did not use it."""
    return panel.is_closed and bool((panel.exposure == 0).any())


def analyse_closed_sector(panel: EventPanel, specification: Specification, bins: Sequence[Bin]) -> ClosedSector:
    """Losses and gains of a scheme that closed.

    Args:
        panel: cells are sectors; exposure is one where the scheme was used, zero elsewhere.
        specification: C0, C1 or C2; see the head of this module.
        bins: months after the event.
    """
    sums = sums_of(panel)
    loading = _loading(panel, sums, specification)
    effects = _effects(panel, sums, bins, loading)
    estimates = parameter_vectors(effects)[0]
    noisy = parameter_vectors(_effects(panel, _with_counting_noise(panel, sums), bins, loading))
    covariance = np.cov(noisy, rowvar=False)
    moved = np.zeros(len(estimates))
    moved[: len(bins)] = effects.at_risk[0]
    tried = _tried_elsewhere(panel, bins[-1][1], loading)
    covariance = covariance + tried.level**2 * np.outer(moved, moved)
    usual = destinations_without(panel, sums, bins, loading)[0]
    lengths = np.array([high - low for low, high in bins]) / bins[-1][1]
    was_taken = panel.destinations[:, panel.exposure > 0][..., usual_months(panel)].sum(axis=(1, 2))
    for d, relative in enumerate(tried.relative):
        mine = np.zeros(len(estimates))
        first = len(bins) + 1 + d * len(bins)
        is_known = was_taken[d] >= LEAST_PLACEBO_PERSONS
        mine[first : first + len(bins)] = relative * usual[d] if is_known else tried.persons[d] * lengths
        covariance = covariance + np.outer(mine, mine)
    count = len(panel.controls)
    if loading and count > 1:
        fewer = [replace(sums, controls=np.delete(sums.controls, left, axis=1)) for left in range(count)]
        without = np.stack([parameter_vectors(_effects(panel, kept, bins, loading))[0] for kept in fewer])
        covariance = covariance + CONTROL_SPREAD_PART * jackknife_covariance(without)
    return ClosedSector(effects, estimates, covariance, max(tried.sectors - 1, 1))


def _with_counting_noise(panel: EventPanel, sums: Sums) -> Sums:
    """The sums drawn anew with the noise that they show from month to month, at least that of counting."""
    rng = np.random.default_rng(SEED)
    before = slice(0, panel.first_touched_month)

    def drawn(series: FloatArray) -> FloatArray:
        level = np.maximum(series[..., before].mean(axis=-1), 1e-9)
        steps = (np.diff(series[..., before], axis=-1) ** 2).mean(axis=-1) / 2.0
        dispersion = np.maximum(steps / level, 1.0)
        # a route that nobody took yet might have been taken by one in these years
        error = np.sqrt(dispersion[..., None] * np.maximum(series, 1.0 / USUAL_MONTHS))
        return np.asarray(np.maximum(series + error * rng.standard_normal((DRAWS, *series.shape[1:])), 0.0))

    return Sums(drawn(sums.restricted), drawn(sums.destinations), drawn(sums.controls))


def _effects(panel: EventPanel, sums: Sums, bins: Sequence[Bin], loading: float) -> Effects:
    """Losses and gains of every set of sums."""
    windows = [panel.after(*b) for b in bins]
    early = panel.after(-panel.anticipation_months, 0)
    at_risk = np.stack([scheme_without(panel, sums, months, loading) for months in windows], axis=-1)
    came = np.stack([sums.restricted[:, 0, 0, months].sum(axis=-1) for months in windows], axis=-1)
    seen = np.stack([sums.destinations[:, :, 0, months].sum(axis=-1) for months in windows], axis=-1)
    gain = seen - destinations_without(panel, sums, bins, loading)
    # what carries a comparison is the number of sectors without the scheme in which forecasts can be tried
    usual = panel.destinations[:, :, usual_months(panel)].sum(axis=2)
    tried = ((usual >= LEAST_PLACEBO_PERSONS) & (panel.exposure == 0)).astype(np.float64)
    any_tried = tried.max(axis=0)
    return Effects(
        bins=list(bins),
        at_risk=at_risk,
        loss=at_risk - came,
        rush=sums.restricted[:, 0, 0, early].sum(axis=-1) - scheme_without(panel, sums, early, loading),
        gain=gain,
        flexible_gain=gain,
        counting_variance=np.zeros(gain.shape[1:]),
        information=any_tried / max(float(any_tried.sum()), 1e-12),
        gain_information=tried / np.maximum(tried.sum(axis=1, keepdims=True), 1e-12),
    )


def _loading(panel: EventPanel, sums: Sums, specification: Specification) -> float:
    """Loading of the closed scheme on the controls: given, or found in its yearly moves before the event."""
    if specification != "C2":
        return 0.0 if specification == "C0" else 1.0
    scheme, controls = (
        np.diff(np.log(np.maximum(whole_years(series, panel.first_touched_month), 1.0)))
        for series in (sums.restricted[0, 0, 0], sums.controls[0, :, 0].sum(axis=0))
    )
    together = float((controls**2).sum())
    return float(np.clip((scheme * controls).sum() / together, 0.0, LARGEST_LOADING)) if together > 0 else 1.0


@dataclass(frozen=True)
class _Tried:
    """How far forecasts missed over the window in sectors that never had the scheme.

    Attributes:
        level: relative error of the level that the scheme would have kept.
        relative: (D,) relative error of a destination's level.
        persons: (D,) error in persons where hardly anybody had taken the destination before.
        sectors: sectors that these rest on.
    """

    level: float
    relative: FloatArray
    persons: FloatArray
    sectors: int


def _tried_elsewhere(panel: EventPanel, months_after: int, loading: float) -> _Tried:
    """Try the two forecasts in sectors without the scheme.

    A destination there: usual level times growth elsewhere times relative growth of the sector's controls. The scheme
    itself was nowhere else; usual level times growth of the controls is tried on every destination.
    """
    months = panel.after(0, months_after)
    others = panel.exposure == 0
    controls = growth(panel, panel.controls[:, others].sum(axis=0), months)
    demand = demand_growth(controls, loading)
    together = _of_all(controls) ** loading
    has_controls = controls.seen >= LEAST_CONTROL_PERSONS
    relative = np.full(len(panel.destinations), UNKNOWN_LEVEL_ERROR)
    persons, missed, sectors = np.zeros(len(relative)), [], set[int]()
    for d, counted in enumerate(panel.destinations[:, others]):
        found = growth(panel, counted, months)
        grown, usual, seen = found
        expected = usual * _of_all(found) * demand / together
        few = seen < LEAST_PLACEBO_PERSONS
        if few.any():
            persons[d] = np.sqrt(((counted[few][:, months].sum(axis=1) - expected[few]) ** 2).mean())
        enough = np.flatnonzero(~few & (grown > 0))
        if len(enough) < LEAST_PLACEBO_SECTORS:
            continue
        counting = 1.0 / (grown * usual)[enough] + 1.0 / seen[enough]
        relative[d] = _beyond(np.log((grown * usual)[enough] / expected[enough]), counting)
        alone = has_controls[enough]
        missed.append((np.log(grown[enough] / demand[enough])[alone], counting[alone]))
        sectors |= set(enough.tolist())
    forecasts = [np.concatenate(parts) for parts in zip(*missed, strict=True)] if missed else []
    level = _beyond(*forecasts) if missed and len(forecasts[0]) >= LEAST_PLACEBO_SECTORS else UNKNOWN_LEVEL_ERROR
    return _Tried(level, relative, persons, len(sectors))


def _of_all(found: Growth) -> float:
    """Growth of all sectors together; one where nobody was usual."""
    return float((found.grown * found.usual).sum() / found.usual.sum()) if found.usual.sum() > 0 else 1.0


def _beyond(missed: FloatArray, counting: FloatArray) -> float:
    """Root mean square of what was missed, without what counting alone makes."""
    return float(np.sqrt(max(float((missed**2 - counting).mean()), 0.0)))
