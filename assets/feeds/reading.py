"""The rows of a delivery: which are accepted, with pseudonyms for identifiers, and which are rejected and why.

Belongs here: applying the rules to all files of a delivery and leaving two things in the session, the relation
`accepted_rows` with exactly the contract's columns, and the table `delivery_rejected`. Does not belong here:
opening files (`sources`), the rules (`rules`), repeats (`repeats`), putting rows in their place (`history`).

Files are scanned several times rather than copied once: a scan reads only the columns that it needs, and at
twenty million rows a copy costs more than all of them. Identifiers of persons never leave the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assets.feeds.masking import reason_words, row_json
from assets.feeds.parsing import NUMBER_IN_PROSE, UNWANTED, Column, is_code, is_prose
from assets.feeds.pseudonym import kind_of, pseudonym_expression
from assets.feeds.relations import (
    FILE,
    ROW,
    Expression,
    Relation,
    any_of,
    call,
    choose,
    column,
    constant,
    count,
    function_of,
    union,
)
from assets.feeds.repeats import delivered_values, masked_places, reject_repeats
from assets.feeds.rules import Rule, field_rules, row_rules, value
from assets.feeds.sources import Group
from quality.contract import FeedContract, Field
from sql.warehouse import Session

#: The relation of accepted rows, and the table that holds a copy of it where one is made.
ACCEPTED, COPY = "accepted_rows", "accepted_copy"
REJECTED = "delivery_rejected"


@dataclass(frozen=True)
class Reading:
    """What came of the rows of a delivery."""

    delivered: int
    accepted: int
    rejected: Mapping[str, int]
    warnings: tuple[str, ...]

    @property
    def rows_rejected(self) -> int:
        """Rows rejected for whatever reason."""
        return sum(self.rejected.values())


def read_rows(
    session: Session,
    contract: FeedContract,
    groups: Sequence[Group],
    delivered_on: date,
    key: bytes,
    *,
    copy: bool = True,
) -> Reading:
    """Judge every row of a delivery and leave `accepted_rows` and `delivery_rejected` in the session.

    Args:
        session: an open writing session; both live no longer than it.
        contract: the contract of the feed.
        groups: the delivered rows, from `sources.open_delivery`.
        delivered_on: the day of the delivery.
        key: the key of the pseudonyms.
        copy: make `accepted_copy` too, for a history that will look at the rows more than once.
    """
    session.run("feeds/make_rejected")
    for group in groups:
        _reject_by_rule(session, contract, group, delivered_on)
    reject_repeats(session, contract, groups)
    rejected: dict[str, int] = dict(session.rows("feeds/rejections_by_reason"))
    _make_pseudonyms(session, contract, groups, key)
    kept = [_without_rejected(session, group.rows) if rejected else group.rows for group in groups]
    accepted = union([_accepted(session, contract.table.fields, rows) for rows in kept])
    session.connection.register(ACCEPTED, accepted)
    if copy:
        session.run("feeds/copy_accepted")
    return Reading(
        delivered=sum(count(group.rows) for group in groups),
        accepted=sum(count(rows) for rows in kept),
        rejected=rejected,
        warnings=tuple(_cleaning_warnings(groups)),
    )


def _rules(contract: FeedContract, group: Group, delivered_on: date) -> list[Rule]:
    rules = [rule for col in group.columns for rule in field_rules(col)]
    return rules + row_rules(contract.feed, {c.name: c.field for c in group.columns}, delivered_on)


def _reject_by_rule(session: Session, contract: FeedContract, group: Group, delivered_on: date) -> None:
    """Reject the rows of a group that break a rule: first which and why, as numbers, then in words."""
    rules = _rules(contract, group, delivered_on)
    session.run("feeds/make_broken_rows")
    broken = group.rows.filter(any_of([rule.broken for rule in rules if not rule.is_implied]))
    numbers = [choose(rule.broken, constant(number)) for number, rule in enumerate(rules, start=1)]
    broken.select(
        column(FILE),
        column(ROW),
        delivered_values(group),
        _not_null(call("list_value", *numbers)),
        masked_places(contract),
    ).insert_into("broken_rows")
    if not session.count("broken_rows"):
        return
    place = {"": 0} | {field.name: number for number, field in enumerate(contract.table.fields, start=1)}
    misplaced = constant([place[rule.field] if rule.is_misplaced else 0 for rule in rules])
    session.connection.table("broken_rows").select(
        column("file"),
        column("row_number"),
        call("list_extract", constant([rule.code.value for rule in rules]), column("broken")[1]),
        reason_words([r.words for r in rules], [place[r.field] for r in rules], contract.table.fields),
        column("delivered"),
        call("list_transform", column("broken"), _looked_up(misplaced)),
        column("masked"),
    ).insert_into(REJECTED)


def _not_null(numbers: Expression) -> Expression:
    is_given = function_of("number", "turn", lambda number, _: number.is_not_null())
    return call("list_filter", numbers, is_given)


def _looked_up(values: Expression) -> Expression:
    return function_of("number", "turn", lambda number, _: call("list_extract", values, number))


def _without_rejected(session: Session, rows: Relation) -> Relation:
    rejected = session.connection.table(REJECTED).select(
        column("file").alias("rejected file"), column("row_number").alias("rejected row")
    )
    is_same = (column(FILE) == column("rejected file")) & (column(ROW) == column("rejected row"))
    return rows.join(rejected, is_same, how="anti")


def _make_pseudonyms(session: Session, contract: FeedContract, groups: Sequence[Group], key: bytes) -> None:
    """Fill `pseudonyms`, from delivered identifier to pseudonym by column: distinct values are hashed once."""
    session.run("feeds/make_pseudonyms")
    for field in contract.table.fields:
        if field.is_identifier:
            delivered = union([group.rows.select(value(field.name).alias("identifier")) for group in groups])
            known = delivered.distinct().filter(column("identifier").is_not_null())
            hashed = pseudonym_expression(key, kind_of(field.name), column("identifier"))
            known.select(constant(field.name), column("identifier"), hashed).insert_into("pseudonyms")


def _accepted(session: Session, fields: Sequence[Field], rows: Relation) -> Relation:
    """The contract's columns and no other, in the contract's types, with pseudonyms for identifiers."""
    for field in fields:
        if field.is_identifier:
            delivered, hashed = f"identifier {field.name}", f"pseudonym {field.name}"
            of_field = session.connection.table("pseudonyms").filter(column("column_name") == field.name)
            names = of_field.select(column("identifier").alias(delivered), column("pseudonym").alias(hashed))
            rows = rows.join(names, value(field.name) == column(delivered), how="left")
    return rows.select(*(_final(field) for field in fields))


def _final(field: Field) -> Expression:
    found = column(f"pseudonym {field.name}") if field.is_identifier else value(field.name)
    return found.cast(field.duckdb_type).alias(field.name)


def keep_rejected(session: Session, contract: FeedContract, **delivery: object) -> None:
    """Keep the rejected rows of the delivery at hand in `raw.rejected_rows`, masked.

    Args:
        session: the session in which `read_rows` ran.
        contract: the contract of the feed.
        delivery: `delivered_on`, `attempt` and `run_id` of the delivery.
    """
    masked = session.connection.table(REJECTED).select(
        *(column(name) for name in ("file", "row_number", "reason_code", "reason")),
        row_json(contract.table.fields).alias("row_json"),
    )
    session.connection.register("masked_rows", masked)
    session.run("feeds/keep_rejected", feed=contract.feed, **delivery)


def _cleaning_warnings(groups: Sequence[Group]) -> list[str]:
    """How many values of each column of text lost unwanted characters, or a number that may be of a person."""
    unwanted = _matching(groups, UNWANTED, lambda c: not is_code(c.field))
    numbers = _matching(groups, NUMBER_IN_PROSE, lambda c: is_prose(c.field))
    return [
        *(f"{name}: control characters or direction overrides removed from {n:,} values" for name, n in unwanted),
        *(f"{name}: a number of nine digits or more was masked in {n:,} values" for name, n in numbers),
    ]


def _matching(groups: Sequence[Group], pattern: str, is_searched: Callable[[Column], bool]) -> list[tuple[str, int]]:
    """The columns of text in which values match the pattern, with the number of values."""
    totals: dict[str, int] = {}
    for group in groups:
        texts = [c for c in group.columns if c.field.kind == "string" and c.is_text and is_searched(c)]
        if not texts:
            continue
        counts = [call("count_if", call("regexp_matches", c.as_text, pattern)) for c in texts]
        for col, n in zip(texts, group.rows.aggregate(counts).fetchall()[0], strict=True):
            totals[col.name] = totals.get(col.name, 0) + (n or 0)
    return [(name, n) for name, n in totals.items() if n]
