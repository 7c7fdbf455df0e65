"""The section on method: deliveries, checks, rules of disclosure control, signs.

Belongs here: what a reader needs to weigh the figures. Does not belong here: the figures themselves.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from reports.facts import Facts
from reports.page import Listing, Section, Term, Terms
from reports.tables import NOT_APPLICABLE, Column, Table, table
from reports.texts import lookup, name_of, say

COUNTS = ("deliveries_loaded", "deliveries_refused", "rows_delivered", "rows_accepted", "rows_rejected")


def delivery_table(facts: Facts) -> Table:
    """What was delivered, accepted and rejected, per feed."""
    heads = lookup("method.columns_deliveries")
    kinds = dict.fromkeys(COUNTS, "count") | {"last_delivered_on": "day"}
    columns = [Column(name, heads[name], kinds.get(name, "text")) for name in heads]
    rows = []
    for r in facts.deliveries.to_dicts():
        kind = "simulated" if r["stand_in"] else "real"
        row = r | {
            "key": r["feed"],
            "feed": name_of("names.feeds", r["feed"]),
            "supplier": name_of("names.suppliers", r["supplier"]),
            "kind": lookup(f"method.{kind}") if r["deliveries_loaded"] else NOT_APPLICABLE,
        }
        if r["last_delivered_on"] is None:
            row["last_delivered_on"] = NOT_APPLICABLE
        rows.append(row)
    rows.sort(key=lambda r: (r["deliveries_loaded"] == 0, r["stand_in"], r["supplier"], r["feed"]))
    return table("deliveries", lookup("method.caption_deliveries"), columns, rows, ["key"])


def totals_table(facts: Facts) -> Table:
    """Deliveries, rows and checks in total."""
    heads = lookup("method.columns_totals")
    values = {
        "deliveries": int(facts.deliveries["deliveries_loaded"].sum()),
        "rows_delivered": int(facts.deliveries["rows_delivered"].sum()),
        "rows_rejected": int(facts.deliveries["rows_rejected"].sum()),
        "checks_passed": facts.release["checks_passed"],
        "checks_warned": facts.release["checks_warned"],
    }
    rows: list[dict[str, Any]] = [
        {"key": name, "what": lookup(f"method.totals.{name}"), "value": value} for name, value in values.items()
    ]
    columns = [Column("what", heads["what"]), Column("value", heads["value"], "count")]
    return table("totals", lookup("method.caption_totals"), columns, rows, ["key"])


def rules_table(facts: Facts) -> Table:
    """The rules of disclosure control with their values."""
    heads = lookup("method.columns_rules")
    columns = [Column("meaning", heads["meaning"]), Column("value", heads["value"])]
    rows = [
        r | {"value": int(r["value"]) if float(r["value"]).is_integer() else r["value"]}
        for r in facts.disclosure_rules.to_dicts()
    ]
    written = [r | {"value": str(r["value"]).replace(".", ",")} for r in rows]
    return table("rules", lookup("method.caption_rules"), columns, written, ["rule"])


def section(facts: Facts) -> Section:
    """The section; it is never empty."""
    totals = totals_table(facts)
    checked = facts.release["checks_passed"] + facts.release["checks_warned"] > 0
    parts: list[Markup | Listing | Terms] = [
        say(
            "method.deliveries",
            leveringen=totals.quote("deliveries", "value"),
            geleverd=totals.quote("rows_delivered", "value"),
            afgewezen=totals.quote("rows_rejected", "value"),
        ),
        say(
            "method.checks",
            geslaagd=totals.quote("checks_passed", "value"),
            waarschuwingen=totals.quote("checks_warned", "value"),
        )
        if checked
        else say("method.no_checks"),
        Listing(totals, "", False),
        Listing(delivery_table(facts), "", False),
        say("method.estimates"),
        say("method.disclosure"),
        Listing(rules_table(facts), "", False),
        Terms(
            lookup("method.signs_heading"), tuple(Term(sign, words) for sign, words in lookup("method.signs").items())
        ),
        Markup("{} {}").format(lookup("method.hatched"), lookup("method.rounding")),
    ]
    return Section("method", lookup("method.heading"), False, tuple(parts), has_mark=False)
