"""What a world looks like from outside: small tables for the page that shows a world to a reader.

Belongs here: counting in a world and in its truth what that page draws. Does not belong here: drawing (the page is
made by `reports`), and anything that a detector may read.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER
from assets.standins.foundations import identifiers
from assets.standins.world import World

#: Distance to the norm is counted in steps of this share, up to this share above it.
STEP, WIDEST = 0.02, 0.8
#: Months before and after an event that are shown.
BEFORE, AFTER = -6, 24
#: Events that are followed month by month, and networks that are drawn.
EVENTS, NETWORKS, MOST_NODES, FEWEST_SPONSORS = 4, 4, 42, 2


def norm_distances(world: World, until: int) -> pl.DataFrame:
    """Granted applications by how far the declared pay lies above the norm of the day.

    Args:
        world: the world.
        until: last day (number since 1970-01-01) of receipt.

    Returns:
        `category`, `above` (lower edge of a step, share of the norm), `applications`; one row per step that occurs.
    """
    mine = world.permits.filter(
        (pl.col("decision") == "granted") & (pl.col("norm") > 0) & (pl.col("received_on") <= until)
    )
    above = ((pl.col("salary") / pl.col("norm") - 1 + 1e-9) / STEP).floor() * STEP
    return (
        mine.select("category", above=above.round(4))
        .filter(pl.col("above").is_between(0, WIDEST))
        .group_by("category", "above")
        .agg(applications=pl.len())
        .sort("category", "above")
    )


def _ties(world: World, until: int) -> pl.DataFrame:
    """Who is tied to what on a day: `company`, `kind` (officer, address, hirer) and `what`, once each."""
    table = world.companies.table
    there = table.filter(
        (pl.col("recognised_on") <= until) & (pl.col("recognised_on") < NEVER) & (pl.col("registered_on") <= until)
    )
    officers = world.companies.officers.filter(
        (pl.col("from_on") <= until) & pl.col("company").is_in(there["company"].to_list())
    )
    hired = world.permits.filter(
        (pl.col("sponsor") >= 0) & (pl.col("company") != pl.col("sponsor")) & (pl.col("received_on") <= until)
    )
    parts = [
        officers.select("company", kind=pl.lit("officer"), what="person"),
        there.select("company", kind=pl.lit("address"), what="address"),
        hired.select(company="sponsor", kind=pl.lit("hirer"), what="company"),
    ]
    return pl.concat(parts).unique().sort("kind", "what", "company")


def shared(world: World, until: int) -> pl.DataFrame:
    """How many sponsors one director, address or hirer has to do with.

    Returns:
        `kind`, `sponsors` (1, 2, 3, 4; 5 stands for five and more), `number`.
    """
    sizes = _ties(world, until).group_by("kind", "what").agg(sponsors=pl.len().clip(upper_bound=5))
    return sizes.group_by("kind", "sponsors").agg(number=pl.len()).sort("kind", "sponsors")


def networks(world: World, until: int) -> pl.DataFrame:
    """The ties of the sponsors around the directors who direct most of them, one row per tie.

    Returns:
        `network` (from 1), `company`, `kind`, `what` as short names without meaning outside the picture, and `planted`,
        true when the sponsors of the network were planted as a cluster (H13).
    """
    ties = _ties(world, until)
    # A business centre ties everybody to everybody: addresses of very many sponsors tell nothing.
    crowded = ties.group_by("kind", "what").len().filter(pl.col("len") > 20)
    ties = ties.join(crowded, on=["kind", "what"], how="anti")
    heads = (
        ties.filter(pl.col("kind") == "officer")
        .group_by("what")
        .agg(members=pl.col("company"), size=pl.len())
        .filter(pl.col("size") >= FEWEST_SPONSORS)
        .sort("size", "what", descending=[True, False])
    )
    clusters = _planted_sponsors(world)
    found: list[pl.DataFrame] = []
    used: set[int] = set()
    for members in heads["members"].to_list():
        if len(found) == NETWORKS:
            break
        if used.intersection(members):
            continue
        used.update(members)
        mine = ties.filter(pl.col("company").is_in(members))
        often = mine.group_by("kind", "what").agg(pl.len().alias("often"))
        rows = mine.join(often, on=["kind", "what"]).sort(
            "often", "kind", "what", "company", descending=[True] + [False] * 3
        )
        rows = rows.head(MOST_NODES).sort("kind", "what", "company")
        planted = len(clusters.intersection(identifiers.kvk(np.array(members)).to_list())) * 2 > len(members)
        found.append(_named(rows, len(found) + 1, planted))
    empty = {"network": pl.Int64, "company": pl.String, "kind": pl.String, "what": pl.String, "planted": pl.Boolean}
    return pl.concat([pl.DataFrame(schema=empty), *found])


def _planted_sponsors(world: World) -> set[str]:
    """KvK numbers of the companies that were planted in clusters."""
    return {
        subject
        for frame in world.planted
        for subject in frame.filter(pl.col("indicator") == "H13")["subject_id"].to_list()
    }


def _named(rows: pl.DataFrame, network: int, planted: bool) -> pl.DataFrame:
    """The ties of one network with names that mean nothing outside it."""
    return rows.select(
        network=pl.lit(network, dtype=pl.Int64),
        company=pl.format("s{}", pl.col("company").rank("dense")),
        kind="kind",
        what=pl.format("{}{}", pl.col("kind").str.slice(0, 1), pl.struct("kind", "what").rank("dense")),
        planted=pl.lit(planted),
    )


def event_months(displacement: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """What the events with the largest losses did, month by month: admissions with the event less those without.

    Args:
        displacement: the table `displacement` of the truth.
        moves: the table `displacement_moves` of the truth.

    Returns:
        `event_id`, `restricted_route`, `month` (0 is the month of the event), `lost` (change on the restricted
        route) and `gained` (change that its persons made on other routes), both in persons of the world.
    """
    largest = (
        displacement.filter(pl.col("destination_route") == "total")
        .sort("net_loss", "event_id", "restricted_route", descending=[True, False, False])
        .unique("event_id", keep="first", maintain_order=True)
        .head(EVENTS)
    )
    months = pl.DataFrame({"month": range(BEFORE, AFTER + 1)}, schema={"month": pl.Int64})
    found = []
    for event, route in largest.select("event_id", "restricted_route").iter_rows():
        of_event = moves.filter(pl.col("event_id") == event)
        without, with_it = pl.col("route_without") == route, pl.col("route_with") == route
        came, gone = pl.col("admitted_with"), pl.col("admitted_without")
        away = of_event.filter(without & ~with_it & (pl.col("route_with") != "none"))
        back = of_event.filter(with_it & ~without & (pl.col("route_without") != "none"))
        counted = months.with_columns(event_id=pl.lit(event), restricted_route=pl.lit(route))
        for name, plus, minus in (
            ("lost", of_event.filter(with_it & came)["month_with"], of_event.filter(without & gone)["month_without"]),
            ("gained", away.filter(came)["month_with"], back.filter(gone)["month_without"]),
        ):
            signed = pl.concat(
                [
                    pl.DataFrame(
                        {"month": plus.cast(pl.Int64), name: [1] * len(plus)}, schema_overrides={name: pl.Int64}
                    ),
                    pl.DataFrame(
                        {"month": minus.cast(pl.Int64), name: [-1] * len(minus)}, schema_overrides={name: pl.Int64}
                    ),
                ]
            )
            counted = counted.join(signed.group_by("month").agg(pl.col(name).sum()), on="month", how="left")
        found.append(counted.with_columns(pl.col("lost", "gained").fill_null(0)))
    columns = ["event_id", "restricted_route", "month", "lost", "gained"]
    empty = pl.DataFrame(schema=dict.fromkeys(columns[:2], pl.String) | dict.fromkeys(columns[2:], pl.Int64))
    return pl.concat([empty, *(frame.select(columns) for frame in found)])
