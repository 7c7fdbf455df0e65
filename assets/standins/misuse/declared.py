"""What is put on the application form: wages at the norm, birthdays, occupations, degrees.

Belongs here: H02, H03, H04, H16, H17. Does not belong here: what is paid afterwards.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.demand import wage_index
from assets.standins.foundations.law import year_of
from assets.standins.foundations.randomness import Floats, floats
from assets.standins.misuse import building
from assets.standins.misuse.sponsors import groups_of, small_sponsors
from assets.standins.misuse.tools import (
    between,
    chosen,
    free_permits,
    how_many,
    permit_ids,
    plant_permits,
    scaled,
    spread_severities,
    take,
)
from assets.standins.stays.flows import peer_wages
from assets.standins.stays.permits import norm_amounts
from assets.standins.world import World, prefixed, some

#: Simple occupations that are declared at the norm, by activity, from the best to the worst paid.
_SIMPLE = {"62": ["5120", "9112"], "46": ["5223", "9333", "6113", "9112"]}


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
    """H02: sectors in which part of the wages near the norm, few or most, are written down at the norm to the euro.

    The sector is that of the sponsor, which is what the file of an application shows.
    """
    block = world.parameters["misuse"]["H02"]
    number = max(1, round(block["sectors"] * world.parameters["misuse"]["level"]))
    sectors = pl.DataFrame({"sbi2": block["among"][:number]})
    severity = spread_severities(world, "H02.severity", np.arange(len(sectors)))
    sectors = sectors.with_columns(strength=severity, share=between(block["share"], severity))
    pool = _first(world)
    pool = pool.with_columns(sbi2=world.companies.table["sbi2"].gather(pool["sponsor"]))
    above = (pl.col("salary") / pl.col("norm")).is_between(1.0, 1.25, closed="right")
    near = pool.join(sectors, on="sbi2", maintain_order="left").filter(above)
    hit = world.draws.happens("H02.permit", near["share"].to_numpy(), near["application"].to_numpy())
    mine = near.filter(pl.Series(hit)).with_columns(salary=pl.col("norm"))
    building.change_permits(world, mine, ["salary"])
    building.change_spells(world, mine, ["salary"])
    table = (
        mine.with_columns(ids=prefixed("permit", permit_ids(mine)))
        .group_by("sbi2")
        .agg(pl.col("ids"), pl.col("strength").first(), pl.col("received_on").min(), end=pl.col("received_on").max())
    )
    world.plant(
        table.sort("sbi2").select(
            indicator=pl.lit("H02"),
            subject_type=pl.lit("sector"),
            subject_id="sbi2",
            related_ids="ids",
            period_start="received_on",
            period_end="end",
            strength="strength",
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
    """H04: a simple job at a wage that hardly any domestic worker has in it.

    The more blatant the sponsor, the simpler the job and the higher the wage; the strength tells how far the wage lies
    above what 95 % of the peers earn.
    """
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
    activity = np.where(world.companies.take("sbi2", sponsors["company"].to_numpy()) == "62", "6201", "4690")
    sbi2 = np.array([a[:2] for a in activity])
    building.change_companies(world, sponsors["company"].to_numpy(), {"sbi": activity, "sbi2": sbi2})
    severity = spread_severities(world, "H04.severity", np.arange(number))[group]
    jobs = [_SIMPLE[s] for s in sbi2[group]]
    isco = [of[min(int(s * len(of)), len(of) - 1)] for of, s in zip(jobs, severity, strict=True)]
    above = between(block["above_norm"], severity)
    rows = rows.with_columns(
        isco=pl.Series(isco, dtype=pl.String),
        sbi2=pl.Series(sbi2[group], dtype=pl.String),
        salary=(pl.col("norm") * (1 + pl.Series(above))).round(2),
        sponsor=pl.Series(mine),
    )
    building.change_permits(world, rows, ["isco", "salary"])
    building.change_spells(world, rows, ["salary"])
    strength = scaled(_over_peers(world, rows), 0, np.log(block["blatant_times_p95"]))
    plant_permits(world, "H04", rows, start=pl.col("received_on"), end=pl.col("valid_until"), strength=strength)


def _over_peers(world: World, rows: pl.DataFrame) -> Floats:
    """Logarithm of the declared wage over what 95 % of the domestic peers earn; 0 where there are too few peers."""
    usual = peer_wages(world.setting, np.arange(2013, year_of(np.array([world.until]))[0] + 1))
    usual = usual.select("year", "sbi2", "p95_eur", isco="occupation_isco")
    table = rows.with_columns(year=pl.Series(year_of(rows["received_on"].to_numpy())))
    table = table.join(usual, on=["year", "sbi2", "isco"], how="left", maintain_order="left")
    return floats((table["salary"] / table["p95_eur"]).log().fill_null(0.0).to_numpy())


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
        strength=scaled(np.log(rows["salary"].to_numpy() / (middle * level)), 0, 1),
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
        world, "H17", mine, start=pl.col("received_on"), end=pl.col("valid_until"), strength=scaled(years, 0, 3.5)
    )
    take(world, mine["person"])
