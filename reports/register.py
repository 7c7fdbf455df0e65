"""The section on the public register of recognised sponsors: real data, shown as they are.

Belongs here: which of its figures are shown and said. Does not belong here: any judgement on who left.
"""

from __future__ import annotations

from markupsafe import Markup

from reports import charts, dutch
from reports.facts import Facts
from reports.page import Figure, Section
from reports.tables import Column, Table, table
from reports.texts import lookup, plain, say
from reports.words import day_words

FEED = "ind_public_register"


def size_table(facts: Facts) -> Table:
    """Organisations per snapshot."""
    heads = lookup("register.size.columns")
    columns = [
        Column("snapshot_on", heads["snapshot_on"], "day"),
        Column("organisations", heads["organisations"], "count"),
        Column("has_numbers", heads["has_numbers"]),
    ]
    rows = [
        r | {"has_numbers": lookup("answer_yes") if r["has_numbers"] else lookup("answer_no")}
        for r in facts.register_snapshots.to_dicts()
    ]
    return table("register-size", lookup("register.size.caption"), columns, rows, ["snapshot_on"])


def movement_table(facts: Facts) -> Table:
    """Movements between comparable snapshots."""
    heads = lookup("register.moves.columns")
    kinds = {"snapshot_from": "day", "snapshot_until": "day"}
    columns = [Column(name, heads[name], kinds.get(name, "count")) for name in heads]
    rows = [r for r in facts.register_movements.to_dicts() if r["is_comparable"]]
    return table("register-moves", lookup("register.moves.caption"), columns, rows, ["snapshot_until"])


def section(facts: Facts) -> Section:
    """The section, or an honest sentence when the register was not delivered."""
    is_stand_in = facts.is_simulated(FEED)
    heading = lookup("register.heading")
    sizes = size_table(facts)
    if not sizes.rows:
        return Section("register", heading, is_stand_in, (say("register.none"),))
    last = sizes.keys[-1]
    parts: list[Markup | Figure] = [
        say("register.intro", datum=day_words(last), aantal=sizes.quote(last, "organisations")),
        _size_figure(sizes, is_stand_in),
    ]
    moves = movement_table(facts)
    if moves.rows:
        until = moves.keys[-1]
        start = facts.register_movements.filter(facts.register_movements["snapshot_until"] == until)["snapshot_from"][0]
        quoted = {
            "erbij": moves.quote(until, "entered"),
            "eraf": moves.quote(until, "left_register"),
            "hernoemd": moves.quote(until, "renamed"),
            "omgenummerd": moves.quote(until, "renumbered"),
        }
        parts.append(say("register.movement", van=day_words(start), tot=day_words(until), **quoted))
        parts.append(_movement_figure(moves, is_stand_in))
    return Section("register", heading, is_stand_in, tuple(parts))


def _size_figure(view: Table, is_stand_in: bool) -> Figure:
    first, last = view.keys[0], view.keys[-1]
    rows = [{"label": row[0].text, "value": row[1].raw, "text": row[1].text} for row in view.rows]
    return Figure(
        id="fig-register-size",
        title=lookup("register.size.title"),
        subtitle=lookup("register.size.subtitle"),
        description=plain(
            "register.size.desc",
            eerste=dutch.day(first),
            laatste=dutch.day(last),
            aantal_eerste=view.cell(first, "organisations").text,
            aantal_laatste=view.cell(last, "organisations").text,
        ),
        spec=charts.bars(rows),
        table=view,
        source=lookup("register.source"),
        is_stand_in=is_stand_in,
    )


def _movement_figure(view: Table, is_stand_in: bool) -> Figure:
    last = view.keys[-1]
    rows = [
        {
            "label": f"{row[0].text} – {row[1].text}",
            "entered": row[2].raw,
            "left": row[3].raw,
            "entered_text": row[2].text,
            "left_text": row[3].text,
        }
        for row in view.rows
    ]
    return Figure(
        id="fig-register-moves",
        title=lookup("register.moves.title"),
        subtitle=lookup("register.moves.subtitle"),
        description=plain(
            "register.moves.desc",
            tot=dutch.day(last),
            erbij=view.cell(last, "entered").text,
            eraf=view.cell(last, "left_register").text,
        ),
        spec=charts.movements(rows, lookup("register.moves.entered"), lookup("register.moves.left")),
        table=view,
        source=lookup("register.source"),
        is_stand_in=is_stand_in,
    )
