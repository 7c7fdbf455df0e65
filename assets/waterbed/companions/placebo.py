"""Tests where the answer is nothing: dates without an event, routes that cannot receive, exposure dealt anew.

Belongs here: placebo panels and their t values. Does not belong here: estimates that are reported as effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from assets.waterbed.additive import estimate_effects
from assets.waterbed.analysis import Analysis, Specification, analyse
from assets.waterbed.clusters import leave_one_cluster_out
from assets.waterbed.inference import jackknife_covariance
from assets.waterbed.loadings import cross_products
from assets.waterbed.panel import EventPanel, FloatArray
from assets.waterbed.uncertainty import Fit

#: Cells are dealt exposure anew within this many strata of size, so that large cells keep exposure of large cells.
SIZE_STRATA = 4
#: Groups of clusters that errors of dealt exposure are made of.
RANDOM_GROUPS = 16
PLACEBO_SCHEMA = {"placebo": pl.String, "outcome": pl.String, "gain": pl.Float64, "error": pl.Float64, "t": pl.Float64}


def placebo_dates(
    panel: EventPanel, specification: Specification, months_before: Sequence[int], months_after: int = 12
) -> pl.DataFrame:
    """Effects of events that never were: the panel cut before the real event, with the date moved back.

    Args:
        panel: the real event.
        specification: as in `analyse`.
        months_before: how many months before the first touched month each placebo event lies; dates that leave fewer
            than two years before them are skipped.
        months_after: months after the placebo date that are used, at most up to the real event.

    Returns:
        One row for the loss, each destination and the total of every date; see `PLACEBO_SCHEMA`.
    """
    rows = []
    for back in months_before:
        event = panel.first_touched_month - back
        if event - panel.anticipation_months < 24 or back < 3:
            continue
        moved = _cut(panel, panel.first_touched_month, event)
        analysis = analyse(moved, specification, min(months_after, back))
        rows += _rows(analysis, f"date {back} months early")
    return pl.DataFrame(rows, schema=PLACEBO_SCHEMA, orient="row")


def placebo_routes(panel: EventPanel, specification: Specification) -> pl.DataFrame:
    """Each control route in turn as if it were a destination, with the other controls as controls.

    A control that gains receives displaced flow, or shares a shock with the restricted route: it is no control. Panels
    with fewer than two controls give no rows.
    """
    rows = []
    for tested in range(len(panel.controls) if len(panel.controls) > 1 else 0):
        others = [c for c in range(len(panel.controls)) if c != tested]
        swapped = replace(
            panel.with_controls(others),
            destinations=panel.controls[[tested]],
            destination_names=[panel.control_names[tested]],
        )
        analysis = analyse(swapped, specification)
        rows += [row for row in _rows(analysis, "control as destination") if row[1] == panel.control_names[tested]]
    return pl.DataFrame(rows, schema=PLACEBO_SCHEMA, orient="row")


def randomisation_p_values(
    panel: EventPanel, specification: Specification, draws: int, rng: np.random.Generator
) -> dict[str, float]:
    """Share of permuted exposures with a gain at least as many errors above zero as the real one, by outcome.

    Exposure is permuted within strata of size. The test has the right size when exposure is as good as dealt; it is no
    cure where demand follows exposure. Errors come from a few groups of clusters: they only make gains of different
    deals comparable.
    """
    random_groups = replace(panel, clusters=np.unique(panel.clusters, return_inverse=True)[1] % RANDOM_GROUPS)
    reach = panel.months - panel.event_month
    fit = Fit(specification, [(0, reach)], None if specification == "C0" else cross_products(random_groups))
    real = _studentised(random_groups, fit)
    size = panel.restricted.sum(axis=1)
    stratum = np.minimum(np.argsort(np.argsort(size)) * SIZE_STRATA // panel.cells, SIZE_STRATA - 1)
    reached = np.ones(len(real))
    for _ in range(draws):
        dealt: FloatArray = np.array(panel.exposure)
        for s in range(SIZE_STRATA):
            members = np.nonzero(stratum == s)[0]
            dealt[members] = rng.permutation(panel.exposure[members])
        reached += _studentised(replace(random_groups, exposure=dealt), fit) >= real
    names = ("loss", *panel.destination_names, "total")
    return {name: float(count / (draws + 1)) for name, count in zip(names, reached, strict=True)}


def _studentised(panel: EventPanel, fit: Fit) -> FloatArray:
    """(1 + D + 1,) loss, gains and total gain over the whole window, each over its error by groups of clusters."""
    weights = leave_one_cluster_out(panel.clusters)
    effects = estimate_effects(panel, fit.demand(panel, weights), weights, fit.bins, is_two_part=False)
    every = np.concatenate([effects.loss, effects.gain[:, :, 0], effects.gain.sum(axis=1)], axis=1)
    errors = np.sqrt(np.diag(jackknife_covariance(every[1:])))
    return np.asarray(np.where(errors > 0, every[0] / np.where(errors > 0, errors, 1.0), 0.0))


def _cut(panel: EventPanel, until: int, event: int) -> EventPanel:
    return replace(
        panel,
        restricted=panel.restricted[:, :until],
        destinations=panel.destinations[:, :, :until],
        controls=panel.controls[:, :, :until],
        event_month=event,
        is_closed=False,
    )


def _rows(analysis: Analysis, label: str) -> list[tuple[str, str, float, float, float]]:
    reach = analysis.bins[-1][1]
    names = list(analysis.panel.destination_names)
    gains = [analysis.gain_selector(d, reach) for d in range(len(names))]
    outcomes: list[tuple[str, FloatArray]] = [("loss", analysis.loss_selector(reach, net=False))]
    outcomes += zip(names, gains, strict=True)
    outcomes.append(("total", np.asarray(np.stack(gains).sum(axis=0))))
    rows = []
    for name, selector in outcomes:
        value = float(selector @ analysis.estimates)
        error = max(float(selector @ analysis.covariance @ selector), 0.0) ** 0.5
        rows.append((label, name, value, error, value / error if error > 0 else 0.0))
    return rows
