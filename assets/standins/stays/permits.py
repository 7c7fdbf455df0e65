"""Applications for residence and the stays that follow: decisions, extensions, changes of employer, ends.

Belongs here: everything of `ind_permits` that follows from choices, except cross-border service (`postings`) and
flows that are no alternative for an opening (`flows`). Does not belong here: the chance of a grant (`decisions`), pay
after the start (`wages`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from assets.standins.economy.choice import Chosen, Market
from assets.standins.economy.companies import NEVER
from assets.standins.economy.demand import wage_index
from assets.standins.economy.setting import Setting
from assets.standins.foundations.law import Law, year_of
from assets.standins.foundations.randomness import Floats, Ints
from assets.standins.stays.decisions import permit_decisions, refused_offers

#: One application and one later application of the same person are this far apart in numbering.
GENERATIONS = 6
_NORM_CATEGORY = {
    "hsm_reduced": "hsm_reduced",
    "blue_card": "blue_card",
    "blue_card_reduced": "blue_card_reduced",
    "ict_eu": "ict",
    "startup_staff": "startup_staff",
}
_THIRTY = 30 * 365.2425


@dataclass
class _Stay:
    """The state of every person who is still here, between two generations of applications."""

    opening: Ints
    route: np.ndarray
    company: Ints
    payer: Ints
    filed_on: Ints
    salary: Floats
    leaves_on: Ints
    kind: np.ndarray
    category: np.ndarray
    starts_on: Ints
    first_on: Ints

    def keep(self, chosen: np.ndarray) -> _Stay:
        return _Stay(**{name: value[chosen] for name, value in vars(self).items()})


def norm_categories(route: np.ndarray, on: Ints, birth: Ints) -> np.ndarray:
    """The norm category of an application by route and age on the day of filing."""
    young = on - birth < _THIRTY
    categories = np.where(young, "hsm_under_30", "hsm_30_plus").astype("<U20")
    result = np.full(len(route), "none", dtype="<U20")
    result = np.where(route == "hsm", categories, result)
    for name, category in _NORM_CATEGORY.items():
        result = np.where(route == name, category, result)
    return result


def norm_amounts(law: Law, category: np.ndarray, on: Ints) -> Floats:
    """The norm in euro a month of each category on each day; 0 where there is none."""
    result = np.zeros(len(category))
    for name in np.unique(category):
        if name != "none":
            rows = category == name
            result[rows] = np.nan_to_num(law.norm(str(name), on[rows]))
    return result


def intermediaries(setting: Setting, ids: Ints, on: Ints) -> Ints:
    """A recognised payroll firm for each id: one that is recognised on the day, if there is any."""
    pool = setting.companies.table.filter((pl.col("kind") == "intermediary") & pl.col("ever_recognised"))
    who, start, end = (pool[c].to_numpy() for c in ("company", "recognised_on", "recognition_ended_on"))
    place = setting.draws.integer("permit.intermediary", 0, len(who) - 1, ids)
    for step in range(len(who)):
        closed = (start[place] > on) | (end[place] <= on)
        if not closed.any() or step > 40:
            break
        place = np.where(closed, (place + 1) % len(who), place)
    return who[place]


def make_permits(
    setting: Setting,
    openings: pl.DataFrame,
    market: Market,
    chosen: Chosen,
    only: Collection[str] | None = None,
) -> pl.DataFrame:
    """One row per application, with its outcome and the spell of work that it allows; of some routes `only`, if given.

    Columns: application, person, opening, company (where the work is), sponsor (-1: none), route, scheme,
    application_kind, received_on, decided_on, decision, refusal_ground, valid_from, valid_until, ended_on (NEVER),
    end_reason, category, salary, hours, degree_on, isco, work_from, work_until (of granted
    applications, else -1), settled_until (last day of work after the permit for who stays for good, else -1), norm (by
    law, 0: none).
    """
    block = setting.parameters["permits"]
    routes = np.array(market.routes)[chosen.route]
    mine = np.flatnonzero(np.isin(routes, list(only or block["scheme_of"])))
    birth = openings["birth"].to_numpy()[mine]
    route, filed, ids = routes[mine], chosen.filed_on[mine], openings["opening"].to_numpy()[mine]
    company = openings["company"].to_numpy()[mine]
    own = chosen.own_recognition[mine] | ~np.isin(route, ["hsm", "hsm_reduced", "hsm_no_norm", "researcher_801"])
    payer = np.where(own, company, intermediaries(setting, ids, filed))
    payer = np.where(np.isin(route, ["self_employed", "startup"]), -1, payer)
    mean_stay = np.array([block["mean_stay_days"][block["scheme_of"][r]] for r in route.tolist()])
    here = setting.draws.happens("permit.here", setting.parameters["persons"]["bsn_before_application"], ids)
    stay = _Stay(
        opening=mine,
        route=route,
        company=company,
        payer=payer,
        filed_on=filed,
        salary=chosen.salary[mine],
        leaves_on=filed + 30 + (mean_stay * setting.draws.exponential("permit.stay", ids)).astype(np.int64),
        kind=np.where(here, "change_of_purpose", "first"),
        category=norm_categories(route, filed, birth),
        starts_on=filed,
        first_on=filed,
    )
    found = []
    for generation in range(GENERATIONS):
        rows, stay = _generation(setting, openings, stay, generation)
        found.append(rows)
        if not len(stay.opening):
            break
    permits = pl.concat(found).sort("received_on", "person")
    # By law the norm is that of the day of filing, and at a change of employer that of the start of the contract.
    change = pl.col("application_kind") == "change_of_employer"
    norm_on = permits.select(pl.when(change).then("valid_from").otherwise("received_on")).to_series().to_numpy()
    norm = norm_amounts(setting.law, permits["category"].to_numpy(), norm_on)
    number = pl.col("person") * (GENERATIONS + 1) + pl.col("generation")
    return _refused_for_norm(setting, permits.with_columns(pl.Series("norm", norm), number.alias("application")))


def _refused_for_norm(setting: Setting, permits: pl.DataFrame) -> pl.DataFrame:
    """The same applications; those refused for the norm offered less; where there is none it is no ground."""
    if not len(permits):
        return permits
    rows = np.flatnonzero((permits["refusal_ground"] == "norm_not_met").to_numpy())
    some = permits[rows.tolist()]
    on_filing = norm_amounts(setting.law, some["category"].to_numpy(), some["received_on"].to_numpy())
    norm = np.minimum(on_filing, some["norm"].to_numpy())
    salary, ground = permits["salary"].to_numpy().copy(), permits["refusal_ground"].to_numpy().copy()
    salary[rows] = np.where(norm > 0, refused_offers(setting, some["application"].to_numpy(), norm), salary[rows])
    ground[rows[norm == 0]] = "other"
    return permits.with_columns(salary=pl.Series(salary), refusal_ground=pl.Series(ground, dtype=pl.String))


def turns_of(setting: Setting, openings: pl.DataFrame, market: Market, chosen: Chosen, event: str) -> pl.DataFrame:
    """What an event that ends extensions did: the same people applying again with and without it.

    Returns:
        One row per person, at the first application that differs: `route_without`, `route_with` (`none`: does not
        apply), `on_without`, `on_with` (day of filing), `admitted_without`, `admitted_with` (granted).
    """
    ending = list(setting.law.events[event].get("ends", {}))
    found = []
    for law, name in ((setting.law.without(event), "without"), (setting.law, "with")):
        made = make_permits(replace(setting, law=law), openings, market, chosen, ending or ["none"])
        route = pl.when(pl.col("route") == "hsm").then("category").otherwise("route")
        granted = (pl.col("decision") == "granted").alias(f"admitted_{name}")
        days = pl.col("received_on").alias(f"on_{name}")
        found.append(made.select("person", "generation", route.alias(f"route_{name}"), days, granted))
    both = found[0].join(found[1], on=["person", "generation"], how="full", coalesce=True)
    return (
        both.with_columns(
            pl.col("route_without", "route_with").fill_null("none"),
            pl.col("admitted_without", "admitted_with").fill_null(value=False),
            on_without=pl.coalesce("on_without", "on_with"),
            on_with=pl.coalesce("on_with", "on_without"),
        )
        .filter(pl.col("route_without") != pl.col("route_with"))
        .sort("person", "generation")
        .unique("person", keep="first", maintain_order=True)
        .select("route_without", "route_with", "on_without", "on_with", "admitted_without", "admitted_with")
    )


def _generation(
    setting: Setting,
    openings: pl.DataFrame,
    stay: _Stay,
    generation: int,
) -> tuple[pl.DataFrame, _Stay]:
    """The applications of one generation and the stays that go on to a next one."""
    block = setting.parameters["permits"]
    ids = openings["opening"].to_numpy()[stay.opening]
    scheme = np.array([block["scheme_of"][r] for r in stay.route.tolist()])
    days = np.array([block["days_to_decide"][s] for s in scheme.tolist()])
    wait = 1 + (days * (0.4 + 0.6 * setting.draws.exponential("permit.wait", ids, generation))).astype(np.int64)
    decided = stay.filed_on + np.minimum(wait, 300)
    decision, spot = permit_decisions(setting, ids, scheme, stay.filed_on, generation)
    granted = decision == "granted"
    ground = _grounds(setting, ids, generation, scheme)
    months = openings["contract_months"].to_numpy()[stay.opening]
    months = _terms(setting, scheme, stay.filed_on, months)
    valid_from = decided + np.where(generation == 0, setting.draws.integer("permit.travel", 0, 25, ids), 1)
    valid_until = valid_from + (months * 30.44).astype(np.int64)
    change_after = (block["change_employer_days"] * setting.draws.exponential("permit.change", ids, generation)).astype(
        np.int64
    )
    movable = np.isin(scheme, ["hsm", "blue_card", "gvva", "researcher_801"])
    changes = movable & (valid_from + 180 + change_after < np.minimum(valid_until, stay.leaves_on)) & granted
    changes_on = valid_from + 180 + change_after
    leaves = granted & ~changes & (stay.leaves_on < valid_until)
    ended = np.where(changes, changes_on, np.where(leaves, np.maximum(stay.leaves_on, valid_from + 20), NEVER))
    reason = np.where(changes, "converted", np.where(spot * 97 % 1 < 0.7, "notified_end", "left_country"))
    work_from, work_until = _work(
        setting,
        ids=ids,
        generation=generation,
        stay=stay,
        start=valid_from,
        end=np.minimum(valid_until, ended - 1),
        granted=granted,
    )
    # Who has been here for five years may stay for good: no application follows, the work goes on.
    extends_on = valid_until - block["extension_before_end_days"]
    settles = granted & ~changes & ~leaves & (stay.payer >= 0) & (extends_on - stay.first_on >= block["settle_days"])
    more = (block["settled_days"] * setting.draws.exponential("permit.settled", ids)).astype(np.int64)
    settled_until = np.where(settles, stay.leaves_on + more, -1)
    rows = pl.DataFrame(
        {
            "person": openings["person"].to_numpy()[stay.opening],
            "opening": stay.opening,
            "generation": generation,
            "company": stay.company,
            "sponsor": stay.payer,
            "route": stay.route,
            "scheme": scheme,
            "application_kind": stay.kind,
            "received_on": stay.filed_on,
            "decided_on": decided,
            "decision": decision,
            "refusal_ground": np.where(decision == "refused", ground, ""),
            "valid_from": valid_from,
            "valid_until": valid_until,
            "ended_on": ended,
            "end_reason": np.where(ended < NEVER, reason, ""),
            "category": stay.category,
            "salary": np.round(stay.salary, 2),
            "hours": openings["hours"].to_numpy()[stay.opening],
            "degree_on": openings["degree_on"].to_numpy()[stay.opening],
            "isco": openings["isco"].to_numpy()[stay.opening],
            "work_from": work_from,
            "work_until": work_until,
            "settled_until": settled_until,
        },
        schema_overrides={"generation": pl.Int64},
    )
    goes_on = granted & ~settles & (changes | (~leaves & np.isin(scheme, list(block["mean_stay_days"]))))
    following = _next(
        setting, openings, stay, generation=generation, changes=changes, changes_on=changes_on, valid_until=valid_until
    )
    return rows, following.keep(goes_on & (following.salary > 0))


def _terms(setting: Setting, scheme: np.ndarray, on: Ints, months: Ints) -> Ints:
    """Months of each permit: as the contract, or as long as the law of the day allows."""
    result = months.copy()
    for name, first in setting.parameters["permits"]["terms_months"].items():
        mine = scheme == name
        changed = setting.law.terms.get(name)
        longest = np.full(int(mine.sum()), float(first))
        if changed:
            later = changed.on(on[mine])
            longest = np.where(np.isnan(later), longest, later)
        result[mine] = longest.astype(np.int64)
    return result


def _grounds(setting: Setting, ids: Ints, generation: int, scheme: np.ndarray) -> np.ndarray:
    normed = np.array(
        ["norm_not_met", "not_market_conform", "sponsor_not_recognised", "incomplete", "public_order", "other"]
    )
    tested = np.array(["priority_supply", "negative_advice", "not_market_conform", "incomplete", "other"])
    first = normed[setting.draws.pick("permit.ground", [0.35, 0.1, 0.1, 0.3, 0.05, 0.1], ids, generation)]
    second = tested[setting.draws.pick("permit.ground2", [0.4, 0.35, 0.05, 0.15, 0.05], ids, generation)]
    return np.where(np.isin(scheme, ["gvva", "asian_catering"]), second, first)


def _work(
    setting: Setting,
    *,
    ids: Ints,
    generation: int,
    stay: _Stay,
    start: Ints,
    end: Ints,
    granted: np.ndarray,
) -> tuple[Ints, Ints]:
    """First and last day of work under a granted permit; -1 where there is no employment."""
    lag = setting.draws.integer("work.lag", 0, 24, ids)
    late = setting.draws.happens("work.late", setting.parameters["permits"]["late_arrival"], ids)
    lag = np.where(late, setting.draws.integer("work.late_days", 60, 108, ids), lag)
    first = start + (lag if generation == 0 else 0)
    paid = granted & (stay.payer >= 0) & (first <= end)
    return np.where(paid, first, -1), np.where(paid, end, -1)


def _next(
    setting: Setting,
    openings: pl.DataFrame,
    stay: _Stay,
    *,
    generation: int,
    changes: np.ndarray,
    changes_on: Ints,
    valid_until: Ints,
) -> _Stay:
    """The application that follows: by a new employer, or an extension; salary 0 means that none follows."""
    block = setting.parameters["permits"]
    ids = openings["opening"].to_numpy()[stay.opening]
    filed = np.where(changes, changes_on - 16, valid_until - block["extension_before_end_days"])
    filed = np.maximum(filed, stay.filed_on + 60)
    low, high = setting.parameters["pay"]["raise_share"]
    share = low + (high - low) * setting.draws.uniform("pay.raise", stay.payer + 1)
    growth = wage_index(setting.parameters, year_of(filed)) / wage_index(setting.parameters, year_of(stay.filed_on))
    wage = stay.salary * (1 + share * (growth - 1)) * np.where(changes, 1.04, 1.0)
    birth = openings["birth"].to_numpy()[stay.opening]
    route = np.where(np.isin(stay.route, ["startup"]), "self_employed", stay.route).astype("<U24")
    for ending, (since, follows) in setting.law.ends.items():
        route[(route == ending) & (filed >= since) & ~changes] = follows
    turned = (route != stay.route) & (stay.route != "startup")
    category = np.where(changes | turned, norm_categories(route, filed, birth), stay.category)
    starts = np.where(changes, filed + 120, filed)
    norm = np.maximum(norm_amounts(setting.law, category, filed), norm_amounts(setting.law, category, starts))
    too_far = wage < norm * (1 - block["largest_lift_at_extension"])
    company = np.where(changes, _other_company(setting, openings, stay, generation, filed), stay.company)
    own = (setting.companies.take("recognised_on", company) <= filed) & (
        setting.companies.take("recognition_ended_on", company) > filed
    )
    needs = np.isin(stay.route, ["hsm", "hsm_reduced", "hsm_no_norm", "researcher_801"])
    new_payer = np.where(own | ~needs, company, intermediaries(setting, ids + generation, filed))
    # Without the scheme the labour market is tested: a part of those whose scheme has ended can stay.
    refused = turned & (route == "gvva") & ~setting.draws.happens("permit.turned", block["turned_to_gvva"], ids)
    refused |= turned & (route == "hsm") & ~own
    closed = (setting.companies.take("ended_on", np.maximum(stay.payer, 0)) < filed) & (stay.payer >= 0) & ~changes
    return _Stay(
        opening=stay.opening,
        route=route,
        company=company,
        payer=np.where(changes & (stay.payer >= 0), new_payer, stay.payer),
        filed_on=filed,
        salary=np.where(
            too_far | closed | refused | np.isin(route, ["asian_catering", "ict_eu"]) & (generation > 1),
            0.0,
            np.maximum(wage, norm),
        ),
        leaves_on=stay.leaves_on,
        kind=np.where(changes, "change_of_employer", np.where(turned, "change_of_purpose", "extension")),
        category=category,
        starts_on=filed,
        first_on=stay.first_on,
    )


def _other_company(setting: Setting, openings: pl.DataFrame, stay: _Stay, generation: int, on: Ints) -> Ints:
    """Another company that wanted the same work shortly before: the market's own mix of employers."""
    ids = openings["opening"].to_numpy()[stay.opening]
    segment, wanted, company = (openings[c].to_numpy() for c in ("segment", "wanted_on", "company"))
    clock = segment * 100_000 + wanted
    order = np.argsort(clock, kind="stable")
    mine = segment[stay.opening]
    newest = np.searchsorted(clock[order], mine * 100_000 + on)
    oldest = np.searchsorted(clock[order], np.maximum(mine * 100_000, mine * 100_000 + on - 730))
    spot = setting.draws.uniform("permit.new_company", ids, generation)
    place = np.minimum(oldest + (spot * (newest - oldest)).astype(np.int64), len(order) - 1)
    pick = company[order[place]]
    closed = setting.companies.take("ended_on", pick) <= stay.leaves_on
    return np.where((newest > oldest) & ~closed, pick, company[stay.opening])
