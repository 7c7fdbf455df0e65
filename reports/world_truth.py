"""The sections of the page of a world that tell its truth: policy, misuse, faults of suppliers.

Belongs here: which truth stands in which table and figure. Does not belong here: marks (`world_charts`), words
(`texts/nl_world.yaml`), the other sections (`world_sections`).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from reports import world_charts
from reports.page import Figure, Listing, Section
from reports.tables import Table, table
from reports.texts import lookup, name_of, plain, say
from reports.world_facts import WorldFacts
from reports.world_sections import columns

#: Months after an event of the drawn losses, and how many are drawn.
HORIZON, MOST_EVENTS = 24, 10


def outcome_rows(facts: WorldFacts) -> list[dict[str, Any]]:
    """Loss and gain per event and route at the longest horizon up to HORIZON, the largest losses first."""
    key = ["event_id", "restricted_route"]
    near = facts.displacement.filter(pl.col("months_after") <= HORIZON)
    last = near.filter(pl.col("months_after") == pl.col("months_after").max().over(key))
    totals = last.filter(pl.col("destination_route") == "total")
    parts = last.filter(~pl.col("destination_route").is_in(["total", "net_reduction"]))
    main = (
        parts.filter(pl.col("gain") > 0)
        .sort("gain", "destination_route", descending=[True, False])
        .unique(key, keep="first", maintain_order=True)
        .select(*key, main="destination_route")
    )
    joined = totals.join(main, on=key, how="left", maintain_order="left")
    return joined.sort("net_loss", *key, descending=[True, False, False]).to_dicts()


def outcome_table(facts: WorldFacts) -> Table:
    """Loss and gain per event and route."""
    kinds = {"months_after": "count", "net_loss": "count", "gain": "count", "share": "share"}
    return table(
        "world-outcomes",
        lookup("world.events.caption"),
        columns("world.events.columns", **kinds),
        outcome_rows(facts),
        ["event_id", "restricted_route"],
    )


def _outcomes(facts: WorldFacts, rows: list[dict[str, Any]]) -> Figure:
    names = [lookup("world.events.gained"), lookup("world.events.gone")]
    drawn = []
    for r in rows[:MOST_EVENTS]:
        label = f"{r['event_id']}\n{name_of('world.routes', r['restricted_route'])}"
        path = "world.events.main" if r["main"] else "world.events.nobody"
        text = plain(path, route=name_of("world.routes", r["main"] or ""))
        gained = min(max(r["gain"], 0.0), r["net_loss"])
        drawn.append({"label": label, "part": names[0], "value": gained, "text": text})
        drawn.append({"label": label, "part": names[1], "value": r["net_loss"] - gained, "text": ""})
    return Figure(
        id="fig-world-outcomes",
        title=lookup("world.events.title"),
        subtitle=plain("world.events.subtitle", maanden=HORIZON),
        description=lookup("world.events.desc"),
        spec=world_charts.outcomes(drawn, names),
        table=outcome_table(facts),
        source=lookup("world.events.source"),
        is_stand_in=True,
    )


def _months(facts: WorldFacts) -> Figure:
    panels = [
        (f"{event}\n{name_of('world.routes', str(route))}", rows.sort("month").to_dicts())
        for (event, route), rows in facts.event_months.group_by("event_id", "restricted_route", maintain_order=True)
    ]
    view = table(
        "world-months",
        lookup("world.events.months_caption"),
        columns("world.events.months_columns", lost="count", gained="count", month="count"),
        facts.event_months.to_dicts(),
        ["event_id", "restricted_route", "month"],
    )
    return Figure(
        id="fig-world-months",
        title=lookup("world.events.months_title"),
        subtitle=lookup("world.events.months_subtitle"),
        description=plain("world.events.months_desc", aantal=len(panels)),
        spec=world_charts.responses(panels, (lookup("world.events.lost"), lookup("world.events.elsewhere"))),
        table=view,
        source=lookup("world.events.source"),
        is_stand_in=True,
    )


def events(facts: WorldFacts) -> Section:
    """What policy did."""
    heading, rows = lookup("world.events.heading"), outcome_rows(facts)
    parts: list[Any] = [say("world.events.intro")]
    if rows:
        parts.append(_outcomes(facts, rows))
    else:
        parts.append(say("world.events.none"))
    if facts.event_months.height:
        parts.append(_months(facts))
    return Section("world-events", heading, True, tuple(parts))


def misuse_rows(facts: WorldFacts) -> list[dict[str, Any]]:
    """Planted cases and look-alikes per indicator, every indicator once."""
    kinds = facts.look_alikes.sort("indicator", "look_alike").group_by("indicator", maintain_order=True)
    alike = kinds.agg(
        alike=pl.col("cases").sum(),
        kinds=(pl.col("look_alike") + " (" + pl.col("cases").cast(pl.String) + ")").str.join(", "),
    )
    return (
        facts.indicators.join(facts.planted, on="indicator", how="left", maintain_order="left")
        .join(alike, on="indicator", how="left", maintain_order="left")
        .with_columns(pl.col("cases", "alike").fill_null(0))
        .sort("indicator")
        .to_dicts()
    )


def misuse(facts: WorldFacts) -> Section:
    """What was planted, and what only looks like it."""
    heading, rows = lookup("world.misuse.heading"), misuse_rows(facts)
    if not any(r["cases"] + r["alike"] for r in rows):
        return Section("world-misuse", heading, True, (say("world.misuse.none"),))
    kinds = {"cases": "count", "alike": "count", "weakest": "decimal2", "median": "decimal2", "strongest": "decimal2"}
    view = table(
        "world-misuse-all",
        lookup("world.misuse.caption"),
        columns("world.misuse.columns", **kinds),
        rows,
        ["indicator"],
    )
    names = (lookup("world.misuse.planted"), lookup("world.misuse.alike"))
    drawn = [{"label": f"{r['indicator']} {r['name']}", "first": r["cases"], "second": r["alike"]} for r in rows]
    figure = Figure(
        id="fig-world-misuse",
        title=lookup("world.misuse.title"),
        subtitle=lookup("world.misuse.subtitle"),
        description=lookup("world.misuse.desc"),
        spec=world_charts.pairs(drawn, names),
        table=view,
        source=lookup("world.misuse.source"),
        is_stand_in=True,
    )
    return Section("world-misuse", heading, True, (say("world.misuse.intro"), figure))


def fault_rows(facts: WorldFacts) -> list[dict[str, Any]]:
    """Every fault of values and deliveries; faults of rows taken together over the feeds."""
    of_rows = pl.col("unit") == "row"
    every = pl.lit(lookup("world.faults.every_feed"))
    together = facts.fault_rates.with_columns(feed=pl.when(of_rows).then(every).otherwise("feed"))
    key = ["fault", "feed", "field", "unit"]
    sums = [pl.col("rate").first(), pl.col("candidates", "faults").sum()]
    return together.group_by(key, maintain_order=True).agg(sums).to_dicts()


def faults(facts: WorldFacts) -> Section:
    """What went wrong on the way."""
    heading, source = lookup("world.faults.heading"), lookup("world.faults.source")
    if facts.fault_rates.is_empty():
        return Section("world-faults", heading, True, (say("world.faults.none"),))
    rows = [
        r
        | {
            "key": number,
            "fault": name_of("world.faults.names", r["fault"]),
            "unit": name_of("world.faults.units", r["unit"]),
            "share": r["faults"] / r["candidates"] if r["candidates"] else None,
        }
        for number, r in enumerate(fault_rows(facts))
    ]
    kinds = {"rate": "share2", "candidates": "count", "faults": "count", "share": "share2"}
    view = table(
        "world-faults-all", lookup("world.faults.caption"), columns("world.faults.columns", **kinds), rows, ["key"]
    )
    parts: list[Any] = [say("world.faults.intro"), Listing(view, source, True)]
    if facts.delivery_faults.is_empty():
        parts.append(say("world.faults.no_deliveries"))
    else:
        whole = [
            r | {"key": number, "fault": name_of("world.faults.names", r["fault"])}
            for number, r in enumerate(facts.delivery_faults.to_dicts())
        ]
        heads = columns("world.faults.deliveries_columns", delivered_on="day")
        parts.append(
            Listing(
                table("world-deliveries", lookup("world.faults.deliveries_caption"), heads, whole, ["key"]),
                source,
                True,
            )
        )
    return Section("world-faults", heading, True, tuple(parts))
