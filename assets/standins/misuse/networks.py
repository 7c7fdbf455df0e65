"""Sponsors that belong together, and routes that are tried one after the other.

Belongs here: H13 (clusters), H14 (phoenix sponsors), H15 (switch after a refusal). Does not belong here: single
sponsors. The same moves with a lawful cause (new legal form, acquisition) are made here too, for the look-alikes.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER
from assets.standins.economy.foreign import POSTED
from assets.standins.foundations import identifiers
from assets.standins.foundations.law import day
from assets.standins.foundations.randomness import Ints
from assets.standins.misuse import building
from assets.standins.misuse.tools import graded, how_many, permit_ids, plant_permits, scaled, take
from assets.standins.stays.permits import GENERATIONS, intermediaries, norm_amounts, norm_categories
from assets.standins.stays.spells import as_spells
from assets.standins.world import World, prefixed, some

#: Numbers of directors that several sponsors share start here.
_SHARED = 96_000_000


def plant(world: World) -> None:
    """Plant all networks."""
    clusters(world)
    phoenixes(world)
    switches(world)


def clusters(world: World) -> None:
    """H13: small sponsors at one address under one director, who lend half of their people to one hirer.

    One or two have already lost their recognition. The strength is the size of the cluster, 1 for the largest.
    """
    block = world.parameters["misuse"]["H13"]
    number = how_many(world, block["clusters"], block["least"])
    sizes = world.draws.integer("H13.size", block["members"][0], block["members"][1], np.arange(number))
    cluster = np.repeat(np.arange(number), sizes)
    place = np.arange(len(cluster)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    since = building.moments(world, "H13.since", day("2016-01-01"), day("2024-01-01"), number)[cluster]
    company = _members(world, cluster, place, since)
    groups = pl.DataFrame(
        {"group": np.arange(len(cluster)), "since": since, "until": since + 850, "wanted": 1 + place % 3}
    )
    rows = building.recruit(world, "H13.recruit", groups)
    mine = company[rows["group"].to_numpy()]
    hirers = building.template_of(
        world, "H13.hirer", (pl.col("employees") > 50) & (pl.col("registered_on") < day("2013-01-01")), number
    )
    lent = world.draws.happens("H13.lent", 0.5, rows["application"].to_numpy())
    building.move_permits(world, rows, mine, np.where(lent, hirers[cluster[rows["group"].to_numpy()]], mine))
    strength = sizes[cluster] / block["members"][1]
    table = pl.DataFrame({"cluster": cluster, "kvk": identifiers.kvk(company), "since": since, "strength": strength})
    friends = table.group_by("cluster", maintain_order=True).agg(("sponsor:" + pl.col("kvk")).alias("ids"))
    world.plant(
        table.join(friends, on="cluster", maintain_order="left").select(
            indicator=pl.lit("H13"),
            subject_type=pl.lit("sponsor"),
            subject_id="kvk",
            related_ids="ids",
            period_start="since",
            period_end=pl.lit(world.until),
            strength="strength",
        )
    )
    world.hide_until("H13", since + place * 40 + 40)


def _members(world: World, cluster: Ints, place: Ints, since: Ints) -> Ints:
    """The numbers of new companies, at the address and under the director of their cluster, one after the other."""
    lost = place < 2
    members = building.new_companies(
        world,
        building.template_of(world, "H13.template", pl.col("segment").is_in(["software", "consulting"]), len(cluster)),
        {
            "legal_form": pl.lit("bv"),
            "registered_on": pl.Series(since - 400 + place * 25),
            "recognised_on": pl.Series(since + place * 40),
            "recognition_ended_on": pl.Series(np.where(lost, since + 900, NEVER)),
            "recognition_reason": pl.Series(np.where(lost, "withdrawn_breach", "")),
            "ended_on": NEVER,
            "address": pl.Series(3_000_000 + cluster),
            "employees": pl.Series(world.draws.integer("H13.staff", 2, 9, np.arange(len(cluster)))),
            "ever_recognised": pl.lit(True),
        },
    )
    company = members["company"].to_numpy()
    building.add_officers(world, company, _SHARED + cluster, since - 300)
    return company


def hand_over(world: World, name: str, number: int, since: tuple[str, str], new_company: bool) -> pl.DataFrame:
    """Sponsors whose staff goes over to a successor on a day; gives `old`, `new`, `on` and the permits moved (`ids`).

    The successor is a new entity, or (for acquisitions) a larger sponsor in the same activity.
    """
    active = world.permits.filter(
        (pl.col("work_from") >= 0)
        & (pl.col("sponsor") >= 0)
        & (pl.col("scheme") == "hsm")
        & ~pl.col("person").is_in(list(world.taken))
    )
    days = building.moments(world, f"{name}.on", day(since[0]), day(since[1]), 60)
    found: list[tuple[int, int]] = []
    used = set[int]()
    for on in days.tolist():
        there = active.filter((pl.col("work_from") < on - 60) & (pl.col("work_until") > on + 60))
        known = world.companies.table.filter((pl.col("recognised_on") < on - 60) & (pl.col("registered_on") < on - 60))
        there = there.filter(pl.col("sponsor").is_in(known["company"].to_list()))
        sizes = (
            there.group_by("sponsor")
            .len()
            .filter(pl.col("len").is_between(3, 12) & ~pl.col("sponsor").is_in(list(used)))
        )
        wanted = -(-number // len(days))
        old = some(world.draws, f"{name}.old", sizes, min(wanted, number - len(found)), "sponsor")
        used |= set(old["sponsor"].to_list())
        found += [(sponsor, on) for sponsor in old["sponsor"].to_list()]
        if len(found) >= number:
            break
    pairs = pl.DataFrame(found, schema={"old": pl.Int64, "on": pl.Int64}, orient="row")
    successor = _successors(world, name, pairs, new_company)
    return _move_staff(world, name, pairs.with_columns(pl.Series("new", successor)))


def _successors(world: World, name: str, pairs: pl.DataFrame, new_company: bool) -> Ints:
    old, on = pairs["old"].to_numpy(), pairs["on"].to_numpy()
    if not new_company:
        pool = world.companies.table.filter(
            (pl.col("recognised_on") < day("2013-01-01"))
            & (pl.col("recognition_ended_on") == NEVER)
            & (pl.col("employees") > 60)
        )
        large = pool["company"].to_numpy() if len(pool) else old
        return np.asarray(large[world.draws.integer(f"{name}.new", 0, len(large) - 1, old)], dtype=np.int64)
    made = building.new_companies(
        world,
        old,
        {
            "registered_on": pl.Series(on - world.draws.integer(f"{name}.founded", 40, 160, old)),
            "recognised_on": pl.Series(on - world.draws.integer(f"{name}.recognised", -20, 35, old)),
            "recognition_ended_on": NEVER,
            "recognition_reason": "",
            "ended_on": NEVER,
            "ever_recognised": pl.lit(True),
        },
    )
    return made["company"].to_numpy()


def _staying(world: World, name: str, old: pl.Series) -> np.ndarray:
    """Share of the staff that does not go over: few, and where misuse is planted sometimes almost half."""
    if name != "H14":
        return np.full(len(old), 0.12)
    return graded(world, "H14.staying", old.to_numpy(), 0.05, 0.45)


def _move_staff(world: World, name: str, pairs: pl.DataFrame) -> pl.DataFrame:
    """Those at work go over with a new application; those who come later come to the successor."""
    later = pairs.rename({"old": "sponsor"}).select("sponsor", "on", "new")
    mine = world.permits.join(later, on="sponsor", how="inner", maintain_order="left")
    there = mine.filter(
        (pl.col("work_from") >= 0) & (pl.col("work_from") < pl.col("on")) & (pl.col("work_until") > pl.col("on") + 30)
    )
    there = there.filter(~pl.col("person").is_in(list(world.taken)))
    stays = world.draws.happens(f"{name}.stays", _staying(world, name, there["sponsor"]), there["person"].to_numpy())
    there = (
        there.filter(pl.Series(~stays)).sort("person", "generation").unique("person", keep="first", maintain_order=True)
    )
    coming = mine.filter((pl.col("received_on") > pl.col("on")) & ~pl.col("person").is_in(there["person"].to_list()))
    building.move_permits(world, coming, coming["new"].to_numpy(), coming["new"].to_numpy())
    on = there["on"].to_numpy()
    building.end_permits(world, there, on, "converted")
    birth = world.openings["birth"].gather(there["opening"]).to_numpy()
    filed = on - 12
    category = norm_categories(there["route"].to_numpy(), filed, birth)
    norm = norm_amounts(world.law, category, on)
    fresh = there.with_columns(
        generation=pl.lit(GENERATIONS, dtype=pl.Int64),
        application=pl.col("person") * (GENERATIONS + 1) + GENERATIONS,
        sponsor="new",
        company="new",
        application_kind=pl.lit("change_of_employer"),
        received_on=pl.Series(filed),
        decided_on=pl.Series(on - 2),
        valid_from=pl.Series(on),
        work_from=pl.Series(on),
        category=pl.Series(category),
        norm=pl.Series(norm),
        salary=pl.Series(np.maximum(there["salary"].to_numpy(), norm)),
    )
    world.permits = pl.concat([world.permits, fresh.select(world.permits.columns)])
    world.spells = pl.concat([world.spells, _spells_of(fresh)])
    take(world, fresh["person"])
    ids = fresh.with_columns(ids=prefixed("permit", permit_ids(fresh))).group_by("new").agg(pl.col("ids"))
    return pairs.join(ids, on="new", maintain_order="left").filter(pl.col("ids").is_not_null())


def _spells_of(fresh: pl.DataFrame) -> pl.DataFrame:
    return as_spells(
        fresh.select(
            "person",
            pl.col("sponsor").alias("company"),
            pl.col("work_from").alias("from_on"),
            pl.col("work_until").alias("until_on"),
            "salary",
            "hours",
            "norm",
            "application",
            relation=pl.lit(1),
            work_relation=pl.lit(1),
            income_kind=pl.lit(15),
            facility=pl.lit(False),
        )
    )


def phoenixes(world: World) -> None:
    """H14: a sponsor loses its recognition and goes on under another number, with its director and its staff."""
    block = world.parameters["misuse"]["H14"]
    number = how_many(world, block["sponsors"], block["least"])
    moved = hand_over(world, "H14", number, ("2016-01-01", "2025-06-01"), new_company=True)
    old, new, on = (moved[c].to_numpy() for c in ("old", "new", "on"))
    building.change_companies(
        world,
        old,
        {
            "recognition_ended_on": on,
            "recognition_reason": np.full(len(old), "withdrawn_breach"),
            "ended_on": on + 200,
            "end_reason": np.full(len(old), "dissolved"),
        },
    )
    building.add_officers(world, new, _SHARED + 500_000 + old, on - 100)
    building.add_officers(world, old, _SHARED + 500_000 + old, on - 1_200)
    same = world.draws.happens("H14.address", 0.6, old)
    address = np.where(same, world.companies.take("address", old), world.companies.take("address", new))
    building.change_companies(world, new, {"address": address})
    mine = pl.Series(
        [[f"sponsor:{a}", f"sponsor:{b}"] for a, b in zip(identifiers.kvk(new), identifiers.kvk(old), strict=True)],
        dtype=pl.List(pl.String),
    )
    world.plant(
        moved.select(
            indicator=pl.lit("H14"),
            subject_type=pl.lit("sponsor"),
            subject_id=identifiers.kvk(new),
            related_ids=pl.concat_list(mine, "ids"),
            period_start="on",
            period_end=pl.col("on") + 200,
            strength=pl.Series(1 - _staying(world, "H14", moved["old"])),
        )
    )
    world.hide_until("H14", on + 60)


def refused(world: World, grounds: list[str]) -> pl.DataFrame:
    """Requests to UWV for an opening that were refused on some grounds, one per person who has come no other way."""
    here = world.permits.filter((pl.col("decision") == "granted") | (pl.col("generation") == GENERATIONS))[
        "person"
    ].to_list()
    cases = world.cases.filter(
        (pl.col("outcome") == "negative")
        & pl.col("ground").is_in(grounds)
        & (pl.col("policy_category") == "regular")
        & (pl.col("person") < POSTED)
        & ~pl.col("person").is_in(here)
        & (pl.col("company") >= 0)
    )
    return cases.sort("case").unique("person", keep="last", maintain_order=True).sort("case")


def second_route(world: World, name: str, cases: pl.DataFrame, ratio: tuple[float, float]) -> pl.DataFrame:
    """Applications as knowledge migrants by the same employers for the same persons after a refusal."""
    person = cases["person"].to_numpy()
    filed = cases["decided_on"].to_numpy() + world.draws.integer(f"{name}.wait", 25, 300, person)
    opening = np.searchsorted(world.openings["opening"].to_numpy(), person)
    birth = world.openings["birth"].gather(opening).to_numpy()
    category = norm_categories(np.full(len(person), "hsm"), filed, birth)
    norm = norm_amounts(world.law, category, filed)
    up = ratio[0] + (ratio[1] - ratio[0]) * world.draws.uniform(f"{name}.ratio", person)
    months = world.draws.integer(f"{name}.months", 14, 40, person)
    granted = filed + 16
    rows = pl.DataFrame(
        {
            "person": person,
            "opening": opening,
            "generation": np.full(len(person), GENERATIONS),
            "company": cases["company"],
            "sponsor": _sponsors(world, cases, filed),
            "route": ["hsm"] * len(person),
            "scheme": ["hsm"] * len(person),
            "application_kind": ["first"] * len(person),
            "received_on": filed,
            "decided_on": granted,
            "decision": ["granted"] * len(person),
            "refusal_ground": [""] * len(person),
            "valid_from": granted + 10,
            "valid_until": granted + 10 + months * 30,
            "ended_on": np.full(len(person), NEVER),
            "end_reason": [""] * len(person),
            "category": category,
            "salary": np.round(np.maximum(norm, cases["salary"].to_numpy() * up), 2),
            "hours": np.full(len(person), 40.0),
            "degree_on": np.full(len(person), -1),
            "isco": cases["isco"],
            "work_from": granted + 15,
            "work_until": granted + 10 + months * 30,
            "norm": norm,
            "application": person * (GENERATIONS + 1) + GENERATIONS,
        }
    ).with_columns(case=cases["case"], rise=pl.Series(np.maximum(norm / cases["salary"].to_numpy(), up)))
    rows = rows.filter(pl.col("received_on") <= world.until)
    world.permits = pl.concat(
        [world.permits, rows.select([pl.col(c).cast(t) for c, t in world.permits.schema.items()])]
    )
    world.spells = pl.concat([world.spells, _spells_of(rows)])
    take(world, rows["person"])
    return rows


def _sponsors(world: World, cases: pl.DataFrame, filed: Ints) -> Ints:
    """The employers themselves where they are recognised on the day of filing, otherwise an intermediary."""
    company = cases["company"].to_numpy()
    own = (world.companies.take("recognised_on", company) <= filed) & (
        world.companies.take("recognition_ended_on", company) > filed
    )
    return np.where(own, company, intermediaries(world.setting, cases["person"].to_numpy(), filed))


def switches(world: World) -> None:
    """H15: refused on the labour-market test, then a knowledge migrant with the same employer and at a higher wage."""
    block = world.parameters["misuse"]["H15"]
    pool = refused(world, ["priority_supply", "recruitment_effort", "vacancy_not_reported", "pay_below_market"])
    number = how_many(world, len(pool) * block["cases"] / world.parameters.persons, block["least"])
    rows = second_route(world, "H15", some(world.draws, "H15.case", pool, number, "case"), (1.32, 1.8))
    rise = rows["rise"].to_numpy()
    plant_permits(
        world, "H15", rows, start=pl.col("received_on"), end=pl.col("valid_until"), strength=scaled(rise, 1.3, 2.3)
    )
