"""The section on the waterbed: loss, gain and share per event, persons first, each with its interval.

Belongs here: which estimates are shown and in what words. Does not belong here: estimation and verdicts.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from markupsafe import Markup

from reports import charts, dutch
from reports.facts import Facts
from reports.page import Figure, Listing, Section
from reports.tables import UNKNOWN, Column, Table, table
from reports.texts import lookup, name_of, plain, say
from reports.words import day_words, suppliers

FEEDS = ("ind_permits", "uwv_work_permits", "szw_postings", "kvk_companies")
#: The estimator's specification that the brief shows, and the horizon when there is a choice.
SPECIFICATION = "C1"
HORIZON = 12
#: Events of which the routes are drawn and told; the others stand in the table.
EVENTS_SHOWN = 3

FIGURES = ("gain", "gain_lo95", "gain_hi95")
SHARES = ("share", "share_lo95", "share_hi95", "mde80")


def chosen(facts: Facts) -> pl.DataFrame:
    """The estimates of one specification and horizon: C1 and twelve months where they are there."""
    frame = facts.displacement
    if SPECIFICATION in frame["specification"]:
        frame = frame.filter(pl.col("specification") == SPECIFICATION)
    elif frame.height:
        frame = frame.filter(pl.col("specification") == frame["specification"].min())
    if HORIZON in frame["months_after"]:
        frame = frame.filter(pl.col("months_after") == HORIZON)
    elif frame.height:
        frame = frame.filter(pl.col("months_after") == frame["months_after"].max())
    last = pl.col("destination_route").replace_strict({"total": 1, "net_reduction": 2}, default=0)
    return frame.sort(
        pl.col("event_on"), "event_id", "restricted_route", last, "destination_route", descending=[True] + [False] * 4
    )


def displacement_table(facts: Facts) -> Table:
    """Loss, gain and share per event and destination."""
    heads = lookup("displacement.columns")
    kinds = dict.fromkeys(FIGURES, "count") | dict.fromkeys(SHARES, "share") | {"event": "day"}
    columns = [Column(name, heads[name], kinds.get(name, "text")) for name in heads]
    rows = [
        r
        | {name: UNKNOWN if r[name] is None else r[name] for name in (*FIGURES, *SHARES)}
        | {
            "event": r["event_on"],
            "restricted": r["restricted_route_nl"],
            "destination": r["destination_route_nl"],
            "verdict": name_of("displacement.verdicts", r["verdict"]),
        }
        for r in chosen(facts).to_dicts()
    ]
    key = ["event_id", "restricted_route", "destination_route"]
    return table("displacement", lookup("displacement.caption"), columns, rows, key)


def loss_table(facts: Facts) -> Table:
    """The loss of each restricted route with its interval: what the shares divide by."""
    heads = lookup("displacement.loss.columns")
    kinds = {"event_on": "day", "net_loss": "count", "net_loss_lo95": "count", "net_loss_hi95": "count"}
    columns = [Column(name, heads[name], kinds.get(name, "text")) for name in heads]
    rows = [
        r | {"description_nl": described(r)}
        for r in chosen(facts).unique(["event_id", "restricted_route"], keep="first", maintain_order=True).to_dicts()
    ]
    return table("losses", lookup("displacement.loss.caption"), columns, rows, ["event_id", "restricted_route"])


def described(row: dict[str, Any]) -> str:
    """What an event was, without a full stop."""
    return dutch.decimals_with_comma(row["description_nl"]).rstrip(".")


def told(facts: Facts) -> list[dict[str, Any]]:
    """One row per event and restricted route that is told: its `total`, else its only verdict.

    The clearest losses come first, since without a loss there is nothing to displace; what was found plays no part.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in chosen(facts).to_dicts():
        key = (row["event_id"], row["restricted_route"])
        if key not in rows or row["destination_route"] == "total":
            rows[key] = row
    return sorted(rows.values(), key=_clarity)[:EVENTS_SHOWN]


def _clarity(row: dict[str, Any]) -> tuple[bool, bool, float, int, str]:
    low = row["net_loss_lo95"]
    is_unclear = low is None or low <= 0
    return (row["gain"] is None, is_unclear, -(row["net_loss"] or 0), -row["event_on"].toordinal(), row["event_id"])


