"""The rows of a delivery: which are accepted, with pseudonyms for identifiers, and which are rejected and why.

Belongs here: applying the rules to all files of a delivery and leaving two things in the session, the relation
`accepted_rows` with exactly the contract's columns, and the table `delivery_rejected`. Does not belong here:
opening files (`sources`), the rules themselves (`rules`), putting rows in their place (`history`).

Files are scanned several times rather than copied once: a scan reads only the columns that it needs, and at
twenty million rows a copy costs more than all of them. Personal identifiers never leave the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assets.feeds.masking import row_json
from assets.feeds.parsing import UNWANTED, Column, is_code
from assets.feeds.pseudonym import kind_of, normalised_expression, pseudonym_expression
from assets.feeds.reasons import Rejected
from assets.feeds.relations import (
    FILE,
    ROW,
    Expression,
    Relation,
    all_of,
    any_of,
    call,
    choose,
    column,
    constant,
    count,
    first_of,
    union,
)
from assets.feeds.rules import VAT_COUNTRIES, Rule, field_rules, row_rules, value, vat_fits
from assets.feeds.sources import Group
from quality.contract import FeedContract, Field
from sql.warehouse import Session

#: The relation of accepted rows, and the table that holds a copy of it where one is made.
ACCEPTED, COPY = "accepted_rows", "accepted_copy"
REJECTED = "delivery_rejected"

_MISPLACED = {Rejected.TYPE, Rejected.PATTERN, Rejected.CLOSED_LIST}


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
    fields = {f.name: f for f in contract.table.fields}
    for group in groups:
        _reject_by_rule(group, _rules(contract, group, delivered_on), contract)
    _reject_repeats(session, contract, groups)
    rejected = dict(session.rows("feeds/rejections_by_reason"))
    _make_pseudonyms(session, contract, groups, key)
    kept = [_without_rejected(session, group.rows) if rejected else group.rows for group in groups]
    accepted = union([_accepted(session, list(fields.values()), rows) for rows in kept])
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


def _reject_by_rule(group: Group, rules: Sequence[Rule], contract: FeedContract) -> None:
    broken = group.rows.filter(any_of([rule.broken for rule in rules if not rule.is_implied]))
    codes = [choose(rule.broken, constant(rule.code.value)) for rule in rules]
    messages = [choose(rule.broken, rule.message) for rule in rules]
    broken.select(
        column(FILE),
        column(ROW),
        first_of(*codes),
        call("concat_ws", "; ", *messages),
        _row_json(group, rules, contract),
    ).insert_into(REJECTED)


def _row_json(group: Group, rules: Sequence[Rule], contract: FeedContract) -> Expression:
    misplaced: dict[str, Expression] = {}
    for rule in rules:
        if rule.code in _MISPLACED:
            for name in rule.fields:
                misplaced[name] = misplaced[name] | rule.broken if name in misplaced else rule.broken
    masked_where: dict[str, Expression] = {}
    if contract.feed in VAT_COUNTRIES:
        vat, country = VAT_COUNTRIES[contract.feed]
        unfit = ~first_of(vat_fits(vat, country), constant(False))
        masked_where = {vat: unfit, country: unfit}
    return row_json(group.columns, misplaced, masked_where)


def _key_value(field: Field) -> Expression:
    """A key field as it is compared: of an identifier without a form of its own, what spellings share."""
    if field.is_identifier and not field.pattern:
        return normalised_expression(value(field.name))
    return value(field.name)


def _with_key(group: Group, key: Sequence[Field]) -> Relation:
    """The rows of a group whose key is complete."""
    return group.rows.filter(all_of([value(f.name).is_not_null() for f in key if f.required]))


def _reject_repeats(session: Session, contract: FeedContract, groups: Sequence[Group]) -> None:
    key = contract.table.key
    if not key:
        return
    key_hash = call("hash", *(_key_value(f) for f in key))
    hashes = union([_with_key(group, key).select(key_hash.alias("key_hash")) for group in groups])
    if count(hashes.distinct()) == count(hashes):
        return
    session.run("feeds/make_repeated_hashes")
    occurrences = hashes.aggregate([column("key_hash"), call("count", 1).alias("n")], "key_hash")
    occurrences.filter(column("n") > 1).select(column("key_hash")).insert_into("repeated_hashes")
    session.run("feeds/make_repeat_candidates")
    for group in groups:
        _candidates(session, group, key, contract).insert_into("repeat_candidates")
    session.run("feeds/reject_repeats")


def _candidates(session: Session, group: Group, key: Sequence[Field], contract: FeedContract) -> Relation:
    repeated = session.connection.table("repeated_hashes").select(column("key_hash").alias("repeated hash"))
    key_hash = call("hash", *(_key_value(f) for f in key))
    rows = _with_key(group, key).join(repeated, key_hash == column("repeated hash"), how="semi")
    keys = [_key_value(f).cast("VARCHAR") for f in key]
    content = [col.trimmed if _is_text(col) else value(col.name).cast("VARCHAR") for col in group.columns]
    return rows.select(
        column(FILE),
        column(ROW),
        call("list_value", *keys),
        call("list_value", *content),
        _row_json(group, [], contract),
    )


def _is_text(col: Column) -> bool:
    return col.field.kind == "string" and col.is_text


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
        if not field.is_identifier:
            continue
        delivered = union([group.rows.select(value(field.name).alias("identifier")) for group in groups])
        known = delivered.distinct().filter(column("identifier").is_not_null())
        hashed = pseudonym_expression(key, kind_of(field.name), column("identifier"))
        known.select(constant(field.name), column("identifier"), hashed).insert_into("pseudonyms")


def _accepted(session: Session, fields: Sequence[Field], rows: Relation) -> Relation:
    """The contract's columns and no other, in the contract's types, with pseudonyms for identifiers."""
    for field in fields:
        if field.is_identifier:
            names = (
                session.connection.table("pseudonyms")
                .filter(column("column_name") == field.name)
                .select(
                    column("identifier").alias(f"identifier {field.name}"),
                    column("pseudonym").alias(f"pseudonym {field.name}"),
                )
            )
            rows = rows.join(names, value(field.name) == column(f"identifier {field.name}"), how="left")
    return rows.select(*(_final(field) for field in fields))


def _final(field: Field) -> Expression:
    found = column(f"pseudonym {field.name}") if field.is_identifier else value(field.name)
    return found.cast(field.duckdb_type).alias(field.name)


def _cleaning_warnings(groups: Sequence[Group]) -> list[str]:
    """How many values of each free-text column lost unwanted characters."""
    totals: dict[str, int] = {}
    for group in groups:
        texts = [c for c in group.columns if _is_text(c) and not is_code(c.field)]
        if not texts:
            continue
        counts = [call("count_if", call("regexp_matches", c.as_text, UNWANTED)) for c in texts]
        found = group.rows.aggregate(counts).fetchall()[0]
        for col, n in zip(texts, found, strict=True):
            totals[col.name] = totals.get(col.name, 0) + n
    return [
        f"{name}: control characters or direction overrides removed from {n:,} values"
        for name, n in totals.items()
        if n
    ]
