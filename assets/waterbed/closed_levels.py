"""What would have come without a closing: usual levels, their growth, and the forecasts made of them.

Belongs here: sums over the sectors of a scheme and over all others, and what each would have had in some months. Does
not belong here: losses and gains, and their errors (`closed_sector`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from assets.waterbed.panel import Bin, EventPanel, FloatArray, IntArray
from assets.waterbed.restriction import USUAL_MONTHS, calendar_means

#: Fewest persons of all controls together in the sectors of the scheme, in the usual months, that show its demand.
LEAST_CONTROL_PERSONS = 24


#: Growth of controls is never taken to fall below this part.
LOWEST_GROWTH = 0.05


@dataclass(frozen=True)
class Sums:
    """Monthly persons inside the sectors of the scheme and in all others: (S, routes, 2, T), S sets of such sums."""

    restricted: FloatArray
    destinations: FloatArray
    controls: FloatArray


def sums_of(panel: EventPanel) -> Sums:
    """The one set of sums of a panel: exposure is above zero where the scheme was used."""
    inside = panel.exposure > 0

    def both(counts: FloatArray) -> FloatArray:
        return np.stack([counts[:, inside].sum(axis=1), counts[:, ~inside].sum(axis=1)], axis=1)[None]

    return Sums(both(panel.restricted[None]), both(panel.destinations), both(panel.controls))


def usual_months(panel: EventPanel) -> IntArray:
    """Positions of the last two untreated years of months; months under a common shock are not usual, where it can be.

    Where shocks leave less than a year of other months, they count.
    """
    untreated = np.arange(panel.first_touched_month)
    calm = untreated if panel.shocked is None else untreated[~panel.shocked[: panel.first_touched_month]]
    return (calm if len(calm) >= 12 else untreated)[-USUAL_MONTHS:]


class Growth(NamedTuple):
    """How series (..., T) came out in some months.

    Attributes:
        grown: persons over the usual number for these calendar months; one where none were usual.
        usual: that usual number.
        seen: persons in the usual months themselves.
    """

    grown: FloatArray
    usual: FloatArray
    seen: FloatArray


def growth(panel: EventPanel, series: FloatArray, months: slice) -> Growth:
    """The growth of series (..., T) in some months over what is usual in these calendar months."""
    recent = usual_months(panel)
    means = calendar_means(series[..., recent], panel.calendar_month[recent])
    usual = means[..., panel.calendar_month[months]].sum(axis=-1)
    grown = np.where(usual > 0, series[..., months].sum(axis=-1) / np.where(usual > 0, usual, 1.0), 1.0)
    return Growth(grown, usual, np.asarray(series[..., recent].sum(axis=-1)))


def demand_growth(controls: Growth, loading: float) -> FloatArray:
    """Growth of demand as the controls show it; one where too few persons came by them to show any."""
    shown = np.where(controls.seen >= LEAST_CONTROL_PERSONS, np.maximum(controls.grown, LOWEST_GROWTH), 1.0)
    return np.asarray(shown**loading)


def scheme_without(panel: EventPanel, sums: Sums, months: slice, loading: float) -> FloatArray:
    """(S,) persons who would have come by the scheme in some months."""
    return np.asarray(growth(panel, sums.restricted, months).usual[:, 0, 0] * _demand(panel, sums, months, loading)[0])


def destinations_without(panel: EventPanel, sums: Sums, bins: Sequence[Bin], loading: float) -> FloatArray:
    """(S, D, bins) persons who would have come by the destinations in the sectors of the scheme."""
    found = []
    for months in (panel.after(*b) for b in bins):
        grown, usual, _ = growth(panel, sums.destinations, months)
        relative = _demand(panel, sums, months, loading)[1]
        found.append(usual[..., 0] * grown[..., 1] * relative[:, None])
    return np.stack(found, axis=-1)


def _demand(panel: EventPanel, sums: Sums, months: slice, loading: float) -> tuple[FloatArray, FloatArray]:
    """(S,) growth of demand in the sectors of the scheme, and the same over its growth elsewhere."""
    shown = demand_growth(growth(panel, sums.controls.sum(axis=1), months), loading)
    return shown[:, 0], shown[:, 0] / shown[:, 1]
