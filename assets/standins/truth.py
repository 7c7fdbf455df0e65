"""The truth of a world, kept apart from its deliveries.

Belongs here: what was planted, what only looks like it, which payroll number belongs to whom, and what each policy
event did to the flows. Does not belong here: anything that a supplier or a detector may read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from assets.standins.deliveries.delivery_faults import added, merged
from assets.standins.economy.choice import window
from assets.standins.foundations import identifiers
from assets.standins.foundations.law import month_of, policy_events
from assets.standins.lonely_flows import changes_of_flows
from assets.standins.stays.decisions import admitted
from assets.standins.stays.permits import turns_of
from assets.standins.world import LOOK_ALIKES, PLANTED, World, prefixed

HORIZONS = (3, 6, 12, 24, 36)
DISPLACEMENT = {
    "event_id": pl.String,
    "restricted_route": pl.String,
    "destination_route": pl.String,
    "months_after": pl.Int64,
    "net_loss": pl.Float64,
    "gain": pl.Float64,
    "share": pl.Float64,
}
LEAST_LOSS = 0.5
#: Months without activity, beyond the two years that make a sponsor dormant, from which that is as strong as it gets.
BLATANTLY_DORMANT_MONTHS = 36.0
#: What an event can act on so that somebody chooses otherwise; other events act on flows that are no alternative
#: (`lonely_flows`).
_ON_CHOICES = {"norms", "cost", "opens", "closes", "introduces", "window_days", "ends"}


def displacement(world: World, until: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What each event did to admissions: the same openings, choosing and decided on with and without it.

    Only events that change incentives can displace: moves between registers and of populations have no rows. Where a
    flow has no other route to turn to, the event has rows with its loss (negative: growth) and gains of 0.

    Returns:
        The table of DISPLACEMENT (per restricted route, cumulative over 3 to 36 months, anticipation included), and the
        details per month: event, month of filing relative to the event, route without and with the event, persons.
    """
    found, details = [], []
    kinds = {row["event_id"]: row["break_kind"] for row in policy_events()}
    acting = [
        event
        for event, acts in world.law.events.items()
        if set(acts) & _ON_CHOICES and world.law.dates[event] <= until and kinds[event] == "incentive"
    ]
    for event in acting:
        start = world.law.dates[event]
        rows = window(world.market.wanted_on, start)
        if not len(rows):
            continue
        moves = _moves(world, event, rows, until)
        details.append(moves.with_columns(event_id=pl.lit(event)))
        found.append(_table(event, moves, int(month_of(np.array([until]))[0] - month_of(np.array([start]))[0])))
    found.append(changes_of_flows(world, HORIZONS, until))
    empty = pl.DataFrame(schema=DISPLACEMENT)
    flat = [frame.select([pl.col(n).cast(t) for n, t in DISPLACEMENT.items()]) for frame in found]
    return pl.concat([empty, *flat]), pl.concat(details) if details else pl.DataFrame()


def _moves(world: World, event: str, rows: np.ndarray, until: int) -> pl.DataFrame:
    """Persons by route and month with the event (sign +1) and without it (sign -1)."""
    market, start = world.market, world.law.dates[event]
    made = world.chosen  # the choices with the event are those of the world
    without = market.choose(world.law.without(event), rows)
    other = np.flatnonzero((without.route != made.route[rows]) | (without.filed_on != made.filed_on[rows]))
    rows, without = rows[other], without.of(other)
    with_event = made.of(rows)
    first = int(month_of(np.array([start]))[0])
    frame = pl.DataFrame(
        {
            "route_without": market.reported_route(without, rows),
            "route_with": market.reported_route(with_event, rows),
            "on_without": without.filed_on,
            "on_with": with_event.filed_on,
            "admitted_without": admitted(world.setting, market, without, market.ids[rows]),
            "admitted_with": admitted(world.setting, market, with_event, market.ids[rows]),
        }
    ).filter(pl.col("admitted_without") | pl.col("admitted_with"))
    if "ends" in world.law.events[event]:
        frame = pl.concat([frame, turns_of(world.setting, world.openings, market, made, event)])
    frame = frame.with_columns(
        pl.Series(f"month_{name}", month_of(frame[f"on_{name}"].to_numpy()) - first) for name in ("without", "with")
    )
    return frame.filter((pl.col("on_without") <= until) | (pl.col("on_with") <= until)).drop("on_without", "on_with")


