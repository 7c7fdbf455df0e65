"""Windows and designs without breaks of series: a break is no behaviour and must not look like it.

Belongs here: moving a window behind a break, leaving out routes or sectors that break. Does not belong here: which
breaks there are (`events.yaml`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from assets.waterbed.cells import NotEstimableError
from assets.waterbed.declarations import Declarations, Design, SeriesBreak
from assets.waterbed.windows import EventWindow, after_break


def cut_at_breaks(
    window: EventWindow, events: pl.DataFrame, design: Design, declared: Declarations
) -> tuple[EventWindow, Design, Sequence[str], Sequence[str]]:
    """The window, the design and the sectors to leave out, so that no series breaks inside the window.

    Returns:
        The window moved behind (or ended before) breaks; the design without routes that would still break; the
        sectors left out; what was done, in words.

    Raises:
        NotEstimableError: when the restricted route itself breaks too near to the event.
    """
    days: dict[str, date] = dict(events.select("event_id", "event_on").rows())
    everywhere = [b for b in declared.breaks if not b.sectors and b.event_id in days]
    for found in everywhere:
        if design.route in found.routes:
            cut = after_break(window, days[found.event_id], declared.windows)
            if cut is None:
                raise NotEstimableError(f"the series of {design.route} breaks too near to the event ({found.event_id})")
            window = cut
    dropped: list[str] = []
    for route in [*design.destinations, *design.controls]:
        moved = _behind_all(window, [days[b.event_id] for b in everywhere if route in b.routes], declared)
        if moved is None:
            dropped.append(route)
        else:
            window = moved
    sectors = sorted({s for b in declared.breaks for s in _sectors(b, window, days, design)})
    notes = [f"Series that break inside the window are left out: {', '.join(dropped)}."] if dropped else []
    if sectors:
        notes.append(f"Sectors in which a series breaks are left out: {', '.join(sectors)}.")
    kept = replace(
        design,
        destinations=tuple(r for r in design.destinations if r not in dropped),
        controls=tuple(r for r in design.controls if r not in dropped),
    )
    return window, kept, sectors, notes


def _behind_all(window: EventWindow, days: Sequence[date], declared: Declarations) -> EventWindow | None:
    for day in sorted(days):
        cut = after_break(window, day, declared.windows)
        if cut is None or cut.last < window.last:
            return None  # a break after the event costs the route, not everybody's window
        window = cut
    return window


def _sectors(found: SeriesBreak, window: EventWindow, days: dict[str, date], design: Design) -> Sequence[str]:
    touches = {design.route, *design.destinations, *design.controls} & set(found.routes)
    if not found.sectors or not touches or found.event_id not in days:
        return ()
    day = days[found.event_id]
    month = day.year * 12 + day.month - 1
    return found.sectors if window.first <= month <= window.last else ()
