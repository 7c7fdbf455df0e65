"""The history of a feed: what was delivered, and from which delivery until which it was so.

Belongs here: making the tables of `raw` from the contracts and putting an accepted delivery in its place.
Does not belong here: reading files, judging rows (both come before) and the meaning of any column.

A version runs from the delivery that brought it until (exclusive) the delivery that superseded or ended it.
Versions go by day of delivery, not by order of loading: any order gives the same table. Three things carry
that: the versions themselves, `raw.confirmations` (deltas that repeated a row unchanged) and
`raw.full_deliveries` (days on which absence meant an end). Together they recall everything that was ever said
about a key.

Columns that only the fairness audit may see never stand in `raw`: such a feed is stored in `audit`, and `raw`
shows the rest of it as a view.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from quality.contract import FeedContract, Field, Table, product_tables
from sql import bitemporal
from sql.ddl import add_column
from sql.warehouse import Session

CONFIRMATIONS = "raw.confirmations"
FULL_DELIVERIES = "raw.full_deliveries"

HISTORY_FIELDS = (
    Field(
        bitemporal.DELIVERED,
        "date",
        "Day of the delivery that brought this row.",
        "leverdatum",
        True,
        "internal",
    ),
    Field(
        bitemporal.VALID_FROM,
        "date",
        "Day of delivery from which this row was known to be so.",
        "geldig vanaf levering",
        True,
        "internal",
    ),
    Field(
        bitemporal.VALID_UNTIL,
        "date",
        "Day of the delivery that superseded or ended this row, exclusive; empty while current.",
        "geldig tot levering",
        False,
        "internal",
    ),
)


def stored_table(contract: FeedContract) -> Table:
    """The physical table of a feed: all columns of its contract and its validity.

    It stands in `raw`, or in `audit` when the contract has columns for the fairness audit only.
    """
    schema = "audit" if any(f.classification == "audit_only" for f in contract.table.fields) else "raw"
    return replace(contract.table, schema=schema, fields=(*contract.table.fields, *HISTORY_FIELDS))


def shown_table(contract: FeedContract) -> Table:
    """What `raw.<feed>` shows: the stored table without the columns for the fairness audit only."""
    stored = stored_table(contract)
    fields = tuple(f for f in stored.fields if f.classification != "audit_only")
    return replace(stored, schema="raw", fields=fields)


def create_feed_tables(session: Session, contract: FeedContract) -> None:
    """Make `raw.<feed>`, commented from the contract, the books of its history, and the macros over it.

    What is there already stays; columns that a newer minor version of the contract adds are added, empty.

    Raises:
        ValueError: when the table that is there has columns that the contract no longer has, or stands where
            the fairness audit's columns may not stand.
    """
    stored, shown = stored_table(contract), shown_table(contract)
    _follow_contract(session, stored, shown)
    for name in (CONFIRMATIONS, FULL_DELIVERIES):
        session.create(product_tables()[name])
    session.create(stored)
    if stored.schema != shown.schema:
        for statement in bitemporal.shown_view_statements(shown, stored):
            session.connection.execute(statement)
    session.run("feeds/history/as_known_on")
    session.run("feeds/history/current_rows")


def _follow_contract(session: Session, stored: Table, shown: Table) -> None:
    """Add the columns that an existing table lacks; refuse what only a new warehouse can follow."""

    def columns(table: Table) -> set[str]:
        found = session.rows("feeds/history/stored_columns", schema=table.schema, table=table.name)
        return {name for (name,) in found}

    if stored.schema != shown.schema and columns(shown):
        raise ValueError(
            f"{shown.full_name} is a table, but its contract now has columns for the fairness audit only: "
            "load the landing folder into a new warehouse"
        )
    there = columns(stored)
    surplus = sorted(there - {f.name for f in stored.fields})
    if surplus:
        raise ValueError(
            f"{stored.full_name} has columns that its contract no longer has ({', '.join(surplus)}): "
            "load the landing folder into a new warehouse"
        )
    for field in stored.fields:
        if there and field.name not in there:
            session.connection.execute(add_column(stored, field))


def merge_delivery(session: Session, contract: FeedContract, accepted: str, delivered_on: date, mode: str) -> None:
    """Put one accepted delivery in its place in the history of its feed.

    Merging the same delivery again changes nothing; another delivery under the same day takes its place.

    Args:
        session: an open writing session in which `create_feed_tables` has run.
        contract: the contract of the feed.
        accepted: a table or view in the session with exactly the contract's columns, keys unique.
        delivered_on: the day of the delivery, by which versions go.
        mode: `delta` (adds, and supersedes rows of the same key) or `full` (replaces the feed from its day
            on, or, in a feed of dated pictures, only the dates that it contains).

    Raises:
        ValueError: when `mode` is neither.
    """
    if mode not in ("delta", "full"):
        raise ValueError(f"{contract.feed}: a delivery is full or delta, not {mode}")
    stored, snapshot = stored_table(contract), contract.snapshot_field
    session.connection.execute(bitemporal.arriving_view(contract.table, snapshot, accepted))
    session.connection.execute(bitemporal.versions_view(stored, contract.table.fields, snapshot))
    last_said_on = session.rows("feeds/history/last_said_on", feed=contract.feed)[0][0]
    if mode == "full":
        session.run(
            "feeds/history/register_full",
            feed=contract.feed,
            delivered_on=delivered_on,
            by_snapshot=snapshot is not None,
        )
    if last_said_on is None:
        statement = bitemporal.insert_first(stored, contract.table.fields, accepted)
        session.connection.execute(statement, {"delivered_on": delivered_on})
    elif delivered_on > last_said_on:
        _add_newest(session, contract, stored, delivered_on)
    else:
        _put_in_between(session, contract, stored, delivered_on)
    for statement in bitemporal.empty_scratch():
        session.connection.execute(statement)


def _add_newest(session: Session, contract: FeedContract, stored: Table, delivered_on: date) -> None:
    """The common night: a delivery later than all before it only ends and starts current versions."""
    session.run("feeds/history/compare")
    session.run("feeds/history/end_current", feed=contract.feed, delivered_on=delivered_on)
    session.run("feeds/history/start_current", delivered_on=delivered_on)
    session.run("feeds/history/confirm_current", feed=contract.feed, delivered_on=delivered_on)
    session.connection.execute(bitemporal.end_versions(stored), {"delivered_on": delivered_on})
    session.connection.execute(bitemporal.insert_versions(stored, contract.table.fields))


def _put_in_between(session: Session, contract: FeedContract, stored: Table, delivered_on: date) -> None:
    """A late delivery: recall all that was said about the keys it touches, and chain their versions anew."""
    session.run("feeds/history/find_touched", feed=contract.feed, delivered_on=delivered_on)
    session.run("feeds/history/recall_said", feed=contract.feed, delivered_on=delivered_on)
    session.run("feeds/history/end_touched")
    session.run("feeds/history/chain_touched")
    session.run("feeds/history/forget_touched", feed=contract.feed)
    session.run("feeds/history/confirm_touched", feed=contract.feed)
    session.connection.execute(bitemporal.delete_versions(stored))
    session.connection.execute(bitemporal.insert_versions(stored, contract.table.fields))
