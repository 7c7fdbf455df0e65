"""Pay that is not what was declared.

Belongs here: H01 (below the norm), H10 (hours), H11 (falling), H12 (flowing back). Does not belong here: pay that is
lawful and only looks low.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.misuse import building
from assets.standins.misuse.sponsors import groups_of, plant_sponsors, small_sponsors
from assets.standins.misuse.tools import (
    between,
    chosen,
    free_permits,
    how_many,
    month_end_before,
    plant_permits,
    severities,
    spread_severities,
    strengths,
    take,
)
from assets.standins.world import World, some

#: Months of work from which shortfalls can be told from noise.
_LEAST_DAYS = 300
#: Days after which three full months of pay are returned and corrected.
_KNOWN_AFTER = 230


def plant(world: World) -> None:
    """Plant all misuse of pay."""
    below_norm(world)
    more_pay(world)


def below_norm(world: World) -> None:
    """H01: sponsors who pay most of their migrants under the norm, and scattered cases elsewhere.

    The declared salary stays; what is paid is the norm less the shortfall, and is not raised.
    """
    block = world.parameters["misuse"]["H01"]
    normed = pl.col("scheme").is_in(["hsm", "blue_card", "startup_staff"])  # for a transfer the norm is a yardstick
    permits = free_permits(world).filter(
        (pl.col("norm") > 0) & normed & (pl.col("work_until") - pl.col("work_from") > _LEAST_DAYS)
    )
    sizes = permits.group_by("sponsor").len().filter(pl.col("len") >= 2).sort("sponsor")
    bad = chosen(world, "H01.sponsor", sizes, "sponsor", chance=block["sponsors"])
    theirs = permits.join(bad.select("sponsor"), on="sponsor", how="semi", maintain_order="left")
    theirs = chosen(world, "H01.permit", theirs, "application", chance=block["permits_of_sponsor"] * 2)
    rest = permits.join(theirs.select("person"), on="person", how="anti", maintain_order="left")
    mine = pl.concat([theirs, chosen(world, "H01.scattered", rest, "application", chance=block["scattered"])])
    mine = mine.unique("person", keep="first", maintain_order=True).sort("application")
    strength = strengths(world, "H01.strength", mine["application"], block["weakest"], block["strongest"])
    paid = np.round(mine["norm"].to_numpy() * (1 - strength), 2)
    start = mine["work_from"].to_numpy()
    later = world.draws.happens("H01.later", 0.4, mine["application"].to_numpy())
    room = np.maximum(mine["work_until"].to_numpy() - start - 200, 1)
    start = start + np.where(
        later, (room * world.draws.uniform("H01.start", mine["application"].to_numpy())), 0
    ).astype(np.int64)
    mine = mine.with_columns(paid=pl.Series(paid), short_from=pl.Series(start))
    _pay_less(world, mine)
    plant_permits(world, "H01", mine, start=pl.col("short_from"), end=pl.col("work_until"), strength=strength)
    world.hide_until("H01", mine["short_from"].to_numpy() + _KNOWN_AFTER)
    take(world, mine["person"])


def _pay_less(world: World, mine: pl.DataFrame) -> None:
    """From `short_from` on the spells of these applications are paid `paid` a month and are not raised."""
    spells = world.spells.join(
        mine.select("application", "paid", "short_from"), on="application", how="left", maintain_order="left"
    )
    touched = pl.col("paid").is_not_null()
    before = spells.filter(touched & (pl.col("short_from") > pl.col("from_on") + 27)).with_columns(
        until_on=month_end_before(pl.col("short_from"))
    )
    after = spells.filter(touched).with_columns(
        from_on=pl.when(pl.col("short_from") > pl.col("from_on") + 27)
        .then(month_end_before(pl.col("short_from")) + 1)
        .otherwise("from_on"),
        salary="paid",
        frozen=pl.lit(True),
    )
    rest = spells.filter(~touched)
    world.spells = pl.concat([frame.select(world.spells.columns) for frame in (rest, before, after)]).filter(
        pl.col("from_on") <= pl.col("until_on")
    )


def more_pay(world: World) -> None:
    """H10, H11 and H12: hours that do not fit, pay that falls after the start, pay that flows back."""
    too_many_hours(world)
    falling_pay(world)
    flows_back(world)


def _pool(world: World, least_days: int) -> pl.DataFrame:
    """Permits with a norm whose work lasts so long and is not part of an extension."""
    long = pl.col("work_until") - pl.col("work_from") > least_days
    return free_permits(world).filter((pl.col("norm") > 0) & long & (pl.col("scheme") == "hsm"))


def too_many_hours(world: World) -> None:
    """H10: the norm is reached on paper by very long hours, or paid for very few."""
    block = world.parameters["misuse"]["H10"]
    mine = some(
        world.draws, "H10.permit", _pool(world, 300), how_many(world, block["permits"], block["least"]), "application"
    )
    ids = mine["application"].to_numpy()
    few = world.draws.happens("H10.few", 0.35, ids)
    severity = severities(world, "H10.severity", ids)
    pay_at = mine["norm"].to_numpy() * (1 + 0.02 * world.draws.uniform("H10.pay", ids))
    changed = mine.with_columns(
        salary=pl.Series(np.round(pay_at, 2)),
        frozen=pl.lit(True),
        hours=pl.Series(np.where(few, np.round(between(block["few_hours"], severity)), 40.0)),
        hours_factor=pl.Series(np.where(few, 1.0, between(block["long_factor"], severity))),
    )
    building.change_spells(world, changed, ["salary", "frozen", "hours", "hours_factor"])
    plant_permits(world, "H10", mine, start=pl.col("work_from"), end=pl.col("work_until"), strength=severity)
    take(world, mine["person"])


def falling_pay(world: World) -> None:
    """H11: three months at the declared wage, then about the norm."""
    block = world.parameters["misuse"]["H11"]
    low, high = block["drop"]
    room = pl.col("norm") / pl.col("salary")
    # Who earns far more than the norm cannot fall to it within the largest drop.
    pool = _pool(world, 330).filter(room.is_between(1 - high, 1 - low - 0.02) & (pl.col("generation") == 0))
    mine = some(world.draws, "H11.permit", pool, how_many(world, block["permits"], block["least"]), "application")
    level = 0.985 + 0.03 * world.draws.uniform("H11.level", mine["application"].to_numpy())
    factor = np.minimum((mine["norm"] / mine["salary"]).to_numpy() * level, 1 - low)
    factor = np.maximum(factor, 1 - high)
    start = mine["work_from"].to_numpy() + 93
    changed = mine.with_columns(
        factor=pl.Series(factor), factor_from=pl.Series(start), factor_until=pl.col("work_until"), frozen=pl.lit(True)
    )
    building.change_spells(world, changed, ["factor", "factor_from", "factor_until", "frozen"])
    mine = mine.with_columns(short_from=pl.Series(start))
    plant_permits(world, "H11", mine, start=pl.col("short_from"), end=pl.col("work_until"), strength=1 - factor)
    take(world, mine["person"])


def flows_back(world: World) -> None:
    """H12: everybody about at the norm, with long hours and part of the pay not in money; worse at some sponsors."""
    block = world.parameters["misuse"]["H12"]
    number = how_many(world, block["sponsors"], block["least"])
    groups = groups_of(world, "H12", number, tuple(block["permits"]), 24)
    sponsors = small_sponsors(
        world, "H12", groups["since"].to_numpy(), employees=(12, 40), turnover=(900_000, 3_000_000)
    )
    rows = building.recruit(world, "H12.recruit", groups)
    mine = sponsors["company"].to_numpy()[rows["group"].to_numpy()]
    building.move_permits(world, rows, mine, mine)
    ids = rows["application"].to_numpy()
    severity = spread_severities(world, "H12.severity", np.arange(number))
    mild = severity[rows["group"].to_numpy()]
    paid = rows.select(
        "person",
        company=pl.Series(mine),
        level=1 + 0.008 * pl.Series(world.draws.uniform("H12.pay", ids)),
        long=pl.Series(between(block["long_factor"], mild) + 0.02 * world.draws.uniform("H12.hours", ids)),
        kind=pl.Series(between(block["not_in_money"], mild) + 0.01 * world.draws.uniform("H12.share", ids)),
    )
    spells = world.spells.join(paid, on=["person", "company"], how="left", maintain_order="left")
    theirs = pl.col("level").is_not_null()  # after an extension too
    world.spells = spells.with_columns(
        salary=pl.when(theirs & (pl.col("norm") > 0))
        .then((pl.col("norm") * pl.col("level")).round(2))
        .otherwise("salary"),
        frozen=pl.col("frozen") | theirs,
        hours_factor=pl.coalesce("long", "hours_factor"),
        kind_share=pl.coalesce("kind", "kind_share"),
    ).select(world.spells.columns)
    plant_sponsors(world, "H12", sponsors, rows, severity)
