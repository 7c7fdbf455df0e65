"""New firms, and people who are found another sponsor: the material that planted networks are made of.

Belongs here: adding companies, officers and foreign employers to a world, and moving permits between sponsors. Does
not belong here: why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER, Companies
from assets.standins.foundations import identifiers, names
from assets.standins.foundations.randomness import Ints
from assets.standins.misuse.tools import free_permits, take
from assets.standins.stays import cases
from assets.standins.world import World

#: Numbers of directors that are made up for planted firms start here.
DIRECTORS = 97_000_000


def new_companies(world: World, template: Ints, changes: Mapping[str, pl.Series | pl.Expr | int | str]) -> pl.DataFrame:
    """Copies of companies under new numbers and names, with some columns changed; gives their rows.

    Each gets one payroll number (monthly) and one director of its own.
    """
    old = world.companies
    company = np.arange(len(old), len(old) + len(template))
    table = old.table.select(pl.all().gather(template)).with_columns(pl.Series("company", company))
    table = table.with_columns(pl.Series("address", 2_000_000 + company), pl.lit(-1, dtype=pl.Int64).alias("group"))
    exprs = [(pl.lit(v) if isinstance(v, int | str) else v).alias(k) for k, v in changes.items()]
    table = table.with_columns(exprs)
    table = table.with_columns(names.company_names(company, table["sbi2"], table["legal_form"]).alias("name"))
    table = table.select([pl.col(name).cast(kind) for name, kind in old.table.schema.items()])
    payrolls = table.select(
        "company",
        number=pl.lit(1, dtype=pl.Int64),
        valid_from=pl.col("registered_on"),
        valid_until=pl.col("ended_on"),
        four_week=pl.lit(False),
        employer_number=identifiers.rsin(company) + "L01",
    ).select(old.payrolls.columns)
    officers = table.select(
        "company",
        person=pl.col("company") + DIRECTORS,
        role=pl.lit("director"),
        from_on=pl.col("registered_on"),
        until_on=pl.col("ended_on"),
    ).select(old.officers.columns)
    _replace_companies(
        world,
        Companies(
            pl.concat([old.table, table]), pl.concat([old.payrolls, payrolls]), pl.concat([old.officers, officers])
        ),
    )
    return table


def _replace_companies(world: World, companies: Companies) -> None:
    world.setting = replace(world.setting, companies=companies)


def change_companies(world: World, companies: Ints, changes: Mapping[str, np.ndarray]) -> None:
    """Set columns of some companies."""
    old = world.companies
    columns = []
    for name, values in changes.items():
        whole = old.table[name].to_numpy().copy() if old.table.schema[name] != pl.String else None
        if whole is None:
            texts = old.table[name].to_list()
            for place, value in zip(companies.tolist(), np.broadcast_to(values, companies.shape).tolist(), strict=True):
                texts[place] = value
            columns.append(pl.Series(name, texts))
        else:
            whole[companies] = values
            columns.append(pl.Series(name, whole))
    _replace_companies(world, replace(old, table=old.table.with_columns(columns)))


def add_officers(world: World, company: Ints, person: Ints, start: Ints, role: str = "director") -> None:
    """Add officers to companies."""
    old = world.companies
    rows = pl.DataFrame({"company": company, "person": person, "from_on": start}).with_columns(
        role=pl.lit(role), until_on=pl.lit(NEVER, dtype=pl.Int64)
    )
    officers = pl.concat([old.officers, rows.select(old.officers.columns)])
    officers = officers.unique(["company", "person", "from_on"], keep="first", maintain_order=True)
    _replace_companies(world, replace(old, officers=officers))


def new_employers(world: World, template: Ints, changes: Mapping[str, pl.Series | pl.Expr]) -> pl.DataFrame:
    """Copies of foreign employers under new numbers, with some columns changed; gives their rows."""
    old = world.employers.table
    employer = np.arange(len(old), len(old) + len(template))
    table = old.select(pl.all().gather(template)).with_columns(pl.Series("employer", employer)).with_columns(**changes)
    table = table.with_columns(
        identifiers.vat(table["country"], employer).alias("vat"),
        names.foreign_names(employer, table["country"]).alias("name"),
    ).select([pl.col(name).cast(kind) for name, kind in old.schema.items()])
    world.setting = replace(world.setting, employers=replace(world.employers, table=pl.concat([old, table])))
    return table


def change_employers(world: World, employers: Ints, changes: Mapping[str, np.ndarray]) -> None:
    """Set numeric columns of some foreign employers."""
    table = world.employers.table
    columns = []
    for name, values in changes.items():
        whole = table[name].to_numpy().copy()
        whole[employers] = values
        columns.append(pl.Series(name, whole, dtype=table.schema[name]))
    world.setting = replace(world.setting, employers=replace(world.employers, table=table.with_columns(columns)))


def recruit(world: World, what: str, groups: pl.DataFrame, condition: pl.Expr | None = None) -> pl.DataFrame:
    """First knowledge-migrant permits for some groups: each free permit once, those with the lowest draw first.

    Args:
        world: the world.
        what: name of the draw.
        groups: `group`, `since`, `until` (days of filing) and `wanted` (number of permits).
        condition: what the permits must satisfy besides.

    Returns:
        Rows of the permits with `group`; a group may get fewer than it wanted.
    """
    pool = free_permits(world).filter((pl.col("generation") == 0) & (pl.col("scheme") == "hsm") & (pl.col("norm") > 0))
    pool = pool.filter(pl.lit(True) if condition is None else condition).sort("received_on", "application")
    filed = pool["received_on"].to_numpy()
    luck = world.draws.uniform(what, pool["application"].to_numpy())
    used = np.zeros(len(pool), dtype=bool)
    rows, marks = [], []
    for group, since, until, wanted in groups.select("group", "since", "until", "wanted").iter_rows():
        low, high = np.searchsorted(filed, [since, until])
        window = low + np.flatnonzero(~used[low:high])
        best = np.sort(window[np.argsort(luck[window], kind="stable")[:wanted]])
        used[best] = True
        rows.append(best)
        marks.append(np.full(len(best), group, dtype=np.int64))
    if not rows:
        return pool.head(0).with_columns(group=pl.lit(0, dtype=pl.Int64))
    found = pool.select(pl.all().gather(np.concatenate(rows))).with_columns(pl.Series("group", np.concatenate(marks)))
    take(world, found["person"])
    return found


def move_permits(world: World, rows: pl.DataFrame, sponsor: Ints, workplace: Ints) -> None:
    """Give persons another sponsor and place of work, in every application with the old sponsor."""
    moves = rows.select("person", "sponsor").with_columns(
        pl.Series("new_sponsor", sponsor, dtype=pl.Int64), pl.Series("new_company", workplace, dtype=pl.Int64)
    )
    moves = moves.unique(["person", "sponsor"], keep="first", maintain_order=True)
    permits = world.permits.join(moves, on=["person", "sponsor"], how="left", maintain_order="left")
    world.permits = permits.with_columns(
        sponsor=pl.coalesce("new_sponsor", "sponsor"), company=pl.coalesce("new_company", "company")
    ).select(world.permits.columns)
    payers = moves.select("person", pl.col("sponsor").alias("company"), "new_sponsor")
    spells = world.spells.join(payers, on=["person", "company"], how="left", maintain_order="left")
    world.spells = spells.with_columns(company=pl.coalesce("new_sponsor", "company")).select(world.spells.columns)


def change_permits(world: World, rows: pl.DataFrame, columns: list[str]) -> None:
    """Set columns of some applications to the values in `rows`."""
    changed = rows.select("application", *[pl.col(c).alias(f"new_{c}") for c in columns])
    joined = world.permits.join(changed, on="application", how="left", maintain_order="left")
    world.permits = joined.with_columns([pl.coalesce(f"new_{c}", c).alias(c) for c in columns]).select(
        world.permits.columns
    )


def change_spells(world: World, rows: pl.DataFrame, columns: list[str]) -> None:
    """Set columns of the spells of some applications to the values in `rows`."""
    changed = rows.select("application", *[pl.col(c).alias(f"new_{c}") for c in columns])
    joined = world.spells.join(changed, on="application", how="left", maintain_order="left")
    world.spells = joined.with_columns([pl.coalesce(f"new_{c}", c).alias(c) for c in columns]).select(
        world.spells.columns
    )


def end_permits(world: World, rows: pl.DataFrame, on: Ints, reason: str) -> None:
    """End permits and their work on a day; what the same persons would have applied for later falls away."""
    ends = rows.select("person", "generation", "application").with_columns(pl.Series("stops", on))
    last = ends.select("person", pl.col("generation").alias("last"))
    permits = world.permits.join(last, on="person", how="left", maintain_order="left")
    permits = permits.filter(pl.col("last").is_null() | (pl.col("generation") <= pl.col("last"))).drop("last")
    permits = permits.join(ends.select("application", "stops"), on="application", how="left", maintain_order="left")
    stopped = pl.col("stops").is_not_null()
    world.permits = permits.with_columns(
        ended_on=pl.when(stopped).then("stops").otherwise("ended_on"),
        end_reason=pl.when(stopped).then(pl.lit(reason)).otherwise("end_reason"),
        work_until=pl.when(stopped).then(pl.col("stops") - 1).otherwise("work_until"),
    ).select(world.permits.columns)
    left = pl.concat([world.permits["application"], pl.Series("application", [-1])])
    spells = world.spells.filter(pl.col("application").is_in(left.to_list()))
    spells = spells.join(ends.select("application", "stops"), on="application", how="left", maintain_order="left")
    world.spells = (
        spells.with_columns(until_on=pl.min_horizontal("until_on", pl.col("stops") - 1))
        .filter(pl.col("until_on") >= pl.col("from_on"))
        .select(world.spells.columns)
    )
    kept = pl.col("case").is_in(left.to_list()) | (pl.col("case") >= cases.FLOW_CASES)
    world.cases = world.cases.filter(kept)


def template_of(world: World, what: str, condition: pl.Expr, number: int) -> Ints:
    """Companies that satisfy a condition, drawn so many times."""
    pool = world.companies.table.filter(condition)["company"].to_numpy()
    if not len(pool):
        pool = world.companies.table["company"].to_numpy()
    return np.asarray(pool[world.draws.integer(what, 0, len(pool) - 1, np.arange(number))], dtype=np.int64)


def moments(world: World, what: str, since: int, until: int, number: int) -> Ints:
    """Days between two days, one for each of so many groups."""
    return world.draws.integer(what, since, until, np.arange(number))