def _table(event: str, moves: pl.DataFrame, months: int) -> pl.DataFrame:
    """Net loss of each route that lost, and what others gained of it, within each horizon."""
    rows = []
    for horizon in HORIZONS:
        if horizon > months + 1:
            continue
        lost = moves.with_columns(
            gone=((pl.col("month_without") < horizon) & pl.col("admitted_without")).cast(pl.Float64),
            came=((pl.col("month_with") < horizon) & pl.col("admitted_with")).cast(pl.Float64),
        )
        out = lost.group_by("route_without").agg(pl.col("gone").sum()).rename({"route_without": "route"})
        back = lost.group_by("route_with").agg(pl.col("came").sum()).rename({"route_with": "route"})
        net = (
            out.join(back, on="route", how="full", coalesce=True)
            .fill_null(0.0)
            .with_columns(loss=pl.col("gone") - pl.col("came"))
        )
        losers = net.filter((pl.col("loss") > LEAST_LOSS) & (pl.col("route") != "none")).sort("route")
        for route, loss in losers.select("route", "loss").iter_rows():
            rows += _gains(lost, route, loss, horizon)
    return pl.DataFrame(rows, schema=list(DISPLACEMENT)[1:], orient="row", infer_schema_length=None).with_columns(
        event_id=pl.lit(event)
    )


def _gains(
    lost: pl.DataFrame, route: str, loss: float, horizon: int
) -> list[tuple[str, str, int, float, float, float]]:
    """The rows of one route and horizon: a gain per destination, their total, and what nobody took over."""
    moved = lost.filter((pl.col("route_without") == route) & (pl.col("route_with") != route))
    to = moved.group_by("route_with").agg(pl.col("came").sum().alias("gain")).rename({"route_with": "route"})
    returned = lost.filter((pl.col("route_with") == route) & (pl.col("route_without") != route))
    away = returned.group_by("route_without").agg(pl.col("gone").sum().alias("loss")).rename({"route_without": "route"})
    net = (
        to.join(away, on="route", how="full", coalesce=True)
        .fill_null(0.0)
        .with_columns(net=pl.col("gain") - pl.col("loss"))
    )
    gains = [
        (r, g)
        for r, g in net.filter(pl.col("route") != "none").select("route", "net").sort("route").iter_rows()
        if g != 0
    ]
    total = sum(g for _, g in gains)
    rows = [(route, r, horizon, loss, g, g / loss) for r, g in gains]
    rows.append((route, "total", horizon, loss, total, total / loss))
    rows.append((route, "net_reduction", horizon, loss, loss - total, 1 - total / loss))
    return rows


def links(world: World) -> pl.DataFrame:
    """The true pairs of payroll number and KvK number."""
    table = world.companies.payrolls
    days = [pl.col(c).clip(upper_bound=60_000).cast(pl.Int32).cast(pl.Date) for c in ("valid_from", "valid_until")]
    return (
        table.with_columns(kvk=identifiers.kvk(table["company"].to_numpy()))
        .with_columns(days)
        .select("employer_number", "kvk", "valid_from", "valid_until")
    )


def _until(frames: list[pl.DataFrame], until: int) -> pl.DataFrame:
    """What was planted and can be known on a day; periods end on that day at the latest."""
    shown = [
        frame if "visible_on" in frame.columns else frame.with_columns(visible_on=pl.col("period_start"))
        for frame in (pl.DataFrame(schema=PLANTED), *frames)
    ]
    last = pl.lit(until).cast(pl.Int32).cast(pl.Date)
    known = (
        pl.concat(shown).filter((pl.col("visible_on") <= last) & (pl.col("period_start") <= last)).drop("visible_on")
    )
    return known.with_columns(period_end=pl.min_horizontal("period_end", last))


def _told(world: World, until: int) -> pl.Series:
    """Every notification, site and permit that suppliers have told of by a day, as `type:id`."""
    notes = world.stays.filter((pl.col("submitted_on") + 7 <= until) & pl.col("notified"))
    seen = world.sightings.filter(pl.col("known_on") + 40 <= until)
    permits = world.permits.filter(pl.col("received_on") + 2 <= until)["application"].to_numpy()
    places = pl.concat([notes.filter(pl.col("kind") != "annual")["place"], seen["place"]]).unique()
    return pl.concat(
        [
            prefixed("notification", identifiers.numbered("M", notes["notification"].unique().to_numpy(), 11)),
            prefixed("site", places),
            prefixed("permit", identifiers.application(permits)),
        ]
    )


def _delivered(table: pl.DataFrame, told: pl.Series) -> pl.DataFrame:
    """Only rows and relations that suppliers have told of: the rest of the world is still to come."""
    table = table.with_row_index("row")
    single = table.select("row", pl.col("related_ids").alias("one")).explode("one", empty_as_null=True)
    guarded = single["one"].str.contains("^(notification|site|permit):").fill_null(False)
    kept = pl.concat(
        [single.filter(~guarded), single.filter(guarded).join(pl.DataFrame({"one": told}), on="one", how="semi")]
    ).sort("row", maintain_order=True)
    lists = kept.group_by("row", maintain_order=True).agg(pl.col("one").drop_nulls().alias("related_ids"))
    proof = kept.filter(pl.col("one").str.contains("^(permit|notification):"))["row"].unique()
    left = table.drop("related_ids").join(lists, on="row", how="left", maintain_order="left")
    needs = pl.col("subject_type").is_in(["permit", "person"])
    left = left.filter(~needs | pl.col("row").is_in(proof.to_list()))
    return left.with_columns(pl.col("related_ids").fill_null([])).select(table.drop("row").columns)


