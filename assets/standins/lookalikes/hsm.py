"""Look-alikes among permits and pay.

Belongs here: lawful situations that resemble H indicators. Does not belong here: posting.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.foundations.law import day, year_of
from assets.standins.misuse.tools import chosen, free_permits, permit_ids, resemble_permits, take
from assets.standins.stays import wages
from assets.standins.stays.spells import rhythm
from assets.standins.stays.wages import BIRTH_LEAVE
from assets.standins.world import World


def plant(world: World) -> None:
    """Add the look-alikes that do not arise by themselves."""
    paid_by_group(world)
    group_transfer(world)


def _with_sisters(world: World, what: str) -> pl.DataFrame:
    """Permits of one chance of the look-alikes of H08, with a `sister` of the sponsor's group that exists meanwhile."""
    table = world.companies.table.filter(pl.col("group") >= 0)
    sister = table.select(
        "group",
        pl.col("company").alias("sister"),
        pl.col("registered_on").alias("since"),
        pl.col("ended_on").alias("to"),
    )
    mine = chosen(
        world,
        what,
        free_permits(world),
        "application",
        chance=world.parameters["look_alikes"]["H08"][what],
        side="look_alikes",
    )
    mine = mine.join(table.select(pl.col("company").alias("sponsor"), "group"), on="sponsor", maintain_order="left")
    lives = (pl.col("since") < pl.col("work_from")) & (pl.col("to") > pl.col("work_until"))
    return (
        mine.join(sister, on="group", maintain_order="left")
        .filter((pl.col("sister") != pl.col("sponsor")) & lives)
        .unique("application", keep="first", maintain_order=True)
    )


def paid_by_group(world: World) -> None:
    """H08: the sponsor's sister company pays the wage, under its own payroll number."""
    mine = _with_sisters(world, "paid_by_group")
    moved = world.spells.join(mine.select("application", "sister"), on="application", how="left", maintain_order="left")
    world.spells = moved.with_columns(company=pl.coalesce("sister", "company")).select(world.spells.columns)
    resemble_permits(world, "H08", "paid_by_group", mine)
    take(world, mine["person"])


def group_transfer(world: World) -> None:
    """H08: halfway through the permit the work moves to a sister company, which pays from then on."""
    mine = _with_sisters(world, "group_transfer").filter(pl.col("work_until") - pl.col("work_from") > 300)
    spells = world.spells.join(
        mine.select("application", "sister"), on="application", how="inner", maintain_order="left"
    )
    middle = (pl.col("from_on") + pl.col("until_on")) // 2
    # The change is on the first day of a month: payrolls do not change halfway through a period.
    turn = middle.cast(pl.Int32).cast(pl.Date).dt.month_start().cast(pl.Int32).cast(pl.Int64)
    spells = spells.with_columns(turn=turn).filter((pl.col("turn") > pl.col("from_on")) & (pl.col("application") >= 0))
    before = spells.with_columns(until_on=pl.col("turn") - 1)
    after = spells.with_columns(from_on=pl.col("turn"), company=pl.col("sister"))
    rest = world.spells.join(spells.select("application"), on="application", how="anti", maintain_order="left")
    world.spells = pl.concat([rest, *(part.select(world.spells.columns) for part in (before, after))])
    mine = mine.join(spells.select("application"), on="application", how="semi", maintain_order="left")
    resemble_permits(world, "H08", "group_transfer", mine)
    take(world, mine["person"])


def name(world: World) -> None:
    """Name what looks like H01 and H08 and is lawful."""
    planted = {
        row
        for frame in world.planted
        for row in frame.filter(pl.col("subject_type") == "permit")["subject_id"].to_list()
    }
    permits = world.permits.filter((pl.col("work_from") >= 0) & (pl.col("sponsor") >= 0)).sort("application")
    permits = permits.filter(~permit_ids(permits).is_in(list(planted)))
    spells = world.spells.filter(pl.col("application") >= 0)
    facility = spells.filter(pl.col("facility")).select("application")
    normed = permits.filter(pl.col("norm") > 0)
    resemble_permits(
        world, "H01", "facility_30", normed.join(facility, on="application", how="semi", maintain_order="left")
    )
    weeks = rhythm(world.companies)[normed["sponsor"].to_numpy()]
    resemble_permits(world, "H01", "four_week_payroll", normed.filter(pl.Series(weeks)))
    day_of_month = normed["work_from"].cast(pl.Int32).cast(pl.Date).dt.day()
    resemble_permits(world, "H01", "part_first_month", normed.filter((day_of_month > 1) & (pl.col("generation") == 0)))
    for code, kind in {"K": "parental_leave", "O": "unpaid_leave", "S": "strike", "Z": "sickness_70_percent"}.items():
        on_leave = world.leave.filter(pl.col("code") == code).select("application")
        resemble_permits(world, "H01", kind, normed.join(on_leave, on="application", how="semi", maintain_order="left"))
    born = world.leave.filter(pl.col("code") == BIRTH_LEAVE).select("application")
    on_leave = permits.join(born, on="application", how="semi", maintain_order="left")
    resemble_permits(world, "H08", "leave_around_birth", on_leave)
    resemble_permits(world, "H01", "leave_around_birth", on_leave.filter(pl.col("norm") > 0))
    _payrolls(world, normed)
    _norms(world, normed)
    _declarations(world, normed)
    academics = permits.filter((pl.col("category") == "none") & pl.col("scheme").is_in(["hsm", "researcher_801"]))
    resemble_permits(world, "H01", "academic_without_norm", academics)
    late = permits.filter((pl.col("generation") == 0) & (pl.col("work_from") - pl.col("valid_from") >= 60))
    resemble_permits(world, "H08", "late_arrival", late)
    moved = world.companies.payrolls.filter(pl.col("number") == 2).select(
        pl.col("company").alias("sponsor"), pl.col("valid_from").alias("moved_on")
    )
    migrated = permits.join(moved, on="sponsor", maintain_order="left").filter(
        (pl.col("work_from") < pl.col("moved_on")) & (pl.col("work_until") > pl.col("moved_on"))
    )
    resemble_permits(world, "H08", "payroll_number_migrated", migrated)


