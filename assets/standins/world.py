"""One simulated world: what is true, before any supplier looks at it.

Belongs here: the order in which the components are worked out, and the truth that misuse and look-alikes leave.
Does not belong here: the components themselves, and deliveries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from assets.standins import people
from assets.standins.economy import foreign
from assets.standins.economy.choice import Chosen, Market
from assets.standins.economy.companies import Companies, make_companies
from assets.standins.economy.demand import make_openings
from assets.standins.economy.setting import Setting
from assets.standins.foundations.law import Law, read_law
from assets.standins.foundations.parameters import Parameters
from assets.standins.foundations.randomness import Draws, Ints
from assets.standins.posting import a1, postings
from assets.standins.stays import cases, earlier, flows, permits, spells, wages

PLANTED: dict[str, Any] = {
    "indicator": pl.String,
    "subject_type": pl.String,
    "subject_id": pl.String,
    "related_ids": pl.List(pl.String),
    "period_start": pl.Date,
    "period_end": pl.Date,
    "strength": pl.Float64,
}
LOOK_ALIKES: dict[str, Any] = {
    "indicator": pl.String,
    "look_alike": pl.String,
    "subject_type": pl.String,
    "subject_id": pl.String,
    "related_ids": pl.List(pl.String),
}


@dataclass
class World:
    """Everything that is true. Misuse and look-alikes change it in place before the suppliers look."""

    setting: Setting
    until: int
    openings: pl.DataFrame
    market: Market
    chosen: Chosen
    permits: pl.DataFrame
    settled: pl.DataFrame
    flows: pl.DataFrame
    cases: pl.DataFrame
    rvo: pl.DataFrame
    stays: pl.DataFrame
    spells: pl.DataFrame
    people: pl.DataFrame = field(default_factory=pl.DataFrame)
    leave: pl.DataFrame = field(default_factory=pl.DataFrame)
    notices: pl.DataFrame = field(default_factory=pl.DataFrame)
    a1s: pl.DataFrame = field(default_factory=pl.DataFrame)
    sightings: pl.DataFrame = field(default_factory=pl.DataFrame)
    planted: list[pl.DataFrame] = field(default_factory=list)
    look_alikes: list[pl.DataFrame] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    late_notices: set[int] = field(default_factory=set)
    firms: set[int] = field(default_factory=set)
    extra: int = 0

    @property
    def parameters(self) -> Parameters:
        """The assumptions."""
        return self.setting.parameters

    @property
    def draws(self) -> Draws:
        """Every random quantity."""
        return self.setting.draws

    @property
    def law(self) -> Law:
        """What held on each date."""
        return self.setting.law

    @property
    def companies(self) -> Companies:
        """The Dutch entities."""
        return self.setting.companies

    @property
    def employers(self) -> foreign.ForeignEmployers:
        """The foreign posting employers."""
        return self.setting.employers

    def plant(self, frame: pl.DataFrame) -> None:
        """Keep the truth of some planted misuse: columns of PLANTED, days as numbers."""
        days = [pl.col(c).cast(pl.Int32).cast(pl.Date) for c in ("period_start", "period_end")]
        self.planted.append(frame.with_columns(days).select([pl.col(n).cast(t) for n, t in PLANTED.items()]))

    def hide_until(self, indicator: str, days: Ints) -> None:
        """Say from which day on the rows planted last can be known; until then they are no part of the truth."""
        rows = self.planted[-1]
        if len(rows) != len(days) or (len(rows) and rows["indicator"][0] != indicator):
            raise ValueError(f"the days do not belong to the rows of {indicator} that were planted last")
        self.planted[-1] = rows.with_columns(visible_on=pl.Series(days).cast(pl.Int32).cast(pl.Date))

    def resemble(self, frame: pl.DataFrame) -> None:
        """Keep the truth of some look-alikes: columns of LOOK_ALIKES."""
        self.look_alikes.append(frame.select([pl.col(n).cast(t) for n, t in LOOK_ALIKES.items()]))


def make_setting(parameters: Parameters, draws: Draws) -> Setting:
    """The stage of a world: law and firms."""
    return Setting(
        parameters=parameters,
        draws=draws,
        law=read_law(parameters["events"]),
        companies=make_companies(parameters, draws),
        employers=foreign.make_foreign_employers(parameters, draws),
    )


def make_base(setting: Setting, until: int) -> World:
    """The world without misuse, up to the day `until`, before leave, notices, certificates and sightings."""
    openings = make_openings(setting, until)
    market = Market(setting, openings)
    chosen = market.choose(setting.law)
    table = permits.make_permits(setting, openings, market, chosen)
    other = flows.make_flows(setting, until)
    requests = cases.make_cases(setting, permits=table, flows=other, openings=openings, market=market, chosen=chosen)
    before = earlier.make_earlier(setting)
    work = [
        before.spells,
        spells.spells_of_permits(setting, table),
        spells.spells_of_settled(table, setting.companies),
        spells.spells_of_cases(requests),
        flows.spells_of_flows(setting, other),
    ]
    settled = table.filter(pl.col("settled_until") >= 0).select("person", "scheme", "work_until", "settled_until")
    dutch = earlier.naturalised_on(setting, settled["person"].to_numpy(), settled["work_until"].to_numpy())
    settled = pl.concat([settled.with_columns(pl.Series("naturalised_on", dutch)), before.settled])
    table = table.drop("settled_until")
    # Before the single permit UWV decided by itself: the immigration service had no application for such work.
    own = (pl.col("scheme") == "gvva") & (pl.col("received_on") < setting.law.dates["2014-gvva"])
    table = table.filter(~own)
    ordinary = postings.make_stays(setting, until)
    hired = postings.stays_of_openings(setting, openings, market, chosen)
    return World(
        setting=setting,
        until=until,
        openings=openings,
        market=market,
        chosen=chosen,
        permits=table,
        flows=other,
        cases=requests,
        settled=settled,
        rvo=cases.make_rvo(setting.draws, table),
        stays=pl.concat([ordinary, hired]).filter(pl.col("starts_on") <= until),
        spells=pl.concat(work),
    )


def complete(world: World) -> None:
    """What follows from everything else, misuse included: leave, notices, certificates, sightings, persons."""
    setting = world.setting
    for table, key in ((world.permits, "application"), (world.stays, "stay"), (world.cases, "case")):
        if not table[key].is_unique().all():
            raise ValueError(f"planting has doubled rows: {key} is no longer unique")
    world.leave = wages.leave_spells(setting, world.spells)
    made = cases.make_notices(setting, world.permits, world.leave, world.late_notices)
    world.notices = pl.concat([made, world.notices]) if len(world.notices) else made
    certificates = a1.make_a1(setting, world.stays)
    world.a1s = pl.concat([certificates, world.a1s]) if len(world.a1s) else certificates
    seen = a1.make_sightings(setting, world.stays, world.until)
    world.sightings = pl.concat([seen, world.sightings], how="diagonal") if len(world.sightings) else seen
    world.people = people.everyone(setting, world.openings, world.flows, world.stays)


def id_list(*texts: pl.Series) -> pl.Series:
    """Lists of `type:id` from parallel columns of texts; empty texts are left out."""
    frame = pl.DataFrame({str(place): text for place, text in enumerate(texts)})
    return frame.select(pl.concat_list(pl.all()).list.eval(pl.element().filter(pl.element() != "")).alias("ids"))["ids"]


def prefixed(kind: str, ids: pl.Series) -> pl.Series:
    """`kind:id` for each id; empty where the id is missing or empty."""
    frame = pl.DataFrame({"id": ids.cast(pl.String)})
    known = pl.col("id").is_not_null() & (pl.col("id") != "")
    return frame.select(pl.when(known).then(pl.lit(f"{kind}:") + pl.col("id")).otherwise(pl.lit(""))).to_series()


def some(draws: Draws, what: str, candidates: pl.DataFrame, number: int, key: str) -> pl.DataFrame:
    """So many of the candidates, those with the lowest draw; the order of the candidates does not matter."""
    luck = pl.Series("luck", draws.uniform(what, candidates[key].to_numpy().astype(np.int64)))
    return candidates.with_columns(luck).sort("luck", key).head(max(number, 0)).drop("luck").sort(key)