def _dormant(world: World, until: int) -> pl.DataFrame:
    """H21 on a day: recognised sponsors without an application or a migrant at work for twenty-four months."""
    since = until - 731
    sponsors = world.companies.table.filter(
        (pl.col("recognised_on") < since) & (pl.col("recognition_ended_on") > until) & (pl.col("ended_on") > until)
    )
    worked = pl.when(pl.col("work_from") <= until).then(pl.col("work_until").clip(upper_bound=until))
    filed = pl.when(pl.col("received_on") <= until).then("received_on")
    active = world.permits.group_by("sponsor").agg(last_active_on=pl.max_horizontal(filed, worked).max())
    idle = (
        sponsors.join(active, left_on="company", right_on="sponsor", how="left")
        .with_columns(pl.max_horizontal("last_active_on", "recognised_on").alias("last_active_on"))
        .filter(pl.col("last_active_on") < since)
        .sort("company")
    )
    months_beyond = (since - idle["last_active_on"].to_numpy()) / 30.44
    kvk = identifiers.kvk(idle["company"].to_numpy())
    days = [pl.lit(value).cast(pl.Int32).cast(pl.Date) for value in (since, until)]
    return idle.select(
        indicator=pl.lit("H21"),
        subject_type=pl.lit("sponsor"),
        subject_id=kvk,
        related_ids=pl.concat_list(prefixed("sponsor", kvk)),
        period_start=days[0],
        period_end=days[1],
        strength=pl.Series(np.clip(months_beyond / BLATANTLY_DORMANT_MONTHS, 0.01, 1.0)),
    ).select([pl.col(name).cast(kind) for name, kind in PLANTED.items()])


def write_truth(world: World, folder: Path, until: int) -> None:
    """Write every table of the truth of one region; `join_truth` puts the regions together."""
    folder.mkdir(parents=True, exist_ok=True)
    moved, details = displacement(world, until)
    known = _until(world.planted, until)
    if world.parameters["misuse"]["level"] > 0:
        known = pl.concat([known, _dormant(world, until)])
    told = _told(world, until)
    planted = _delivered(known, told)
    planted = planted.sort("indicator", "subject_type", "subject_id", "period_start")
    alike = _delivered(pl.concat([pl.DataFrame(schema=LOOK_ALIKES), *world.look_alikes]), told)
    alike = alike.join(planted, on=["indicator", "subject_type", "subject_id"], how="anti", maintain_order="left")
    alike = alike.sort("indicator", "look_alike", "subject_id", pl.col("related_ids").list.join(" "))
    tables = {
        "planted": planted,
        "look_alikes": alike,
        "displacement": moved,
        "displacement_moves": details,
        "links": links(world),
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet", compression="zstd")


def join_truth(
    regions: list[Path], folder: Path, faults: Mapping[str, pl.DataFrame], *, nights: bool = False
) -> dict[str, int]:
    """Put the truth of the regions together, table by table; gives the number of rows of each.

    Displacement adds up over the regions: loss and gain are sums, the share follows. Where earlier nights delivered
    part of this world (`nights`), their faults stay.
    """
    before = {}
    if nights:
        names = ("value_faults", *faults)
        before = {name: pl.read_parquet(folder / f"{name}.parquet") for name in names}
    for name in ("planted", "look_alikes", "displacement_moves", "links", "value_faults"):
        path = folder / f"{name}.parquet"
        pl.concat([pl.scan_parquet(part / path.name) for part in regions]).sink_parquet(path, compression="zstd")
    moved = pl.concat([pl.read_parquet(part / "displacement.parquet") for part in regions])
    if len(regions) > 1:
        key = ["event_id", "restricted_route", "destination_route", "months_after"]
        moved = moved.group_by(key, maintain_order=True).agg(pl.col("net_loss", "gain").sum())
        share = pl.when(pl.col("net_loss") != 0).then(pl.col("gain") / pl.col("net_loss"))
        moved = moved.with_columns(share=share).select(list(DISPLACEMENT))
    tables = {"displacement": moved, **faults, "fault_rates": added(before.get("fault_rates"), faults["fault_rates"])}
    for name in ("faults", "delivery_faults"):
        tables[name] = pl.concat([*([before[name]] if nights else []), faults[name]])
    if nights:
        tables["value_faults"] = merged(before["value_faults"], pl.read_parquet(folder / "value_faults.parquet"))
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet", compression="zstd")
    return {
        path.stem: int(pl.scan_parquet(path).select(pl.len()).collect().item())
        for path in sorted(folder.glob("*.parquet"))
    }
