"""Pay that is not what was declared.

Belongs here: H01 (below the norm). Does not belong here: pay that is lawful and only looks low.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.misuse.tools import chosen, free_permits, plant_permits, strengths, take
from assets.standins.world import World

#: Months of work from which shortfalls can be told from noise.
_LEAST_DAYS = 300


def plant(world: World) -> None:
    """Plant all misuse of pay."""
    below_norm(world)


def below_norm(world: World) -> None:
    """H01: sponsors who pay most of their migrants under the norm, and scattered cases elsewhere.

    The declared salary stays; what is paid is the norm less the shortfall, and is not raised.
    """
    block = world.parameters["misuse"]["H01"]
    permits = free_permits(world).filter(
        (pl.col("norm") > 0) & (pl.col("work_until") - pl.col("work_from") > _LEAST_DAYS)
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
    take(world, mine["person"])


def _pay_less(world: World, mine: pl.DataFrame) -> None:
    """From `short_from` on the spells of these applications are paid `paid` a month and are not raised."""
    spells = world.spells.join(
        mine.select("application", "paid", "short_from"), on="application", how="left", maintain_order="left"
    )
    touched = pl.col("paid").is_not_null()
    before = spells.filter(touched & (pl.col("short_from") > pl.col("from_on") + 27)).with_columns(
        until_on=_month_end_before(pl.col("short_from"))
    )
    after = spells.filter(touched).with_columns(
        from_on=pl.when(pl.col("short_from") > pl.col("from_on") + 27)
        .then(_month_end_before(pl.col("short_from")) + 1)
        .otherwise("from_on"),
        salary="paid",
        frozen=pl.lit(True),
    )
    rest = spells.filter(~touched)
    world.spells = pl.concat([frame.select(world.spells.columns) for frame in (rest, before, after)]).filter(
        pl.col("from_on") <= pl.col("until_on")
    )


def _month_end_before(on: pl.Expr) -> pl.Expr:
    """The last day of the month before a day, as a number."""
    return (on.cast(pl.Int32).cast(pl.Date).dt.truncate("1mo").cast(pl.Int32) - 1).cast(pl.Int64)
