"""Look-alikes among posted workers.

Belongs here: lawful situations that resemble P indicators. Does not belong here: permits and pay.
"""

from __future__ import annotations

import polars as pl

from assets.standins import identifiers
from assets.standins.misuse.posted_stays import add_stays, chain, low_wage, replace_stays
from assets.standins.misuse.tools import how_many, stay_ids
from assets.standins.world import World, some


def plant(world: World) -> None:
    """Add the look-alikes that do not arise by themselves."""
    shorter_than_notified(world)
    pending_permit(world)
    busy_places(world)


def resemble_stays(world: World, indicator: str, kind: str, frame: pl.DataFrame) -> None:
    """Keep look-alikes among posted workers, at most so many of a kind."""
    frame = frame.head(int(world.parameters["look_alikes"]["most_of_a_kind"]))
    world.resemble(
        frame.select(
            indicator=pl.lit(indicator),
            look_alike=pl.lit(kind),
            subject_type=pl.lit("person"),
            subject_id=identifiers.document(frame["person"].to_numpy()),
            related_ids=stay_ids(world, frame),
        )
    )


def _long_stays(world: World) -> pl.DataFrame:
    """Stays at sites of third-country workers that were announced for more than ninety days."""
    days = pl.col("ends_on") - pl.col("starts_on") + 1
    return world.stays.filter(
        (pl.col("status") == "permit")
        & (days > 95)
        & (pl.col("kind") == "regular")
        & (pl.col("starts_on") >= 18_700)
        & (pl.col("person").count().over("person") == 1)
    )


def shorter_than_notified(world: World) -> None:
    """P02: announced for months, gone within ninety days, and therefore without a permit; the gate saw it."""
    block = world.parameters["look_alikes"]["P02"]
    pool = _long_stays(world)
    number = how_many(world, len(pool) * block["shorter"] / world.parameters.persons, block["least"], "look_alikes")
    mine = some(world.draws, "P02.shorter", pool, number, "stay")
    days = world.draws.integer("P02.shorter_days", 25, 80, mine["stay"].to_numpy())
    mine = mine.with_columns(
        real_end=pl.col("starts_on") + pl.Series(days), status=pl.lit("short"), origin=pl.lit("gate")
    )
    replace_stays(world, mine)
    resemble_stays(world, "P02", "shorter_than_notified", mine)


def pending_permit(world: World) -> None:
    """P02: more than ninety days with an application that is still to be decided."""
    block = world.parameters["look_alikes"]["P02"]
    pool = _long_stays(world)
    number = how_many(world, len(pool) * block["pending"] / world.parameters.persons, block["least"], "look_alikes")
    mine = some(world.draws, "P02.pending", pool, number, "stay").with_columns(
        status=pl.lit("pending"), origin=pl.lit("gate")
    )
    replace_stays(world, mine)
    resemble_stays(world, "P02", "pending_permit", mine)


def busy_places(world: World) -> None:
    """P07: places where people work for long without anybody being replaced beyond a year."""
    block = world.parameters["look_alikes"]["P07"]
    since = world.law.dates["2020-posting-revision"]

    def number(kind: str) -> int:
        return how_many(world, block[kind], block["least"], "look_alikes")

    growth = chain(
        world,
        "P07.growth",
        number=number("crew_growth"),
        months=(8, 11),
        worker_days=(240, 300),
        gap=(0, 0),
        since=since,
    )
    growth = growth.with_columns(
        starts_on=pl.col("starts_on").min().over("chain") + pl.col("turn") * 35,
        submitted_on=pl.col("starts_on").min().over("chain") - 6,
    ).with_columns(
        ends_on=pl.col("starts_on").min().over("chain") + 320, real_end=pl.col("starts_on").min().over("chain") + 320
    )
    add_stays(world, growth)
    resemble_stays(world, "P07", "crew_growth", growth)
    change = chain(
        world,
        "P07.contractor",
        number=number("contractor_change"),
        months=(14, 20),
        worker_days=(150, 200),
        gap=(3, 20),
        since=since,
    )
    others = world.employers.table.filter(~pl.col("transport"))["employer"].to_numpy()
    pick = others[world.draws.integer("P07.contractor.next", 0, len(others) - 1, change["chain"].to_numpy())]
    half = pl.col("starts_on") > pl.col("starts_on").min().over("chain") + 250
    change = change.with_columns(employer=pl.when(half).then(pl.Series(pick)).otherwise("employer"))
    add_stays(world, change)
    resemble_stays(world, "P07", "contractor_change", change)
    task = chain(
        world,
        "P07.task",
        number=number("other_task"),
        months=(14, 20),
        worker_days=(120, 170),
        gap=(3, 20),
        since=since,
    )
    tasks = pl.Series(["7115", "9313", "7411", "7212", "8332", "3115", "7114", "9112"])
    task = task.with_columns(isco=tasks.gather(task["turn"] % len(tasks)))
    add_stays(world, task)
    resemble_stays(world, "P07", "other_task", task)
    pause = low_wage(
        world,
        chain(
            world,
            "P07.pause",
            number=number("long_gap"),
            months=(16, 24),
            worker_days=(120, 200),
            gap=(75, 120),
            since=since,
        ),
    )
    add_stays(world, pause)
    resemble_stays(world, "P07", "long_gap", pause)
    terms = low_wage(
        world,
        chain(
            world,
            "P07.terms",
            number=number("full_terms"),
            months=(14, 20),
            worker_days=(80, 150),
            gap=(2, 20),
            since=since,
        ),
        1.7,
        2.2,
    )
    add_stays(world, terms)
    resemble_stays(world, "P07", "full_terms_paid", terms)


def name(world: World) -> None:
    """Name what looks like P02 and is lawful."""
    days = pl.col("ends_on") - pl.col("starts_on") + 1
    long = world.stays.filter(pl.col("third") & (days > 90)).sort("stay")
    resemble_stays(world, "P02", "has_permit", long.filter(pl.col("status") == "permit"))
    resemble_stays(world, "P02", "other_ground_of_stay", long.filter(pl.col("status") == "other"))
    free = world.stays.filter(~pl.col("third") & (days > 90) & (pl.col("kind") == "regular")).sort("stay")
    resemble_stays(world, "P02", "free_movement", free)
    annual = world.stays.filter((pl.col("kind") == "annual") & pl.col("third")).sort("stay")
    resemble_stays(world, "P02", "yearly_notification", annual)