def _payrolls(world: World, normed: pl.DataFrame) -> None:
    """Ways of paying and of returning: the year corrected at once, a thirteenth month at once or in parts."""
    block, company = world.parameters["companies"], normed["sponsor"].to_numpy()
    run = wages.runs_over_the_year(world.setting, company)
    resemble_permits(world, "H01", "yearly_correction_run", normed.filter(pl.Series(run)))
    has = world.draws.happens("payroll.thirteenth", block["thirteenth_month"], company)
    parts = world.draws.happens("payroll.thirteenth_monthly", block["thirteenth_monthly"], company)
    resemble_permits(world, "H01", "thirteenth_month_in_parts", normed.filter(pl.Series(has & parts)))
    resemble_permits(world, "H01", "thirteenth_month_at_once", normed.filter(pl.Series(has & ~parts)))


def _norms(world: World, normed: pl.DataFrame) -> None:
    """Norms of another day than today: incumbents, the thirtieth birthday, the Blue Card norm that fell."""
    last = np.minimum(normed["work_until"].to_numpy(), world.until)
    years = year_of(last) > year_of(normed["received_on"].to_numpy())
    tight = (normed["salary"] < normed["norm"] * 1.05).to_numpy()
    resemble_permits(world, "H01", "incumbent_on_old_norm", normed.filter(pl.Series(years & tight)))
    birth = normed.join(world.people.select("person", "birth"), on="person", how="left", maintain_order="left")[
        "birth"
    ].to_numpy()
    turned = (normed["category"] == "hsm_under_30").to_numpy() & (last - birth > 30 * 365.25)
    resemble_permits(world, "H01", "thirtieth_birthday_same_employer", normed.filter(pl.Series(turned)))
    fall = day("2024-06-12")
    after = (pl.col("category") == "blue_card") & (pl.col("received_on") >= fall) & (pl.col("received_on") < fall + 202)
    resemble_permits(world, "H01", "blue_card_norm_fall", normed.filter(after))


def _declarations(world: World, normed: pl.DataFrame) -> None:
    """Declarations and terms that are ordinary and look planned."""
    first = normed.filter((pl.col("generation") == 0) & (pl.col("scheme") == "hsm"))
    resemble_permits(world, "H02", "lawful_floor", first.filter(pl.col("salary") == pl.col("norm")))
    born = first.join(world.people.select("person", "birth"), on="person", how="left", maintain_order="left")["birth"]
    before = born.to_numpy() + 30 * 365.2425 - first["received_on"].to_numpy()
    resemble_permits(world, "H03", "application_in_time", first.filter(pl.Series((before > 0) & (before <= 90))))
    activity = pl.Series(world.companies.take("sbi2", normed["sponsor"].to_numpy()))
    lead = normed.filter(activity.is_in(["56", "10", "81", "01", "87"]))
    resemble_permits(world, "H04", "skilled_job_in_simple_sector", lead)
    resemble_permits(world, "H10", "part_time_specialist", normed.filter(pl.col("hours") <= 36))
    wait = world.draws.pick(
        "pay.facility_start", world.parameters["pay"]["facility_start_months"], normed["person"].to_numpy()
    )
    facility = world.spells.filter(pl.col("facility")).select("application")
    later = normed.filter(pl.Series(wait) >= 1).join(facility, on="application", how="semi", maintain_order="left")
    resemble_permits(world, "H11", "facility_starts_later", later)
    leased = world.spells.filter((pl.col("kind_share") > 0) & (pl.col("kind_share") < 0.2)).select("application")
    resemble_permits(
        world, "H12", "lease_car", normed.join(leased, on="application", how="semi", maintain_order="left")
    )
    scarce = normed.filter(
        pl.col("isco").is_in(["7212", "7214", "3434", "5120", "7411"]) & (pl.col("salary") <= pl.col("norm") * 1.03)
    )
    resemble_permits(world, "H16", "scarce_skill", scarce)
