"""People who came before the world begins and are still at work when it does.

The wage feed describes everybody who holds or held a permit, so it tells of them; the registers of permits and requests
begin with the applications of 2013 and do not. Nobody among them applies again: who is here on a permit of five years
stays with the sponsor until it ends, and who stays longer has settled and may work for anybody.

Belongs here: their numbers, stay, jobs and wages. Does not belong here: who comes later (`permits`, `flows`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER
from assets.standins.economy.demand import wage_index
from assets.standins.economy.pools import Pool, running_employers
from assets.standins.economy.setting import Setting
from assets.standins.foundations.law import day, month_of, month_start, year_of
from assets.standins.foundations.randomness import Floats, Ints, ints
from assets.standins.stays.spells import SPELL_COLUMNS, as_spells, is_civil_service

#: Numbers of these persons start here (see `regions`).
FIRST_PERSON = 54_200_000
#: Employers that one person can have within the world.
_MOST_JOBS = 5
#: Work that began longer before the world than this is as if it had begun then.
_LOOK_BACK = 366


@dataclass(frozen=True)
class Earlier:
    """People who came earlier.

    Attributes:
        spells: their paid work, rows of SPELL_COLUMNS without an application.
        settled: person, scheme, work_until (the day before the world begins), settled_until, naturalised_on (NEVER).
    """

    spells: pl.DataFrame
    settled: pl.DataFrame


def make_earlier(setting: Setting) -> Earlier:
    """Everybody who came before the world begins, by the purpose of the stay."""
    block, first = setting.parameters["earlier"], FIRST_PERSON
    spells, settled = [pl.DataFrame(schema=SPELL_COLUMNS)], []
    for scheme, years in block["arrivals"].items():
        counts = np.array([round(number * setting.parameters.persons) for number in years.values()], dtype=np.int64)
        person = first + np.arange(counts.sum())
        first += len(person)
        arrival = month_start((np.repeat(np.array(list(years), dtype=np.int64), counts) - 1970) * 12)
        arrival = arrival + setting.draws.integer("earlier.day", 0, 364, person)
        stays = _stays(setting, scheme, person, arrival)
        settled.append(stays.select("person", "scheme", "work_until", "settled_until", "naturalised_on"))
        spells.append(_jobs(setting, stays.filter("works"), block["employers"][scheme]))
    return Earlier(pl.concat(spells), pl.concat(settled))


def naturalised_on(setting: Setting, person: Ints, settles_on: Ints) -> Ints:
    """The day on which each person who settles becomes Dutch (NEVER for some); the stay goes on."""
    rules = setting.parameters["permits"]
    years = rules["naturalised_years"] * setting.draws.exponential("permit.dutch_years", person)
    becomes = setting.draws.happens("permit.dutch", rules["naturalises"], person)
    return np.where(becomes, settles_on + ints(365.2425 * years), NEVER)


def _stays(setting: Setting, scheme: str, person: Ints, arrival: Ints) -> pl.DataFrame:
    """Who of the arrivals is here on the first day of the world, whether at work, and until when."""
    block, rules = setting.parameters["earlier"], setting.parameters["permits"]
    stay = block["mean_stay_days"][scheme] * setting.draws.exponential("earlier.stay", person)
    more = block["settled_days"][scheme] * setting.draws.exponential("earlier.more", person)
    settles_on = arrival + rules["settle_days"]
    leaves = arrival + ints(np.where(stay < rules["settle_days"], stay, stay + more))
    start = day(str(setting.parameters["start"]))
    works = setting.draws.happens("earlier.works", block["at_work"], person)
    return pl.DataFrame(
        {
            "person": person,
            "scheme": [scheme] * len(person),
            "arrival": arrival,
            "settles_on": settles_on,
            "work_until": np.full(len(person), start - 1),
            "settled_until": leaves,
            "naturalised_on": np.where(leaves > settles_on, naturalised_on(setting, person, settles_on), NEVER),
            "works": works,
        }
    ).filter(pl.col("settled_until") > start)


def _jobs(setting: Setting, stays: pl.DataFrame, employers: dict[str, list[str]]) -> pl.DataFrame:
    """Their successive jobs: an employer that ends is followed by another; who has settled also moves at will."""
    start = day(str(setting.parameters["start"]))
    table = setting.companies.table
    pool = Pool(table.filter(*(pl.col(column).is_in(values) for column, values in employers.items())))
    person, leaves = stays["person"].to_numpy(), stays["settled_until"].to_numpy()
    settles = stays["settles_on"].to_numpy()
    begins = np.maximum(stays["arrival"].to_numpy(), start - _LOOK_BACK)
    found = []
    for job in range(_MOST_JOBS):
        on = np.maximum(begins, start)
        company = running_employers(setting.draws, setting.companies, pool, "earlier.company", on, person, job)
        tenure = setting.parameters["earlier"]["job_days"] * setting.draws.exponential("earlier.job", person, job)
        moves = np.maximum(begins + ints(tenure), settles)
        ends = np.minimum(np.minimum(moves, leaves), setting.companies.take("ended_on", company) - 1)
        paid = (ends > begins) & (ends > start)
        found.append(_spells(setting, person[paid], company[paid], begins=begins[paid], ends=ends[paid], job=job))
        goes_on = ends < leaves - 60
        gap = setting.draws.integer("earlier.gap", 1, 3, person, job)
        begins = month_start(month_of(np.maximum(ends, begins)) + gap)[goes_on]
        person, leaves, settles = person[goes_on], leaves[goes_on], settles[goes_on]
    return pl.concat(found)


def _spells(setting: Setting, person: Ints, company: Ints, *, begins: Ints, ends: Ints, job: int) -> pl.DataFrame:
    """One spell of ordinary employment for each job."""
    hours = np.array([40.0, 38.0, 36.0, 32.0])[setting.draws.pick("earlier.hours", [0.72, 0.1, 0.1, 0.08], person, job)]
    civil = is_civil_service(setting.companies, company)
    agency = setting.companies.take("sbi2", company) == "78"
    return as_spells(
        pl.DataFrame(
            {
                "person": person,
                "company": company,
                "from_on": begins,
                "until_on": ends,
                "salary": np.round(_wages(setting, person, company, begins) * hours / 40, 2),
                "hours": hours,
                "application": np.full(len(person), -1, dtype=np.int64),
                "norm": np.zeros(len(person)),
                "relation": np.ones(len(person), dtype=np.int64),
                "work_relation": np.where(civil, 18, np.where(agency, 11, 1)),
                "income_kind": np.where(civil, 11, 15),
                "facility": np.zeros(len(person), dtype=bool),
            }
        )
    )


def _wages(setting: Setting, person: Ints, company: Ints, on: Ints) -> Floats:
    """Full-time wages of the work that each company mostly has, a little above those of newcomers."""
    segments = {str(one["name"]): one for one in setting.parameters["segments"]}
    usual = setting.parameters["earlier"]["usual_wage"]
    name = setting.companies.table["segment"].gather(company)
    middle, spread = (
        name.replace_strict({n: one[key] for n, one in segments.items()}, default=usual[key]).to_numpy()
        for key in ("wage", "spread")
    )
    level = wage_index(setting.parameters, year_of(on)) * (1 + setting.parameters["earlier"]["longer_here"])
    own = np.exp(spread * setting.draws.normal("earlier.wage", person))
    return np.asarray(middle * level * own * np.exp(setting.companies.take("premium", company)), dtype=np.float64)
