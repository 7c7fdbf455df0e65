"""By which route an employer brings in a candidate: a logit over the routes that the law of the day leaves open.

Belongs here: eligibility, attraction, the lift of an offer to a norm, the rush before a change and the delay after
it. The same function runs with one event taken out of the law; all draws stay the same, so the difference between
the two runs is what the event did. Does not belong here: what the authorities decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER
from assets.standins.economy.setting import Setting
from assets.standins.foundations.law import Law, month_of
from assets.standins.foundations.randomness import Draws, Floats, Ints, ints

#: Norm categories that decide each route; `hsm` depends on age and stands apart.
_NORM_OF: Mapping[str, str] = {
    "hsm_reduced": "hsm_reduced",
    "blue_card": "blue_card",
    "blue_card_reduced": "blue_card_reduced",
    "ict_eu": "ict",
    "startup_staff": "startup_staff",
}
#: Routes that need a recognised sponsor.
_RECOGNISED = ("hsm", "hsm_reduced", "hsm_no_norm", "researcher_801")
_THIRTY = 30 * 365.2425


@dataclass(frozen=True)
class Chosen:
    """What employers chose, one entry per opening.

    Attributes:
        route: position in `choice.routes`.
        filed_on: day on which the application (or notification) is made.
        salary: agreed wage, lifted to the norm where the norm was just above the offer.
        own_recognition: False where a recognised intermediary acts as sponsor.
    """

    route: Ints
    filed_on: Ints
    salary: Floats
    own_recognition: np.ndarray

    def of(self, positions: Ints) -> Chosen:
        """The choices at some positions."""
        return Chosen(*(values[positions] for values in vars(self).values()))


class Market:
    """The employers' choice, with everything that does not depend on the law worked out once."""

    def __init__(self, setting: Setting, openings: pl.DataFrame) -> None:
        draws, companies, block = setting.draws, setting.companies, setting.parameters["choice"]
        self.block, self.routes = block, list(block["routes"])
        self.nobody_diverts = bool(setting.parameters["reaction"]["nobody_diverts"])
        self.no_law = setting.law.nothing()
        self.ids = openings["opening"].to_numpy()
        self.wanted_on = openings["wanted_on"].to_numpy()
        self.wage = openings["wage"].to_numpy()
        self.birth = openings["birth"].to_numpy()
        self.degree_on = openings["degree_on"].to_numpy()
        self.transfer = openings["transfer"].to_numpy()
        company = openings["company"].to_numpy()
        self.free_from = _free_from(setting, openings)
        self.recognised_on = companies.take("recognised_on", company)
        self.recognition_end = companies.take("recognition_ended_on", company)
        self.rush = draws.happens("choice.rush", block["rush_share"], self.ids)
        self.eager = draws.uniform("choice.eager", self.ids)
        self.rush_day = draws.integer("choice.rush_day", 3, 60, self.ids)
        self.delay = np.stack([self._delays(draws, route) for route in self.routes], axis=1)
        kinds = openings["kind"].to_list()
        table = np.array([[block["attraction"][k][r] for r in self.routes] for k in block["attraction"]])
        order = {kind: place for place, kind in enumerate(block["attraction"])}
        base = table[np.array([order[k] for k in kinds])]
        columns = np.arange(len(self.routes))
        habit = block["habit"] * draws.normal("choice.habit", company[:, None], columns[None, :])
        habit[:, 0] = 0.0
        noise = block["noise"] * draws.gumbel("choice.noise", self.ids[:, None], columns[None, :])
        self.base = np.where(base > -8.9, base + habit + noise, -np.inf)

    def _delays(self, draws: Draws, route: str) -> Ints:
        mean = self.block["delay_months"].get(route, self.block["delay_months"]["other"])
        ids = self.ids
        months = mean / 2 * (draws.exponential(f"delay.{route}.a", ids) + draws.exponential(f"delay.{route}.b", ids))
        return ints(np.minimum(months * 30.4, 540))

    def _norms(self, law: Law, rows: Ints, on: Ints) -> Floats:
        """Norm of each route on the day, 0 where there is none, NaN where the route's norm does not exist."""
        norms = np.zeros((len(rows), len(self.routes)))
        young = on - self.birth[rows] < _THIRTY
        norms[:, self.routes.index("hsm")] = np.where(young, law.norm("hsm_under_30", on), law.norm("hsm_30_plus", on))
        for route, category in _NORM_OF.items():
            norms[:, self.routes.index(route)] = law.norm(category, on)
        return norms

    def utilities(self, law: Law, rows: Ints, on: Ints) -> tuple[Floats, Floats]:
        """Utility of each route for the given openings on the given days, and the norm of each route."""
        value = self.base[rows].copy()
        norms = self._norms(law, rows, on)
        lift = np.maximum(np.log(np.where(norms > 0, norms, 1.0)) - np.log(self.wage[rows])[:, None], 0.0)
        value -= self.block["cost_of_lift"] * np.where(norms > 0, lift, 0.0)
        too_far = np.isnan(norms) | ((norms > 0) & (lift > np.log1p(self.block["largest_lift"])))
        value[too_far] = -np.inf
        own = (self.recognised_on[rows] <= on) & (on < self.recognition_end[rows])
        for route, known in self.block["acquaintance"].items():
            years = sorted(int(year) for year in known)
            shift = np.interp(on / 365.2425 + 1970, np.array(years) + 0.5, [known[year] for year in years])
            value[:, self.routes.index(route)] += shift
        for place, route in enumerate(self.routes):
            value[:, place] += law.cost(route, on)
            value[law.is_open(route, on) < 0.5, place] = -np.inf
            if route in _RECOGNISED:
                value[~own, place] += self.block["without_recognition"]
        recent = (self.degree_on[rows] >= 0) & (on - self.degree_on[rows] <= law.window.on(on))
        for route in ("hsm_reduced", "blue_card_reduced"):
            value[~recent, self.routes.index(route)] = -np.inf
        self._transfers(law, value, rows, on)
        value[self.free_from[rows] <= on, 1:] = -np.inf  # who may work freely needs no route
        return value, norms

    def _transfers(self, law: Law, value: Floats, rows: Ints, on: Ints) -> None:
        """Transfers within a group come as ICT once that permit exists, before that as knowledge migrants."""
        moved = self.transfer[rows]
        ict, hsm = self.routes.index("ict_eu"), self.routes.index("hsm")
        value[~moved, ict] = -np.inf
        under_directive = moved & (law.is_open("ict_eu", on) > 0.5)
        others = np.ones(len(self.routes), dtype=bool)
        others[[0, ict]] = False
        value[np.ix_(under_directive, others)] = -np.inf
        before = moved & ~under_directive
        others[hsm] = False
        value[np.ix_(before, others)] = -np.inf

    def choose(self, law: Law, rows: Ints | None = None) -> Chosen:
        """The route, day and salary of each opening under a law; `rows` restricts it to some openings."""
        rows = np.arange(len(self.ids)) if rows is None else rows
        filed = self._brought_forward(law, rows)
        value, norms = self.utilities(law, rows, filed)
        route = value.argmax(axis=1)
        if self.nobody_diverts:
            route = self._first_or_nothing(value, rows)
        filed = self._delayed(law, rows, filed, route, value)
        salary = np.maximum(self.wage[rows], np.nan_to_num(norms[np.arange(len(rows)), route]))
        own = (self.recognised_on[rows] <= filed) & (filed < self.recognition_end[rows])
        return Chosen(route, filed, salary, own)

    def _brought_forward(self, law: Law, rows: Ints) -> Ints:
        """Days of filing: employers in the know file before a change when the old law serves them better."""
        filed = self._hastened(law, rows)
        for event, acts in law.events.items():
            if not (acts.get("norms") or acts.get("closes")):
                continue
            start = law.dates[event]
            near = (filed >= start) & (filed < start + self.block["rush_days"]) & self.rush[rows]
            some = np.flatnonzero(near)
            if not len(some):
                continue
            early = start - self.rush_day[rows[some]]
            late_value, _ = self.utilities(law, rows[some], filed[some])
            early_value, _ = self.utilities(law, rows[some], early)
            better = early_value.max(axis=1) > late_value.max(axis=1) + 0.05
            filed[some[better]] = early[better]
        return filed

    def _hastened(self, law: Law, rows: Ints) -> Ints:
        """Days of filing after announcements: some who would come by a route that is to be tightened come earlier."""
        filed = self.wanted_on[rows].copy()
        for event, acts in law.events.items():
            for route, share in acts.get("hastens", {}).items():
                start = law.dates[event]
                near = (filed > start + 14) & (filed < start + self.block["hastened_days"]) & (self.eager[rows] < share)
                some = np.flatnonzero(near)
                if len(some):
                    value, _ = self.utilities(law, rows[some], filed[some])
                    some = some[value.argmax(axis=1) == self.routes.index(route)]
                    filed[some] = np.maximum(filed[some] - self.rush_day[rows[some]], start + 3)
        return filed

    def _first_or_nothing(self, value: Floats, rows: Ints) -> Ints:
        """The route that comes first whatever the law, if the law makes it better than staying away; else none."""
        free, _ = self.utilities(self.no_law, rows, self.wanted_on[rows])
        first = free.argmax(axis=1)
        kept = value[np.arange(len(rows)), first] > value[:, 0]
        return ints(np.where(kept, first, 0))

    def _delayed(self, law: Law, rows: Ints, filed: Ints, route: Ints, value: Floats) -> Ints:
        """Days of filing after a detour: who would have come otherwise under last year's law needs time to turn."""
        last_year = filed - 365
        usual, _ = self.utilities(law, rows, last_year)
        first = usual.argmax(axis=1)
        barred = np.isneginf(value[np.arange(len(rows)), first]) & (first != route) & (route > 0) & (first > 0)
        return np.where(barred, filed + self.delay[rows, route], filed)

    def reported_route(self, chosen: Chosen, rows: Ints | None = None) -> np.ndarray:
        """The route names of the study: hsm split by age on the day of filing."""
        rows = np.arange(len(self.ids)) if rows is None else rows
        names = np.array(self.routes, dtype="<U24")[chosen.route]
        # Where nobody diverts, an application that is brought forward past a birthday is no other route.
        on = self.wanted_on[rows] if self.nobody_diverts else chosen.filed_on
        young = on - self.birth[rows] < _THIRTY
        return np.where(names == "hsm", np.where(young, "hsm_under_30", "hsm_30_plus"), names)


def _free_from(setting: Setting, openings: pl.DataFrame) -> Ints:
    """From which day on each candidate may work without a permit, by nationality: moves of a population."""
    nationality, ids = openings["nationality"].to_numpy(), openings["opening"].to_numpy()
    result = np.full(len(ids), NEVER, dtype=np.int64)
    for event, acts in setting.law.events.items():
        for country, share in acts.get("frees", {}).items():
            free = setting.draws.happens(f"choice.free.{country}", share, ids) & (nationality == country)
            result[free] = setting.law.dates[event]
    return result


def window(openings_on: Ints, event_on: int, months: int = 37) -> Ints:
    """Positions of the openings whose choice an event can touch."""
    return np.flatnonzero(
        (openings_on >= event_on - 31) & (month_of(openings_on) <= month_of(np.array([event_on]))[0] + months)
    )
