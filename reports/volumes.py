"""The section on published volumes and salary norms: real, public figures.

Belongs here: which published series are shown. Does not belong here: adding series up; they count different things.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import polars as pl
from markupsafe import Markup

from reports import charts, dutch
from reports.facts import Facts
from reports.page import Figure, Section
from reports.tables import Column, Table, table
from reports.texts import lookup, plain, say
from reports.words import day_words

FEED = "public_volumes"
#: A series of fewer years is no series.
FEWEST_YEARS = 3
MOST_PANELS = 8


def chosen_series(facts: Facts) -> list[tuple[str, list[dict[str, Any]]]]:
    """Named series with enough years, each of one definition, in the order of `names.series`."""
    found = []
    for key, name in lookup("names.series").items():
        scheme, metric = key.rsplit(" ", 1)
        rows = facts.published_volumes.filter((pl.col("scheme") == scheme) & (pl.col("metric") == metric))
        definitions = [
            part.unique("year", keep="first", maintain_order=True).sort("year").to_dicts()
            for _, part in rows.group_by("population_definition", "unit", maintain_order=True)
        ]
        longest = max(definitions, key=len, default=[])
        if len(longest) >= FEWEST_YEARS:
            found.append((name, longest))
    return found[:MOST_PANELS]


def volume_table(facts: Facts) -> Table:
    """The chosen series as one table."""
    heads = lookup("volumes.columns")
    columns = [
        Column("series", heads["series"]),
        Column("year", heads["year"]),
        Column("value", heads["value"], "count"),
        Column("source", heads["source"]),
    ]
    rows = [r | {"series": name} for name, years in chosen_series(facts) for r in years]
    return table("volumes", lookup("volumes.caption"), columns, rows, ["series", "year"])


def norm_table(facts: Facts) -> Table:
    """The norms of `names.norms`, by criterion and date."""
    heads = lookup("volumes.norms.columns")
    columns = [
        Column("name", heads["name"]),
        Column("valid_from", heads["valid_from"], "day"),
        Column("norm_month_eur", heads["norm_month_eur"], "euro"),
    ]
    known = facts.salary_norms.filter(pl.col("valid_from") <= facts.release["as_of"])
    rows = [
        r | {"name": name}
        for variant, name in lookup("names.norms").items()
        for r in known.filter(pl.col("route_variant") == variant).to_dicts()
    ]
    return table("norms", lookup("volumes.norms.caption"), columns, rows, ["name", "valid_from"])


def section(facts: Facts) -> Section:
    """The section, or honest sentences where nothing was loaded."""
    is_stand_in = facts.is_simulated(FEED)
    parts: list[Markup | Figure] = []
    volumes = volume_table(facts)
    if volumes.rows:
        parts += [say("volumes.intro"), _volume_figure(volumes, is_stand_in)]
    else:
        parts.append(say("volumes.none"))
    norms = norm_table(facts)
    if norms.rows:
        name, since = [k for k in norms.keys if k[0] == norms.keys[0][0]][-1]
        amount = norms.quote((name, since), "norm_month_eur")
        parts += [
            say("volumes.norms.intro", naam=name, datum=day_words(since), bedrag=amount),
            _norm_figure(facts, norms),
        ]
    else:
        parts.append(say("volumes.norms.none"))
    return Section("volumes", lookup("volumes.heading"), is_stand_in, tuple(parts))


def _volume_figure(view: Table, is_stand_in: bool) -> Figure:
    panels: dict[str, list[dict[str, Any]]] = {}
    for (name, year), row in zip(view.keys, view.rows, strict=True):
        panels.setdefault(name, []).append({"x": str(year), "value": row[2].raw, "text": row[2].text})
    name, rows = next(iter(panels.items()))
    return Figure(
        id="fig-volumes",
        title=lookup("volumes.title"),
        subtitle=lookup("volumes.subtitle"),
        description=plain(
            "volumes.desc",
            reeks=name,
            eerste=rows[0]["x"],
            laatste=rows[-1]["x"],
            aantal_eerste=rows[0]["text"],
            aantal_laatste=rows[-1]["text"],
        ),
        spec=charts.bar_panels(list(panels.items())),
        table=view,
        source=lookup("volumes.source"),
        is_stand_in=is_stand_in,
    )


def spread(ends: list[float], room: float) -> list[float]:
    """Places for labels beside the ends of lines, at least `room` apart, in the order of the ends."""
    order = sorted(range(len(ends)), key=lambda i: ends[i])
    places = list(ends)
    for before, this in pairwise(order):
        places[this] = max(places[this], places[before] + room)
    return places


def _norm_figure(facts: Facts, view: Table) -> Figure:
    names = list(dict.fromkeys(name for name, _ in view.keys))
    end = facts.release["as_of"].isoformat()
    last = {n: [row for (name, _), row in zip(view.keys, view.rows, strict=True) if name == n][-1] for n in names}
    top = max(row[2].raw for row in view.rows)
    places = dict(zip(names, spread([last[n][2].raw for n in names], top * 0.062), strict=True))
    rows: list[dict[str, Any]] = [
        {"name": name, "on": since.isoformat(), "value": row[2].raw, "label_at": None, "end_text": None}
        for (name, since), row in zip(view.keys, view.rows, strict=True)
    ]
    rows += [
        {
            "name": n,
            "on": end,
            "value": last[n][2].raw,
            "label_at": places[n],
            "end_text": f"{n}: {last[n][2].text}".replace(dutch.NO_BREAK, " "),
        }
        for n in names
    ]
    first_key = view.keys[0]
    return Figure(
        id="fig-norms",
        title=lookup("volumes.norms.title"),
        subtitle=lookup("volumes.norms.subtitle"),
        description=plain(
            "volumes.norms.desc",
            naam=first_key[0],
            eerste=view.cell(first_key, "norm_month_eur").text,
            laatste=last[first_key[0]][2].text,
        ),
        spec=charts.steps(rows, names),
        table=view,
        source=lookup("volumes.norms.source"),
        is_stand_in=False,
    )