def section(facts: Facts) -> Section:
    """The section, or an honest sentence when nothing could be estimated."""
    heading = lookup("displacement.heading")
    is_stand_in = bool(facts.displacement["stand_in"].any())
    view = displacement_table(facts)
    if not view.rows:
        return Section("displacement", heading, is_stand_in, (say("displacement.none"), say("displacement.blind")))
    rows = chosen(facts)
    months = int(rows["months_after"][0])
    losses = loss_table(facts)
    source = plain("displacement.source", leveranciers=suppliers(facts, FEEDS), specificatie=rows["specification"][0])
    parts: list[Markup | Figure | Listing] = [
        say("displacement.intro", maanden=Markup('<data value="{}">{}</data>').format(months, months))
    ]
    parts += [sentence(view, losses, row) for row in told(facts)]
    groups = _groups(view, facts)
    if groups:
        parts.append(_figure(view, groups, months, source, is_stand_in))
    else:
        parts.append(Listing(view, source, is_stand_in))
    parts += [Listing(losses, source, is_stand_in), say("displacement.mde"), say("displacement.blind")]
    return Section("displacement", heading, is_stand_in, tuple(parts))


def sentence(view: Table, losses: Table, row: dict[str, Any]) -> Markup:
    """One event in words: loss and gain with their intervals, and the verdict."""
    key = (row["event_id"], row["restricted_route"], row["destination_route"])
    event = (row["event_id"], row["restricted_route"])
    words = {
        "omschrijving": described(row),
        "datum": day_words(row["event_on"]),
        "route": row["restricted_route_nl"],
        "oordeel": name_of("displacement.verdicts", row["verdict"]),
    }
    if row["gain"] is None or row["gain_lo95"] is None or row["net_loss"] is None or row["net_loss_lo95"] is None:
        return say("displacement.one_short", **words)
    return say(
        "displacement.one",
        **words,
        verlies=losses.quote(event, "net_loss"),
        verlies_laag=losses.quote(event, "net_loss_lo95"),
        verlies_hoog=losses.quote(event, "net_loss_hi95"),
        winst=view.quote(key, "gain"),
        winst_laag=view.quote(key, "gain_lo95"),
        winst_hoog=view.quote(key, "gain_hi95"),
    )


def _groups(view: Table, facts: Facts) -> list[tuple[str, list[dict[str, Any]]]]:
    """The estimates that are drawn: gains of the told events, with intervals, by event."""
    groups = []
    for event in told(facts):
        wanted = (event["event_id"], event["restricted_route"])
        rows = [
            {
                "label": view.cell(key, "destination").text,
                "value": view.cell(key, "gain").raw,
                "low": view.cell(key, "gain_lo95").raw,
                "high": view.cell(key, "gain_hi95").raw,
                "text": _interval(view, key),
            }
            for key in view.keys
            if key[:2] == wanted and key[2] != "net_reduction" and view.cell(key, "gain_lo95").raw is not None
        ]
        if rows:
            groups.append((f"{described(event)} ({dutch.short_day(event['event_on'])})", rows))
    return groups


def _interval(view: Table, key: Any) -> str:
    low, high = view.cell(key, "gain_lo95").text, view.cell(key, "gain_hi95").text
    return f"{view.cell(key, 'gain').text} ({low} tot {high})"


def _figure(
    view: Table, groups: list[tuple[str, list[dict[str, Any]]]], months: int, source: str, is_stand_in: bool
) -> Figure:
    key = next(k for k in view.keys if view.cell(k, "gain_lo95").raw is not None)
    return Figure(
        id="fig-displacement",
        title=lookup("displacement.title"),
        subtitle=plain("displacement.subtitle", maanden=months),
        description=plain(
            "displacement.desc",
            route=view.cell(key, "destination").text,
            gebeurtenis=view.cell(key, "event").text,
            winst=view.cell(key, "gain").text,
            laag=view.cell(key, "gain_lo95").text,
            hoog=view.cell(key, "gain_hi95").text,
        ),
        spec=charts.estimate_groups(groups, ",d"),
        table=view,
        source=source,
        is_stand_in=is_stand_in,
    )
