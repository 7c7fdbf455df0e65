"""Posting employers that are not what they seem, and clients that know it.

Belongs here: P08, P10, P11, P12, P14, P16, P17, P19. Does not belong here: papers and lengths of single stays.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.foundations import identifiers, regions
from assets.standins.foundations.law import day
from assets.standins.misuse import building
from assets.standins.misuse.posted_papers import firms, plant_firms, stays_of
from assets.standins.misuse.posted_stays import add_stays, chain, plant_stays, replace_stays
from assets.standins.misuse.tools import (
    EXTRA_PERSONS,
    EXTRA_STAYS,
    between,
    extra_numbers,
    graded,
    how_many,
    sponsor_ids,
    spread_severities,
    stay_ids,
)
from assets.standins.world import World, id_list, prefixed, some

_PORTAL = day("2020-03-01")


def plant(world: World) -> None:
    """Plant all misuse by kind of firm."""
    carousels(world)
    letterboxes(world)
    recruited_to_post(world)
    disguised_labour(world)
    own_daughters(world)
    after_refusal(world)
    sham_self_employed(world)
    surges(world)


def sisters(world: World, employers: np.ndarray, linked: bool) -> np.ndarray:
    """A second employer for each: a new one from the same country and building, owned by the first (if linked)."""
    old = world.employers.table
    address = old["address"].gather(employers)
    made = building.new_employers(
        world,
        employers,
        {
            "owner_employer": pl.Series(employers if linked else np.full(len(employers), -1)),
            "address": address if linked else pl.Series(600_000 + len(old) + np.arange(len(employers))),
            "home_staff": pl.Series(np.full(len(employers), 6)),
        },
    )
    return made["employer"].to_numpy()


def alternating(
    world: World, name: str, number: int, months: tuple[int, int], *, linked: bool, once: bool
) -> pl.DataFrame:
    """The same workers at one place under two employers: back and forth, or handed over once."""
    made = chain(world, name, number=number, months=months, worker_days=(70, 120), gap=(5, 40), since=_PORTAL)
    chains, place = np.unique(made["chain"].to_numpy(), return_inverse=True)
    first = made.unique("chain", keep="first", maintain_order=True).sort("chain")
    other = sisters(world, first["employer"].to_numpy(), linked)
    turn = made["turn"].to_numpy()
    half = turn >= 2 if once else turn % 2 == 1
    person = extra_numbers(world, len(chains))[place] + EXTRA_PERSONS
    return made.with_columns(
        employer=pl.when(pl.Series(half)).then(pl.Series(other[place])).otherwise("employer"), person=pl.Series(person)
    )


def carousels(world: World) -> None:
    """P08: a worker goes round between two sister firms at the same place."""
    block = world.parameters["misuse"]["P08"]
    number = how_many(world, block["chains"], block["least"])
    made = alternating(world, "P08", number, tuple(block["months"]), linked=True, once=False)
    add_stays(world, made)
    firsts = made.group_by("chain", maintain_order=True).agg(pl.all().first(), last=pl.col("ends_on").max())
    ids = (
        made.with_columns(ids=stay_ids(world, made))
        .group_by("chain", maintain_order=True)
        .agg(pl.col("ids").explode().unique(maintain_order=True))
    )
    table = firsts.drop("ids", strict=False).join(ids, on="chain", maintain_order="left")
    world.plant(
        table.select(
            indicator=pl.lit("P08"),
            subject_type=pl.lit("person"),
            subject_id=identifiers.document(table["person"].to_numpy()),
            related_ids="ids",
            period_start="starts_on",
            period_end="last",
            strength=((pl.col("last") - pl.col("starts_on")) / 730).clip(0.05, 1.0),
        )
    )
    world.hide_until("P08", table["starts_on"].to_numpy() + 200)


def one_client(world: World, mine: pl.DataFrame, least: float, what: str) -> pl.DataFrame:
    """The stays of each employer at (mostly) its first client; sites of their own, so that no plant fills up.

    How many of them differs from firm to firm, from `least` to all; that share is kept in `strength`.
    """
    first = pl.col("client").first().over("employer")
    mine = mine.sort("employer", "starts_on", "stay")
    share = graded(world, f"{what}.share", mine["employer"].to_numpy(), least, 1.0)
    stick = pl.Series(world.draws.happens(what, share, mine["project"].to_numpy()))
    return mine.with_columns(
        strength=pl.Series(share),
        client=pl.when(stick).then(first).otherwise("client"),
        place=pl.when(stick).then(pl.format(f"S{regions.mark()}{{}}", "project")).otherwise("place"),
    )


#: What a letterbox can lack besides staff and turnover at home, which it always lacks.
_LETTERBOX = ("clients", "age", "office", "hired")


def letterboxes(world: World) -> None:
    """P10: hardly anybody and hardly any turnover at home, and two to all four of the other elements.

    The elements are those of article 4(2) of Directive 2014/67: one client, young, in a building full of firms, people
    hired for the posting. Four elements together are a marginal case, all six a blatant one; between two numbers the
    share of the turnover at home decides.
    """
    block = world.parameters["misuse"]["P10"]
    mine = stays_of(world, firms(world, "P10", least_stays=3, most_stays=60))
    table = mine.group_by("employer").agg(pl.col("starts_on").min(), stays=pl.len()).sort("employer")
    who = table["employer"].to_numpy()
    severity = spread_severities(world, "P10.severity", np.arange(len(who)))
    steps = severity * 3
    more = np.minimum(steps.astype(np.int64), 2)  # elements beyond the fourth
    rank = world.draws.uniform("P10.element", who[:, None], np.arange(4)).argsort(axis=1).argsort(axis=1)
    shows = dict(zip(_LETTERBOX, (rank < 2 + more[:, None]).T, strict=True))
    table = table.with_columns(strength=pl.Series(severity), **{name: pl.Series(has) for name, has in shows.items()})
    mine = mine.join(table.drop("starts_on", "stays"), on="employer", maintain_order="left")
    one = one_client(world, mine.filter("clients"), 1.0, "P10.client").drop("strength")
    strength = table.select("employer", "strength")
    mine = pl.concat(
        [one.join(strength, on="employer", maintain_order="left").select(mine.columns), mine.filter(~pl.col("clients"))]
    )
    since = mine["starts_on"].to_numpy() - world.draws.integer("P10.hired", 2, 25, mine["stay"].to_numpy())
    mine = mine.with_columns(
        home_since=pl.when("hired").then(pl.Series(since)).otherwise("home_since"),
        home_until=pl.when("hired").then(pl.col("ends_on") + 90).otherwise("home_until"),
    )
    replace_stays(world, mine)
    founded = table["starts_on"].to_numpy() - world.draws.integer("P10.founded", 40, 280, who)
    staff = np.minimum(world.draws.integer("P10.staff", 0, 2, who), table["stays"].to_numpy() // 12)
    building.change_employers(
        world,
        who,
        {
            "registered_on": np.where(shows["age"], founded, world.employers.take("registered_on", who)),
            "home_staff": staff,
            "home_share": between(block["turnover_at_home"], steps - more),
            "address": np.where(shows["office"], 990_000, world.employers.take("address", who)),
        },
    )
    _fill_building(world, 990_000, 24)
    plant_firms(world, "P10", mine)


def _fill_building(world: World, address: int, wanted: int) -> None:
    """Other firms, busy at home, have their seat in the same building."""
    table = world.employers.table.filter(
        (pl.col("address") != address) & (pl.col("home_staff") > 20) & (pl.col("home_share") > 0.5)
    )
    some_of = table["employer"].to_numpy()[:wanted]
    building.change_employers(world, some_of, {"address": np.full(len(some_of), address)})


def recruited_to_post(world: World) -> None:
    """P11: people are hired at home days before they are sent here."""
    mine = stays_of(world, firms(world, "P11", least_stays=4))
    stay = mine["stay"].to_numpy()
    hired = mine["starts_on"].to_numpy() - world.draws.integer("P11.hired", 1, 25, stay)
    part = graded(world, "P11.part", mine["employer"].to_numpy(), *world.parameters["misuse"]["P11"]["part"])
    most = world.draws.happens("P11.most", part, stay)
    mine = mine.with_columns(
        home_since=pl.when(pl.Series(most)).then(pl.Series(hired)).otherwise("home_since"),
        home_until=pl.when(pl.Series(most)).then(pl.col("ends_on") + 120).otherwise("home_until"),
    )
    replace_stays(world, mine)
    plant_firms(world, "P11", mine.with_columns(strength=pl.Series(part)))


def disguised_labour(world: World) -> None:
    """P12: firms that call it a service, spread over the tasks of one client's own work."""
    block = world.parameters["misuse"]["P12"]
    busy = world.stays.filter(
        (pl.col("sbi2").is_in(["10", "52", "01", "25"]))
        & (pl.col("starts_on") >= _PORTAL)
        & ~pl.col("employer").is_in(list(world.firms))
    )
    sizes = busy.group_by("employer").len().filter(pl.col("len").is_between(6, 80)).sort("employer")
    mine = some(world.draws, "P12.firm", sizes, how_many(world, block["pairs"], block["least"]), "employer").select(
        "employer"
    )
    world.firms |= set(mine["employer"].to_list())
    rows = one_client(world, stays_of(world, mine), 0.75, "P12.client")
    tasks = {
        "10": ["7511", "8160", "9321", "9112"],
        "52": ["9333", "9321", "8322", "4321"],
        "01": ["6113", "9211", "9321", "8322"],
        "25": ["7212", "7223", "9329", "7214"],
    }
    turn = world.draws.integer("P12.task", 0, 3, rows["stay"].to_numpy())
    isco = [tasks.get(s, tasks["25"])[t] for s, t in zip(rows["sbi2"].to_list(), turn.tolist(), strict=True)]
    rows = rows.with_columns(isco=pl.Series(isco))
    replace_stays(world, rows)
    building.change_employers(world, mine["employer"].to_numpy(), {"agency": np.zeros(len(mine), dtype=bool)})
    plant_firms(world, "P12", rows)


