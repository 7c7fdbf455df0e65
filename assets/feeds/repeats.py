"""Rows of one delivery that repeat each other: identical rows, and keys that occur twice.

Belongs here: finding them among millions of rows without looking at most of them twice. Does not belong here:
repeats across deliveries, which are history.

Hashes of all keys are compared first; only rows whose hash occurs twice are compared exactly. Rows are compared as
delivered: two spellings of one key are a repeated key, not a repeated row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

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
    first_of,
    union,
)
from assets.feeds.rules import VAT_COUNTRIES, value, vat_fits
from assets.feeds.sources import Group
from quality.contract import FeedContract, Field
from sql.warehouse import Session

#: So many hashes are sorted at a time: 400 MB.
PART = 50_000_000


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
    repeated = repeated_values(hashes, "key_hash", at_most=sum(group.delivered for group in groups))
    if not repeated.size:
        return
    session.run("feeds/make_repeated_hashes")
    session.connection.from_arrow(pa.table({"key_hash": repeated})).insert_into("repeated_hashes")
    session.run("feeds/make_repeat_candidates")
    known = session.connection.table("repeated_hashes").select(column("key_hash").alias("repeated hash"))
    for group, rows in zip(groups, keyed, strict=True):
        candidates = rows.join(known, _hash(key) == column("repeated hash"), how="semi")
        candidates.select(
            column(FILE),
            column(ROW),
            call("list_value", *(_key_value(f).cast("VARCHAR") for f in key)),
            call("list_value", *(_content(col) for col in group.columns)),
            delivered_values(group),
            masked_places(contract),
        ).insert_into("repeat_candidates")
    session.run("feeds/reject_repeats")


def repeated_values(relation: Relation, name: str, *, at_most: int) -> np.ndarray:
    """The values of an unsigned integer column that occur more than once, sorted.

    Sorting in parts by remainder takes less time and memory than counting in the engine: at most `PART` values
    (and a copy of them) are held at a time, however many rows there are.
    """
    parts = at_most // PART + 1
    found = []
    for part in range(parts):
        chosen = relation if parts == 1 else relation.filter(column(name) % constant(parts) == constant(part))
        values = chosen.fetchnumpy()[name]
        values.sort()
        found.append(np.unique(values[1:][values[1:] == values[:-1]]))
    return np.sort(np.concatenate(found))


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
