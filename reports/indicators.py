"""The section on indicators: what share of cases a rule marks, how sure that is, and what else may explain it.

Belongs here: which results are shown. Does not belong here: any word that makes a mark into a finding.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from markupsafe import Markup

from reports import charts
from reports.facts import Facts
from reports.page import Figure, Listing, Section, Term, Terms
from reports.tables import HIDDEN, UNKNOWN, Column, Table, table
from reports.texts import lookup, plain, say
from reports.words import suppliers

#: The measure that every indicator has: the share of assessed cases that its rule marks.
MEASURES = ("flagged_share", "share_flagged")
YEAR_PANELS = 6
FEWEST_YEARS = 2

HSM_FEEDS = ("ind_permits", "uwv_wages", "uwv_employers", "ind_sponsor_notices", "kvk_companies")
POSTING_FEEDS = ("szw_postings", "posting_employers", "svb_a1", "nla_sightings")


def _shares(facts: Facts, kind: str) -> pl.DataFrame:
    return facts.indicators.filter(pl.col("measure").is_in(MEASURES) & (pl.col("stratum_kind") == kind))


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    """The figures of a row, with the sign for hidden or unknown ones."""
    sign = HIDDEN if row["is_suppressed"] else UNKNOWN
    return {name: sign if row[name] is None else row[name] for name in ("value", "lo95", "hi95", "n")}


def all_table(facts: Facts) -> Table:
    """The share that each indicator marks, of all cases."""
    heads = lookup("indicators.all.columns")
    kinds = {"value": "share", "lo95": "share", "hi95": "share", "n": "count"}
    columns = [Column(name, heads[name], kinds.get(name, "text")) for name in heads]
    rows = [r | _figures(r) for r in _newest(_shares(facts, "all")).to_dicts()]
    return table("indicators-all", lookup("indicators.all.caption"), columns, rows, ["indicator"])


def _newest(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort("indicator", "period_end").unique("indicator", keep="last", maintain_order=True)


def year_table(facts: Facts) -> Table:
    """The share that an indicator marks, per year, of the indicators with most years; hidden years are left out."""
    heads = lookup("indicators.year.columns")
    kinds = {"value": "share", "lo95": "share", "hi95": "share", "n": "count"}
    columns = [Column(name, heads[name], kinds.get(name, "text")) for name in heads]
    shown = _shares(facts, "year").filter(pl.col("value").is_not_null())
    years = shown.group_by("indicator").len("years").filter(pl.col("years") >= FEWEST_YEARS)
    drawn = years.sort("years", "indicator", descending=[True, False])["indicator"].head(YEAR_PANELS)
    shown = shown.filter(pl.col("indicator").is_in(drawn.to_list()))
    rows = [r | {"year": r["stratum"]} for r in shown.sort("indicator", "stratum").to_dicts()]
    return table("indicators-year", lookup("indicators.year.caption"), columns, rows, ["name_nl", "year"])


def signal_table(facts: Facts) -> Table:
    """Numbers of signals per indicator and grade."""
    names = dict(facts.indicators.select("indicator", "name_nl").unique().iter_rows())
    heads = lookup("indicators.signals.columns")
    columns = [Column(n, heads[n], "count" if n in ("signals", "lo95", "hi95") else "text") for n in heads]
    rows = [
        r
        | {"name_nl": names.get(r["indicator"], r["indicator"])}
        | {n: HIDDEN if r["is_suppressed"] else r[n] for n in ("signals", "lo95", "hi95")}
        for r in facts.signal_counts.to_dicts()
    ]
    return table("signals", lookup("indicators.signals.caption"), columns, rows, ["indicator", "grade"])


def section(facts: Facts) -> Section:
    """The section, or an honest sentence when there is no result to show."""
    heading = lookup("indicators.heading")
    is_stand_in = bool(facts.indicators["stand_in"].any()) or bool(facts.signal_counts["stand_in"].any())
    view = all_table(facts)
    if not view.rows:
        return Section("indicators", heading, is_stand_in, (say("indicators.none"),))
    source = plain("indicators.source", leveranciers=suppliers(facts, (*HSM_FEEDS, *POSTING_FEEDS)))
    parts: list[Markup | Figure | Listing | Terms] = [say("indicators.intro")]
    parts += [sentence(view, key) for key in view.keys]
    if any(row[2].raw is not None for row in view.rows):
        parts.append(_all_figure(view, source, is_stand_in))
    years = year_table(facts)
    if years.rows:
        parts.append(_year_figure(years, source, is_stand_in))
    if facts.signal_counts.height:
        parts.append(say("indicators.signals.note"))
        parts.append(Listing(signal_table(facts), source, is_stand_in))
    parts.append(_innocent(facts))
    return Section("indicators", heading, is_stand_in, tuple(parts))


def sentence(view: Table, key: str) -> Markup:
    """One indicator in words: its share and interval, or why there is none."""
    name = view.cell(key, "name_nl").text
    value = view.cell(key, "value")
    if value.text == HIDDEN:
        return say("indicators.hidden", naam=name)
    if value.raw is None:
        return say("indicators.not_assessed", naam=name)
    return say(
        "indicators.one",
        naam=name,
        aandeel=value.quote(),
        laag=view.quote(key, "lo95"),
        hoog=view.quote(key, "hi95"),
        n=view.quote(key, "n"),
    )


def _all_figure(view: Table, source: str, is_stand_in: bool) -> Figure:
    rows = [
        {
            "label": f"{row[1].text} ({row[0].text})",
            "value": row[2].raw,
            "low": row[3].raw,
            "high": row[4].raw,
            "text": f"{row[2].text} ({row[3].text} – {row[4].text})",
        }
        for row in view.rows
        if row[2].raw is not None
    ]
    key = next(k for k in view.keys if view.cell(k, "value").raw is not None)
    return Figure(
        id="fig-indicators",
        title=lookup("indicators.all.title"),
        subtitle=lookup("indicators.all.subtitle"),
        description=plain(
            "indicators.all.desc",
            naam=view.cell(key, "name_nl").text,
            aandeel=view.cell(key, "value").text,
            laag=view.cell(key, "lo95").text,
            hoog=view.cell(key, "hi95").text,
        ),
        spec=charts.estimates(rows, ".1~%"),
        table=view,
        source=source,
        is_stand_in=is_stand_in,
    )


def _year_figure(view: Table, source: str, is_stand_in: bool) -> Figure:
    panels: dict[str, list[dict[str, Any]]] = {}
    for (name, year), row in zip(view.keys, view.rows, strict=True):
        place = {"x": year, "value": row[2].raw, "low": row[3].raw, "high": row[4].raw}
        panels.setdefault(name, []).append(place)
    name, points = next(iter(panels.items()))
    first, last = points[0]["x"], points[-1]["x"]
    return Figure(
        id="fig-indicators-year",
        title=lookup("indicators.year.title"),
        subtitle=lookup("indicators.year.subtitle"),
        description=plain(
            "indicators.year.desc",
            naam=name,
            eerste=first,
            laatste=last,
            waarde_eerste=view.cell((name, first), "value").text,
            waarde_laatste=view.cell((name, last), "value").text,
        ),
        spec=charts.interval_panels(list(panels.items()), ".1~%"),
        table=view,
        source=source,
        is_stand_in=is_stand_in,
    )


def _innocent(facts: Facts) -> Terms:
    """What lawful situations look the same, per indicator; in English where no Dutch text has been written."""
    written: dict[str, str] = lookup("indicators.innocent")
    rows = facts.indicators.select("indicator", "name_nl", "look_alikes").unique("indicator").sort("indicator")
    items = [
        Term(f"{code} {name}", written[code]) if code in written else Term(f"{code} {name}", english, language="en")
        for code, name, english in rows.iter_rows()
        if code in written or english
    ]
    return Terms(lookup("indicators.innocent_heading"), tuple(items))
