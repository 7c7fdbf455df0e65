"""Work that is not there.

Belongs here: H08 (no wage after the grant, or months without wage), H19 (other work instead). Does not belong here:
late arrivals and other lawful gaps.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER
from assets.standins.foundations.law import day
from assets.standins.misuse.tools import chosen, free_permits, how_many, month_end_before, plant_permits, scaled, take
from assets.standins.stays.spells import as_spells
from assets.standins.world import World, some

#: Days after the start of the permit from which the absence of any wage can be called so.
_KNOWN_AFTER = 120


def plant(world: World) -> None:
    """Plant all absent work."""
    ghosts(world)
    gaps(world)
    parallel_work(world)


def ghosts(world: World) -> None:
    """H08: permits behind which nobody is ever paid; the sponsor stays silent and the permit runs on."""
    block = world.parameters["misuse"]["H08"]
    permits = free_permits(world).filter((pl.col("scheme") == "hsm") & (pl.col("application_kind") != "extension"))
    last = world.permits.group_by("person").agg(pl.col("generation").max().alias("last"))
    permits = (
        permits.join(last, on="person", maintain_order="left")
        .filter(pl.col("generation") == pl.col("last"))
        .drop("last")
    )
    sizes = permits.group_by("sponsor").len().filter(pl.col("len") >= 2).sort("sponsor")
    bad = chosen(world, "H08.sponsor", sizes, "sponsor", chance=block["sponsors"])
    theirs = permits.join(bad.select("sponsor"), on="sponsor", how="semi", maintain_order="left")
    theirs = chosen(world, "H08.permit", theirs, "application", chance=block["permits_of_sponsor"])
    rest = permits.join(theirs.select("person"), on="person", how="anti", maintain_order="left")
    mine = pl.concat([theirs, chosen(world, "H08.scattered", rest, "application", chance=block["scattered"])]).sort(
        "application"
    )
    silent_days = (mine["valid_until"] - mine["valid_from"]).to_numpy()
    strength = scaled(silent_days, _KNOWN_AFTER, 1_825)
    plant_permits(world, "H08", mine, start=pl.col("valid_from"), end=pl.col("valid_until"), strength=strength)
    world.hide_until("H08", mine["valid_from"].to_numpy() + _KNOWN_AFTER)
    ghost = pl.col("application").is_in(mine["application"].to_list())
    world.spells = world.spells.filter(~ghost)
    world.permits = world.permits.with_columns(
        pl.when(ghost).then(-1).otherwise("work_from").alias("work_from"),
        pl.when(ghost).then(-1).otherwise("work_until").alias("work_until"),
        pl.when(ghost).then(NEVER).otherwise("ended_on").alias("ended_on"),
        pl.when(ghost).then(pl.lit("")).otherwise("end_reason").alias("end_reason"),
    )
    take(world, mine["person"])


def gaps(world: World) -> None:
    """H08, gap variant: some full months without any wage, notice or benefit."""
    block = world.parameters["misuse"]["H08"]
    permits = free_permits(world).filter(
        (pl.col("scheme") == "hsm") & (pl.col("work_until") - pl.col("work_from") > 540)
    )
    mine = chosen(world, "H08.gaps", permits, "application", chance=block["gaps"])
    ids = mine["application"].to_numpy()
    low, high = block["gap_months"]
    months = world.draws.integer("H08.months", low, high, ids)
    room = np.maximum(mine["work_until"].to_numpy() - mine["work_from"].to_numpy() - months * 31 - 120, 1)
    start = mine["work_from"].to_numpy() + 60 + (room * world.draws.uniform("H08.gap_start", ids)).astype(np.int64)
    mine = (
        mine.with_columns(gap_from=pl.Series(start), months=pl.Series(months))
        .with_columns(gap_from=month_end_before(pl.col("gap_from")) + 1)
        .with_columns(gap_until=month_end_before(pl.col("gap_from") + pl.col("months") * 31))
    )
    spells = world.spells.join(
        mine.select("application", "gap_from", "gap_until"), on="application", how="left", maintain_order="left"
    )
    touched = pl.col("gap_from").is_not_null()
    before = spells.filter(touched).with_columns(until_on=pl.min_horizontal("until_on", pl.col("gap_from") - 1))
    after = spells.filter(touched).with_columns(from_on=pl.max_horizontal("from_on", pl.col("gap_until") + 1))
    world.spells = pl.concat([f.select(world.spells.columns) for f in (spells.filter(~touched), before, after)]).filter(
        pl.col("from_on") <= pl.col("until_on")
    )
    plant_permits(
        world,
        "H08",
        mine,
        start=pl.col("gap_from"),
        end=pl.col("gap_until"),
        strength=np.asarray(months / high, dtype=np.float64),
    )
    world.hide_until("H08", mine["gap_until"].to_numpy() + 40)
    take(world, mine["person"])


def parallel_work(world: World) -> None:
    """H19: months of pay from an employer that has nothing to do with the sponsor."""
    block = world.parameters["misuse"]["H19"]
    pool = free_permits(world).filter((pl.col("scheme") == "hsm") & (pl.col("work_until") - pl.col("work_from") > 300))
    number = how_many(world, block["permits"], block["least"])
    mine = some(world.draws, "H19.permit", pool, number, "application")
    ids = mine["application"].to_numpy()
    firms = world.companies.table.filter(
        pl.col("sbi2").is_in(["56", "81", "78", "52"]) & (pl.col("registered_on") < day("2012-01-01"))
    )
    who = firms["company"].to_numpy()
    other = who[world.draws.integer("H19.firm", 0, len(who) - 1, ids)]
    start = mine["work_from"].to_numpy() + world.draws.integer("H19.start", 30, 120, ids)
    months = world.draws.integer("H19.months", 3, 14, ids)
    end = np.minimum(start + months * 30, mine["work_until"].to_numpy())
    hours = 8.0 + np.floor(26 * world.draws.uniform("H19.hours", ids))
    wage = np.round(world.law.minimum_hour.on(start) * 1.05 * hours * 52 / 12, 2)
    extra = as_spells(
        pl.DataFrame(
            {
                "person": mine["person"],
                "company": other,
                "from_on": start,
                "until_on": end,
                "salary": wage,
                "hours": hours,
                "application": np.full(len(mine), -1),
                "norm": np.zeros(len(mine)),
            }
        ).with_columns(relation=pl.lit(1), work_relation=pl.lit(1), income_kind=pl.lit(15), facility=pl.lit(False))
    )
    world.spells = pl.concat([world.spells, extra])
    mine = mine.with_columns(start=pl.Series(start), end=pl.Series(end))
    plant_permits(world, "H19", mine, start=pl.col("start"), end=pl.col("end"), strength=hours / 34)
    take(world, mine["person"])
