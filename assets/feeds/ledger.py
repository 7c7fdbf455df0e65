"""The books of deliveries: what was loaded, refused or waits, and from which files.

Belongs here: `meta.deliveries` and `raw.delivery_files`, read and written. Does not belong here: deciding the
fate of a delivery (`loading`) and its rows (`reading`, `history`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl
from polars._typing import PolarsDataType

from assets.feeds.delivery import FileState
from assets.feeds.reasons import printable
from quality.contract import product_tables
from sql.warehouse import Session

Status = Literal["loaded", "refused", "pending"]

DELIVERIES = product_tables()["meta.deliveries"]
DELIVERY_FILES = product_tables()["raw.delivery_files"]
REJECTED_ROWS = product_tables()["raw.rejected_rows"]

_SCHEMA: Mapping[str, PolarsDataType] = {
    "feed": pl.String,
    "delivered_on": pl.Date,
    "attempt": pl.Int64,
    "contract_version": pl.String,
    "mode": pl.String,
    "period_from": pl.Date,
    "period_until": pl.Date,
    "status": pl.String,
    "reason_code": pl.String,
    "reason": pl.String,
    "rows_delivered": pl.Int64,
    "rows_accepted": pl.Int64,
    "rows_rejected": pl.Int64,
    "stand_in": pl.Boolean,
    "warnings": pl.List(pl.String),
    "run_id": pl.String,
}
_FILE_SCHEMA: Mapping[str, PolarsDataType] = {
    "feed": pl.String,
    "delivered_on": pl.Date,
    "attempt": pl.Int64,
    "name": pl.String,
    "bytes": pl.Int64,
    "modified_ns": pl.Int64,
    "sha256": pl.String,
}


@dataclass(frozen=True)
class Entry:
    """One row of `meta.deliveries`: a delivery and an attempt to load it."""

    feed: str
    delivered_on: date
    attempt: int
    status: Status
    run_id: str
    stand_in: bool
    contract_version: str | None = None
    mode: str | None = None
    period_from: date | None = None
    period_until: date | None = None
    reason_code: str | None = None
    reason: str | None = None
    rows_delivered: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What the books say of a delivery: its latest attempt and the files that attempt saw."""

    attempt: int
    status: Status
    reason_code: str | None
    files: tuple[FileState, ...] = field(default=())


def make_books(session: Session) -> None:
    """Make the tables of the books where they are not there yet."""
    for table in (DELIVERIES, DELIVERY_FILES, REJECTED_ROWS):
        session.create(table)


def known_deliveries(session: Session, feed: str) -> dict[date, Known]:
    """What the books say of every delivery of a feed, by day."""
    files: dict[tuple[date, int], list[FileState]] = {}
    for day, attempt, *state in session.rows("feeds/files_of_feed", feed=feed):
        files.setdefault((day, attempt), []).append(FileState(*state))
    return {
        day: Known(attempt, status, reason_code, tuple(files.get((day, attempt), [])))
        for day, attempt, status, reason_code in session.rows("feeds/latest_attempts", feed=feed)
    }


def write_entry(session: Session, entry: Entry, files: Sequence[FileState] = ()) -> None:
    """Write an attempt and the files that it saw; a waiting entry of the same delivery gives way."""
    session.run("feeds/forget_pending", feed=entry.feed, delivered_on=entry.delivered_on)
    row = {name: getattr(entry, name) for name in _SCHEMA} | {"warnings": list(entry.warnings)}
    session.append(DELIVERIES, pl.DataFrame([row], schema=_SCHEMA))
    seen = [
        {
            "feed": entry.feed,
            "delivered_on": entry.delivered_on,
            "attempt": entry.attempt,
            "name": printable(state.name),
            "bytes": state.bytes,
            "modified_ns": state.modified_ns,
            "sha256": state.sha256,
        }
        for state in files
    ]
    session.append(DELIVERY_FILES, pl.DataFrame(seen, schema=_FILE_SCHEMA))


def forget_pending(session: Session, feed: str, delivered_on: date) -> None:
    """Remove the waiting entry of a delivery that is no longer there."""
    session.run("feeds/forget_pending", feed=feed, delivered_on=delivered_on)


def add_warning(session: Session, feed: str, delivered_on: date, warning: str) -> None:
    """Add a warning to the loaded entry of a delivery, once."""
    session.run("feeds/add_warning", feed=feed, delivered_on=delivered_on, warning=warning)
