"""The section on flows per route: how many came along which route, per closed year and month.

Belongs here: which routes are drawn and what is said. Does not belong here: why a flow changed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from markupsafe import Markup

from reports import charts, dutch
from reports.facts import Facts
from reports.page import Figure, Section
from reports.tables import HIDDEN, Column, Table, table
from reports.texts import lookup, plain, say
from reports.words import suppliers, year_words

FEEDS = ("ind_permits", "uwv_work_permits", "szw_postings")
YEAR_PANELS = 8
MONTH_PANELS = 4
MONTHS_SHOWN = 36
YEARS_SHOWN = 10


def _wide(frame: pl.DataFrame, label: str) -> list[dict[str, Any]]:
    """One row per route (`total` last) with a column per period; hidden numbers as their sign."""
    rows: dict[str, dict[str, Any]] = {}
    for r in frame.to_dicts():
        row = rows.setdefault(r["route"], {"route": r["route"], "name": r["name_nl"]})
        row[label.format(r["period_start"])] = HIDDEN if r["applications"] is None else r["applications"]
    totals = frame.group_by("route").agg(pl.col("applications").sum().alias("size"))
    size: dict[str, int] = dict(totals.iter_rows())
    return sorted(rows.values(), key=lambda r: (r["route"] == "total", -size[r["route"]], r["route"]))


def year_table(facts: Facts) -> Table:
    """Applications and notifications per route and closed year."""
    frame = facts.flows.filter(pl.col("period_kind") == "year")
    years = sorted({d.year for d in frame["period_start"]})[-YEARS_SHOWN:]
    frame = frame.filter(pl.col("period_start").dt.year().is_in(years))
    columns = [Column("name", lookup("flows.year.column"))]
    columns += [Column(f"y{year}", str(year), "count") for year in years]
    return table("flows-year", lookup("flows.year.caption"), columns, _wide(frame, "y{0.year}"), ["route"])


def month_table(facts: Facts) -> Table:
    """Applications and notifications per closed month, of the largest routes."""
    frame = facts.flows.filter(pl.col("period_kind") == "month")
    starts = sorted(set(frame["period_start"]))[-MONTHS_SHOWN:]
    frame = frame.filter(pl.col("period_start").is_in(starts))
    routes = [r for r in _wide(frame, "{0:%Y-%m}") if r["route"] != "total"][:MONTH_PANELS]
    shown = {r["route"]: r["name"] for r in routes}
    columns = [Column("period_start", lookup("flows.month.columns.period_start"), "month")]
    columns += [Column(route, name, "count") for route, name in shown.items()]
    rows = [
        {
            "period_start": start,
            **{route: next(r for r in routes if r["route"] == route)[f"{start:%Y-%m}"] for route in shown},
        }
        for start in starts
    ]
    return table("flows-month", lookup("flows.month.caption"), columns, rows, ["period_start"])


def largest_route(view: Table) -> tuple[str, str] | None:
    """The route with the largest shown number in the newest year, and that column; None when none is shown."""
    if not view.rows or len(view.columns) < 2:
        return None
    column = view.columns[-1].name
    shown = [k for k in view.keys if k != "total" and view.cell(k, column).raw is not None]
    if not shown or "total" not in view.keys or view.cell("total", column).raw is None:
        return None
    return max(shown, key=lambda k: view.cell(k, column).raw), column


def section(facts: Facts) -> Section:
    """The section, or an honest sentence when nothing was delivered."""
    heading = lookup("flows.heading")
    is_stand_in = bool(facts.flows["stand_in"].any())
    years = year_table(facts)
    months = month_table(facts)
    if not years.rows and not months.rows:
        return Section("flows", heading, is_stand_in, (say("flows.none"),))
    parts: list[Markup | Figure] = []
    if newest := largest_route(years):
        route, column = newest
        parts.append(
            say(
                "flows.intro",
                jaar=year_words(column[1:]),
                aantal=years.quote("total", column),
                route=years.cell(route, "name").text,
                grootste=years.quote(route, column),
            )
        )
    source = plain("flows.source", leveranciers=suppliers(facts, FEEDS))
    if years.rows and len(years.rows) > 1:
        parts.append(_year_figure(years, source, is_stand_in))
    if months.rows and len(months.columns) > 1:
        parts.append(_month_figure(months, source, is_stand_in))
    return Section("flows", heading, is_stand_in, tuple(parts))


def _year_figure(view: Table, source: str, is_stand_in: bool) -> Figure:
    panels = []
    for key, row in zip(view.keys, view.rows, strict=True):
        bars = [
            {"x": c.heading, "value": cell.raw, "text": cell.text}
            for c, cell in zip(view.columns[1:], row[1:], strict=True)
        ]
        if key != "total" and any(b["value"] is not None for b in bars):
            panels.append((row[0].text, bars))
    panels = panels[:YEAR_PANELS] or [(view.rows[-1][0].text, [{"x": "", "value": None, "text": HIDDEN}])]
    name, bars = panels[0]
    return Figure(
        id="fig-flows-year",
        title=lookup("flows.year.title"),
        subtitle=lookup("flows.year.subtitle"),
        description=plain(
            "flows.year.desc",
            route=name,
            eerste=bars[0]["x"],
            laatste=bars[-1]["x"],
            aantal_eerste=bars[0]["text"],
            aantal_laatste=bars[-1]["text"],
        ),
        spec=charts.bar_panels(panels),
        table=view,
        source=source,
        is_stand_in=is_stand_in,
    )


def _month_figure(view: Table, source: str, is_stand_in: bool) -> Figure:
    starts: list[date] = list(view.keys)
    panels = [
        (
            column.heading,
            [{"on": start.isoformat(), "value": view.cell(start, column.name).raw} for start in starts],
        )
        for column in view.columns[1:]
    ]
    route = view.columns[1]
    return Figure(
        id="fig-flows-month",
        title=lookup("flows.month.title"),
        subtitle=lookup("flows.month.subtitle"),
        description=plain(
            "flows.month.desc",
            route=route.heading,
            eerste=dutch.month(starts[0]),
            laatste=dutch.month(starts[-1]),
            aantal_eerste=view.cell(starts[0], route.name).text,
            aantal_laatste=view.cell(starts[-1], route.name).text,
        ),
        spec=charts.line_panels(panels),
        table=view,
        source=source,
        is_stand_in=is_stand_in,
    )