def own_daughters(world: World) -> None:
    """P19: the client owns the young firm that posts to it."""
    mine = one_client(world, stays_of(world, firms(world, "P19", least_stays=3, most_stays=80)), 0.85, "P19.client")
    replace_stays(world, mine)
    table = (
        mine.group_by("employer")
        .agg(pl.col("starts_on").min(), pl.col("client").mode().sort().first())
        .sort("employer")
    )
    who = table["employer"].to_numpy()
    building.change_employers(
        world,
        who,
        {
            "owner_company": table["client"].to_numpy(),
            "registered_on": table["starts_on"].to_numpy() - world.draws.integer("P19.founded", 60, 420, who),
            "home_staff": world.draws.integer("P19.staff", 0, 6, who),
        },
    )
    plant_firms(world, "P19", mine)


def after_refusal(world: World) -> None:
    """P14: a client is refused work permits for a job and then has it done by posted third-country workers."""
    block = world.parameters["misuse"]["P14"]
    grounds = ["priority_supply", "pay_below_market", "recruitment_effort"]
    made = posted_after_refusal(
        world, "P14", grounds, share=block["cases"], least=block["least"], workers=tuple(block["workers"])
    )
    table = by_client(world, made)
    world.plant(
        table.select(
            indicator=pl.lit("P14"),
            subject_type=pl.lit("client"),
            subject_id=sponsor_ids(table, "client"),
            related_ids="ids",
            period_start="start",
            period_end="end",
            strength=((pl.col("workers") - 2) / 8).clip(0.05, 1.0),
        )
    )
    world.hide_until("P14", table["start"].to_numpy() + 60)


