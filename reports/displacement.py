"""The section on the waterbed: loss, gain and share per event, persons first, each with its interval.

Belongs here: which estimates are shown and in what words. Does not belong here: estimation and verdicts.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from markupsafe import Markup

from reports import charts, companions, dutch
from reports.facts import Facts
from reports.page import Figure, Listing, Section
from reports.tables import UNKNOWN, Column, Table, table
from reports.texts import lookup, name_of, plain, say
from reports.words import day_words, suppliers

FEEDS = ("ind_permits", "uwv_work_permits", "szw_postings", "kvk_companies")
#: The estimator's specification that the brief shows, and the horizon when there is a choice.
SPECIFICATION = "C1"
HORIZON = 12
#: Events of which the routes are drawn and told; the others are counted by verdict.
EVENTS_SHOWN = 3

#: The name under which the estimates of several events stand together; it is no event of its own.
POOLED = "pooled"

EVENT = ["event_id", "restricted_route"]
FIGURES = ("gain", "gain_lo95", "gain_hi95")
SHARES = ("share", "share_lo95", "share_hi95", "mde80")


def _of_one_specification(facts: Facts) -> pl.DataFrame:
    """The estimates of single events by specification C1, or by the first one where that is missing."""
    frame = facts.displacement.filter(pl.col("event_id") != POOLED)
    if not frame.height or SPECIFICATION in frame["specification"]:
        return frame.filter(pl.col("specification") == SPECIFICATION)
    return frame.filter(pl.col("specification") == frame["specification"].min())


def chosen(facts: Facts) -> pl.DataFrame:
    """The estimates that are shown: per event and restricted route those of one horizon.

    That is twelve months, else the longest below, else the shortest above; events without estimate are left out.
    """
    found = _of_one_specification(facts).filter(pl.col("gain").is_not_null())
    too_late = pl.col("months_after") > HORIZON
    away = (pl.col("months_after") - HORIZON).abs()
    horizons = found.sort(*EVENT, too_late, away).unique(EVENT, keep="first", maintain_order=True)
    shown = found.join(horizons.select(*EVENT, "months_after"), on=[*EVENT, "months_after"], how="semi")
    last = pl.col("destination_route").replace_strict({"total": 1, "net_reduction": 2}, default=0)
    order = ("event_id", "restricted_route", last, "destination_route")
    return shown.sort(pl.col("event_on"), *order, descending=[True] + [False] * 4)


def verdict_table(facts: Facts) -> Table:
    """How many events and restricted routes got which verdict, those without estimate included."""
    rows = _of_one_specification(facts).filter(pl.col("destination_route") == "total")
    shown = chosen(facts).select("event_id", "restricted_route", "months_after")
    unanswered = rows.filter(pl.col("gain").is_null())
    answered = rows.join(shown.unique(), on=shown.columns, how="semi")
    counts = (
        pl.concat([answered, unanswered]).group_by("verdict").len("events").sort("events", "verdict", descending=True)
    )
    heads = lookup("displacement.verdict_columns")
    columns = [Column("verdict_nl", heads["verdict_nl"]), Column("events", heads["events"], "count")]
    named = [r | {"verdict_nl": name_of("displacement.verdicts", r["verdict"])} for r in counts.to_dicts()]
    return table("verdicts", lookup("displacement.verdict_caption"), columns, named, ["verdict"])


def displacement_table(facts: Facts) -> Table:
    """Loss, gain and share per event and destination."""
    heads = lookup("displacement.columns")
    kinds = dict.fromkeys(FIGURES, "count") | dict.fromkeys(SHARES, "share") | {"event": "day", "months_after": "count"}
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
        for r in _told_estimates(facts).to_dicts()
    ]
    key = ["event_id", "restricted_route", "destination_route"]
    return table("displacement", lookup("displacement.caption"), columns, rows, key)


def pooled_table(facts: Facts) -> Table:
    """The share of all restrictions of a route together, for all destinations, a horizon per route with a share."""
    heads = lookup("displacement.pooled.columns")
    kinds = dict.fromkeys(SHARES[:3], "share") | {"months_after": "count"}
    columns = [Column(name, heads[name], kinds.get(name, "text")) for name in heads]
    found = facts.displacement.filter(
        pl.col("event_id") == POOLED,
        pl.col("destination_route") == "total",
        pl.col("specification") == SPECIFICATION,
        pl.col("share").is_not_null(),
    )
    nearest = found.sort("restricted_route", (pl.col("months_after") - HORIZON).abs(), "months_after")
    rows = [
        r | {"verdict": name_of("displacement.verdicts", r["verdict"])}
        for r in nearest.unique("restricted_route", keep="first", maintain_order=True).to_dicts()
    ]
    return table("pooled", lookup("displacement.pooled.caption"), columns, rows, ["restricted_route"])


def loss_table(facts: Facts) -> Table:
    """The loss of each restricted route with its interval: what the shares divide by."""
    heads = lookup("displacement.loss.columns")
    kinds = {"event_on": "day", "net_loss": "count", "net_loss_lo95": "count", "net_loss_hi95": "count"}
    columns = [Column(name, heads[name], kinds.get(name, "text")) for name in heads]
    rows = [
        r | {"description_nl": described(r)}
        for r in _told_estimates(facts).unique(EVENT, keep="first", maintain_order=True).to_dicts()
    ]
    return table("losses", lookup("displacement.loss.caption"), columns, rows, ["event_id", "restricted_route"])


def described(row: dict[str, Any]) -> str:
    """What an event was, without a full stop."""
    return dutch.decimals_with_comma(row["description_nl"]).rstrip(".")


def told(facts: Facts) -> list[dict[str, Any]]:
    """The estimates for all destinations together that are told, of the events with the clearest loss.

    Without a loss there is nothing to displace; what was found plays no part in the choice.
    """
    rows = chosen(facts).filter(pl.col("destination_route") == "total").to_dicts()
    return sorted(rows, key=_clarity)[:EVENTS_SHOWN]


def _told_estimates(facts: Facts) -> pl.DataFrame:
    """The estimates of the told events; all others stand in `pub.displacement` of the published database."""
    keys = [(r["event_id"], r["restricted_route"]) for r in told(facts)]
    wanted = pl.DataFrame(keys, schema=dict.fromkeys(EVENT, pl.String), orient="row")
    return chosen(facts).join(wanted, on=EVENT, how="semi", maintain_order="left")


def _clarity(row: dict[str, Any]) -> tuple[bool, float, int, str]:
    low = row["net_loss_lo95"]
    return (low is None or low <= 0, -(row["net_loss"] or 0), -row["event_on"].toordinal(), row["event_id"])


def section(facts: Facts) -> Section:
    """The section, or an honest sentence when nothing was or could be estimated."""
    heading = lookup("displacement.heading")
    is_stand_in = bool(facts.displacement["stand_in"].any())
    blind = say("displacement.blind")
    if not facts.displacement.height:
        return Section("displacement", heading, is_stand_in, (say("displacement.none"), blind))
    specification = _of_one_specification(facts)["specification"][0]
    source = plain("displacement.source", leveranciers=suppliers(facts, FEEDS), specificatie=specification)
    parts: list[Markup | Figure | Listing] = [say("displacement.intro")]
    verdicts = Listing(verdict_table(facts), source, is_stand_in)
    view = displacement_table(facts)
    if not view.rows:
        tests = companions.parts(facts, [], source, is_stand_in)
        parts += [say("displacement.none_estimable"), verdicts, *tests, blind]
        return Section("displacement", heading, is_stand_in, tuple(parts))
    losses = loss_table(facts)
    parts += [sentence(view, losses, row) for row in told(facts)]
    if groups := _groups(view, facts):
        parts.append(_figure(view, groups, source, is_stand_in))
    else:
        parts.append(Listing(view, source, is_stand_in))
    parts += [say("displacement.mde"), Listing(losses, source, is_stand_in), verdicts]
    if (pooled := pooled_table(facts)).rows:
        parts += [say("displacement.pooled.intro"), Listing(pooled, source, is_stand_in)]
    parts += [*companions.parts(facts, told(facts), source, is_stand_in), blind]
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
    if row["gain_lo95"] is None or row["net_loss"] is None or row["net_loss_lo95"] is None:
        return say("displacement.one_short", **words)
    return say(
        "displacement.one",
        **words,
        maanden=view.quote(key, "months_after"),
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
            title = plain(
                "displacement.group",
                omschrijving=described(event),
                datum=dutch.short_day(event["event_on"]),
                maanden=event["months_after"],
            )
            groups.append((title, rows))
    return groups


def _interval(view: Table, key: Any) -> str:
    low, high = view.cell(key, "gain_lo95").text, view.cell(key, "gain_hi95").text
    return f"{view.cell(key, 'gain').text} ({low} tot {high})"


def _figure(view: Table, groups: list[tuple[str, list[dict[str, Any]]]], source: str, is_stand_in: bool) -> Figure:
    key = next(k for k in view.keys if view.cell(k, "gain_lo95").raw is not None)
    return Figure(
        id="fig-displacement",
        title=lookup("displacement.title"),
        subtitle=lookup("displacement.subtitle"),
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
