"""What would have come without a closing: usual levels, their growth, and the forecasts made of them.

Belongs here: sums over the sectors of a scheme and over all others, and what each would have had in some months. Does
not belong here: losses and gains, and their errors (`closed_sector`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assets.waterbed.additive import Bin
from assets.waterbed.panel import EventPanel, FloatArray, IntArray
from assets.waterbed.restriction import USUAL_MONTHS

#: Fewest persons of all controls together in the sectors of the scheme, in the usual months, that show its demand.
LEAST_CONTROL_PERSONS = 24


@dataclass(frozen=True)
class Sums:
    """Monthly persons inside the sectors of the scheme and in all others: arrays end in (routes, 2, T)."""

    restricted: FloatArray
    destinations: FloatArray
    controls: FloatArray


def sums_of(panel: EventPanel) -> Sums:
    """The sums of a panel: exposure is above zero where the scheme was used."""
    inside = panel.exposure > 0

    def both(counts: FloatArray) -> FloatArray:
        return np.stack([counts[:, inside].sum(axis=1), counts[:, ~inside].sum(axis=1)], axis=1)

    return Sums(both(panel.restricted[None]), both(panel.destinations), both(panel.controls))


def usual_months(panel: EventPanel) -> IntArray:
    """Positions of the last two untreated years of months; months under a common shock are not usual, where it can be.

    Where shocks leave less than a year of other months, they count.
    """
    untreated = np.arange(panel.first_touched_month)
    calm = untreated if panel.shocked is None else untreated[~panel.shocked[: panel.first_touched_month]]
    return (calm if len(calm) >= 12 else untreated)[-USUAL_MONTHS:]


def _usual(panel: EventPanel, series: FloatArray) -> FloatArray:
    """(..., 12) mean of every calendar month over the usual months; the mean of all where one is missing."""
    recent = usual_months(panel)
    values, calendar = series[..., recent], panel.calendar_month[recent]
    return np.stack(
        [values[..., calendar == m].mean(-1) if (calendar == m).any() else values.mean(-1) for m in range(12)], axis=-1
    )


def growth(panel: EventPanel, series: FloatArray, months: slice) -> tuple[FloatArray, FloatArray]:
    """Persons in some months over the usual number, one where none were usual; and that usual number."""
    usual = _usual(panel, series)[..., panel.calendar_month[months]].sum(axis=-1)
    grown = np.where(usual > 0, series[..., months].sum(axis=-1) / np.where(usual > 0, usual, 1.0), 1.0)
    return grown, usual


def sector_growth(panel: EventPanel, series: FloatArray, months: slice) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Growth, usual number for these months, and persons in the usual months themselves, of series (K, T)."""
    grown, usual = growth(panel, series, months)
    return grown, usual, np.asarray(series[..., usual_months(panel)].sum(axis=-1))


def demand(panel: EventPanel, sums: Sums, months: slice, loading: float) -> tuple[FloatArray, FloatArray]:
    """Growth of the controls in the sectors of the scheme, and the same over their growth elsewhere."""
    together = sums.controls.sum(axis=-3)
    grown, usual, seen = sector_growth(panel, together, months)
    is_seen = seen >= LEAST_CONTROL_PERSONS
    grown = np.where(is_seen & (usual > 0), np.maximum(grown, 0.05), 1.0) ** loading
    return grown[..., 0], grown[..., 0] / grown[..., 1]


def scheme_without(panel: EventPanel, sums: Sums, months: slice, loading: float) -> FloatArray:
    """Persons who would have come by the scheme in some months."""
    _, usual = growth(panel, sums.restricted, months)
    return np.asarray(usual[..., 0, 0] * demand(panel, sums, months, loading)[0])


def destination_without(panel: EventPanel, sums: Sums, months: slice, loading: float) -> FloatArray:
    """(..., D) persons who would have come by the destinations, in the sectors of the scheme, in some months."""
    grown, usual = growth(panel, sums.destinations, months)
    relative = demand(panel, sums, months, loading)[1]
    return np.asarray(usual[..., 0] * grown[..., 1] * relative[..., None])


def destinations_without(panel: EventPanel, sums: Sums, bins: Sequence[Bin], loading: float) -> FloatArray:
    """(B, D, bins) the same for every bin."""
    found = [destination_without(panel, sums, months_of(panel, b), loading) for b in bins]
    stacked = np.stack(found, axis=-1)
    return stacked if stacked.ndim == 3 else stacked[None]


def months_of(panel: EventPanel, months_after: Bin) -> slice:
    """Positions in the panel of a bin of months after the event."""
    return slice(panel.event_month + months_after[0], panel.event_month + months_after[1])
