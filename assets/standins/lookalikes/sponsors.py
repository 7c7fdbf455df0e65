"""Look-alikes among sponsors: lawful lending, growth, succession, founders, trainees, second jobs.

Belongs here: lawful situations that resemble H05 to H20 at the level of a sponsor. Does not belong here: pay.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER
from assets.standins.foundations import identifiers
from assets.standins.foundations.law import day
from assets.standins.foundations.randomness import Ints
from assets.standins.misuse import building, networks
from assets.standins.misuse.sponsors import groups_of, small_sponsors
from assets.standins.misuse.tools import chosen, how_many, permit_ids, resemble_permits, take
from assets.standins.stays.spells import as_spells
from assets.standins.world import World, prefixed, some


def plant(world: World) -> None:
    """Add the look-alikes that do not arise by themselves."""
    consultancies(world)
    acquired_staff(world)
    successions(world)
    founders(world)
    trainees(world)
    formal_refusals(world)
    paid_out_after_the_end(world)
    head_offices(world)


def resemble_sponsors(world: World, indicator: str, kind: str, company: Ints, ids: pl.Series | None = None) -> None:
    """Keep look-alikes among sponsors: subject the KvK number."""
    kvk = identifiers.kvk(company)
    own = pl.Series([[f"sponsor:{number}"] for number in kvk.to_list()], dtype=pl.List(pl.String))
    frame = pl.DataFrame({"own": own, "more": own if ids is None else ids})
    world.resemble(
        frame.select(
            indicator=pl.lit(indicator),
            look_alike=pl.lit(kind),
            subject_type=pl.lit("sponsor"),
            subject_id=kvk,
            related_ids=pl.concat_list("own", "more").list.unique(maintain_order=True),
        )
    )


def _permits_of(rows: pl.DataFrame) -> pl.DataFrame:
    ids = prefixed("permit", permit_ids(rows))
    return rows.with_columns(ids=ids).group_by("group", maintain_order=True).agg(pl.col("ids")).sort("group")


def consultancies(world: World) -> None:
    """H05: engineers and software people of a large firm who work at its clients."""
    block = world.parameters["look_alikes"]["H05"]
    pool = world.permits.filter(
        (pl.col("sponsor") == pl.col("company")) & (pl.col("scheme") == "hsm") & (pl.col("work_from") >= 0)
    )
    busy = pool.group_by("sponsor").len().filter(pl.col("len") >= 8)
    firms = world.companies.table.filter(pl.col("sbi2").is_in(["62", "71", "70"])).select(
        pl.col("company").alias("sponsor")
    )
    busy = busy.join(firms, on="sponsor", how="semi").sort("sponsor")
    mine = some(
        world.draws,
        "lend.firm",
        busy,
        how_many(world, block["consultancies"], block["least"], "look_alikes"),
        "sponsor",
    )
    rows = pool.join(mine.select("sponsor"), on="sponsor", how="semi", maintain_order="left").sort("application")
    rows = chosen(world, "lend.permit", rows, "application", chance=block["share"], side="look_alikes")
    clients = world.companies.table.filter((pl.col("employees") > 50) & (pl.col("registered_on") < day("2010-01-01")))[
        "company"
    ].to_numpy()
    place = clients[world.draws.integer("lend.client", 0, len(clients) - 1, rows["application"].to_numpy())]
    building.change_permits(world, rows.with_columns(company=pl.Series(place)), ["company"])
    resemble_sponsors(world, "H05", "consultancy_at_clients", mine["sponsor"].to_numpy())


def acquired_staff(world: World) -> None:
    """H07: a group brings its staff under a new entity within a year."""
    block = world.parameters["look_alikes"]["H07"]
    number = how_many(world, block["acquisitions"], block["least"], "look_alikes")
    groups = groups_of(world, "grow", number, tuple(block["permits"]), 11)
    sponsors = small_sponsors(
        world, "grow", groups["since"].to_numpy(), employees=(60, 300), turnover=(8_000_000, 60_000_000)
    )
    company = sponsors["company"].to_numpy()
    building.change_companies(
        world,
        company,
        {
            "group": 5_000_000 + company,
            "equity_eur": np.full(len(company), 4e6),
            "multinational": np.ones(len(company), dtype=bool),
        },
    )
    rows = building.recruit(world, "grow.recruit", groups)
    mine = company[rows["group"].to_numpy()]
    building.move_permits(world, rows, mine, mine)
    table = _permits_of(rows)
    resemble_sponsors(world, "H07", "new_entity_of_large_group", company[table["group"].to_numpy()], table["ids"])


def successions(world: World) -> None:
    """H14: another legal form, or an acquisition with staff; the register names the successor."""
    block = world.parameters["look_alikes"]["H14"]
    for name, kind, fresh in (
        ("legal_forms", "legal_form_changed", True),
        ("acquisitions", "acquired_with_staff", False),
    ):
        number = how_many(world, block[name], block["least"], "look_alikes")
        moved = networks.hand_over(world, f"H14.{name}", number, ("2015-06-01", "2025-06-01"), fresh)
        old, new, on = (moved[c].to_numpy() for c in ("old", "new", "on"))
        building.change_companies(
            world,
            old,
            {
                "recognition_ended_on": on + 5,
                "recognition_reason": np.full(len(old), "merger"),
                "ended_on": on + 20,
                "end_reason": np.full(len(old), "merger"),
                "successor": new,
            },
        )
        resemble_sponsors(world, "H14", kind, new, moved["ids"])


def founders(world: World) -> None:
    """H18 and H06: a start-up that RVO looked at, and the manager of a new subsidiary."""
    block = world.parameters["look_alikes"]["H18"]
    number = how_many(world, block["subsidiaries"], block["least"], "look_alikes")
    groups = groups_of(world, "branch", number, (1, 2), 10)
    sponsors = small_sponsors(
        world, "branch", groups["since"].to_numpy(), employees=(3, 9), turnover=(700_000, 4_000_000)
    )
    company = sponsors["company"].to_numpy()
    building.change_companies(world, company, {"group": 6_000_000 + company, "equity_eur": np.full(len(company), 8e5)})
    rows = building.recruit(world, "branch.recruit", groups)
    mine = company[rows["group"].to_numpy()]
    building.move_permits(world, rows, mine, mine)
    building.add_officers(world, mine, rows["person"].to_numpy(), rows["received_on"].to_numpy() + 30)
    table = _permits_of(rows)
    resemble_sponsors(world, "H18", "manager_of_subsidiary", company[table["group"].to_numpy()], table["ids"])
    resemble_sponsors(world, "H06", "small_branch_of_group", company[table["group"].to_numpy()], table["ids"])
    startups = world.permits.filter((pl.col("scheme") == "startup") & (pl.col("decision") == "granted")).sort(
        "application"
    )
    number = how_many(world, block["startups"], block["least"], "look_alikes")
    mine_of = some(world.draws, "startup.founder", startups, number, "application")
    firm = mine_of["company"].to_numpy()
    building.add_officers(world, firm, mine_of["person"].to_numpy(), mine_of["received_on"].to_numpy() - 20)
    resemble_sponsors(world, "H18", "startup_with_view_of_rvo", np.unique(firm))


def trainees(world: World) -> None:
    """H20: programmes of five months for people who then go back to their group."""
    block = world.parameters["look_alikes"]["H20"]
    number = how_many(world, block["trainees"], block["least"], "look_alikes")
    groups = groups_of(world, "trainee", number, tuple(block["permits"]), 24)
    sponsors = small_sponsors(
        world, "trainee", groups["since"].to_numpy(), employees=(150, 900), turnover=(20_000_000, 90_000_000)
    )
    company = sponsors["company"].to_numpy()
    building.change_companies(world, company, {"group": 7_000_000 + company})
    rows = building.recruit(world, "trainee.recruit", groups)
    mine = company[rows["group"].to_numpy()]
    building.move_permits(world, rows, mine, mine)
    tenure = world.draws.integer("trainee.tenure", 140, 200, rows["application"].to_numpy())
    building.end_permits(
        world, rows, np.minimum(rows["work_from"].to_numpy() + tenure, rows["valid_until"].to_numpy()), "left_country"
    )
    table = _permits_of(rows)
    resemble_sponsors(world, "H20", "trainee_programme", company[table["group"].to_numpy()], table["ids"])


def head_offices(world: World) -> None:
    """H04 and H16: managers at the head office of a chain of restaurants, and its chefs, well above the norm."""
    block = world.parameters["look_alikes"]["H04"]
    number = how_many(world, block["chains"], block["least"], "look_alikes")
    groups = groups_of(world, "chain", number, tuple(block["permits"]), 30)
    since = groups["since"].to_numpy()
    sponsors = small_sponsors(world, "chain", since, employees=(400, 3_000), turnover=(30_000_000, 200_000_000))
    company = sponsors["company"].to_numpy()
    kitchen = np.full(len(company), "5610"), np.full(len(company), "56")
    building.change_companies(world, company, {"sbi": kitchen[0], "sbi2": kitchen[1], "group": 8_000_000 + company})
    rows = building.recruit(world, "chain.recruit", groups, pl.col("category") == "hsm_30_plus")
    mine = company[rows["group"].to_numpy()]
    building.move_permits(world, rows, mine, mine)
    ids = rows["application"].to_numpy()
    chef = world.draws.happens("chain.chef", 0.5, ids)
    above = 1.06 + 0.25 * world.draws.uniform("chain.pay", ids)
    rows = rows.with_columns(
        isco=pl.Series(np.where(chef, "3434", "1412")),
        salary=(pl.col("norm") * pl.Series(above)).round(2),
        sponsor=pl.Series(mine),
    )
    building.change_permits(world, rows, ["isco", "salary"])
    building.change_spells(world, rows, ["salary"])
    resemble_permits(world, "H04", "head_office_of_chain", rows)
    resemble_permits(world, "H16", "scarce_skill_above_norm", rows)


def formal_refusals(world: World) -> None:
    """H15: the first request was late or incomplete; the second is by the right route, at about the same wage."""
    block = world.parameters["look_alikes"]["H15"]
    pool = networks.refused(world, ["formal", "other"])
    number = how_many(world, len(pool) * block["formal"] / world.parameters.persons, block["least"], "look_alikes")
    rows = networks.second_route(world, "formal", some(world.draws, "formal.case", pool, number, "case"), (1.0, 1.1))
    resemble_permits(world, "H15", "formal_refusal_first", rows)


def paid_out_after_the_end(world: World) -> None:
    """H19: the former employer pays out leave for a month or two after the migrant has gone to the next one."""
    block = world.parameters["look_alikes"]["H19"]
    pool = world.permits.filter(
        (pl.col("work_from") >= 0)
        & (pl.col("end_reason") == "converted")
        & (pl.col("work_until") - pl.col("work_from") > 120)
        & ~pl.col("person").is_in(list(world.taken))
    ).sort("application")
    number = how_many(world, block["payout"], block["least"], "look_alikes")
    mine = some(world.draws, "payout.permit", pool, number, "application")
    rows = as_spells(
        mine.select(
            "person",
            "hours",
            pl.col("sponsor").alias("company"),
            (pl.col("work_until") + 5).alias("from_on"),
            (pl.col("work_until") + 33).alias("until_on"),
            (pl.col("salary") * 0.4).round(2).alias("salary"),
            relation=pl.lit(2),
            work_relation=pl.lit(1),
            income_kind=pl.lit(15),
            facility=pl.lit(False),
            norm=pl.lit(0.0),
            application=pl.lit(-1),
            hours_factor=pl.lit(0.0),
        )
    )
    world.spells = pl.concat([world.spells, rows])
    resemble_permits(world, "H19", "paid_out_after_the_end", mine)
    take(world, mine["person"])


def name(world: World) -> None:
    """Name what the world holds by itself."""
    table = world.companies.table
    planted = {
        i for frame in world.planted for i in frame.filter(pl.col("subject_type") == "sponsor")["subject_id"].to_list()
    }
    table = table.filter(~identifiers.kvk(table["company"].to_numpy()).is_in(list(planted)))
    active = world.permits.filter(pl.col("work_from") >= 0)
    firms = table.filter((pl.col("kind") == "intermediary") & (pl.col("recognised_on") < NEVER))["company"]
    used = firms.filter(firms.is_in(active["sponsor"].unique().to_list()))
    resemble_sponsors(world, "H05", "employer_of_record", used.to_numpy())
    pending = active.join(
        world.companies.table.select("company", pl.col("recognised_on").alias("later")),
        on="company",
        maintain_order="left",
    ).filter(
        pl.col("sponsor").is_in(firms.to_list())
        & (pl.col("company") != pl.col("sponsor"))
        & (pl.col("later") > pl.col("received_on"))
        & (pl.col("later") < pl.col("received_on") + 730)
    )
    resemble_permits(world, "H05", "employer_of_record_client_pending", pending.sort("application"))
    crowded = table.filter((pl.col("address") < 1_000) & (pl.col("recognised_on") < NEVER))["company"]
    resemble_sponsors(world, "H13", "business_centre_address", crowded.to_numpy())
    moved = world.companies.payrolls.filter(pl.col("number") == 2)["company"]
    resemble_sponsors(
        world, "H09", "payroll_number_migrated", moved.filter(moved.is_in(table["company"].to_list())).to_numpy()
    )
    small = table.filter(
        (pl.col("employees") <= 6)
        & pl.col("kind").is_in(["startup_team", "founder"])
        & (pl.col("recognised_on") < NEVER)
    )
    resemble_sponsors(world, "H06", "small_startup", small["company"].to_numpy())
    reduced = active.filter((pl.col("category") == "hsm_reduced") & (pl.col("application_kind") == "extension")).sort(
        "application"
    )
    resemble_permits(world, "H17", "reduced_norm_kept_lawfully", reduced)
