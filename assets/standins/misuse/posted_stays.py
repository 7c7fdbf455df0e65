"""Posted workers who stay longer than they may, and places that are never empty.

Belongs here: P02 (over ninety days without a permit), P07 (long posting at one place with replacement). Does not
belong here: certificates and networks of employers.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.foundations import identifiers, regions
from assets.standins.foundations.law import day
from assets.standins.misuse.tools import (
    EXTRA_PERSONS,
    EXTRA_STAYS,
    between,
    extra_numbers,
    how_many,
    scaled,
    spread_severities,
    stay_ids,
)
from assets.standins.posting.postings import STAY_COLUMNS
from assets.standins.world import World, some

#: From some weeks after the first registers at gates on, so that no stay has days that no register can show.
_AT_GATES = day("2021-03-14")


def plant(world: World) -> None:
    """Plant all misuse of posted stays."""
    over_ninety_days(world)
    long_places(world)
    no_break(world)
    over_two_years(world)


def over_ninety_days(world: World) -> None:
    """P02: third-country workers seen at a gate for more than ninety days, without the permit that this needs."""
    block = world.parameters["misuse"]["P02"]
    days = pl.col("ends_on") - pl.col("starts_on") + 1
    candidates = world.stays.filter(
        (pl.col("status") == "permit")
        & pl.col("site")
        & (pl.col("kind") == "regular")
        & (days >= 92)
        & (pl.col("starts_on") >= _AT_GATES)
        & (pl.col("person").count().over("person") == 1)
    )
    mine = some(
        world.draws,
        "P02.stay",
        candidates,
        how_many(world, len(candidates) * block["stays"] / world.parameters.persons, block["least"]),
        "stay",
    )
    low, high = block["days"]
    wanted = low + ((high - low) * world.draws.uniform("P02.days", mine["stay"].to_numpy()) ** 1.6).astype(np.int64)
    mine = mine.with_columns(
        ends_on=pl.min_horizontal("ends_on", pl.col("starts_on") + pl.Series(wanted) - 1)
    ).with_columns(real_end=pl.col("ends_on"), status=pl.lit("none"), origin=pl.lit("gate"))
    replace_stays(world, mine)
    length = (mine["ends_on"] - mine["starts_on"] + 1).to_numpy()
    plant_stays(world, "P02", mine, scaled(length, 90, high))


def replace_stays(world: World, mine: pl.DataFrame) -> None:
    """Put changed stays in the place of the ones with the same number."""
    rest = world.stays.join(mine.select("stay"), on="stay", how="anti", maintain_order="left")
    world.stays = pl.concat([rest, mine.select(rest.columns)]).sort("stay")


def plant_stays(world: World, indicator: str, mine: pl.DataFrame, strength: np.ndarray) -> None:
    """Keep the truth of workers: subject the person by document, related notification, site, employer and client."""
    world.plant(
        mine.select(
            indicator=pl.lit(indicator),
            subject_type=pl.lit("person"),
            subject_id=identifiers.document(mine["person"].to_numpy()),
            related_ids=stay_ids(world, mine),
            period_start="starts_on",
            period_end="real_end",
            strength=pl.Series(strength),
        )
    )


def chain(
    world: World,
    name: str,
    *,
    number: int,
    months: tuple[int, int],
    worker_days: tuple[int, int],
    gap: tuple[int, int],
    since: int,
    needs: int | None = None,
) -> pl.DataFrame:
    """Chains of workers who follow each other at one place: one row per worker, in STAY_COLUMNS, with `chain`.

    Each chain takes employer, client, sector and occupation from an ordinary stay at a site of its own, starts between
    `since` and so early that it can have lasted `needs` days (its least length) eight months before the horizon, and
    lasts so many months; between two workers there is a gap of so many days.
    """
    last = world.until - 240 - (int(months[0] * 30.44) if needs is None else needs)
    ordinary = (pl.col("kind") == "regular") & (pl.col("status") == "free") & (pl.col("origin") == "ordinary")
    pool = world.stays.filter(ordinary & pl.col("starts_on").is_between(since, last))
    base = some(world.draws, f"{name}.base", pool.unique("project", keep="first", maintain_order=True), number, "stay")
    turns = _turns(world, name, base, months=months, worker_days=worker_days, gap=gap)
    numbers, places = extra_numbers(world, len(turns)), extra_numbers(world, len(base))
    of, turn = turns["chain"].to_numpy(), turns["turn"]
    marks = pl.Series([f"S{regions.mark()}{EXTRA_STAYS + place}" for place in places], dtype=pl.String)
    made: pl.DataFrame = base[of.tolist()].with_columns(
        turns["chain"],
        turn,
        turns["starts_on"],
        turns["ends_on"],
        stay=pl.Series(EXTRA_STAYS + numbers),
        notification=pl.Series(EXTRA_STAYS + numbers),
        project=pl.Series(EXTRA_STAYS + places[of]),
        slot=turn,
        person=pl.Series(EXTRA_PERSONS + numbers),
        real_end=turns["ends_on"],
        submitted_on=turns["starts_on"] - 6,
        site=pl.lit(True),
        status=pl.lit("free"),
        third=pl.lit(False),
        origin=pl.lit(name),
        place=marks.gather(of),
    )
    return made.filter(pl.col("starts_on") <= world.until)


def _turns(
    world: World,
    name: str,
    base: pl.DataFrame,
    *,
    months: tuple[int, int],
    worker_days: tuple[int, int],
    gap: tuple[int, int],
) -> pl.DataFrame:
    """When each worker of each chain comes and goes: `chain` (row of `base`), `turn`, `starts_on`, `ends_on`."""
    ids = base["stay"].to_numpy()
    length = (30.44 * between(months, world.draws.uniform(f"{name}.months", ids))).astype(np.int64)
    most = int(months[1] * 30.44 / max(worker_days[0] + gap[0], 1)) + 2
    row = np.repeat(np.arange(len(base)), most)
    turn = np.tile(np.arange(most), len(base))
    days = world.draws.integer(f"{name}.days", *worker_days, ids[row], turn)
    steps = (days + world.draws.integer(f"{name}.gap", *gap, ids[row], turn)).reshape(len(base), most)
    offset = (np.cumsum(steps, axis=1) - steps).ravel()
    start = base["starts_on"].to_numpy()[row] + offset
    frame = pl.DataFrame({"chain": row, "turn": turn, "starts_on": start, "ends_on": start + days - 1})
    return frame.filter(pl.Series(offset + days // 2 < length[row], dtype=pl.Boolean))


def low_wage(world: World, frame: pl.DataFrame, low: float = 1.0, high: float = 1.06) -> pl.DataFrame:
    """Pay near the statutory minimum, as shown in the notification."""
    spot = world.draws.uniform("chain.wage", frame["stay"].to_numpy())
    wage = world.law.minimum_hour.on(frame["starts_on"].to_numpy()) * (low + (high - low) * spot)
    return frame.with_columns(hourly_wage=pl.Series(np.round(wage, 2)))


def add_stays(world: World, frame: pl.DataFrame) -> None:
    """Add new stays to the world."""
    world.stays = pl.concat([world.stays, frame.select(list(STAY_COLUMNS))])


def long_places(world: World) -> None:
    """P07: one job at one place for more than a year, filled by workers who replace each other."""
    block = world.parameters["misuse"]["P07"]
    since = world.law.dates["2020-posting-revision"]
    number = how_many(world, block["chains"], block["least"])
    made = low_wage(
        world,
        chain(
            world,
            "P07",
            number=number,
            months=tuple(block["months"]),
            worker_days=tuple(block["workers_days"]),
            gap=(2, 40),
            since=since,
        ),
    )
    add_stays(world, made)
    plant_chains(world, made)


def plant_chains(world: World, made: pl.DataFrame) -> None:
    """Keep the truth of chains of more than a year as P07: subject the employer, related every notification."""
    made = made.with_columns(ids=stay_ids(world, made))
    grouped = (
        made.sort("chain", "turn")
        .group_by("chain", maintain_order=True)
        .agg(
            pl.col("employer").first(),
            pl.col("starts_on").min(),
            pl.col("ends_on").max(),
            pl.col("ids").explode().unique(maintain_order=True),
        )
    )
    length = pl.col("ends_on") - pl.col("starts_on") + 1
    grouped = grouped.filter(length > 365)
    world.plant(
        grouped.select(
            indicator=pl.lit("P07"),
            subject_type=pl.lit("posting_employer"),
            subject_id=pl.Series(world.employers.take("vat", grouped["employer"].to_numpy())),
            related_ids=pl.col("ids"),
            period_start="starts_on",
            period_end="ends_on",
            strength=((length - 365) / 500).clip(0.01, 1.0),
        )
    )
    world.hide_until("P07", grouped["starts_on"].to_numpy() + 380)


def one_worker(world: World, made: pl.DataFrame) -> pl.DataFrame:
    """The same person on every turn of a chain."""
    chains, place = np.unique(made["chain"].to_numpy(), return_inverse=True)
    person = EXTRA_PERSONS + extra_numbers(world, len(chains))[place]
    return made.with_columns(person=pl.Series(person))


def plant_workers(world: World, indicator: str, made: pl.DataFrame, allowed: int) -> None:
    """Keep the truth of workers who came several times: one row each, with all their notifications.

    The strength is that of a column `strength`, or the share of days beyond what is allowed.
    """
    beyond = ((pl.col("ends_on") - pl.col("starts_on") + 1).sum().over("chain") / allowed - 1).clip(0.02, 1.0)
    made = made if "strength" in made.columns else made.with_columns(strength=beyond)
    made = made.with_columns(ids=stay_ids(world, made)).sort("chain", "turn")
    table = (
        made.group_by("chain", maintain_order=True)
        .agg(
            pl.col("person").first(),
            pl.col("starts_on").min(),
            pl.col("ends_on").max(),
            pl.col("ids").explode().unique(maintain_order=True),
            pl.col("strength").first(),
            days=(pl.col("ends_on") - pl.col("starts_on") + 1).sum(),
            turns=pl.len(),
            second=pl.col("starts_on").max(),
        )
        .filter((pl.col("turns") > 1) & (pl.col("days") > allowed))
    )
    world.plant(
        table.select(
            indicator=pl.lit(indicator),
            subject_type=pl.lit("person"),
            subject_id=identifiers.document(table["person"].to_numpy()),
            related_ids="ids",
            period_start="starts_on",
            period_end="ends_on",
            strength="strength",
        )
    )
    world.hide_until(indicator, table["second"].to_numpy() + 60)


def two_year_stays(world: World, name: str, number: int, gap: tuple[int, int]) -> pl.DataFrame:
    """Workers who are posted for two years, stay away for so many days, and come back to the same place."""
    since = world.law.dates["2020-wagweu-notify"]
    made = chain(world, name, number=number, months=(40, 41), worker_days=(715, 728), gap=gap, since=since, needs=940)
    made = one_worker(world, made.filter(pl.col("turn") < 2)).with_columns(
        ends_on=pl.when(pl.col("turn") == 1).then(pl.col("starts_on") + 150).otherwise("ends_on")
    )
    return made.with_columns(real_end=pl.col("ends_on"))


def no_break(world: World) -> None:
    """P09: back after two years without the two months in between: almost, or within days and for long."""
    block = world.parameters["misuse"]["P09"]
    made = two_year_stays(world, "P09", how_many(world, block["chains"], block["least"]), (12, 50))
    severity = spread_severities(world, "P09.severity", made["chain"].to_numpy())
    away = np.round(between(block["days_away"], severity)).astype(np.int64)
    days = np.round(between(block["days_again"], severity)).astype(np.int64)
    again = pl.col("turn") == 1
    back = pl.col("ends_on").min().over("chain") + 1 + pl.Series(away)
    made = made.with_columns(starts_on=pl.when(again).then(back).otherwise("starts_on"))
    made = made.with_columns(
        ends_on=pl.when(again).then(pl.col("starts_on") + pl.Series(days)).otherwise("ends_on"),
        submitted_on=pl.col("starts_on") - 6,
    )
    made = low_wage(world, made.with_columns(real_end=pl.col("ends_on")))
    add_stays(world, made)
    plant_workers(world, "P09", made.with_columns(strength=pl.Series(severity)), 700)
    plant_chains(world, made)


def over_two_years(world: World) -> None:
    """P20: third-country workers at one client for more than two years in thirty months."""
    block = world.parameters["misuse"]["P20"]
    since = world.law.dates["2020-wagweu-notify"]
    number = how_many(world, block["chains"], block["least"])
    made = chain(world, "P20", number=number, months=(27, 30), worker_days=(220, 300), gap=(4, 14), since=since)
    made = one_worker(world, made).with_columns(
        third=pl.lit(True), status=pl.lit("permit"), submitted_on=pl.col("starts_on") - 65
    )
    made = low_wage(world, made)
    add_stays(world, made)
    plant_workers(world, "P20", made, 731)
    plant_chains(world, made)
