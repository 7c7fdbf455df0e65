"""Which jobs employers want to fill with someone from outside the EU, month by month, and the candidate for each.

Belongs here: the number of openings (level, season, shocks, noise), the company, the wage that is offered without any
norm in mind, and the candidate. Does not belong here: by which route the candidate comes (`choice`).
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from assets.standins.economy.pools import Pool
from assets.standins.economy.setting import Setting
from assets.standins.foundations.law import day, month_of, month_start, year_of
from assets.standins.foundations.parameters import Parameters
from assets.standins.foundations.randomness import Floats, Ints, floats


def month_number(on: Any) -> int:
    """Months since 1970-01 of one ISO date or date."""
    return int(month_of(np.array([day(str(on))]))[0])


def wage_index(parameters: Parameters, year: Ints) -> Floats:
    """Level of wages in each year, 2019 = 1."""
    growth = {int(y): g for y, g in parameters["wages"]["growth_percent"].items()}
    years = np.arange(min(growth) - 1, max(growth) + 1)
    level = np.cumprod([1.0] + [1 + growth[int(y)] / 100 for y in years[1:]])
    level = level / level[2019 - int(years[0])]
    return floats(np.interp(year, years, level))


def _levels(parameters: Parameters, months: Ints, group: str) -> Floats:
    block = parameters["demand"]
    years = {float(y): v for y, v in block[group].items()}
    yearly = np.interp(months / 12 + 1970 + 1 / 24, np.array(sorted(years)) + 0.5, [years[y] for y in sorted(years)])
    season = np.array(block["season"].get(group, block["season"]["default"]))
    level = yearly * (season / season.mean())[months % 12]
    for shock in block["shocks"]:
        inside = (months >= month_number(shock["from"])) & (months <= month_number(shock["until"]))
        touched = shock.get("groups") is None or group in shock["groups"]
        level = np.where(inside & touched, level * shock["factor"], level)
    return floats(level)


def _counts(setting: Setting, months: Ints) -> pl.DataFrame:
    """Openings by month and segment, Poisson around level and noise; one row per opening."""
    segments = setting.parameters["segments"]
    rates = np.empty((len(months), len(segments)))
    for place, segment in enumerate(segments):
        level = _levels(setting.parameters, months, segment["demand"])
        noise = np.exp(0.06 * setting.draws.normal("demand.noise", months, crc(segment["demand"])))
        rates[:, place] = segment["volume"] / 12 * setting.parameters.persons * level * noise
    counts = np.array([setting.draws.generator("demand.count", int(m)).poisson(rates[i]) for i, m in enumerate(months)])
    month = np.repeat(months, counts.sum(axis=1))
    segment = np.repeat(np.tile(np.arange(len(segments)), len(months)), counts.ravel())
    return (
        pl.DataFrame({"month": month, "segment": segment.astype(np.int64)})
        .with_row_index("opening")
        .cast({"opening": pl.Int64})
    )


def crc(text: str) -> int:
    """A number for a text, so that a text can key a draw."""
    return crc32(text.encode())


def _pick_companies(setting: Setting, segments: list[str], segment: Ints, on: Ints, ids: Ints) -> Ints:
    """A company of the segment that exists on the day, by its pull; -1 where two tries found none."""
    found = np.full(len(ids), -1, dtype=np.int64)
    for place, name in enumerate(segments):
        rows = np.flatnonzero(segment == place)
        table = setting.companies.table.filter(pl.col("segment") == name)
        if not len(rows) or not len(table):
            continue
        pool = Pool(table)
        for attempt in range(3):
            todo = rows[found[rows] < 0]
            pick = pool.drawn(on[todo], setting.draws.uniform(f"demand.company{attempt}", ids[todo]))
            fits = (setting.companies.take("ended_on", pick) > on[todo]) & (pool.founded_by(on[todo]) > 0)
            found[todo] = np.where(fits, pick, -1)
    return found


def make_openings(setting: Setting, until: int) -> pl.DataFrame:
    """One row per opening up to the day `until`: company, offer and candidate.

    Columns: opening, person, segment, kind, demand, isco, company, wanted_on, wage (euro a month, full time), birth
    (day), sex, nationality, degree_on, transfer, graduate, contract_months, hours.
    """
    months = np.arange(month_number(setting.parameters["start"]), int(month_of(np.array([until]))[0]) + 1)
    table = _counts(setting, months)
    ids, month, segment = (table[c].to_numpy() for c in ("opening", "month", "segment"))
    segments = setting.parameters["segments"]
    on = month_start(month) + setting.draws.integer("demand.day", 0, 27, ids)
    company = _pick_companies(setting, [s["name"] for s in segments], segment, on, ids)
    table = table.with_columns(pl.Series("wanted_on", on), pl.Series("company", company)).filter(pl.col("company") >= 0)
    ids, segment, on, company = (table[c].to_numpy() for c in ("opening", "segment", "wanted_on", "company"))

    def of_segment(key: str) -> np.ndarray:
        values: np.ndarray = np.array([s[key] for s in segments])[segment]
        return values

    age = np.clip(of_segment("age") + of_segment("age_spread") * setting.draws.normal("person.age", ids), 21, 62)
    birth = (on - age * 365.2425).astype(np.int64)
    wage = _offers(
        setting,
        ids,
        middle=of_segment("wage"),
        spread=of_segment("spread"),
        premium=setting.companies.take("premium", company),
        on=on,
        age=age,
    )
    kind = of_segment("kind")
    transfer = (
        (kind == "knowledge")
        & setting.companies.take("multinational", company)
        & setting.draws.happens("person.transfer", setting.parameters["choice"]["transfer_share"], ids)
    )
    graduate = setting.draws.happens("person.graduate", of_segment("graduate").astype(float), ids) & ~transfer
    degree = np.where(graduate, on - (20 + 900 * setting.draws.uniform("person.degree", ids)).astype(np.int64), -1)
    months_agreed = np.array(setting.parameters["permits"]["contract_months"])[
        setting.draws.pick("person.contract", setting.parameters["permits"]["contract_shares"], ids)
    ]
    return table.with_columns(
        pl.Series("person", ids),
        pl.Series("kind", kind),
        pl.Series("demand", of_segment("demand")),
        pl.Series("isco", of_segment("isco")),
        pl.Series("wage", wage),
        pl.Series("birth", birth),
        pl.Series("sex", _sexes(setting, ids, kind)),
        pl.Series("nationality", _nationalities(setting, ids, kind, on)),
        pl.Series("degree_on", degree),
        pl.Series("transfer", transfer),
        pl.Series("graduate", graduate),
        pl.Series("contract_months", months_agreed),
        pl.Series(
            "hours",
            np.array([40.0, 38.0, 36.0, 32.0])[setting.draws.pick("person.hours", [0.8, 0.08, 0.07, 0.05], ids)],
        ),
    )


def _offers(
    setting: Setting,
    ids: Ints,
    *,
    middle: Floats,
    spread: Floats,
    premium: Floats,
    on: Ints,
    age: Floats,
) -> Floats:
    """Offers that know of no norm: log-normal around the middle of the segment, dearer with age, in round numbers."""
    block = setting.parameters["wages"]
    log_wage = (
        np.log(middle * wage_index(setting.parameters, year_of(on))) + premium + 0.012 * np.clip(age - 31, -8, 15)
    )
    raw = np.exp(log_wage + spread * setting.draws.normal("person.wage", ids))
    step = np.array(block["rounded_to_eur"])[setting.draws.pick("person.rounding", block["rounding_shares"], ids)]
    return floats(np.round(np.clip(raw, 1_500, 45_000) / step) * step)


def _sexes(setting: Setting, ids: Ints, kind: np.ndarray) -> np.ndarray:
    shares = setting.parameters["persons"]["female"]
    chance = np.array([shares.get(k, shares["knowledge"]) for k in kind.tolist()])
    spot = setting.draws.uniform("person.sex", ids)
    return np.where(spot > 0.998, "X", np.where(spot < chance, "V", "M"))


def _nationalities(setting: Setting, ids: Ints, kind: np.ndarray, on: Ints) -> np.ndarray:
    """Nationalities by kind of work; UK nationals are among them from the end of the transition only."""
    people = setting.parameters["persons"]
    block = people["nationalities"]
    result = np.full(len(ids), "XX", dtype="<U2")
    for name in np.unique(kind):
        weights = block.get(str(name), block["founder" if name == "independent" else "knowledge"])
        rows = np.flatnonzero(kind == name)
        drawn = setting.draws.pick("person.nationality", list(weights.values()), ids[rows])
        result[rows] = np.array(list(weights))[drawn]
    bound = on >= setting.law.dates["2021-brexit"]
    british = setting.draws.happens("person.british", people["uk_share"], ids) & (kind == "knowledge")
    result = np.where(british & bound, "GB", result)
    return np.where((result == "GB") & ~bound, "US", result)
