"""Other events near an event: which of them end its window, and which lie inside it and make the answer a joint one.

Belongs here: finding events that touch the same routes. Does not belong here: cutting windows (`windows`) and breaks of
series (`breaks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from assets.waterbed.declarations import Declarations, Design
from assets.waterbed.windows import EventWindow, month_number


def restricting(events: pl.DataFrame, declared: Declarations, event_id: str, route: str) -> list[tuple[str, date]]:
    """Other tested events that restrict `route`, small ones left out, in order of time.

    Args:
        events: `core.policy_events`.
        declared: the declarations.
        event_id: the event that is not its own neighbour.
        route: the restricted route.
    """
    same = [
        name
        for name, designs in declared.tested.items()
        if name != event_id and any(design.route == route for design in designs)
    ]
    found = events.filter(
        pl.col("event_id").is_in(same), pl.col("event_type").is_in(list(declared.small_event_types)).not_()
    ).select("event_id", "event_on")
    return sorted(((str(name), day) for name, day in found.rows()), key=lambda item: (item[1], item[0]))


def inside(
    events: pl.DataFrame, declared: Declarations, event: Mapping[str, Any], design: Design, window: EventWindow
) -> list[str]:
    """Sentences on events that the window holds and cannot tell apart from this one.

    An event on the same route in the same month shares its whole effect. One that restricts a destination inside the
    window makes the gain there smaller than it would have been; what is found is the gain with both rules in force.
    """
    sentences = []
    for name, day in restricting(events, declared, str(event["event_id"]), design.route):
        if month_number(day) == window.event:
            sentences.append(f"{name} falls in the same month on the same route: only the joint effect can be seen.")
    for route in design.destinations:
        names = _in_window(restricting(events, declared, str(event["event_id"]), route), window)
        if names:
            verb = "restricts" if len(names) == 1 else "restrict"
            sentences.append(f"{' and '.join(names)} {verb} {route} in the window; its gain is that under both rules.")
    return sentences


def _in_window(found: Sequence[tuple[str, date]], window: EventWindow) -> list[str]:
    return [name for name, day in found if window.event - window.anticipation <= month_number(day) <= window.last]
