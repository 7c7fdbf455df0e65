"""What goes wrong with rows on their way: rows that break the contract, and repeated rows.

Belongs here: adding such rows to a delivery and keeping the truth of each. Broken rows are added with keys of their
own, so that no true row is lost with them. Does not belong here: faults that break no rule (other spellings, missing
numbers, late corrections); those are part of what the suppliers see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from assets.standins import identifiers
from assets.standins.demand import crc
from assets.standins.parameters import Parameters
from assets.standins.randomness import Draws
from quality.contract import FeedContract, Field

FAULTS = {"feed": pl.String, "delivered_on": pl.Date, "file": pl.String, "row_number": pl.Int64, "fault": pl.String}
#: Fields that record what has happened and may not lie after the delivery.
_PAST = ("received_on", "decided_on", "issued_on", "seen_on", "submitted_on", "event_on")
#: Pairs of dates of which the second may not come first.
_ORDERED = (
    ("starts_on", "ends_on"),
    ("valid_from", "valid_until"),
    ("period_start", "period_end"),
    ("from_on", "until_on"),
    ("registered_on", "ended_on"),
    ("recognised_on", "ended_on"),
    ("event_on", "until_on"),
)
#: The field that carries a key of its own for broken rows, and how it is made from a number.
_FRESH: dict[str, tuple[str, Callable[[int], str]]] = {
    "ind_permits": ("application_id", lambda n: f"A99{n:07d}"),
    "ind_sponsors": ("kvk", lambda n: f"0099{n % 10_000:04d}"),
    "ind_sponsor_notices": ("notice_id", lambda n: f"NX{n:08d}"),
    "kvk_companies": ("kvk", lambda n: f"0099{n % 10_000:04d}"),
    "kvk_officers": ("officer_number", lambda n: f"OX{n:08d}"),
    "nla_sightings": ("sighting_id", lambda n: f"X{n:09d}"),
    "posting_employers": ("employer_vat", lambda n: f"PL999{n:07d}"),
    "review_verdicts": ("case_ref", lambda n: f"CASE-X{n:06d}"),
    "rvo_advice": ("advice_id", lambda n: f"RX{n:08d}"),
    "svb_a1": ("a1_id", lambda n: f"A1-X{n:08d}"),
    "szw_postings": ("notification_id", lambda n: f"MX{n:09d}"),
    "uwv_employers": (
        "employer_number",
        lambda n: str(identifiers.failing_eleven_test(np.array([99_000_000 + n % 900_000]))[0]) + "L09",
    ),
    "uwv_wages": ("bsn", lambda n: str(identifiers.failing_eleven_test(np.array([99_000_000 + n % 900_000]))[0])),
    "uwv_work_permits": ("case_id", lambda n: f"UWV-X{n:08d}"),
    "uwv_peer_wages": ("occupation_isco", lambda n: f"{9900 + n % 90:04d}"),
}


def _breaks(contract: FeedContract, on: date) -> list[tuple[str, Field, object]]:
    """Ways to break a row: name of the fault, field, value that breaks it."""
    fresh = _FRESH[contract.feed][0]
    found: list[tuple[str, Field, object]] = []
    for rule in contract.table.fields:
        if rule.name == fresh:
            continue
        if rule.pattern and rule.kind == "string":
            found.append(("pattern", rule, "onbekend"))
        if rule.closed_list:
            found.append(("closed_list", rule, 99 if rule.kind == "integer" else "overig_oud"))
        if rule.required and not rule.key_position:
            found.append(("required", rule, None))
        if rule.maximum is not None and rule.kind in ("number", "integer"):
            found.append(("range", rule, rule.maximum * 10 + 7))
        if rule.name in _PAST:
            found.append(("future_date", rule, on + timedelta(days=400)))
    names = {rule.name: rule for rule in contract.table.fields}
    for first, second in _ORDERED:
        if first in names and second in names:
            found.append(("date_order", names[second], names[first]))
    return found


@dataclass
class Spoiler:
    """Adds faults to deliveries and remembers them."""

    parameters: Parameters
    draws: Draws
    found: list[pl.DataFrame] = field(default_factory=list)

    def __call__(self, contract: FeedContract, on: date, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of a delivery's first file with broken and repeated rows put in between."""
        if not len(rows):
            return rows
        block, feed = self.parameters["faults"], contract.feed
        stamp = (crc(feed), on.toordinal())
        rate = len(rows) / 10_000
        luck = self.draws.uniform("faults.luck", *stamp, np.arange(2))
        first = block["least_broken_rows"] if len(rows) > 200 else 0
        broken = max(first, int(rate * block["broken_rows_per_10000"] + luck[0]))
        repeated = int(rate * block["repeated_rows_per_10000"] + luck[1])
        extra = [self._broken(contract, on, rows, n, stamp) for n in range(broken)]
        sources = self.draws.integer("faults.repeat", 0, len(rows) - 1, *stamp, np.arange(repeated))
        copies = rows[sources.tolist()] if repeated else rows.head(0)
        added = pl.concat([*(frame for frame, _ in extra), copies]) if extra or repeated else rows.head(0)
        names = [name for _, name in extra] + ["repeated_row"] * repeated
        after = self.draws.integer("faults.place", 0, len(rows), *stamp, np.arange(len(added)))
        if repeated:  # a repeat comes somewhere after the row that it repeats
            after[broken:] = np.maximum(after[broken:], sources + 1)
        whole = (
            pl.concat(
                [
                    rows.with_columns(_at=pl.Series(np.arange(len(rows)) + 1.0)),
                    added.with_columns(_at=pl.Series(after + 0.5)),
                ]
            )
            .with_columns(_fault=pl.Series([""] * len(rows) + names, dtype=pl.String))
            .sort("_at", maintain_order=True)
        )
        self._remember(contract, on, whole)
        return whole.drop("_at", "_fault")

    def _broken(
        self, contract: FeedContract, on: date, rows: pl.DataFrame, number: int, stamp: tuple[int, int]
    ) -> tuple[pl.DataFrame, str]:
        """One row of its own that breaks one rule."""
        ways = _breaks(contract, on)
        name, rule, value = ways[int(self.draws.integer("faults.way", 0, len(ways) - 1, *stamp, number)[0])]
        source = int(self.draws.integer("faults.source", 0, len(rows) - 1, *stamp, number)[0])
        fresh, make = _FRESH[contract.feed]
        row = rows[source].with_columns(pl.lit(make(stamp[1] % 5_000 * 100 + number)).alias(fresh))
        if isinstance(value, Field):
            return row.with_columns((pl.col(value.name) - pl.duration(days=40)).cast(pl.Date).alias(rule.name)), name
        return row.with_columns(pl.lit(value, dtype=row.schema[rule.name]).alias(rule.name)), name

    def _remember(self, contract: FeedContract, on: date, whole: pl.DataFrame) -> None:
        form = self.parameters["deliveries"][contract.feed]["format"]
        rows = whole.with_row_index("row_number", offset=1).filter(pl.col("_fault") != "")
        self.found.append(
            rows.select(
                feed=pl.lit(contract.feed),
                delivered_on=pl.lit(on),
                file=pl.lit(f"part-000.{form}"),
                row_number=pl.col("row_number").cast(pl.Int64),
                fault=pl.col("_fault"),
            )
        )

    def repeat(self, feed: str, on: date, again: date) -> None:
        """The same rows, faults included, come again on another day."""
        mine = pl.col("feed").eq(feed) & pl.col("delivered_on").eq(on)
        self.found += [frame.filter(mine).with_columns(delivered_on=pl.lit(again)) for frame in list(self.found)]

    def truth(self) -> pl.DataFrame:
        """All faults that were added; see FAULTS."""
        return pl.concat(self.found) if self.found else pl.DataFrame(schema=FAULTS)
