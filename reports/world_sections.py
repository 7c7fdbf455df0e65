"""The sections of the page of a world: size, volumes, wages at the norm, networks.

Belongs here: which facts stand in which table and figure. Does not belong here: marks (`world_charts`), words
(`texts/nl_world.yaml`), the sections on the truth (`world_truth`), HTML (`templates`).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from reports import world_charts
from reports.page import Figure, Listing, Section
from reports.tables import Column, Table, table
from reports.texts import lookup, name_of, plain, say
from reports.world_facts import WorldFacts

#: Categories of fewer applications than this have no shape.
FEWEST_OF_CATEGORY = 40
MOST_CATEGORIES = 6
NORM_STEP = 0.02
BANDS = (0.10, 0.25)


def columns(path: str, **kinds: str) -> list[Column]:
    """The columns named at `path`, in that order; kinds other than text by name."""
    return [Column(name, heading, kinds.get(name, "text")) for name, heading in lookup(path).items()]


def size_table(facts: WorldFacts) -> Table:
    """How many of what there are."""
    rows = [r | {"what": name_of("world.size.names", r["what"])} for r in facts.sizes.to_dicts()]
    return table("sizes", lookup("world.size.caption"), columns("world.size.columns", number="count"), rows, ["what"])


def size(facts: WorldFacts) -> Section:
    """What there is and what is delivered of it."""
    feeds = [r | {"feed": f"{name_of('names.feeds', r['feed'])} ({r['feed']})"} for r in facts.feeds.to_dicts()]
    delivered = table(
        "feeds",
        lookup("world.size.feeds_caption"),
        columns("world.size.feeds_columns", deliveries="count", rows="count"),
        feeds,
        ["feed"],
    )
    source = lookup("world.size.source")
    parts = (say("world.size.intro"), Listing(size_table(facts), source, True), Listing(delivered, source, True))
    return Section("world-size", lookup("world.size.heading"), True, parts)


def _figure_name(figure: str) -> str:
    """A published series by its short name, or by its codes where it has none."""
    return name_of("names.series", figure, figure.replace("|", ", "))


def volume_table(facts: WorldFacts, identity: str, caption: str, *, only_missed: bool = False) -> Table:
    """Published figures and the world, all of them or those outside their band."""
    frame = facts.volumes.filter(~pl.col("inside")) if only_missed else facts.volumes
    rows = [
        r | {"figure": _figure_name(r["figure"]), "key": f"{r['figure']} {r['year']} {r['period']}"}
        for r in frame.with_columns(pl.col("year").cast(pl.String)).to_dicts()
    ]
    kinds = {"published": "count", "world": "count", "ratio": "share", "band": "share"}
    return table(identity, caption, columns("world.volumes.columns", **kinds), rows, ["key"])


def volumes(facts: WorldFacts) -> Section:
    """The world beside the published volumes."""
    heading = lookup("world.volumes.heading")
    if facts.volumes.is_empty():
        return Section("world-volumes", heading, True, (say("world.volumes.none"),))
    source, inside = lookup("world.volumes.source"), int(facts.volumes["inside"].sum())
    rows = [
        {"label": _figure_name(r["figure"]), "ratio": r["ratio"], "inside": r["inside"]}
        for r in facts.volumes.sort("figure", "year", maintain_order=True).to_dicts()
    ]
    names = (lookup("world.volumes.inside"), lookup("world.volumes.outside"))
    figure = Figure(
        id="fig-world-volumes",
        title=lookup("world.volumes.title"),
        subtitle=lookup("world.volumes.subtitle"),
        description=plain("world.volumes.desc", alle=len(facts.volumes), binnen=inside),
        spec=world_charts.ratios(rows, BANDS, names),
        table=volume_table(facts, "world-volumes-all", lookup("world.volumes.caption")),
        source=source,
        is_stand_in=True,
    )
    parts: list[Any] = [say("world.volumes.intro", gewicht=_written(1 / facts.persons)), figure]
    if inside < len(facts.volumes):
        missed = volume_table(facts, "world-volumes-missed", lookup("world.volumes.missed_caption"), only_missed=True)
        parts.append(Listing(missed, source, True))
    return Section("world-volumes", heading, True, tuple(parts))


def _written(value: float) -> str:
    return f"{value:.0f}" if value >= 1 else f"{value:.1f}".replace(".", ",")


def wage_table(facts: WorldFacts) -> Table:
    """Applications by distance to the norm."""
    counts = facts.norm_distances.group_by("category").agg(pl.col("applications").sum())
    shown = counts.filter(pl.col("applications") >= FEWEST_OF_CATEGORY).sort(
        "applications", "category", descending=[True, False]
    )
    rows = [
        r | {"name": name_of("world.wages.names", category)}
        for category in shown["category"].head(MOST_CATEGORIES).to_list()
        for r in facts.norm_distances.filter(pl.col("category") == category).sort("above").to_dicts()
    ]
    kinds = columns("world.wages.columns", above="share", applications="count")
    return table("world-wages", lookup("world.wages.caption"), kinds, rows, ["name", "above"])


def wages(facts: WorldFacts) -> Section:
    """Declared pay around the norm."""
    heading, view = lookup("world.wages.heading"), wage_table(facts)
    if not view.rows:
        return Section("world-wages", heading, True, (say("world.wages.none"),))
    panels: dict[str, list[dict[str, Any]]] = {}
    for (name, above), row in zip(view.keys, view.rows, strict=True):
        panels.setdefault(name, []).append({"above": above, "value": row[2].raw})
    group, rows = next(iter(panels.items()))
    first = sum(r["value"] for r in rows if r["above"] < NORM_STEP / 2) / sum(r["value"] for r in rows)
    figure = Figure(
        id="fig-world-wages",
        title=lookup("world.wages.title"),
        subtitle=lookup("world.wages.subtitle"),
        description=plain("world.wages.desc", groep=group, aandeel=f"{first:.0%}"),
        spec=world_charts.distances(list(panels.items()), NORM_STEP),
        table=view,
        source=lookup("world.wages.source"),
        is_stand_in=True,
    )
    return Section("world-wages-section", heading, True, (say("world.wages.intro", stap=f"{NORM_STEP:.0%}"), figure))


def shared_table(facts: WorldFacts) -> Table:
    """How many sponsors one director, address or hirer ties."""
    places = {1: "one", 2: "two", 3: "three", 4: "four", 5: "more"}
    kinds = dict.fromkeys(places.values(), "count")
    rows = [
        {"kind": name_of("world.networks.names", kind)}
        | dict.fromkeys(places.values(), 0)
        | {places[r["sponsors"]]: r["number"] for r in facts.shared.filter(pl.col("kind") == kind).to_dicts()}
        for kind in ("officer", "address", "hirer")
    ]
    return table("shared", lookup("world.networks.caption"), columns("world.networks.columns", **kinds), rows, ["kind"])


def networks(facts: WorldFacts) -> Section:
    """What ties sponsors to each other."""
    source = lookup("world.networks.source")
    parts: list[Any] = [say("world.networks.intro"), Listing(shared_table(facts), source, True)]
    if facts.networks.is_empty():
        parts.append(say("world.networks.none"))
        return Section("world-networks", lookup("world.networks.heading"), True, tuple(parts))
    panels = []
    for (number,), rows in facts.networks.group_by("network", maintain_order=True):
        path = "world.networks.planted" if rows["planted"].any() else "world.networks.ordinary"
        panels.append((plain(path, nummer=number), rows.to_dicts()))
    names: dict[str, str] = lookup("world.networks.names")
    present = {"sponsor", *facts.networks["kind"].to_list()}
    edges = [
        r | {"kind": names[r["kind"]], "network": str(r["network"]), "key": number}
        for number, r in enumerate(facts.networks.to_dicts())
    ]
    view = table(
        "world-edges", lookup("world.networks.edges_caption"), columns("world.networks.edges_columns"), edges, ["key"]
    )
    figure = Figure(
        id="fig-world-networks",
        title=lookup("world.networks.title"),
        subtitle=lookup("world.networks.subtitle"),
        description=plain("world.networks.desc", aantal=len(panels)),
        spec=world_charts.networks(panels, {k: v for k, v in names.items() if k in present}),
        table=view,
        source=source,
        is_stand_in=True,
    )
    return Section("world-networks", lookup("world.networks.heading"), True, (*parts, figure))
