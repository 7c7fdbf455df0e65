"""Papers of posted workers that are missing, late, doubled or made elsewhere.

Belongs here: P01, P03, P04, P05, P06, P13, P15, P18. Does not belong here: how long people stay, and what kind of firm
posts them.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.foundations import identifiers, regions
from assets.standins.foundations.law import day
from assets.standins.foundations.randomness import Ints
from assets.standins.misuse.posted_stays import plant_stays, replace_stays
from assets.standins.misuse.tools import (
    EXTRA_STAYS,
    between,
    chosen,
    extra_numbers,
    graded,
    how_many,
    scaled,
    severities,
    sponsor_ids,
    stay_ids,
    strengths,
)
from assets.standins.world import World, id_list, prefixed, some

_PORTAL = day("2020-03-01")


def plant(world: World) -> None:
    """Plant all misuse of papers."""
    unnotified(world)
    outlasting(world)
    certificates_of_firms(world)
    double_certificates(world)
    chains_of_states(world)
    low_pay(world)
    careless_notices(world)


def firms(
    world: World, indicator: str, *, least_stays: int, most_stays: int = 400, since: int = _PORTAL
) -> pl.DataFrame:
    """Employers outside road transport with so many stays, chosen by the share of an indicator: `employer`."""
    block = world.parameters["misuse"][indicator]
    stays = world.stays.filter(
        (pl.col("sbi2") != "49") & (pl.col("starts_on") >= since) & ~pl.col("employer").is_in(list(world.firms))
    )
    sizes = stays.group_by("employer").len().filter(pl.col("len").is_between(least_stays, most_stays)).sort("employer")
    mine = chosen(world, f"{indicator}.firm", sizes, "employer", chance=block["employers"])
    if len(mine) < block["least"]:
        mine = some(world.draws, f"{indicator}.firm", sizes, block["least"], "employer")
    world.firms |= set(mine["employer"].to_list())
    return mine.select("employer")


def stays_of(world: World, mine: pl.DataFrame) -> pl.DataFrame:
    """The stays of some employers since the portal opened."""
    stays = world.stays.filter(pl.col("starts_on") >= _PORTAL)
    return stays.join(mine, on="employer", how="semi", maintain_order="left").sort("stay")


def part_of(world: World, indicator: str, mine: pl.DataFrame) -> pl.DataFrame:
    """The stays of each employer that are misused: a part that differs from firm to firm, kept in `strength`.

    The first stay of a firm is always among them.
    """
    low, high = world.parameters["misuse"][indicator]["part"]
    part = graded(world, f"{indicator}.part", mine["employer"].to_numpy(), low, high)
    hit = pl.Series(world.draws.happens(f"{indicator}.hit", part, mine["stay"].to_numpy()))
    first = pl.col("stay") == pl.col("stay").min().over("employer")
    return mine.with_columns(strength=pl.Series(part)).filter(first | hit)


def plant_firms(world: World, indicator: str, rows: pl.DataFrame) -> None:
    """Keep the truth of employers: subject the VAT number, related their notifications, sites and clients.

    The strength of an employer is the first value of its column `strength`.
    """
    rows = rows.with_columns(ids=stay_ids(world, rows)).sort("employer", "starts_on", "stay")
    grouped = rows.group_by("employer", maintain_order=True).agg(
        pl.col("ids").explode().unique(maintain_order=True),
        start=pl.col("starts_on").min(),
        end=pl.col("ends_on").max(),
        strength=pl.col("strength").first(),
    )
    vat = pl.Series(world.employers.take("vat", grouped["employer"].to_numpy()))
    world.plant(
        grouped.select(
            "strength",
            indicator=pl.lit(indicator),
            subject_type=pl.lit("posting_employer"),
            subject_id=vat,
            related_ids="ids",
            period_start="start",
            period_end="end",
        )
    )
    world.hide_until(indicator, grouped["start"].to_numpy() + 60)


def unnotified(world: World) -> None:
    """P01: crews at sites with a register at the gate that nobody notified, in part or as a whole, or only later."""
    block = world.parameters["misuse"]["P01"]
    pool = world.stays.filter(
        pl.col("site")
        & (pl.col("kind") == "regular")
        & (pl.col("status").is_in(["free", "short"]))
        & (pl.col("starts_on") >= _PORTAL)
        & (pl.col("real_end") - pl.col("starts_on") > 20)
        & (pl.col("origin") == "ordinary")
    )
    projects = pool.unique("project", keep="first", maintain_order=True)
    bad = some(world.draws, "P01.project", projects, how_many(world, block["projects"], block["least"]), "project")
    mine = pool.join(bad.select("project"), on="project", how="semi", maintain_order="left")
    mine = _uncovered(world, mine, mine["project"].to_numpy())
    replace_stays(world, mine)
    strength = pl.col("uncovered").sum().over("project") / pl.col("length").sum().over("project")
    subjects = mine.with_columns(strength=strength).unique("project", keep="first", maintain_order=True)
    world.plant(
        subjects.select(
            indicator=pl.lit("P01"),
            subject_type=pl.lit("client"),
            subject_id=sponsor_ids(subjects, "client"),
            related_ids=id_list(
                prefixed("site", subjects["place"]),
                prefixed("posting_employer", pl.Series(world.employers.take("vat", subjects["employer"].to_numpy()))),
                prefixed("client", sponsor_ids(subjects, "client")),
            ),
            period_start="starts_on",
            period_end="real_end",
            strength="strength",
        )
    )
    world.hide_until("P01", subjects["starts_on"].to_numpy() + 60)


def _uncovered(world: World, crew: pl.DataFrame, project: Ints) -> pl.DataFrame:
    """The crews with some of their days before or without a notification.

    In a third of the crews everybody is notified, some days or some weeks after the start; in the others some workers,
    at least the first, or all are never notified. Columns `uncovered` and `length` count the days of each worker.
    """
    block = world.parameters["misuse"]["P01"]
    severity = severities(world, "P01.severity", project)
    late = world.draws.happens("P01.late", 0.35, project)
    days = np.round(between(block["days_late"], severity)).astype(np.int64)
    never = ~late & world.draws.happens("P01.worker", between(block["part"], severity), crew["stay"].to_numpy())
    first = crew.select(pl.col("stay") == pl.col("stay").min().over("project")).to_series().to_numpy()
    never |= ~late & first
    length = pl.col("real_end") - pl.col("starts_on") + 1
    return crew.with_columns(
        notified=pl.Series(~never),
        origin=pl.lit("gate"),
        submitted_on=pl.when(pl.Series(late)).then(pl.col("starts_on") + pl.Series(days)).otherwise("submitted_on"),
        length=length,
        uncovered=pl.when(pl.Series(never))
        .then(length)
        .when(pl.Series(late))
        .then(pl.min_horizontal(length, pl.Series(days)))
        .otherwise(0),
    )


def outlasting(world: World) -> None:
    """P03: the notification runs on long after the permit of the sending state has ended."""
    block = world.parameters["misuse"]["P03"]
    pool = world.stays.filter(
        pl.col("third")
        & (pl.col("starts_on") >= _PORTAL)
        & (pl.col("ends_on") - pl.col("starts_on") > 70)
        & (pl.col("sbi2") != "49")
    )
    mine = some(
        world.draws,
        "P03.stay",
        pool,
        how_many(world, len(pool) * block["stays"] / world.parameters.persons, block["least"]),
        "stay",
    )
    over = 32 + (
        (mine["ends_on"] - mine["starts_on"]).to_numpy() * world.draws.uniform("P03.over", mine["stay"].to_numpy())
    ).astype(np.int64)
    mine = mine.with_columns(home_until=pl.col("ends_on") - pl.Series(over), home_since=pl.col("starts_on") - 200)
    replace_stays(world, mine)
    plant_stays(world, "P03", mine, scaled(over, 30, 365))


def certificates_of_firms(world: World) -> None:
    """P04 and P05: employers whose workers have no A1, or only one that came months later."""
    for indicator, kind in (("P04", "none"), ("P05", "late")):
        since = _exchanged(world)
        mine = stays_of(world, firms(world, indicator, least_stays=4, since=since)).filter(pl.col("starts_on") >= since)
        mine = part_of(world, indicator, mine)
        replace_stays(world, mine.with_columns(certificate=pl.lit(kind)).drop("strength"))
        plant_firms(world, indicator, mine)


def _exchanged(world: World) -> int:
    """First day of stays whose certificates are exchanged."""
    return day(f"{world.parameters['a1']['from_year']}-01-01")


def add_certificates(
    world: World,
    rows: pl.DataFrame,
    number: Ints,
    *,
    start: Ints,
    end: Ints,
    issuer: Ints,
    withdrawn: Ints,
    basis: str = "art12_1",
) -> pl.Series:
    """Certificates that are made elsewhere than in the ordinary course; gives their references."""
    who = rows["person"].to_numpy()
    references = identifiers.numbered("A1-", EXTRA_STAYS + number, 11)
    made = pl.DataFrame(
        {
            "a1_id": references,
            "person": who,
            "stay": np.full(len(rows), -1),
            "employer": issuer,
            "worker_document": identifiers.document(who),
            "employer_vat": world.employers.take("vat", issuer),
            "issuing_country": world.employers.take("country", issuer),
            "basis": [basis] * len(rows),
            "valid_from": start,
            "valid_until": np.minimum(end, start + 729),
            "issued_on": start - 5,
            "withdrawn_on": withdrawn,
            "known_on": start + 1,
        }
    )
    world.a1s = pl.concat([world.a1s, made]) if len(world.a1s) else made
    return references


def double_certificates(world: World) -> None:
    """P06: two states certify the same days, or a certificate is withdrawn and the work goes on."""
    block = world.parameters["misuse"]["P06"]
    pool = world.stays.filter(
        (pl.col("starts_on") >= _exchanged(world))
        & (pl.col("real_end") - pl.col("starts_on") > 100)
        & (pl.col("sbi2") != "49")
        & (pl.col("certificate") == "ordinary")
    )
    mine = some(
        world.draws,
        "P06.stay",
        pool,
        how_many(world, len(pool) * block["stays"] / world.parameters.persons, block["least"]),
        "stay",
    )
    mine = mine.with_columns(certificate=pl.lit("own"))
    replace_stays(world, mine)
    start, end, own = (mine[c].to_numpy() for c in ("starts_on", "ends_on", "employer"))
    withdrawn = world.draws.happens("P06.withdrawn", 0.4, mine["stay"].to_numpy())
    never = np.full(len(mine), -1)
    first = add_certificates(
        world,
        mine,
        extra_numbers(world, len(mine)),
        start=start,
        end=end,
        issuer=own,
        withdrawn=np.where(withdrawn, start + 45, never),
    )
    doubled = mine.filter(pl.Series(~withdrawn))
    start, end = doubled["starts_on"].to_numpy(), doubled["ends_on"].to_numpy()
    other = elsewhere(world, "P06.other", doubled["employer"].to_numpy())
    second = add_certificates(
        world,
        doubled,
        extra_numbers(world, len(doubled)),
        start=start + 20,
        end=end,
        issuer=other,
        withdrawn=np.full(len(doubled), -1),
    )
    seconds = dict(zip(doubled["stay"].to_list(), second.to_list(), strict=True))
    refs = pl.Series([seconds.get(stay, "") for stay in mine["stay"].to_list()], dtype=pl.String)
    _plant_with_certificates(world, "P06", mine, first, refs)


def _plant_with_certificates(
    world: World, indicator: str, mine: pl.DataFrame, first: pl.Series, second: pl.Series
) -> None:
    extra = id_list(prefixed("a1", first), prefixed("a1", second))
    world.plant(
        mine.select(
            indicator=pl.lit(indicator),
            subject_type=pl.lit("person"),
            subject_id=identifiers.document(mine["person"].to_numpy()),
            related_ids=pl.concat_list(stay_ids(world, mine), extra),
            period_start="starts_on",
            period_end="real_end",
            strength=((pl.col("ends_on") - pl.col("starts_on")) / 365).clip(0.02, 1.0),
        )
    )
    world.hide_until(indicator, mine["starts_on"].to_numpy() + 60)


def elsewhere(world: World, what: str, employers: Ints) -> Ints:
    """For each employer another one from another country."""
    table = world.employers.table.filter(~pl.col("transport"))
    who, country = table["employer"].to_numpy(), table["country"].to_numpy()
    mine = world.employers.take("country", employers)
    pick = world.draws.integer(what, 0, len(who) - 1, employers)
    for _ in range(12):
        pick = np.where(country[pick] == mine, (pick + 7) % len(who), pick)
    return np.asarray(who[pick], dtype=np.int64)


def chains_of_states(world: World) -> None:
    """P13: notified from one state, certified in a second for an employer there, seen at work for a third."""
    block = world.parameters["misuse"]["P13"]
    pool = world.stays.filter(
        pl.col("third")
        & (pl.col("starts_on") >= _PORTAL)
        & (pl.col("real_end") - pl.col("starts_on") > 60)
        & (pl.col("sbi2") != "49")
        & (pl.col("certificate") == "ordinary")
    )
    mine = some(
        world.draws,
        "P13.stay",
        pool,
        how_many(world, len(pool) * block["stays"] / world.parameters.persons, block["least"]),
        "stay",
    )
    mine = mine.with_columns(certificate=pl.lit("own"))
    replace_stays(world, mine)
    own = mine["employer"].to_numpy()
    second = elsewhere(world, "P13.second", own)
    third = elsewhere(world, "P13.third", second)
    third = np.where(
        world.employers.take("country", third) == world.employers.take("country", own),
        elsewhere(world, "P13.fourth", own),
        third,
    )
    first = add_certificates(
        world,
        mine,
        extra_numbers(world, len(mine)),
        start=mine["starts_on"].to_numpy(),
        end=mine["ends_on"].to_numpy(),
        issuer=second,
        withdrawn=np.full(len(mine), -1),
    )
    _see_at_work(world, mine, third)
    _plant_with_certificates(world, "P13", mine, first, pl.Series([""] * len(mine), dtype=pl.String))


def _see_at_work(world: World, mine: pl.DataFrame, employer: Ints) -> None:
    """An inspection meets each of these workers in the fourth week, and notes an employer."""
    seen = mine.with_columns(
        seen_on=pl.col("starts_on") + 25,
        random_sample=pl.lit(False),
        list=pl.lit("inspection"),
        number=pl.Series(EXTRA_STAYS + extra_numbers(world, len(mine))),
        employer_vat=pl.Series(world.employers.take("vat", employer)),
    ).with_columns(
        sighting_id=pl.format(f"I{regions.mark()}{{}}", pl.col("number").cast(pl.String).str.zfill(10)),
        known_on=pl.col("seen_on") + 20,
        worker_document=identifiers.document(mine["person"].to_numpy()),
        worker_free_movement=~pl.col("third"),
        hourly_wage_eur=pl.lit(None, dtype=pl.Float64),
    )
    world.sightings = pl.concat([world.sightings, seen], how="diagonal") if len(world.sightings) else seen


def low_pay(world: World) -> None:
    """P15: employers that pay less than the statutory minimum, and show it."""
    block = world.parameters["misuse"]["P15"]
    mine = stays_of(world, firms(world, "P15", least_stays=3))
    short = strengths(world, "P15.strength", mine["employer"], block["weakest"], block["strongest"])
    minimum = world.law.minimum_hour.on(mine["starts_on"].to_numpy())
    mine = mine.with_columns(hourly_wage=pl.Series(np.round(minimum * (1 - short), 2)), strength=pl.Series(short))
    replace_stays(world, mine)
    plant_firms(world, "P15", mine)


def careless_notices(world: World) -> None:
    """P18: notices after the start, changed again and again, or yearly for people who may not be notified so."""
    mine = stays_of(world, firms(world, "P18", least_stays=5))
    note = mine["notification"].to_numpy()
    part = graded(world, "P18.part", mine["employer"].to_numpy(), *world.parameters["misuse"]["P18"]["part"])
    late = world.draws.happens("P18.late", part, note)
    after = world.draws.integer("P18.days", 2, 20, note)
    edits = np.where(world.draws.happens("P18.edited", part, note), world.draws.integer("P18.edits", 2, 5, note), 0)
    yearly = mine["third"].to_numpy() & world.draws.happens("P18.yearly", 0.5, note)
    mine = mine.with_columns(
        submitted_on=pl.when(pl.Series(late)).then(pl.col("starts_on") + pl.Series(after)).otherwise("submitted_on"),
        edits=pl.Series(edits),
        kind=pl.when(pl.Series(yearly)).then(pl.lit("annual")).otherwise("kind"),
    )
    replace_stays(world, mine)
    plant_firms(world, "P18", mine.with_columns(strength=pl.Series(part)))
