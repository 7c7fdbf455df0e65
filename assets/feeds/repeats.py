"""Rows of one delivery that repeat each other: identical rows, and keys that occur twice.

Belongs here: finding them among millions of rows without looking at most of them twice. Does not belong here:
repeats across deliveries, which are history.

Hashes of all keys are counted first; only rows whose hash occurs twice are compared exactly. Rows are compared as
delivered: two spellings of one key are a repeated key, not a repeated row.
"""

from __future__ import annotations

from collections.abc import Sequence

from assets.feeds.parsing import Column
from assets.feeds.pseudonym import normalised_expression
from assets.feeds.relations import (
    FILE,
    ROW,
    Expression,
    Relation,
    all_of,
    call,
    choose,
    column,
    constant,
    count,
    first_of,
    union,
)
from assets.feeds.rules import VAT_COUNTRIES, value, vat_fits
from assets.feeds.sources import Group
from quality.contract import FeedContract, Field
from sql.warehouse import Session


def delivered_values(group: Group) -> Expression:
    """The values of a row as delivered, as a list of texts in the order of the contract."""
    return call("list_value", *(col.as_text for col in group.columns))


def masked_places(contract: FeedContract) -> Expression:
    """Positions of columns to mask whatever they hold: a VAT number that does not fit its country."""
    if contract.feed not in VAT_COUNTRIES:
        return constant([]).cast("INTEGER[]")
    names = [field.name for field in contract.table.fields]
    vat, country = VAT_COUNTRIES[contract.feed]
    fits = first_of(vat_fits(vat, country), constant(False))
    return choose(~fits, constant([names.index(vat) + 1, names.index(country) + 1]), constant([]).cast("INTEGER[]"))


def reject_repeats(session: Session, contract: FeedContract, groups: Sequence[Group]) -> None:
    """Reject all but the first of identical rows, and every row of a key with different content.

    Every row with a complete key takes part, also one that is rejected for another reason: which of two rows is
    right is not for us to say. Reads and fills `delivery_rejected`.
    """
    key = contract.table.key
    if not key:
        return
    keyed = [_with_key(group, key) for group in groups]
    hashes = union([rows.select(_hash(key).alias("key_hash")) for rows in keyed])
    if count(hashes.distinct()) == count(hashes):
        return
    session.run("feeds/make_repeated_hashes")
    occurrences = hashes.aggregate([column("key_hash"), call("count", 1).alias("n")], "key_hash")
    occurrences.filter(column("n") > 1).select(column("key_hash")).insert_into("repeated_hashes")
    session.run("feeds/make_repeat_candidates")
    repeated = session.connection.table("repeated_hashes").select(column("key_hash").alias("repeated hash"))
    for group, rows in zip(groups, keyed, strict=True):
        candidates = rows.join(repeated, _hash(key) == column("repeated hash"), how="semi")
        candidates.select(
            column(FILE),
            column(ROW),
            call("list_value", *(_key_value(f).cast("VARCHAR") for f in key)),
            call("list_value", *(_content(col) for col in group.columns)),
            delivered_values(group),
            masked_places(contract),
        ).insert_into("repeat_candidates")
    session.run("feeds/reject_repeats")


def _with_key(group: Group, key: Sequence[Field]) -> Relation:
    """The rows of a group whose key is complete."""
    return group.rows.filter(all_of([value(f.name).is_not_null() for f in key if f.required]))


def _hash(key: Sequence[Field]) -> Expression:
    return call("hash", *(_key_value(f) for f in key))


def _key_value(field: Field) -> Expression:
    """A key field as it is compared: of an identifier without a form of its own, what spellings share."""
    if field.is_identifier and not field.pattern:
        return normalised_expression(value(field.name))
    return value(field.name)


def _content(col: Column) -> Expression:
    """A value as delivered: text as it was written, anything else as what it says."""
    if col.field.kind == "string" and col.is_text:
        return col.trimmed
    return first_of(value(col.name).cast("VARCHAR"), col.as_text)
