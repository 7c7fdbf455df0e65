"""The first lines of a brief: what a reader who stops there must know.

Belongs here: at most five sentences, each quoting a table further down. Does not belong here: any figure that the
sections do not show.
"""

from __future__ import annotations

import polars as pl
from markupsafe import Markup

from reports import displacement, flows, indicators, register, volumes
from reports.facts import Facts
from reports.texts import lookup, name_of, say
from reports.words import day_words, year_words


def sentences(facts: Facts) -> list[tuple[Markup, bool]]:
    """The sentences, each with whether it rests on simulated data."""
    found = [_register(facts), _volumes(facts), _flows(facts), _indicator(facts), _displacement(facts)]
    said = [sentence for sentence in found if sentence is not None]
    return said or [(say("short.nothing"), False)]


def _register(facts: Facts) -> tuple[Markup, bool] | None:
    sizes, moves = register.size_table(facts), register.movement_table(facts)
    if not sizes.rows:
        return None
    last = sizes.keys[-1]
    words = {"datum": day_words(last), "aantal": sizes.quote(last, "organisations")}
    is_stand_in = facts.is_simulated(register.FEED)
    if not moves.rows or moves.keys[-1] != last:
        return say("short.register_only", **words), is_stand_in
    start = facts.register_movements.filter(pl.col("snapshot_until") == last)["snapshot_from"][0]
    moved = {"erbij": moves.quote(last, "entered"), "eraf": moves.quote(last, "left_register")}
    return say("short.register", vorige=day_words(start), **words, **moved), is_stand_in


def _volumes(facts: Facts) -> tuple[Markup, bool] | None:
    view = volumes.volume_table(facts)
    for key, words in lookup("names.series_prose").items():
        name = name_of("names.series", key)
        years = [year for series, year in view.keys if series == name]
        if len(years) < 2:
            continue
        sentence = say(
            "short.volumes",
            jaar=year_words(years[-1]),
            aantal=view.quote((name, years[-1]), "value"),
            wat=words,
            eerder=year_words(years[-2]),
            toen=view.quote((name, years[-2]), "value"),
        )
        return sentence, facts.is_simulated(volumes.FEED)
    return None


def _flows(facts: Facts) -> tuple[Markup, bool] | None:
    view = flows.year_table(facts)
    newest = flows.largest_route(view)
    if newest is None:
        return None
    route, column = newest
    is_stand_in = bool(facts.flows["stand_in"].any())
    sentence = say(
        "short.flows" if is_stand_in else "short.flows_real",
        jaar=year_words(column[1:]),
        aantal=view.quote("total", column),
        route=view.cell(route, "name").text,
        grootste=view.quote(route, column),
    )
    return sentence, is_stand_in


def _indicator(facts: Facts) -> tuple[Markup, bool] | None:
    view = indicators.all_table(facts)
    shown = [k for k in view.keys if view.cell(k, "value").raw is not None and view.cell(k, "lo95").raw is not None]
    if not shown:
        return None
    key = shown[0]
    sentence = say(
        "short.indicator",
        naam=view.cell(key, "name_nl").text,
        aandeel=view.quote(key, "value"),
        laag=view.quote(key, "lo95"),
        hoog=view.quote(key, "hi95"),
    )
    return sentence, bool(facts.indicators["stand_in"].any())


def _displacement(facts: Facts) -> tuple[Markup, bool] | None:
    rows = displacement.told(facts)
    if not facts.displacement.height:
        return None
    is_stand_in = bool(facts.displacement["stand_in"].any())
    row = rows[0] if rows else None
    if row is None or row["gain_lo95"] is None:
        return say("short.no_displacement"), is_stand_in
    view = displacement.displacement_table(facts)
    key = (row["event_id"], row["restricted_route"], row["destination_route"])
    verdict = row["verdict"] if row["verdict"] in ("displacement", "none_detected") else "otherwise"
    sentence = say(
        f"short.displacement.{verdict}",
        route=row["restricted_route_nl"],
        datum=day_words(row["event_on"]),
        maanden=view.quote(key, "months_after"),
        winst=view.quote(key, "gain"),
        laag=view.quote(key, "gain_lo95"),
        hoog=view.quote(key, "gain_hi95"),
    )
    return sentence, is_stand_in
