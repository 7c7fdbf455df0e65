"""Flows that are no alternative for an opening: orientation years, traineeships, student and asylum work permits.

Belongs here: their numbers, persons, employers and cases. They matter because they fill the same feeds and serve as
comparison. Does not belong here: routes that compete for an opening (`choice`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from assets.standins.economy.demand import month_number, wage_index
from assets.standins.economy.pools import Pool, running_employers
from assets.standins.economy.setting import Setting
from assets.standins.foundations.law import month_of, month_start, year_of
from assets.standins.foundations.randomness import Floats, Ints, floats
from assets.standins.stays.decisions import strictness
from assets.standins.stays.spells import as_spells

#: Numbers of persons of these flows start here, 4.4 million apart (see `regions`).
FIRST_PERSON = 40_000_000
_APART = 4_400_000
_SECTORS: Mapping[str, list[str]] = {
    "twv_student": ["56", "62", "46", "52", "85"],
    "twv_asylum": ["78", "56", "10", "52", "81", "01"],
    "twv_trade": ["28", "26", "33"],
    "learning_work": ["01", "71", "56"],
    "twv_seasonal": ["01"],
    "twv_bg_ro": ["01", "10", "41", "56"],
    "twv_hr": ["41", "56", "30"],
    "temporary_protection": ["78", "78", "78", "56", "10", "52", "01", "81", "46"],
}
#: Flows of those who need no work permit any more: from the day of an event on, or when asylum is granted.
_FREED = ("twv_bg_ro", "twv_hr", "twv_asylum")
#: Where graduates work in their orientation year: with whom they like.
_GRADUATES = ["62", "70", "71", "46", "73", "56"]
_ISCO: Mapping[str, list[str]] = {
    "twv_student": ["5120", "9412", "5223", "2512"],
    "twv_asylum": ["9321", "9412", "9333", "9112", "5120"],
    "twv_trade": ["7233", "3115"],
    "learning_work": ["6113", "2144", "5120"],
    "twv_seasonal": ["6113", "9211"],
    "twv_bg_ro": ["6113", "9211", "7115"],
    "twv_hr": ["7115", "7212", "5120"],
    "temporary_protection": ["9321", "9412", "9333", "9112", "5120"],
}


def make_flows(setting: Setting, until: int) -> pl.DataFrame:
    """One row per application of every other flow.

    Columns: flow, number, person, company (-1: none), isco, filed_on, decided_on, outcome (positive, negative,
    withdrawn), starts_on, ends_on, salary, hours.
    """
    return pl.concat([make_flow(setting, flow, until) for flow in setting.parameters["other_flows"]])


def make_flow(setting: Setting, flow: str, until: int, without: str | None = None) -> pl.DataFrame:
    """The rows of `make_flows` of one flow; as if the event `without` had never been, if one is named."""
    place = list(setting.parameters["other_flows"]).index(flow)
    years = {int(y): float(n) for y, n in setting.parameters["other_flows"][flow].items()}
    months = np.arange(month_number(setting.parameters["start"]), int(month_of(np.array([until]))[0]) + 1)
    mean = np.interp(months / 12 + 1970 + 1 / 24, np.array(sorted(years)) + 0.5, [years[y] for y in sorted(years)])
    mean = mean * _acted_on(setting, flow, months, without) * setting.parameters.persons / 12
    counts = np.array(
        [setting.draws.generator(f"flow.{flow}", int(m)).poisson(r) for m, r in zip(months, mean, strict=True)]
    )
    month = np.repeat(months, counts)
    number = np.arange(len(month))
    person = FIRST_PERSON + place * _APART + number
    filed = month_start(month) + setting.draws.integer("flow.day", 0, 27, person)
    test = setting.parameters["labour_test"]
    wait = 3 + (test["days"] * setting.draws.uniform("flow.wait", person) * 1.6).astype(np.int64)
    negative = np.full(len(person), 1 - setting.parameters["permits"]["granted"].get(flow, 0.9))
    if flow in test["negative"]:
        negative = test["negative"][flow] * strictness(setting, "twv", filed)
    spot = setting.draws.uniform("flow.outcome", person)
    outcome = np.where(
        spot < negative,
        "negative",
        np.where(spot < negative + test["withdrawn"]["other_flows"], "withdrawn", "positive"),
    )
    starts = filed + wait + setting.draws.integer("flow.start", 1, 20, person)
    length = {"twv_student": 300, "twv_asylum": 330, "twv_trade": 120, "learning_work": 300, "twv_seasonal": 150}.get(
        flow, 364
    )
    ends = starts + np.minimum((length * (0.5 + setting.draws.uniform("flow.length", person))).astype(np.int64), 364)
    hours = np.where(flow == "twv_student", 16.0, 38.0) + np.zeros(len(person))
    floor = setting.law.minimum_hour.on(filed) * 40 * 52 / 12
    salary = np.round(floor * (1.03 + 0.25 * setting.draws.exponential("flow.wage", person)) * hours / 40, 2)
    iscos = np.array(_ISCO.get(flow, ["2512", "2421", "2166"]))
    return pl.DataFrame(
        {
            "flow": [flow] * len(person),
            "number": number,
            "person": person,
            "company": _company(setting, flow, person, filed),
            "isco": iscos[setting.draws.integer("flow.isco", 0, len(iscos) - 1, person)],
            "filed_on": filed,
            "decided_on": filed + wait,
            "outcome": outcome,
            "starts_on": starts,
            "ends_on": ends,
            "salary": salary,
            "hours": hours,
        }
    )


def _acted_on(setting: Setting, flow: str, months: Ints, without: str | None) -> Floats:
    """Factor on a flow in each month: policy events open it, close it, widen it or take it out of the register."""
    factor = np.ones(len(months))
    for event, acts in setting.law.events.items():
        change = acts.get("flows", {}).get(flow)
        if change is None or (event == without and change != "starts"):
            continue
        since = months >= month_of(np.array([setting.law.dates[event] + 14]))[0]
        since &= event != without  # without its beginning a flow never starts
        factor = np.where(since, factor, 0.0) if change == "starts" else np.where(since, factor * float(change), factor)
    return floats(factor)


def _company(setting: Setting, flow: str, person: Ints, on: Ints) -> Ints:
    if flow not in _SECTORS:
        return np.full(len(person), -1, dtype=np.int64)
    return _employer(setting, _SECTORS[flow], person, on)


def _employer(setting: Setting, sectors: list[str], person: Ints, on: Ints) -> Ints:
    """A company in some sectors that exists on the day and for a year after it, by its pull."""
    pool = Pool(setting.companies.table.filter(pl.col("sbi2").is_in(sectors)))
    return running_employers(setting.draws, setting.companies, pool, "flow.company", on, person)


def spells_of_flows(setting: Setting, flows: pl.DataFrame) -> pl.DataFrame:
    """Paid work that no application or case announces: free movement, temporary protection, the orientation year."""
    found = []
    for flow, rules in setting.parameters["work_without_case"].items():
        mine = flows.filter((pl.col("flow") == flow) & (pl.col("outcome") == "positive"))
        works = setting.draws.happens("free.works", rules["share"], mine["person"].to_numpy())
        mine = mine.filter(pl.Series(works))
        person = mine["person"].to_numpy()
        # Who came by a work permit goes on when it ends and is needed no more; the others begin within two months.
        begins = np.where(flow in _FREED, mine["ends_on"].to_numpy() + 3, mine["starts_on"].to_numpy())
        begins = begins + setting.draws.integer("free.begins", 0, 60, person) * (flow not in _FREED)
        length = 14 + rules["mean_days"] * setting.draws.exponential("free.length", person)
        company = mine["company"].to_numpy()
        if flow not in _SECTORS:
            company = _employer(setting, _GRADUATES, person, begins)
        last = setting.companies.take("ended_on", company) - 1
        agency = setting.companies.take("sbi2", company) == "78"
        spell = mine.select("person", "hours", salary=(pl.col("salary") * rules["pay"]).round(2)).with_columns(
            company=pl.Series(company),
            from_on=pl.Series(begins),
            until_on=pl.Series(np.minimum(begins + np.minimum(length, rules["longest"]).astype(np.int64), last)),
            application=pl.lit(-1, dtype=pl.Int64),
            relation=pl.lit(1, dtype=pl.Int64),
            work_relation=pl.Series(np.where(agency, 11, 1)),
            income_kind=pl.lit(15, dtype=pl.Int64),
            facility=pl.lit(False),
            norm=pl.lit(0.0),
        )
        found.append(as_spells(spell.filter(pl.col("until_on") > pl.col("from_on"))))
    return pl.concat(found)


def peer_wages(setting: Setting, years: Ints) -> pl.DataFrame:
    """Quantiles of comparable domestic wages by year, occupation and sector; cells under 30 workers are left out."""
    quantiles = {
        "p05": -1.6449,
        "p10": -1.2816,
        "p25": -0.6745,
        "p50": 0.0,
        "p75": 0.6745,
        "p90": 1.2816,
        "p95": 1.6449,
    }
    cells = {(s["isco"], s["sbi"][:2]): (s["wage"], s["spread"]) for s in setting.parameters["segments"]}
    for isco, sbi2, wage, spread in setting.parameters["peers"]["further_cells"]:
        cells.setdefault((isco, sbi2), (wage, spread))
    extra = setting.parameters["wages"]["peer_spread_extra"]
    rows = []
    for place, ((isco, sbi2), (wage, spread)) in enumerate(sorted(cells.items())):
        size = np.exp(np.log(900) + 1.3 * setting.draws.normal("peer.size", place)) * np.exp(
            0.05 * setting.draws.normal("peer.noise", place, years)
        )
        middle = (
            wage
            * wage_index(setting.parameters, years)
            * np.exp(0.004 * setting.draws.normal("peer.wage", place, years))
        )
        cell = {"year": years, "occupation_isco": isco, "sbi2": sbi2, "workers": size.astype(np.int64)}
        values = {f"{name}_eur": np.round(middle * np.exp((spread + extra) * z), 2) for name, z in quantiles.items()}
        rows.append(pl.DataFrame(cell | values))
    return pl.concat(rows).filter(pl.col("workers") >= 30).sort("year", "occupation_isco", "sbi2")


def year_known(years: Ints) -> Ints:
    """Day on which the wages of each year are known: 1 July of the next."""
    return month_start((years + 1 - 1970) * 12 + 6)


def years_until(until: int) -> Ints:
    """The years whose wages are known on a day."""
    years = np.arange(2013, int(year_of(np.array([until]))[0]) + 1)
    return years[year_known(years) <= until]
