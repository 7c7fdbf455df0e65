"""Look-alikes among posted workers.

Belongs here: lawful situations that resemble P indicators. Does not belong here: permits and pay.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.foundations import identifiers
from assets.standins.misuse import building
from assets.standins.misuse.posted_papers import add_certificates, elsewhere
from assets.standins.misuse.posted_stays import add_stays, chain, low_wage, one_worker, replace_stays, two_year_stays
from assets.standins.misuse.posting_firms import alternating, by_client, posted_after_refusal
from assets.standins.misuse.tools import extra_numbers, how_many, sponsor_ids, stay_ids
from assets.standins.posting.postings import EXTRA
from assets.standins.world import World, id_list, prefixed, some


def plant(world: World) -> None:
    """Add the look-alikes that do not arise by themselves."""
    shorter_than_notified(world)
    pending_permit(world)
    busy_places(world)
    more(world)


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
    name_papers(world)


def more(world: World) -> None:
    """Look-alikes of P01, P03, P08 to P11, P15 and P19 that do not arise by themselves."""
    renewal_pending(world)
    staff_taken_over(world)
    back_after_two_months(world)
    firms_with_a_reason(world)
    two_states_by_right(world)
    refused_on_form(world)
    back_after_half_a_year(world)


def two_states_by_right(world: World) -> None:
    """P13: somebody who works in two states is certified by the state of residence, for the employer there."""
    pool = world.stays.filter(
        (pl.col("starts_on") >= 18_400) & (pl.col("sbi2") != "49") & (pl.col("certificate") == "ordinary")
    )
    mine = some(world.draws, "P13.two", pool, _number(world, "P13", "two_states", len(pool)), "stay")
    mine = mine.with_columns(certificate=pl.lit("own"))
    replace_stays(world, mine)
    issuer = elsewhere(world, "P13.residence", mine["employer"].to_numpy())
    number, never = extra_numbers(world, len(mine)), np.full(len(mine), -1)
    start, end = mine["starts_on"].to_numpy(), mine["ends_on"].to_numpy()
    add_certificates(world, mine, number, start=start, end=end, issuer=issuer, withdrawn=never, basis="art13")
    resemble_stays(world, "P13", "resident_elsewhere_two_states", mine)


def refused_on_form(world: World) -> None:
    """P14: the request was refused on its form; the work is then done by a contractor."""
    block = world.parameters["look_alikes"]["P14"]
    made = posted_after_refusal(
        world, "P14.form", ["formal", "other"], share=block["formal"], least=block["least"], workers=(3, 6)
    )
    table = by_client(world, made)
    world.resemble(
        table.select(
            indicator=pl.lit("P14"),
            look_alike=pl.lit("formal_refusal"),
            subject_type=pl.lit("client"),
            subject_id=sponsor_ids(table, "client"),
            related_ids="ids",
        )
    )


def back_after_half_a_year(world: World) -> None:
    """P20: several assignments with half a year at home between them, under two years together."""
    since = world.law.dates["2020-wagweu-notify"]
    number = _number(world, "P20", "returns")
    made = chain(
        world, "P20.return", number=number, months=(27, 30), worker_days=(180, 240), gap=(185, 230), since=since
    )
    made = one_worker(world, made).with_columns(
        third=pl.lit(True), status=pl.lit("permit"), submitted_on=pl.col("starts_on") - 65
    )
    add_stays(world, made)
    resemble_stays(world, "P20", "new_assignment_after_return", made)


def _number(world: World, indicator: str, kind: str, pool: int | None = None) -> int:
    block = world.parameters["look_alikes"][indicator]
    national = block[kind] if pool is None else pool * block[kind] / world.parameters.persons
    return how_many(world, national, block["least"], "look_alikes")


def renewal_pending(world: World) -> None:
    """P03: the permit of the sending state ends a few weeks before the work does; a renewal is on its way."""
    pool = world.stays.filter(pl.col("third") & (pl.col("starts_on") >= 18_400) & (pl.col("sbi2") != "49"))
    mine = some(world.draws, "P03.renewal", pool, _number(world, "P03", "renewal", len(pool)), "stay")
    before = world.draws.integer("P03.renewal_days", 3, 28, mine["stay"].to_numpy())
    replace_stays(
        world, mine.with_columns(home_until=pl.col("ends_on") - pl.Series(before), home_since=pl.col("starts_on") - 300)
    )
    resemble_stays(world, "P03", "renewal_pending", mine)


def staff_taken_over(world: World) -> None:
    """P08: a new contractor wins the tender and takes the people over; the two firms have nothing in common."""
    made = alternating(world, "P08.takeover", _number(world, "P08", "takeover"), (11, 15), linked=False, once=True)
    add_stays(world, made)
    resemble_stays(world, "P08", "contractor_change_with_staff", made)


def back_after_two_months(world: World) -> None:
    """P09: back after two years, with the two months in between."""
    made = two_year_stays(world, "P09.pause", _number(world, "P09", "after_two_months"), (64, 120))
    made = low_wage(world, made, 1.7, 2.2)  # posted for so long on all the terms of the host state
    add_stays(world, made)
    resemble_stays(world, "P09", "two_months_in_between", made)


def _firms(world: World, indicator: str, kind: str, least: int) -> pl.DataFrame:
    """Employers outside road transport with so many stays, none of them used twice."""
    stays = world.stays.filter(
        (pl.col("sbi2") != "49") & (pl.col("starts_on") >= 18_400) & ~pl.col("employer").is_in(list(world.firms))
    )
    sizes = stays.group_by("employer").len().filter(pl.col("len").is_between(least, 60)).sort("employer")
    mine = some(
        world.draws, f"{indicator}.{kind}", sizes, _number(world, indicator, kind, len(sizes)), "employer"
    ).select("employer")
    world.firms |= set(mine["employer"].to_list())
    return mine


def resemble_firms(world: World, indicator: str, kind: str, mine: pl.DataFrame) -> None:
    """Keep look-alikes among employers."""
    vat = pl.Series(world.employers.take("vat", mine["employer"].to_numpy()))
    world.resemble(
        mine.select(
            indicator=pl.lit(indicator),
            look_alike=pl.lit(kind),
            subject_type=pl.lit("posting_employer"),
            subject_id=vat,
            related_ids=pl.concat_list(prefixed("posting_employer", vat)),
        )
    )


def firms_with_a_reason(world: World) -> None:
    """P10, P11, P15 and P19: young specialists, seasonal rehires, pay with allowances, a plant of the same group."""
    young = _firms(world, "P10", "young_specialists", 3)
    first = (
        world.stays.join(young, on="employer", how="semi")
        .group_by("employer")
        .agg(pl.col("starts_on").min())
        .sort("employer")
    )
    building.change_employers(
        world,
        first["employer"].to_numpy(),
        {
            "registered_on": first["starts_on"].to_numpy() - 250,
            "home_share": np.full(len(first), 0.55),
            "home_staff": np.full(len(first), 25),
        },
    )
    resemble_firms(world, "P10", "young_specialist_firm", young)
    seasonal = _firms(world, "P11", "seasonal", 4)
    rows = world.stays.join(seasonal, on="employer", how="semi", maintain_order="left")
    hired = rows["starts_on"].to_numpy() - world.draws.integer("P11.seasonal_days", 5, 28, rows["stay"].to_numpy())
    half = world.draws.happens("P11.seasonal_half", 0.35, rows["stay"].to_numpy())
    replace_stays(world, rows.filter(pl.Series(half)).with_columns(home_since=pl.Series(hired[half])))
    resemble_firms(world, "P11", "seasonal_rehire", seasonal)
    paid = _firms(world, "P15", "allowances", 3)
    rows = world.stays.join(paid, on="employer", how="semi", maintain_order="left")
    wage = world.law.minimum_hour.on(rows["starts_on"].to_numpy()) * (
        1.0 + 0.02 * world.draws.uniform("P15.edge", rows["stay"].to_numpy())
    )
    replace_stays(world, rows.with_columns(hourly_wage=pl.Series(np.round(wage + 0.01, 2))))
    resemble_firms(world, "P15", "just_at_the_minimum", paid)
    plants = _firms(world, "P19", "genuine_plants", 3)
    rows = world.stays.join(plants, on="employer", how="semi", maintain_order="left").sort(
        "employer", "starts_on", "stay"
    )
    client = rows.group_by("employer", maintain_order=True).agg(pl.col("client").first()).sort("employer")
    building.change_employers(
        world,
        client["employer"].to_numpy(),
        {
            "owner_company": client["client"].to_numpy(),
            "registered_on": np.full(len(client), 11_000),
            "home_staff": np.full(len(client), 180),
        },
    )
    resemble_firms(world, "P19", "plant_of_the_same_group", plants)


def name_papers(world: World) -> None:
    """Name what the world holds by itself: two-state and late certificates, exempt sectors, agencies."""
    stays = world.stays.select(
        "stay", "notification", "project", "employer", "client", "place", "kind", "person", "certificate"
    )
    stays = stays.filter(pl.col("certificate") == "ordinary")
    papers = world.a1s
    two = papers.filter(pl.col("basis") == "art13").select("stay")
    late = papers.filter(pl.col("issued_on") - pl.col("valid_from") > 60).select("stay")
    resemble_stays(world, "P06", "two_state_certificate", stays.join(two, on="stay", how="semi", maintain_order="left"))
    resemble_stays(world, "P05", "normal_backlog", stays.join(late, on="stay", how="semi", maintain_order="left"))
    has = papers.select("stay")
    journeys = papers.filter(pl.col("a1_id").str.contains("J")).sort("a1_id")
    journeys = journeys.head(int(world.parameters["look_alikes"]["most_of_a_kind"]))
    world.resemble(
        journeys.select(
            indicator=pl.lit("P01"),
            look_alike=pl.lit("exempt_sector"),
            subject_type=pl.lit("posting_employer"),
            subject_id="employer_vat",
            related_ids=id_list(prefixed("a1", journeys["a1_id"])),
        )
    )
    resemble_stays(
        world,
        "P04",
        "certificate_not_exchanged",
        stays.join(has, on="stay", how="anti", maintain_order="left").filter(pl.col("notification") < EXTRA),
    )
    agencies = world.employers.table.filter(pl.col("agency")).select("employer")
    used = agencies.join(world.stays, on="employer", how="semi", maintain_order="left")
    resemble_firms(world, "P12", "declared_agency", used)
    alone = world.stays.filter((pl.col("kind") == "self_employed") & (pl.col("origin") == "ordinary")).sort("stay")
    resemble_stays(world, "P16", "real_self_employed", alone)
    sectors = pl.Series([s["sbi2"] for s in world.parameters["posting"]["sectors"]])
    world.resemble(
        pl.DataFrame({"sector": sectors}).select(
            indicator=pl.lit("P17"),
            look_alike=pl.lit("rule_change_of_march_2020"),
            subject_type=pl.lit("sector"),
            subject_id="sector",
            related_ids=pl.concat_list(pl.lit("sector:") + pl.col("sector")),
        )
    )
    changed = world.draws.happens(
        "posting.second", world.parameters["posting"]["second_version"], world.stays["notification"].to_numpy()
    )
    agile = world.stays.filter(pl.Series(changed) & (pl.col("edits") == 0) & (pl.col("origin") == "ordinary"))
    crews = agile.group_by("employer").len().filter(pl.col("len") >= 5).sort("employer")
    crews = crews.filter(~pl.col("employer").is_in(list(world.firms)))
    resemble_firms(world, "P18", "agile_crew", crews)
    exempt = world.stays.filter((pl.col("kind") == "annual") & ~pl.col("third") & (pl.col("sbi2") != "49")).sort("stay")
    resemble_stays(world, "P01", "yearly_notification", exempt)
