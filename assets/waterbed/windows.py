"""Which months before and after an event can be used.

Belongs here: months as numbers, and the cuts that neighbouring events and the end of the data make. Does not belong
here: counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from assets.waterbed.declarations import Windows


def month_number(day: date) -> int:
    """Months since year 0, so that differences are numbers of months."""
    return day.year * 12 + day.month - 1


def month_start(number: int) -> date:
    """The first day of the month with this number."""
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True)
class EventWindow:
    """The months of one event.

    Attributes:
        first: first month used (number).
        event: first month that is wholly or mostly under the new rule.
        last: last month used.
        anticipation: months before the event in which applications may have been brought forward.
        cut_by: the neighbouring event that ends the window early, if one does.
    """

    first: int
    event: int
    last: int
    anticipation: int
    cut_by: str | None

    @property
    def months(self) -> int:
        """Number of months in the panel."""
        return self.last - self.first + 1

    @property
    def months_after(self) -> int:
        """Number of months from the event on."""
        return self.last - self.event + 1

    @property
    def months_before(self) -> int:
        """Number of months that the event cannot have touched."""
        return self.event - self.anticipation - self.first


def with_near_base(window: EventWindow, lengths: Windows) -> EventWindow:
    """The window with a base of at most twice the months after the event, and of the least base at least.

    Where little is looked at after the event, far months tell more of the drift of sectors than of their level.
    """
    base = max(2 * window.months_after, lengths.pre_least)
    return replace(window, first=max(window.first, window.event - window.anticipation - base))


def after_break(window: EventWindow, break_on: date, lengths: Windows) -> EventWindow | None:
    """The window without the months before a break of a series; none when too few would be left.

    A break after the event ends the window, a break before it starts the window in the month after the break.
    """
    month = month_number(break_on)
    if month < window.first or month > window.last:
        return window
    if month >= window.event:
        cut = replace(window, last=month - 1)
        return cut if cut.months_after >= 3 else None
    cut = replace(window, first=month + 1)
    return cut if cut.months_before >= lengths.pre_least else None


def shocked_months(window: EventWindow, shocks: Iterable[tuple[date, date]]) -> npt.NDArray[np.bool_]:
    """(months,) whether each month of the window lies under one of the shocks, given by first and last day."""
    numbers = np.arange(window.first, window.last + 1)
    under = [(numbers >= month_number(first)) & (numbers <= month_number(last)) for first, last in shocks]
    return np.any(under, axis=0) if under else np.zeros(len(numbers), dtype=np.bool_)


def event_window(
    event_on: date,
    flows: tuple[date, date],
    as_of: date,
    lengths: Windows,
    neighbours: Iterable[tuple[str, date]] = (),
) -> EventWindow:
    """The window of an event; it may turn out to be empty (`months_after` below one).

    Args:
        event_on: first day of the new rule; a month that began before it counts as under the new rule.
        flows: first and last month for which flows are delivered.
        as_of: as-of date; applications of the last months before it are not all decided.
        lengths: declared lengths.
        neighbours: other events that restrict the same route; the first one after this event ends the window.
    """
    event = month_number(event_on)
    last_decided = month_number(as_of) - 1 - lengths.undecided
    last = min(event + lengths.post - 1, month_number(flows[1]), last_decided)
    cut_by = None
    for name, day in sorted(neighbours, key=lambda item: (item[1], item[0])):
        following = month_number(day)
        if following > event and following - lengths.anticipation - 1 < last:
            last, cut_by = following - lengths.anticipation - 1, name
            break
    return EventWindow(
        first=max(event - lengths.pre, month_number(flows[0])),
        event=event,
        last=last,
        anticipation=lengths.anticipation,
        cut_by=cut_by,
    )
