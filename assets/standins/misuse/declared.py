"""What is put on the application form: wages at the norm, birthdays, occupations, degrees.

Belongs here: H02, H03, H04, H16, H17. Does not belong here: what is paid afterwards.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.demand import wage_index
from assets.standins.foundations.law import year_of
from assets.standins.misuse import building
from assets.standins.misuse.sponsors import groups_of, small_sponsors
from assets.standins.misuse.tools import chosen, free_permits, how_many, permit_ids, plant_permits, take
from assets.standins.stays.permits import norm_amounts
from assets.standins.world import World, prefixed, some

#: Simple occupations that are declared at the norm, by activity.
_SIMPLE = {"62": ["9112", "5120"], "46": ["9112", "9333", "5223", "6113"]}


def plant(world: World) -> None:
    """Plant all misuse of declarations."""
    at_the_norm(world)
    before_the_birthday(world)
    simple_jobs(world)
    paper_wages(world)
    old_degrees(world)


def _first(world: World) -> pl.DataFrame:
    return free_permits(world).filter((pl.col("generation") == 0) & (pl.col("scheme") == "hsm") & (pl.col("norm") > 0))


def at_the_norm(world: World) -> None:
    """H02: sectors in which wages are written down at the norm to the euro."""
    block = world.parameters["misuse"]["H02"]
    sectors = ["73", "46", "63", "52"][: int(block["sectors"])]
    sbi2 = world.companies.table["sbi2"]
    pool = _first(world)
    pool = pool.with_columns(sbi2=sbi2.gather(pool["company"].clip(0)))
    near = pool.filter(pl.col("sbi2").is_in(sectors) & (pl.col("salary") < pl.col("norm") * 1.25))
    mine = chosen(world, "H02.permit", near, "application", chance=block["share"]).with_columns(salary=pl.col("norm"))
    building.change_permits(world, mine, ["salary"])
    building.change_spells(world, mine, ["salary"])
    table = (
        mine.with_columns(ids=prefixed("permit", permit_ids(mine)))
        .group_by("sbi2")
        .agg(pl.col("ids"), start=pl.col("received_on").min(), end=pl.col("received_on").max())
    )
    world.plant(
        table.sort("sbi2").select(
            indicator=pl.lit("H02"),
            subject_type=pl.lit("sector"),
            subject_id="sbi2",
            related_ids="ids",
            period_start="start",
            period_end="end",
            strength=pl.lit(float(block["share"])),
        )
    )


def before_the_birthday(world: World) -> None:
    """H03: applications of people who just turned thirty are filed a little earlier, under the lower norm."""
    block = world.parameters["misuse"]["H03"]
    pool = _first(world).filter(pl.col("category") == "hsm_30_plus")
    birth = world.openings["birth"].gather(pool["opening"]).to_numpy()
    since = pool["received_on"].to_numpy() - (birth + np.ceil(30 * 365.2425).astype(np.int64))
    pool = pool.with_columns(since=pl.Series(since)).filter(
        pl.col("since").is_between(0, 3 * block["days"]) & (pl.col("salary") < pl.col("norm") * 1.15)
    )
    mine = chosen(
        world, "H03.permit", pool.filter(pl.col("since") <= block["days"]), "application", chance=block["share"]
    )
    if len(mine) < block["least"]:  # in a small world hardly anybody files within these days
        mine = some(world.draws, "H03.least", pool, block["least"], "application")
    early = np.clip(1 - mine["since"].to_numpy() / (3 * block["days"]), 0.1, 1.0)
    back = mine["since"].to_numpy() + world.draws.integer("H03.days", 2, 30, mine["application"].to_numpy())
    mine = mine.with_columns(
        [(pl.col(c) - pl.Series(back)).alias(c) for c in ("received_on", "decided_on")], category=pl.lit("hsm_under_30")
    )
    norm = norm_amounts(world.law, mine["category"].to_numpy(), mine["received_on"].to_numpy())
    mine = mine.with_columns(norm=pl.Series(norm))
    building.change_permits(world, mine, ["received_on", "decided_on", "category", "norm"])
    building.change_spells(world, mine, ["norm"])
    world.plant(
        mine.select(
            indicator=pl.lit("H03"),
            subject_type=pl.lit("scheme"),
            subject_id=pl.lit("hsm"),
            related_ids=pl.concat_list(prefixed("permit", permit_ids(mine))),
            period_start="received_on",
            period_end="received_on",
            strength=pl.Series(early),
        )
    )


def simple_jobs(world: World) -> None:
    """H04: a simple job at a wage that hardly any domestic worker has in it."""
    block = world.parameters["misuse"]["H04"]
    number = how_many(world, block["sponsors"], block["least"])
    groups = groups_of(world, "H04", number, tuple(block["permits"]), 20)
    sponsors = small_sponsors(
        world, "H04", groups["since"].to_numpy(), employees=(6, 30), turnover=(400_000, 1_500_000)
    )
    rows = building.recruit(world, "H04.recruit", groups, pl.col("category") != "hsm_reduced")
    group = rows["group"].to_numpy()
    mine = sponsors["company"].to_numpy()[group]
    building.move_permits(world, rows, mine, mine)
    sbi2 = world.companies.take("sbi2", mine)
    turn = world.draws.integer("H04.job", 0, 3, rows["application"].to_numpy())
    isco = [
        _SIMPLE.get(s, _SIMPLE["46"])[t % len(_SIMPLE.get(s, _SIMPLE["46"]))] for s, t in zip(sbi2, turn, strict=True)
    ]
    activity = np.array(
        [{"62": "6201"}.get(s, "4690") for s in world.companies.take("sbi2", sponsors["company"].to_numpy())]
    )
    building.change_companies(
        world, sponsors["company"].to_numpy(), {"sbi": activity, "sbi2": np.array([a[:2] for a in activity])}
    )
    rows = rows.with_columns(isco=pl.Series(isco), sponsor=pl.Series(mine))
    building.change_permits(world, rows, ["isco"])
    plant_permits(
        world, "H04", rows, start=pl.col("received_on"), end=pl.col("valid_until"), strength=np.ones(len(rows))
    )


def paper_wages(world: World) -> None:
    """H16: trades in which the norm is far above what the market pays, declared at the norm exactly."""
    block = world.parameters["misuse"]["H16"]
    number = how_many(world, block["sponsors"], block["least"])
    groups = groups_of(world, "H16", number, tuple(block["permits"]), 20)
    sponsors = small_sponsors(
        world, "H16", groups["since"].to_numpy(), employees=(5, 25), turnover=(400_000, 1_500_000)
    )
    trades = [s for s in world.parameters["segments"] if s["kind"] in ("kitchen", "skilled") and s["spread"] <= 0.18]
    pick = world.draws.integer("H16.trade", 0, len(trades) - 1, np.arange(number))
    company = sponsors["company"].to_numpy()
    activity = np.array([trades[p]["sbi"] for p in pick])
    building.change_companies(world, company, {"sbi": activity, "sbi2": np.array([a[:2] for a in activity])})
    rows = building.recruit(world, "H16.recruit", groups, pl.col("category") == "hsm_30_plus")
    group = rows["group"].to_numpy()
    building.move_permits(world, rows, company[group], company[group])
    above = 1 + 0.02 * world.draws.uniform("H16.above", rows["application"].to_numpy())
    rows = rows.with_columns(
        isco=pl.Series([trades[p]["isco"] for p in pick[group]]),
        salary=(pl.col("norm") * pl.Series(above)).round(2),
        sponsor=pl.Series(company[group]),
    )
    building.change_permits(world, rows, ["isco", "salary"])
    building.change_spells(world, rows, ["salary"])
    middle = np.array([trades[p]["wage"] for p in pick[group]])
    level = wage_index(world.parameters, year_of(rows["received_on"].to_numpy()))
    plant_permits(
        world,
        "H16",
        rows,
        start=pl.col("received_on"),
        end=pl.col("valid_until"),
        strength=np.clip(np.log(rows["salary"].to_numpy() / (middle * level)), 0.05, 2),
    )


def old_degrees(world: World) -> None:
    """H17: the reduced norm for somebody whose degree is too old, or of whom no degree is on file."""
    block = world.parameters["misuse"]["H17"]
    pool = _first(world).filter(pl.col("category") == "hsm_reduced")
    number = how_many(world, len(pool) * block["share"] / world.parameters.persons, block["least"])
    mine = some(world.draws, "H17.permit", pool, number, "application")
    ids = mine["application"].to_numpy()
    late = mine["received_on"].to_numpy() - world.draws.integer("H17.days", 1_150, 2_300, ids)
    missing = world.draws.happens("H17.missing", 0.25, ids)
    mine = mine.with_columns(degree_on=pl.Series(np.where(missing, -1, late)))
    building.change_permits(world, mine, ["degree_on"])
    years = np.where(missing, 1.0, (mine["received_on"].to_numpy() - late) / 365.25 - 3)
    plant_permits(
        world, "H17", mine, start=pl.col("received_on"), end=pl.col("valid_until"), strength=np.clip(years, 0.05, 5)
    )
    take(world, mine["person"])
