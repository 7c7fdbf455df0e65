"""Sponsors that are not what they seem: too small, too fast, empty, bought, or only lending.

Belongs here: H05, H06, H07, H09, H18, H20. Does not belong here: networks of sponsors, and pay.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER
from assets.standins.foundations import identifiers
from assets.standins.foundations.law import day
from assets.standins.foundations.randomness import Floats
from assets.standins.misuse import building
from assets.standins.misuse.tools import between, chosen, graded, how_many, permit_ids, scaled, spread_severities
from assets.standins.stays.cases import carelessness
from assets.standins.world import World, prefixed

_FIRST, _LAST = day("2015-01-01"), day("2025-09-01")


def plant(world: World) -> None:
    """Plant all misuse of single sponsors."""
    lenders(world)
    too_many_for_size(world)
    too_fast(world)
    directors(world)
    churn(world)
    silent_exits(world)


def groups_of(world: World, name: str, number: int, permits: tuple[int, int], months: int) -> pl.DataFrame:
    """Windows of filing for so many groups, each with a number of permits that it wants."""
    since = building.moments(world, f"{name}.since", _FIRST, _LAST, number)
    wanted = world.draws.integer(f"{name}.wanted", permits[0], permits[1], np.arange(number))
    return pl.DataFrame(
        {"group": np.arange(number), "since": since, "until": since + int(months * 30.44), "wanted": wanted}
    )


def plant_sponsors(world: World, indicator: str, sponsors: pl.DataFrame, rows: pl.DataFrame, strength: Floats) -> None:
    """Keep the truth of sponsors: subject the KvK number, related their permits.

    Args:
        world: the world.
        indicator: the indicator.
        sponsors: one row per group, in order of `group` from 0: `company`.
        rows: permits with `group`.
        strength: strength per group, up to 1.
    """
    ids = prefixed("permit", permit_ids(rows))
    table = (
        rows.with_columns(ids=ids)
        .group_by("group", maintain_order=True)
        .agg(pl.col("ids"), start=pl.col("received_on").min(), end=pl.col("work_until").max())
    )
    table = table.with_columns(company=sponsors["company"].gather(table["group"]))
    kvk = identifiers.kvk(table["company"].to_numpy())
    own = pl.Series([[f"sponsor:{number}"] for number in kvk.to_list()], dtype=pl.List(pl.String))
    world.plant(
        table.select(
            indicator=pl.lit(indicator),
            subject_type=pl.lit("sponsor"),
            subject_id=kvk,
            related_ids=pl.concat_list(own, "ids"),
            period_start="start",
            period_end=pl.max_horizontal("start", "end"),
            strength=pl.Series(strength[table["group"].to_numpy()]),
        )
    )


def lenders(world: World) -> None:
    """H05: payroll firms that lend to a hirer whose own recognition was withdrawn, or to nobody knows whom."""
    block = world.parameters["misuse"]["H05"]
    number = how_many(world, block["sponsors"], block["least"])
    groups = groups_of(world, "H05", number, tuple(block["permits"]), 18)
    since = groups["since"].to_numpy()
    template = building.template_of(world, "H05.firm", pl.col("kind") == "intermediary", number)
    firms = building.new_companies(
        world,
        template,
        {
            "registered_on": pl.Series(since - 900),
            "recognised_on": pl.Series(since - 300),
            "recognition_ended_on": NEVER,
            "ended_on": NEVER,
            "employees": pl.Series(world.draws.integer("H05.staff", 6, 30, np.arange(number))),
            "ever_recognised": pl.lit(True),
        },
    )
    hirers = building.new_companies(
        world,
        building.template_of(world, "H05.hirer", pl.col("segment") == "trade", number),
        {
            "registered_on": pl.Series(since - 2500),
            "recognised_on": pl.Series(since - 1500),
            "recognition_ended_on": pl.Series(since - 90),
            "recognition_reason": pl.lit("withdrawn_breach"),
            "ended_on": NEVER,
            "ever_recognised": pl.lit(True),
        },
    )
    rows = building.recruit(world, "H05.recruit", groups)
    group = rows["group"].to_numpy()
    unknown = world.draws.happens("H05.unknown", 0.35, rows["application"].to_numpy())
    share = graded(world, "H05.share", np.arange(number), *block["lent"])
    own = firms["company"].to_numpy()[group]
    lent = world.draws.happens("H05.lent", share[group], rows["application"].to_numpy())
    workplace = np.where(unknown, -1, hirers["company"].to_numpy()[group])
    building.move_permits(world, rows, own, np.where(lent, workplace, own))
    plant_sponsors(world, "H05", firms, rows, share)


def too_many_for_size(world: World) -> None:
    """H06: more migrants than a firm of that size and turnover can employ."""
    block = world.parameters["misuse"]["H06"]
    number = how_many(world, block["sponsors"], block["least"])
    groups = groups_of(world, "H06", number, tuple(block["permits"]), 22)
    sponsors = small_sponsors(world, "H06", groups["since"].to_numpy(), employees=(1, 4), turnover=(40_000, 160_000))
    rows = building.recruit(world, "H06.recruit", groups)
    mine = sponsors["company"].to_numpy()[rows["group"].to_numpy()]
    building.move_permits(world, rows, mine, mine)
    counts = np.bincount(rows["group"].to_numpy(), minlength=number)
    ratio = counts / np.maximum(sponsors["employees"].to_numpy(), 1)
    plant_sponsors(world, "H06", sponsors, rows, scaled(ratio, 0.7, 5))


def small_sponsors(
    world: World, name: str, since: np.ndarray, *, employees: tuple[int, int], turnover: tuple[int, int]
) -> pl.DataFrame:
    """New recognised sponsors of a given size, recognised shortly before a day."""
    number = len(since)
    order = np.arange(number)
    return building.new_companies(
        world,
        building.template_of(
            world, f"{name}.template", pl.col("segment").is_in(["software", "consulting", "trade"]), number
        ),
        {
            "legal_form": pl.lit("bv"),
            "registered_on": pl.Series(since - 500),
            "recognised_on": pl.Series(since - 20),
            "recognition_ended_on": NEVER,
            "ended_on": NEVER,
            "ever_recognised": pl.lit(True),
            "multinational": pl.lit(False),
            "employees": pl.Series(world.draws.integer(f"{name}.staff", *employees, order)),
            "turnover_eur": pl.Series(world.draws.integer(f"{name}.turnover", *turnover, order).astype(float)),
            "equity_eur": pl.Series(-world.draws.integer(f"{name}.equity", 1_000, 60_000, order).astype(float)),
        },
    )


def too_fast(world: World) -> None:
    """H07: a firm that was just recognised and fills up within a year."""
    block = world.parameters["misuse"]["H07"]
    number = how_many(world, block["sponsors"], block["least"])
    groups = groups_of(world, "H07", number, tuple(block["permits"]), 11)
    sponsors = small_sponsors(
        world, "H07", groups["since"].to_numpy(), employees=(8, 25), turnover=(500_000, 2_000_000)
    )
    rows = building.recruit(world, "H07.recruit", groups)
    mine = sponsors["company"].to_numpy()[rows["group"].to_numpy()]
    building.move_permits(world, rows, mine, mine)
    counts = np.bincount(rows["group"].to_numpy(), minlength=number)
    plant_sponsors(world, "H07", sponsors, rows, scaled(counts, 9, block["permits"][1]))


def directors(world: World) -> None:
    """H18: the migrant directs a firm of one or two, whose turnover covers most, or next to nothing, of the wage."""
    block = world.parameters["misuse"]["H18"]
    number = how_many(world, block["sponsors"], block["least"])
    groups = groups_of(world, "H18", number, (1, 1), 9)
    sponsors = small_sponsors(world, "H18", groups["since"].to_numpy(), employees=(1, 2), turnover=(8_000, 34_000))
    rows = building.recruit(world, "H18.recruit", groups)
    mine = sponsors["company"].to_numpy()[rows["group"].to_numpy()]
    building.move_permits(world, rows, mine, mine)
    severity = spread_severities(world, "H18.severity", np.arange(number))
    mild = severity[rows["group"].to_numpy()]
    turnover = np.round(12 * rows["norm"].to_numpy() * between(block["turnover_of_wage"], mild))
    building.change_companies(world, mine, {"turnover_eur": turnover, "employees": np.where(mild < 0.4, 2, 1)})
    building.add_officers(world, mine, rows["person"].to_numpy(), rows["received_on"].to_numpy() - 60)
    plant_sponsors(world, "H18", sponsors, rows, severity)


def churn(world: World) -> None:
    """H20: nobody stays half a year, and each is replaced."""
    block = world.parameters["misuse"]["H20"]
    number = how_many(world, block["sponsors"], block["least"])
    groups = groups_of(world, "H20", number, tuple(block["permits"]), 20)
    sponsors = small_sponsors(
        world, "H20", groups["since"].to_numpy(), employees=(12, 40), turnover=(900_000, 3_000_000)
    )
    rows = building.recruit(world, "H20.recruit", groups)
    mine = sponsors["company"].to_numpy()[rows["group"].to_numpy()]
    building.move_permits(world, rows, mine, mine)
    tenure = world.draws.integer("H20.tenure", 45, 160, rows["application"].to_numpy())
    ends = np.minimum(rows["work_from"].to_numpy() + tenure, rows["valid_until"].to_numpy())
    building.end_permits(world, rows, ends, "notified_end")
    rows = rows.with_columns(work_until=pl.Series(ends))
    counts = np.bincount(rows["group"].to_numpy(), minlength=number)
    plant_sponsors(world, "H20", sponsors, rows, scaled(counts, 9, block["permits"][1]))


def silent_exits(world: World) -> None:
    """H09: sponsors that tell of part of their ends, or of all, late or never; see `cases.carelessness`."""
    block = world.parameters["misuse"]["H09"]
    ended = world.permits.filter(
        (pl.col("ended_on") < NEVER)
        & (pl.col("sponsor") >= 0)
        & (pl.col("work_from") >= 0)
        & (pl.col("ended_on") < world.until - 500)
    ).sort("application")
    sizes = ended.group_by("sponsor").len().filter(pl.col("len") >= 6).sort("sponsor")
    bad = chosen(world, "H09.sponsor", sizes, "sponsor", chance=block["sponsors"])
    if len(bad) < block["least"]:
        bad = sizes.head(block["least"])
    rows = ended.join(bad.select("sponsor").with_row_index("group"), on="sponsor", maintain_order="left")
    rows = rows.with_columns(
        pl.col("group").cast(pl.Int64), received_on=pl.col("ended_on"), work_until=pl.col("ended_on")
    )
    world.late_notices = set(bad["sponsor"].to_list())
    severity = carelessness(world.draws, bad["sponsor"].to_numpy())
    plant_sponsors(world, "H09", bad.rename({"sponsor": "company"}), rows, severity)
