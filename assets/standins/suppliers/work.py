"""UWV, the Chamber of Commerce and RVO.

Belongs here: `uwv_wages`, `uwv_employers`, `uwv_work_permits`, `uwv_peer_wages`, `kvk_companies`, `kvk_officers`,
`rvo_advice`. Does not belong here: what is true about pay and companies.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER
from assets.standins.foundations import identifiers, regions
from assets.standins.stays import flows, wages
from assets.standins.suppliers.ind import numbers_of
from assets.standins.world import World

#: Wage rows that are worked out at a time.
ROWS_AT_ONCE = 1_000_000


def wage_returns(world: World) -> Iterator[pl.DataFrame]:
    """Versions of `uwv_wages` in pieces; no key occurs in two pieces."""
    spell = world.spells.sort("person", "from_on", "application")
    for piece in wages.pieces(spell, ROWS_AT_ONCE):
        returns = wages.pay(world.setting, piece, world.until)
        yield wages.corrected(world.setting, returns).drop("person", "company", "application")


def employers(world: World, on: int) -> pl.DataFrame:
    """The state of `uwv_employers` on a day."""
    table = world.companies.payrolls.filter(pl.col("valid_from") <= on).join(
        world.companies.table.select("company", "name", "legal_form", "postcode4"), on="company", maintain_order="left"
    )
    company = table["company"].to_numpy()
    return table.select(
        "employer_number",
        "name",
        rsin=pl.when(pl.col("legal_form") != "sole_trader").then(identifiers.rsin(company)),
        kvk=numbers_of(table["company"]),
        postcode4="postcode4",
        valid_from=pl.col("valid_from"),
        valid_until=pl.when(pl.col("valid_until") <= on).then("valid_until"),
    )


def work_permits(world: World) -> pl.DataFrame:
    """Versions of `uwv_work_permits`: received, decided."""
    table, draws = world.cases, world.draws
    case, person, company = (table[c].to_numpy() for c in ("case", "person", "company"))
    who = np.maximum(company, 0)
    knows = draws.happens("case.v_number", 0.85, case)
    here = (
        draws.happens("case.bsn", np.where(table["policy_category"] == "student", 0.9, 0.35), case)
        | (table["policy_category"] == "asylum_seeker").to_numpy()
    )
    full = table.select(
        case_id=identifiers.numbered("UWV-", case, 11),
        kind=pl.col("kind"),
        policy_category=pl.col("policy_category"),
        employer_kvk=numbers_of(table["company"]),
        employer_name=world.companies.table["name"].gather(who),
        v_number=pl.when(pl.Series(knows)).then(identifiers.v_number(person)),
        bsn=pl.when(pl.Series(here)).then(identifiers.bsn(person)),
        occupation_isco=pl.col("isco"),
        sbi2=pl.Series(world.companies.take("sbi2", who)),
        salary_month_eur=pl.col("salary").round(2),
        hours_week=pl.col("hours"),
        received_on=pl.col("received_on"),
        decided_on=pl.col("decided_on"),
        outcome=pl.col("outcome"),
        ground=pl.when(pl.col("ground") != "").then("ground"),
        valid_from=pl.when(pl.col("valid_from") >= 0).then("valid_from"),
        valid_until=pl.when(pl.col("valid_until") >= 0).then("valid_until"),
    )
    none = [
        pl.lit(None, dtype=full.schema[c]).alias(c)
        for c in ("decided_on", "outcome", "ground", "valid_from", "valid_until")
    ]
    received = full.with_columns(*none, known_on=pl.col("received_on") + 2)
    return pl.concat([received, full.with_columns(known_on=pl.col("decided_on") + 3)])


def peers(world: World, on: int) -> pl.DataFrame:
    """The state of `uwv_peer_wages` on a day: the years whose wages are known."""
    return flows.peer_wages(world.setting, flows.years_until(on))


def companies(world: World, on: int) -> pl.DataFrame:
    """The state of `kvk_companies` on a day."""
    table = world.companies.table.filter(pl.col("registered_on") <= on)
    company = table["company"].to_numpy()
    ended = pl.col("ended_on") <= on
    filed = pl.Series(world.draws.happens("kvk.filed", 0.72, company)) & pl.col("legal_form").is_in(["bv", "nv"])
    old_code = world.draws.happens("kvk.wide_code", 0.08, company)
    counted = pl.Series(world.draws.happens("kvk.employees", 0.93, company))
    return table.select(
        kvk=numbers_of(table["company"]),
        rsin=pl.when(pl.col("legal_form") != "sole_trader").then(identifiers.rsin(company)),
        name=pl.col("name"),
        legal_form=pl.col("legal_form"),
        sbi=pl.when(pl.Series(old_code)).then(pl.col("sbi2")).otherwise("sbi"),
        registered_on=pl.col("registered_on"),
        ended_on=pl.when(ended).then("ended_on"),
        end_reason=pl.when(ended).then("end_reason"),
        successor_kvk=pl.when(ended).then(numbers_of(table["successor"])),
        group_id=pl.when(pl.col("group") >= 0).then(pl.format(f"GR{regions.mark()}{{}}", "group")),
        address_id=pl.format(f"B{regions.mark()}{{}}", "address"),
        postcode4=pl.col("postcode4"),
        employees=pl.when(counted).then("employees"),
        turnover_eur=pl.when(filed).then("turnover_eur"),
        equity_eur=pl.when(filed).then("equity_eur"),
    )


def officers(world: World, on: int) -> pl.DataFrame:
    """The state of `kvk_officers` on a day."""
    table = world.companies.officers.filter(pl.col("from_on") <= on)
    person = table["person"].to_numpy()
    known = world.draws.happens("officer.bsn", 0.85, person)
    return table.select(
        kvk=numbers_of(table["company"]),
        officer_number=identifiers.officer(person),
        officer_bsn=pl.when(pl.Series(known)).then(identifiers.bsn(person)),
        role=pl.col("role"),
        from_on=pl.col("from_on"),
        until_on=pl.when((pl.col("until_on") <= on) & (pl.col("until_on") < NEVER)).then("until_on"),
    )


def advice(world: World) -> pl.DataFrame:
    """Versions of `rvo_advice`: asked, advised."""
    table = world.rvo
    points = pl.col("points")
    full = table.select(
        "advice_id",
        application_id=identifiers.application(table["application"].to_numpy()),
        scheme=pl.col("scheme"),
        company_kvk=numbers_of(table["business"]),
        facilitator_kvk=numbers_of(table["facilitator"]),
        received_on=pl.col("received_on"),
        advised_on=pl.col("advised_on"),
        outcome=pl.col("outcome"),
        score_personal=pl.when(points).then("score_personal"),
        score_business_plan=pl.when(points).then("score_business_plan"),
        score_added_value=pl.when(points).then("score_added_value"),
        company_staff=pl.col("company_staff"),
        is_innovative=pl.col("is_innovative"),
    )
    later = ["advised_on", "outcome", "score_personal", "score_business_plan", "score_added_value", "is_innovative"]
    none = [pl.lit(None, dtype=full.schema[c]).alias(c) for c in later]
    asked = full.with_columns(*none, known_on=pl.col("received_on") + 2)
    return pl.concat([asked, full.with_columns(known_on=pl.col("advised_on") + 2)])
