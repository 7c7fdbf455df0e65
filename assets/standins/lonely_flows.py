"""What incentives did to flows that compete with no opening: investors, asylum seekers at work, trade staff.

Nobody in such a flow has another simulated route to turn to, so nothing is displaced: what an event takes from the flow
is gone, and what it adds comes from nowhere. Both are simulated, with the event and without it.

Belongs here: the rows of the truth for these events. Does not belong here: events that act on choices (`truth`), and
the flows themselves (`stays.flows`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.foundations.law import month_of, policy_events
from assets.standins.stays.flows import make_flow
from assets.standins.world import World

#: The route of the study in which each flow is counted, and the routes at which a reader looks for its persons.
ROUTES = {
    "investor": ("investor", ("self_employed", "startup")),
    "twv_asylum": ("twv_asylum", ("gvva", "twv", "twv_seasonal")),
    "twv_trade": ("twv", ("cross_border_service", "gvva", "ict_eu", "posting_third_country")),
}


def changes_of_flows(world: World, horizons: tuple[int, ...], until: int) -> pl.DataFrame:
    """Rows of the truth for the incentives that act on flows alone.

    Args:
        world: the world.
        horizons: months after the event, each within reach of the day `until` or left out.
        until: last day that is told of.

    Returns:
        event_id, restricted_route, destination_route, months_after, net_loss, gain, share. Admissions, from the month
        of the event on. A negative net loss is growth. Every gain is 0, `net_reduction` is the loss itself; the share
        is empty where nothing changed.
    """
    kinds = {row["event_id"]: row["break_kind"] for row in policy_events()}
    rows = []
    for event, acts in world.law.events.items():
        on = world.law.dates[event]
        if kinds[event] != "incentive" or on > until:
            continue
        for flow in acts.get("flows", {}):
            route, beside = ROUTES[flow]
            lost = _lost(world, flow, event, until)
            for horizon in horizons:
                if horizon > int(month_of(np.array([until]))[0] - month_of(np.array([on]))[0]) + 1:
                    continue
                loss = float(lost[:horizon].sum())
                named = [(to, 0.0) for to in (*beside, "total")] + [("net_reduction", loss)]
                rows += [(event, route, to, horizon, loss, gain, _share(gain, loss)) for to, gain in named]
    columns = ["event_id", "restricted_route", "destination_route", "months_after", "net_loss", "gain", "share"]
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


def _share(gain: float, loss: float) -> float | None:
    return abs(gain / loss) if loss else None


def _lost(world: World, flow: str, event: str, until: int) -> np.ndarray:
    """Admissions of each month from that of the event on: without the event, less with it."""
    first = int(month_of(np.array([world.law.dates[event]]))[0])
    counts = []
    for table in (make_flow(world.setting, flow, world.until, without=event), world.flows):
        mine = table.filter(
            (pl.col("flow") == flow) & (pl.col("outcome") == "positive") & (pl.col("filed_on") <= until)
        )
        month = month_of(mine["filed_on"].to_numpy()) - first
        counts.append(np.bincount(month[month >= 0], minlength=1))
    longest = max(len(one) for one in counts)
    without, with_it = (np.pad(one, (0, longest - len(one))) for one in counts)
    return np.asarray(without - with_it)