def by_client(world: World, made: pl.DataFrame) -> pl.DataFrame:
    """One row per client of posted workers that followed a refusal: relations, first and last day, workers."""
    refs = identifiers.numbered("UWV-", made["case"].to_numpy(), 11)
    made = made.with_columns(ids=pl.concat_list(stay_ids(world, made), id_list(prefixed("uwv_case", refs))))
    return (
        made.sort("client", "starts_on", "stay")
        .group_by("client", maintain_order=True)
        .agg(
            pl.col("ids").explode().unique(maintain_order=True),
            start=pl.col("starts_on").min(),
            end=pl.col("ends_on").max(),
            workers=pl.len(),
        )
    )


def posted_after_refusal(
    world: World, name: str, grounds: list[str], *, share: float, least: int, workers: tuple[int, int]
) -> pl.DataFrame:
    """Third-country workers posted to clients that were refused permits for the same occupation, with `case`."""
    refused = world.cases.filter(
        (pl.col("outcome") == "negative")
        & pl.col("ground").is_in(grounds)
        & (pl.col("company") >= 0)
        & pl.col("decided_on").is_between(_PORTAL, world.until - 240 - 500)
        & (pl.col("policy_category") == "regular")
    )
    refused = refused.sort("case").unique("company", keep="first", maintain_order=True)
    number = how_many(world, len(refused) * share / world.parameters.persons, least)
    cases = some(world.draws, f"{name}.case", refused, number, "case")
    models = world.stays.filter(
        pl.col("third")
        & (pl.col("status") == "short")
        & (pl.col("starts_on") >= _PORTAL)
        & (pl.col("origin") == "ordinary")
    )
    if not len(models):
        cases = cases.head(0)
    counts = world.draws.integer(f"{name}.workers", *workers, cases["case"].to_numpy())
    row = np.repeat(np.arange(len(cases)), counts)
    numbers = extra_numbers(world, len(row))
    model = world.draws.integer(f"{name}.model", 0, max(len(models) - 1, 0), cases["case"].to_numpy())[row]
    start = cases["decided_on"].to_numpy()[row] + world.draws.integer(f"{name}.wait", 40, 480, row)
    client = cases["company"].gather(row)
    made = models.select(pl.all().gather(model)).with_columns(
        stay=pl.Series(EXTRA_STAYS + numbers),
        notification=pl.Series(EXTRA_STAYS + numbers),
        project=pl.Series(EXTRA_STAYS + numbers),
        person=pl.Series(EXTRA_PERSONS + numbers),
        client=client,
        isco=cases["isco"].gather(row),
        sbi2=pl.Series(world.companies.take("sbi2", client.to_numpy()), dtype=pl.String),
        starts_on=pl.Series(start),
        ends_on=pl.Series(start + 75),
        real_end=pl.Series(start + 75),
        submitted_on=pl.Series(start - 5),
        case=cases["case"].gather(row),
        origin=pl.lit(name),
    )
    made = made.with_columns(place=pl.format(f"S{regions.mark()}{{}}", "project"))
    add_stays(world, made)
    return made


