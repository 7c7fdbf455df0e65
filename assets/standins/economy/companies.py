"""The Dutch companies of the world: sector, size, age, group, address, recognition, payroll numbers, officers.

Belongs here: every entity with a KvK number. Does not belong here: foreign employers, and what companies do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.standins.foundations import identifiers, names
from assets.standins.foundations.law import day, month_start
from assets.standins.foundations.parameters import Parameters
from assets.standins.foundations.randomness import Draws, Ints, ints

#: A day that never comes: later than every date of the world.
NEVER = day("2090-01-01")
#: Companies are founded up to this day whatever the horizon, so that a longer world keeps its companies.
LAST_FOUNDING = day("2031-01-01")
_ACADEMIC = {"85": 60, "72": 150, "86": 90}  # national number of bodies (assumption)


@dataclass(frozen=True)
class Companies:
    """Every Dutch entity; `table` has one row per entity, in the order of its number (`company`)."""

    table: pl.DataFrame
    payrolls: pl.DataFrame
    officers: pl.DataFrame

    def take(self, column: str, companies: Ints) -> np.ndarray:
        """The values of one column for the given companies."""
        return self.table[column].gather(companies).to_numpy()

    def __len__(self) -> int:
        return len(self.table)


def _population(parameters: Parameters) -> pl.DataFrame:
    """One row per company to be: its main segment, kind and whether it is ever recognised."""
    rows, size = [], parameters.companies
    block = parameters["companies"]
    segments = parameters["segments"]
    knowledge = [s for s in segments if s["kind"] in ("knowledge", "startup_team", "founder")]
    weight = {s["name"]: s["volume"] ** 0.75 for s in knowledge}
    for segment in segments:
        sbi2 = segment["sbi"][:2]
        if segment["name"] in weight:
            share = weight[segment["name"]] / sum(weight.values())
            rows.append((segment, True, block["ever_recognised"] * 0.9 * share))
            rows.append((segment, False, block["others"] * 0.25 * share))
        elif sbi2 in _ACADEMIC:
            rows.append((segment, True, _ACADEMIC[sbi2]))
        else:
            rows.append((segment, True, block["ever_recognised"] * 0.008))
            rows.append((segment, False, block["others"] * 0.05))
    agency = {"name": "agency", "sbi": "7820", "kind": "intermediary"}
    rows.append((agency, True, block["ever_recognised"] * 0.012))
    rows.append((agency, False, block["others"] * 0.01))
    transport = {"name": "transport", "sbi": "4941", "kind": "client"}
    rows.append((transport, False, block["others"] * 0.06))
    rows.append(({"name": "civil", "sbi": "4211", "kind": "client"}, False, block["others"] * 0.04))
    counts = [max(3, round(count * size)) for _, _, count in rows]
    return (
        pl.DataFrame(
            {
                "segment": np.repeat([r[0]["name"] for r in rows], counts),
                "sbi": np.repeat([r[0]["sbi"] for r in rows], counts),
                "kind": np.repeat([r[0]["kind"] for r in rows], counts),
                "ever_recognised": np.repeat([r[1] for r in rows], counts),
            }
        )
        .with_row_index("company")
        .with_columns(pl.col("company").cast(pl.Int64), pl.col("sbi").str.slice(0, 2).alias("sbi2"))
    )


def _recognised_on(parameters: Parameters, draws: Draws, company: Ints, registered: Ints) -> Ints:
    """Days of recognition such that the national stock follows the published one."""
    stock = {int(year): number for year, number in parameters["companies"]["recognised_stock"].items()}
    years = np.array(sorted(stock), dtype=np.float64)
    levels = np.array([stock[int(year)] for year in years], dtype=np.float64)
    share = draws.uniform("companies.recognised", company) * levels[-1]
    year = np.interp(share, levels, years)
    before = share < levels[0]
    year = np.where(before, 2013.42 - 3.0 * (1 - share / levels[0]), year)
    on = np.floor((year - 1970) * 365.2425).astype(np.int64)
    return ints(np.maximum(on, registered + 60))


def _sizes(draws: Draws, company: Ints, kind: np.ndarray, recognised: np.ndarray, shift: float) -> Ints:
    middle = (
        np.where(recognised, 3.2, 2.2) + np.where(kind == "academic", 3.6, 0.0) + np.where(kind == "founder", -1.6, 0)
    )
    middle = middle + np.where(kind == "startup_team", -1.0, 0.0)
    middle = middle + np.where(kind == "academic", 0.0, shift)
    return np.clip(np.exp(middle + 1.5 * draws.normal("companies.size", company)), 1, 30_000).astype(np.int64)


def make_companies(parameters: Parameters, draws: Draws) -> Companies:
    """All Dutch companies of the world."""
    block = parameters["companies"]
    table = _population(parameters)
    company = table["company"].to_numpy()
    kind, recognised = table["kind"].to_numpy(), table["ever_recognised"].to_numpy()
    start = day("2013-01-01")
    old = draws.happens("companies.old", block["founded_before_start"], company)
    age = 30 * 365 * draws.uniform("companies.age", company) ** 1.5
    founded = np.where(
        old | (kind == "academic"),
        start - 200 - age,
        start + draws.uniform("companies.founded", company) * (LAST_FOUNDING - start),
    ).astype(np.int64)
    life = 200 + 365 / block["closing_year"] * draws.exponential("companies.life", company)
    ended = np.where(kind == "academic", NEVER, np.maximum(founded, start) + life).astype(np.int64)
    ended = np.where(ended > LAST_FOUNDING, NEVER, ended)
    recognised_on = np.where(recognised, _recognised_on(parameters, draws, company, founded), NEVER)
    recognised_on = np.where(recognised_on + 400 < ended, recognised_on, NEVER)
    always = _always_there(table)
    founded, ended = np.where(always, start - 3000, founded), np.where(always, NEVER, ended)
    recognised_on = np.where(always, start - 60, recognised_on)
    spell = 365 / block["end_of_recognition_year"] * draws.exponential("companies.recognition", company)
    recognition_end = np.minimum(recognised_on + 365 + spell.astype(np.int64), ended)
    recognition_end = np.where((recognition_end > LAST_FOUNDING) | always, NEVER, recognition_end)
    employees = _sizes(draws, company, kind, recognised, float(block["size_shift"]))
    per_head = np.exp(11.6 + 0.5 * draws.normal("companies.turnover", company))
    groups = draws.integer("companies.group", 0, max(1, len(table) // 12), company)
    in_group = draws.happens("companies.in_group", block["in_group"], company) & (kind != "academic")
    table = table.with_columns(
        pl.Series("legal_form", _legal_forms(draws, company, kind, employees)),
        pl.Series("registered_on", founded),
        pl.Series("ended_on", ended),
        pl.Series(
            "end_reason",
            np.array(["bankruptcy", "dissolved", "merger", "moved_abroad"])[
                draws.pick("companies.end_reason", [0.3, 0.5, 0.15, 0.05], company)
            ],
        ),
        pl.Series("successor", np.full(len(table), -1, dtype=np.int64)),
        pl.Series("group", np.where(in_group, groups, -1)),
        pl.Series("address", _addresses(parameters, draws, company)),
        pl.Series("employees", employees),
        pl.Series("turnover_eur", np.round(employees * per_head, -3)),
        pl.Series(
            "equity_eur", np.round(employees * per_head * (0.25 + 0.3 * draws.normal("companies.equity", company)), -3)
        ),
        pl.Series("recognised_on", recognised_on),
        pl.Series("recognition_ended_on", recognition_end),
        pl.lit("").alias("recognition_reason"),
        pl.Series("premium", 0.12 * draws.normal("companies.premium", company)),
        pl.Series("pull", employees**0.75 * np.exp(0.8 * draws.normal("companies.pull", company))),
        pl.Series("multinational", in_group & draws.happens("companies.multinational", 0.75, company)),
    )
    table = table.with_columns(
        names.company_names(company, table["sbi2"], table["legal_form"]).alias("name"),
        pl.Series("postcode4", 1000 + (table["address"].to_numpy() * 7_717) % 8_900).cast(pl.String),
    )
    return Companies(table, _payrolls(parameters, draws, table), _officers(draws, table))


def _always_there(table: pl.DataFrame) -> np.ndarray:
    """The two oldest payroll firms: recognised from the start, so that there is always one to go through."""
    firm = (table["kind"] == "intermediary") & table["ever_recognised"]
    return (firm & (firm.cast(pl.Int64).cum_sum() <= 2)).to_numpy()


def _legal_forms(draws: Draws, company: Ints, kind: np.ndarray, employees: Ints) -> np.ndarray:
    forms = np.array(["bv", "nv", "foundation", "partnership", "sole_trader", "foreign_branch"])
    picked = forms[draws.pick("companies.form", [0.8, 0.03, 0.03, 0.05, 0.06, 0.03], company)]
    picked = np.where((picked == "sole_trader") & (employees > 25), "bv", picked)
    return np.where(kind == "academic", np.where(company % 3 == 0, "foundation", "public_body"), picked)


def _addresses(parameters: Parameters, draws: Draws, company: Ints) -> Ints:
    """Numbers of buildings: most entities have their own, some share a business centre."""
    centres = max(2, round(parameters["companies"]["business_centres"] * parameters.companies))
    shared = draws.happens("companies.shared", parameters["companies"]["in_business_centre"], company)
    return np.where(shared, draws.integer("companies.centre", 0, centres - 1, company), 1_000 + company)


def _payrolls(parameters: Parameters, draws: Draws, table: pl.DataFrame) -> pl.DataFrame:
    """Payroll numbers with their rhythm; a second number follows where the payroll was migrated."""
    block = parameters["companies"]
    company, founded, ended = (table[c].to_numpy() for c in ("company", "registered_on", "ended_on"))
    rates = {k: v for k, v in block["four_week_payroll"].items() if k != "other"}
    chance = table["sbi2"].replace_strict(rates, default=block["four_week_payroll"]["other"], return_dtype=pl.Float64)
    four_week = draws.happens("payroll.four_week", chance.to_numpy(), company)
    years = 18
    moved = draws.happens("payroll.moved", 1 - (1 - block["payroll_migration_year"]) ** years, company)
    month = draws.integer("payroll.month", 0, years * 12 - 1, company) + 43 * 12
    moved_on = np.where(moved, month_start(month), NEVER)
    moved &= (moved_on > founded + 400) & (moved_on < ended)
    moved_on = np.where(moved, moved_on, NEVER)
    first = pl.DataFrame(
        {
            "company": company,
            "number": np.ones(len(table), dtype=np.int64),
            "valid_from": founded,
            "valid_until": np.minimum(np.where(moved, moved_on - 1, NEVER), ended),
            "four_week": four_week,
        }
    )
    second = pl.DataFrame(
        {
            "company": company,
            "number": np.full(len(table), 2),
            "valid_from": moved_on,
            "valid_until": ended,
            "four_week": four_week,
        }
    ).filter(pl.Series(moved))
    payrolls = pl.concat([first, second]).sort("company", "number")
    who = payrolls["company"].to_numpy()
    base = identifiers.rsin(who)
    suffix = payrolls["number"].cast(pl.String).str.zfill(2)
    return payrolls.with_columns((base + "L" + suffix).alias("employer_number"))


def _officers(draws: Draws, table: pl.DataFrame) -> pl.DataFrame:
    """Directors and signatories: one to three a company; small firms share some directors."""
    company = table["company"].to_numpy()
    count = 1 + draws.pick("officers.count", [0.6, 0.3, 0.1], company)
    who = np.repeat(company, count)
    turn = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    shared = draws.happens("officers.shared", 0.05, who, turn)
    pool = draws.integer("officers.pool", 0, max(1, len(table) // 15), who, turn)
    person = np.where(shared, 90_000_000 + pool, 91_000_000 + who * 3 + turn)
    registered, ended = (table[c].gather(who).to_numpy() for c in ("registered_on", "ended_on"))
    tenure = (365 * 8 * draws.exponential("officers.tenure", who, turn)).astype(np.int64)
    start = np.where(turn == 0, registered, np.maximum(registered, registered + tenure // 3))
    until = np.where(turn == 0, ended, np.minimum(start + tenure, ended))
    role = np.array(["director", "signatory", "supervisory", "sole_shareholder"])
    roles = np.where(turn == 0, role[0], role[draws.pick("officers.role", [0.5, 0.3, 0.15, 0.05], who, turn)])
    keep = (start < ended) & (until > start)
    return (
        pl.DataFrame({"company": who, "person": person, "role": roles, "from_on": start, "until_on": until})
        .filter(pl.Series(keep))
        .unique(["company", "person", "from_on"], keep="first", maintain_order=True)
    )
