"""What the authorities decide on a request: granted, refused, withdrawn or not processed.

Belongs here: the chance of each outcome by scheme and day, drawn once for each person and turn, so that the same
person meets the same luck under any law, and what was offered where the norm was not met. Does not belong here: who
applies for what (`economy.choice`), and the rows of applications and cases (`permits`, `cases`).
"""

from __future__ import annotations

import numpy as np

from assets.standins.economy.choice import Chosen, Market
from assets.standins.economy.setting import Setting
from assets.standins.foundations.law import year_of
from assets.standins.foundations.randomness import Floats, Ints, floats

#: Share of later applications that are granted: the authorities know the person.
GRANTED_AGAIN = 0.985


def strictness(setting: Setting, kind: str, on: Ints) -> Floats:
    """Factor on refusals of a kind of request (twv, gvva, talent) by year."""
    years = {int(year): float(factor) for year, factor in setting.parameters["labour_test"]["strictness"][kind].items()}
    return floats(np.interp(year_of(on), sorted(years), [years[year] for year in sorted(years)]))


def permit_decisions(
    setting: Setting, ids: Ints, scheme: np.ndarray, filed_on: Ints, generation: int
) -> tuple[np.ndarray, Floats]:
    """The decision on each application for residence, and the draw that made it.

    Args:
        setting: assumptions and draws.
        ids: openings.
        scheme: scheme applied for.
        filed_on: day of filing.
        generation: 0 for the first application of a stay.
    """
    block = setting.parameters["permits"]
    tested = np.isin(scheme, ["gvva", "asian_catering"])
    spot = setting.draws.uniform("permit.decision", ids, generation)
    if generation:
        chance = np.full(len(scheme), GRANTED_AGAIN)
    else:
        strict = np.where(tested, strictness(setting, "gvva", filed_on), 1.0)
        talent = np.isin(scheme, ["hsm", "blue_card", "ict_eu"])
        strict = np.where(talent, strictness(setting, "talent", filed_on), strict)
        chance = 1 - (1 - np.array([block["granted"][s] for s in scheme.tolist()])) * strict
    pulled = 0.995 - np.where(tested, setting.parameters["labour_test"]["withdrawn"]["gvva"], 0.01)
    late = np.where(spot > 0.995, "not_processed", np.where(spot > pulled, "withdrawn", "refused"))
    return np.where(spot < chance, "granted", late), spot


def refused_offers(setting: Setting, ids: Ints, norm: Floats) -> Floats:
    """What was offered in applications that were refused because the norm was not met, in euro a month.

    Most offers lie a little below the norm. A few declarations show no shortfall: the service counted a lower wage,
    because part of what the form names is not paid every month or is not guaranteed.

    Args:
        setting: assumptions and draws.
        ids: applications.
        norm: the norm of each, in euro a month.
    """
    rules = setting.parameters["permits"]["refused_for_norm"]
    short = rules["mean_shortfall"] * setting.draws.exponential("permit.shortfall", ids)
    short = np.clip(short, rules["least_shortfall"], rules["largest_shortfall"])
    shown_above = setting.draws.happens("permit.shown_above", rules["shown_above"], ids)
    above = rules["most_above"] * setting.draws.uniform("permit.above", ids)
    return floats(np.where(shown_above, np.ceil(norm * (1 + above) / 10), np.floor(norm * (1 - short) / 10)) * 10)


def case_outcomes(setting: Setting, ids: Ints, filed_on: Ints) -> np.ndarray:
    """The outcome of each request for a work permit: positive, negative or withdrawn."""
    test = setting.parameters["labour_test"]
    spot = setting.draws.uniform("case.outcome", ids)
    negative = test["negative"]["twv"] * strictness(setting, "twv", filed_on)
    return np.where(
        spot < negative, "negative", np.where(spot < negative + test["withdrawn"]["twv"], "withdrawn", "positive")
    )


def admitted(setting: Setting, market: Market, chosen: Chosen, ids: Ints) -> np.ndarray:
    """Whether each choice ends in an admission: granted at the first application; a posting needs no decision.

    Args:
        setting: assumptions and draws.
        market: the routes that can be chosen.
        chosen: the choices.
        ids: the openings that they are for.
    """
    route = np.array(market.routes)[chosen.route]
    scheme_of = setting.parameters["permits"]["scheme_of"]
    result = chosen.route > 0
    asked = np.flatnonzero(np.isin(route, list(scheme_of)))
    if len(asked):
        schemes = np.array([scheme_of[name] for name in route[asked].tolist()])
        decisions, _ = permit_decisions(setting, ids[asked], schemes, chosen.filed_on[asked], 0)
        result[asked] = decisions == "granted"
    requested = np.flatnonzero(route == "twv")
    result[requested] = case_outcomes(setting, ids[requested], chosen.filed_on[requested]) == "positive"
    return result