def sham_self_employed(world: World) -> None:
    """P16: self-employed of one agent at one client: three for two months, or many for months.

    Of a marginal group few have been employees at the same work before, of a blatant one most.
    """
    block = world.parameters["misuse"]["P16"]
    number = how_many(world, block["groups"], block["least"])
    made = chain(
        world, "P16", number=number, months=(18, 20), worker_days=(55, 62), gap=(0, 0), since=_PORTAL, needs=260
    )
    severity = spread_severities(world, "P16.severity", made["chain"].to_numpy())
    made = made.with_columns(strength=pl.Series(severity))
    size = np.round(between(block["members"], severity))
    days = np.round(between(block["days"], severity)).astype(np.int64)
    made = made.with_columns(
        starts_on=pl.col("starts_on").min().over("chain") + pl.col("turn") * 3, days=pl.Series(days)
    ).filter(pl.Series(made["turn"].to_numpy() < size))
    made = made.with_columns(
        ends_on=pl.col("starts_on") + pl.col("days"), submitted_on=pl.col("starts_on") - 6
    ).with_columns(real_end=pl.col("ends_on"))
    before = _employed_before(world, made)
    made = made.with_columns(employer=_own_firms(world, made), kind=pl.lit("self_employed"))
    add_stays(world, pl.concat([made.select(before.columns), before]))
    plant_stays(world, "P16", made, made["strength"].to_numpy())
    world.hide_until("P16", made["starts_on"].to_numpy() + 60)


def _own_firms(world: World, made: pl.DataFrame) -> pl.Series:
    """A firm of one for each worker, all of a group at the address of their agent."""
    agent = made["chain"].rank("dense").to_numpy().astype(np.int64) - 1
    own = building.new_employers(
        world,
        made["employer"].to_numpy(),
        {
            "address": pl.Series(980_000 + agent),
            "home_staff": pl.Series(np.zeros(len(made), dtype=np.int64)),
            "home_share": pl.Series(np.full(len(made), 0.05)),
            "agency": pl.Series(np.zeros(len(made), dtype=bool)),
            "registered_on": made["starts_on"] - 45,
            "owner_employer": pl.Series(np.full(len(made), -1)),
        },
    )
    return own["employer"]


def _employed_before(world: World, made: pl.DataFrame) -> pl.DataFrame:
    """Stays as an employee at the same place until shortly before, of some of the self-employed."""
    share = between(world.parameters["misuse"]["P16"]["employed_before"], made["strength"].to_numpy())
    were = made.filter(pl.Series(world.draws.happens("P16.before", share, made["stay"].to_numpy())))
    numbers = extra_numbers(world, len(were))
    return were.with_columns(
        stay=pl.Series(EXTRA_STAYS + numbers),
        notification=pl.Series(EXTRA_STAYS + numbers),
        kind=pl.lit("regular"),
        ends_on=pl.col("starts_on") - 10,
        real_end=pl.col("starts_on") - 10,
        starts_on=pl.col("starts_on") - 80,
        submitted_on=pl.col("starts_on") - 90,
    )


def surges(world: World) -> None:
    """P17: the surges of the parameters, which the demand for posting has followed already."""
    for surge in world.parameters["misuse"]["P17"]["surges"]:
        start, end = day(str(surge["from"])), day(str(surge["until"]))
        world.plant(
            pl.DataFrame(
                {
                    "indicator": ["P17"],
                    "subject_type": ["sector"],
                    "subject_id": [surge["sbi2"]],
                    "related_ids": pl.Series([[f"sector:{surge['sbi2']}"]], dtype=pl.List(pl.String)),
                    "period_start": [start],
                    "period_end": [end],
                    "strength": [1 - 1 / float(surge["factor"])],
                }
            )
        )
