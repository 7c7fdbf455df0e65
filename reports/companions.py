"""What stands beside the estimates of displacement: placebos, sensitivity, other designs, real series.

Belongs here: which answers are shown beside which finding, and in what words. Does not belong here: the estimates
themselves (`displacement`), and how an answer was reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from markupsafe import Markup

from reports import dutch
from reports.facts import Facts
from reports.page import Listing
from reports.tables import UNKNOWN, Cell, Column, Table, table
from reports.texts import lookup, name_of, plain, say
from reports.words import day_words, suppliers

EVENT = ["event_id", "restricted_route"]
READINGS = ("supports", "weakens", "neutral", "not_estimable")
FIGURES = ("estimate", "lo95", "hi95", "p_value")
#: Companions that rest on real, published figures and are shown by themselves.
REAL = ("published_series", "public_register")
FEEDS = ("public_volumes", "ind_public_register")
#: Units that are written as a percentage, and those that are written as a whole number.
PERCENT_UNITS = frozenset({"share of earlier level", "share of usual level", "share of applicants"})
WHOLE_UNITS = frozenset({"persons", "per thousand sponsors a year"})
#: A p value below this is written as below it.
SMALLEST_P = 0.01

Row = dict[str, Any]


def written_figure(value: float | None, unit: str) -> str:
    """A figure as text in the way of its unit."""
    if value is None:
        return UNKNOWN
    if unit in PERCENT_UNITS:
        return dutch.percent(value)
    return dutch.number(value, 0 if unit in WHOLE_UNITS else 2)


def _written_p(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return dutch.number(value, 2) if value >= SMALLEST_P else f"< {dutch.number(SMALLEST_P, 2)}"


def beside_table(facts: Facts, told: Sequence[Row]) -> Table:
    """The answers beside the told findings, a few for each, each with its interval."""
    heads = lookup("displacement.beside.columns")
    rows, raws = [], []
    for event in told:
        for shown, row in _chosen(facts, event):
            figures = {name: row[name] for name in FIGURES}
            texts = {name: written_figure(row[name], row["unit"]) for name in FIGURES[:3]}
            texts["p_value"] = _written_p(row["p_value"])
            rows.append(
                texts
                | {
                    "event": dutch.short_day(row["event_on"]),
                    "restricted": row["restricted_route_nl"],
                    "question": name_of("displacement.beside.questions", shown),
                    "about": row["outcome_nl"],
                    "unit": name_of("displacement.beside.units", row["unit"]),
                    "reading": name_of("displacement.beside.readings", row["reading"]),
                    "key": (row["event_id"], row["restricted_route"], shown),
                }
            )
            raws.append(figures)
    columns = [Column(name, heads[name], "decimal" if name in FIGURES else "text") for name in heads]
    plain_table = table("beside", lookup("displacement.beside.caption"), columns, rows, ["key"])
    return _with_values(plain_table, raws)


def _with_values(view: Table, raws: Iterable[Mapping[str, float | None]]) -> Table:
    """The table with figures behind their texts, so that downloads hold numbers."""
    names = [c.name for c in view.columns]
    rows = tuple(
        tuple(Cell(c.id, raw[n], c.text) if n in raw else c for n, c in zip(names, row, strict=True))
        for row, raw in zip(view.rows, raws, strict=True)
    )
    return replace(view, rows=rows)


def _chosen(facts: Facts, event: Row) -> list[tuple[str, Row]]:
    """The answers that are shown beside one finding, by the name of their question."""
    mine = facts.companions.filter(*(pl.col(c) == event[c] for c in EVENT)).to_dicts()
    found = []
    for name, (companion, outcome, part) in _asked(event).items():
        fitting = [
            r
            for r in mine
            if r["companion"] == companion
            and (outcome is None or r["outcome"] == outcome or r["reading"] == "not_estimable")
            and (part is None or r["part"] == part or r["reading"] == "not_estimable")
        ]
        if name == "national_restricted":
            fitting = [r for r in fitting if r["outcome"] == event["restricted_route"]]
        if fitting:  # of several, the one that speaks most clearly against the finding or for it
            found.append((name, min(fitting, key=lambda r: (r["p_value"] is None, r["p_value"] or 0, r["outcome"]))))
    return found


def _asked(event: Row) -> Mapping[str, tuple[str, str | None, str | None]]:
    return {
        "before": ("event_study", "total", "joint test before the event"),
        "placebo_date": ("placebo_dates", "total", None),
        "placebo_route": ("placebo_routes", None, None),
        "dealt": ("randomisation", "total", None),
        "drift": ("relative_magnitudes", "total", "drift as large as before"),
        "breakdown": ("relative_magnitudes", "total", "breakdown"),
        "smooth": ("smoothness", "total", "straight drift goes on"),
        "national_restricted": ("national_series", event["restricted_route"], None),
        "employers": ("employer_lags", "total", None),
        "persons": ("norm_discontinuity", "total", None),
        "closed": ("synthetic_did", "total", None),
    }


def readings_table(facts: Facts, told: Sequence[Row]) -> Table:
    """How many answers support, weaken or leave alone each told finding."""
    heads = lookup("displacement.beside.readings_columns")
    kinds = dict.fromkeys(READINGS, "count") | {"event": "day"}
    columns = [Column(name, heads[name], kinds.get(name, "text")) for name in heads]
    rows = []
    for event in told:
        mine = facts.companions.filter(*(pl.col(c) == event[c] for c in EVENT), pl.col("companion").is_in(REAL).not_())
        counts = dict(mine.group_by("reading").len().rows())
        row = {reading: counts.get(reading, 0) for reading in READINGS}
        rows.append(row | {"event": event["event_on"], "restricted": event["restricted_route_nl"]} | event)
    return table("readings", lookup("displacement.beside.readings_caption"), columns, rows, EVENT)


def companion_counts(facts: Facts) -> Table:
    """For every companion that could answer somewhere: how often, over all events, and what it said."""
    heads = lookup("displacement.beside.all_columns")
    columns = [Column(name, heads[name], "count" if name in READINGS else "text") for name in heads]
    counts: dict[str, dict[str, int]] = {}
    for companion, reading, number in facts.companions.group_by("companion", "reading").len().sort("companion").rows():
        counts.setdefault(companion, {})[reading] = number
    rows: list[Row] = [
        {"companion": companion, "name": name} | {r: counts[companion].get(r, 0) for r in READINGS}
        for companion, name in lookup("displacement.beside.companions").items()
        if set(counts.get(companion, ())) - {"not_estimable"}
    ]
    return table("companions", lookup("displacement.beside.all_caption"), columns, rows, ["companion"])


def real_table(facts: Facts, told: Sequence[Row]) -> Table:
    """Published figures and the register around breaks of series, told events and what they do carry."""
    heads = lookup("displacement.real.columns")
    kinds = {"event": "day", "series": "count", "years": "count"}
    columns = [Column(name, heads[name], kinds.get(name, "text")) for name in heads]
    moves = facts.companions.filter(pl.col("companion") == "all", pl.col("reading") == "register_move")
    counted = facts.companions.filter(pl.col("companion").is_in(REAL), pl.col("estimate").is_not_null())
    wanted = {*moves["event_id"].to_list(), *counted["event_id"].to_list(), *(event["event_id"] for event in told)}
    seen = facts.companions.filter(pl.col("companion").is_in(REAL), pl.col("event_id").is_in(sorted(wanted)))
    by = ["event_on", "event_id", "description_nl", "companion", "reading"]
    grouped = seen.unique(["event_id", "companion", "outcome", "part"], keep="first", maintain_order=True)
    grouped = (
        grouped.group_by(by).agg(series=pl.len(), years=pl.col("n").max()).sort(by, descending=[True] + [False] * 4)
    )
    rows = [
        r
        | {
            "event": r["event_on"],
            "description": dutch.decimals_with_comma(r["description_nl"]).rstrip("."),
            "source": name_of("displacement.beside.companions", r["companion"]),
            "years": UNKNOWN if r["years"] is None else r["years"],
            "says": _said(r),
        }
        for r in grouped.to_dicts()
    ]
    return table(
        "real-series", lookup("displacement.real.caption"), columns, rows, ["event_id", "companion", "reading"]
    )


def _said(row: Row) -> str:
    """The reading of a real series, and why."""
    why = name_of("displacement.real.why", f"{row['companion']} {row['reading']}", "")
    return name_of("displacement.beside.readings", row["reading"]) + (f": {why}" if why else "")


def parts(facts: Facts, told: Sequence[Row], source: str, is_stand_in: bool) -> list[Markup | Listing]:
    """Paragraphs and tables on whether the findings stand, and on what real series can carry."""
    if not facts.companions.height:
        return [say("displacement.beside.none")]
    found: list[Markup | Listing] = []
    beside = beside_table(facts, told)
    if beside.rows:
        counts = readings_table(facts, told)
        found.append(say("displacement.beside.intro"))
        found += [_stands(counts, event) for event in told]
        found += [Listing(beside, source, is_stand_in), Listing(counts, source, is_stand_in)]
    if (counted := companion_counts(facts)).rows:
        found += [say("displacement.beside.all_intro"), Listing(counted, source, is_stand_in)]
    real = real_table(facts, told)
    if real.rows:
        is_simulated = any(facts.is_simulated(feed) for feed in FEEDS)
        named = plain("displacement.real.source", leveranciers=suppliers(facts, FEEDS))
        found += [say("displacement.real.intro"), Listing(real, named, is_simulated)]
    else:
        found.append(say("displacement.real.none"))
    return found


def _stands(counts: Table, event: Row) -> Markup:
    key = (event["event_id"], event["restricted_route"])
    return say(
        "displacement.beside.one",
        route=event["restricted_route_nl"],
        datum=day_words(event["event_on"]),
        steunt=counts.quote(key, "supports"),
        verzwakt=counts.quote(key, "weakens"),
        neutraal=counts.quote(key, "neutral"),
        geen=counts.quote(key, "not_estimable"),
    )
