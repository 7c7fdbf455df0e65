"""What goes wrong with rows on their way: rows that break the contract, repeated rows, a code list that changes.

Belongs here: such rows of a delivery, and the truth of each. Broken rows are added with keys of their own, so that no
true row is lost with them; a code list that changes costs true rows. Does not belong here: values that are wrong and
keep the contract (`value_faults`), and what goes wrong with whole deliveries (`delivery_faults`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from assets.standins.deliveries.delivery_faults import Corrections, Log
from assets.standins.deliveries.value_faults import RATES, Smudger
from assets.standins.economy.demand import crc
from assets.standins.foundations import identifiers
from assets.standins.foundations.parameters import Parameters
from assets.standins.foundations.randomness import Draws
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
    rows: dict[str, int] = field(default_factory=dict)
    recoded: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = Smudger(self.parameters, self.draws)
        self.deliveries = Log()
        self.corrected: list[pl.DataFrame] = []

    def __call__(self, contract: FeedContract, on: date, rows: pl.DataFrame, part: int) -> pl.DataFrame:
        """The rows of one file of a delivery as they are really sent.

        Args:
            contract: of the feed.
            on: day of the delivery.
            rows: in the columns of the contract.
            part: number of the file in the delivery; broken and repeated rows are put in the first one only.
        """
        if not len(rows):
            return rows
        self.rows[contract.feed] = self.rows.get(contract.feed, 0) + len(rows)
        rows = self._recoded(contract, on, self.values(contract, on, rows))
        if not part:
            rows = self._with_more(contract, on, rows)
        if rows["_fault"].ne("").any():
            self._remember(contract, on, rows, part)
        return rows.drop("_fault")

    def _recoded(self, contract: FeedContract, on: date, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with the new codes of lists that have changed, and the column `_fault`.

        A new code that the contract does not know breaks the row; any other is a value that means something else.
        """
        rows = rows.with_columns(_fault=pl.lit(""))
        for change in self.parameters["faults"]["code_list_changes"]:
            if change["feed"] != contract.feed:
                continue
            rule = next(one for one in contract.table.fields if one.name == change["field"])
            breaks = rule.closed_list is not None and change["new"] not in rule.closed_list
            since = pl.col(change["by"]) if "by" in change else pl.lit(on)
            mine = ((pl.col(rule.name) == change["old"]) & (since >= change["from"])).fill_null(False)
            number = rows.filter(mine).height
            if not breaks:
                self.values.recoded(contract, on, rows.filter(mine), rule.name, change["new"])
            new = pl.lit(change["new"], dtype=rows.schema[rule.name])
            rows = rows.with_columns(
                pl.when(mine).then(new).otherwise(rule.name).alias(rule.name),
                _fault=pl.when(mine & pl.lit(breaks)).then(pl.lit("code_list_change")).otherwise("_fault"),
            )
            total = self.recoded.setdefault((contract.feed, rule.name), 0)
            self.recoded[contract.feed, rule.name] = total + number
        return rows

    def _with_more(self, contract: FeedContract, on: date, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with broken and repeated rows put in between."""
        block, feed = self.parameters["faults"], contract.feed
        stamp = (crc(feed), on.toordinal())
        rate = len(rows) / 10_000
        luck = self.draws.uniform("faults.luck", *stamp, np.arange(2))
        first = block["least_broken_rows"] if len(rows) > 200 else 0
        broken = max(first, int(rate * block["broken_rows_per_10000"] + luck[0]))
        sound = rows.filter(pl.col("_fault") == "").height
        repeated = int(rate * block["repeated_rows_per_10000"] + luck[1]) if sound else 0
        if not broken + repeated:
            return rows
        extra = [self._broken(contract, on, rows.drop("_fault"), n, stamp) for n in range(broken)]
        at = (rows["_fault"] == "").arg_true().to_numpy()
        sources = at[self.draws.integer("faults.repeat", 0, max(sound - 1, 0), *stamp, np.arange(repeated))]
        copies = rows[sources.tolist()].with_columns(_fault=pl.lit("repeated_row")) if repeated else rows.head(0)
        made = [frame.with_columns(_fault=pl.lit(name)) for frame, name in extra]
        added = pl.concat([*made, copies])
        after = self.draws.integer("faults.place", 0, len(rows), *stamp, np.arange(len(added)))
        if repeated:  # a repeat comes somewhere after the row that it repeats
            after[broken:] = np.maximum(after[broken:], sources + 1)
        return (
            pl.concat(
                [
                    rows.with_columns(_at=pl.Series(np.arange(len(rows)) + 1.0)),
                    added.with_columns(_at=pl.Series(after + 0.5)),
                ]
            )
            .sort("_at", maintain_order=True)
            .drop("_at")
        )

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
            first = pl.col(value.name).fill_null(on - timedelta(days=30))  # a row may not have come so far
            second = (first - pl.duration(days=40)).cast(pl.Date)
            return row.with_columns(first.alias(value.name), second.alias(rule.name)), name
        return row.with_columns(pl.lit(value, dtype=row.schema[rule.name]).alias(rule.name)), name

    def _remember(self, contract: FeedContract, on: date, whole: pl.DataFrame, part: int) -> None:
        form = self.parameters["deliveries"][contract.feed]["format"]
        rows = whole.with_row_index("row_number", offset=1).filter(pl.col("_fault") != "")
        self.found.append(
            rows.select(
                feed=pl.lit(contract.feed),
                delivered_on=pl.lit(on),
                file=pl.lit(f"part-{part:03d}.{form}"),
                row_number=pl.col("row_number").cast(pl.Int64),
                fault=pl.col("_fault"),
            )
        )

    def repeat(self, feed: str, on: date, again: date) -> None:
        """The same rows, faults included, come again on another day."""
        mine = pl.col("feed").eq(feed) & pl.col("delivered_on").eq(on)
        self.found += [frame.filter(mine).with_columns(delivered_on=pl.lit(again)) for frame in list(self.found)]

    def keep(self, corrections: Corrections, folder: Path) -> None:
        """Write the faults of values of one region, so that they need no memory."""
        self.corrected.append(corrections.rates())
        table = pl.concat([self.values.taken(), corrections.truth()])
        table.write_parquet(folder / "value_faults.parquet", compression="zstd")

    def tables(self) -> dict[str, pl.DataFrame]:
        """What the truth holds of faults beside those of values, by name of the table."""
        return {
            "faults": self.truth(),
            "delivery_faults": self.deliveries.truth(),
            "fault_rates": pl.concat([self.rates(), *self.corrected, self.deliveries.rates()]),
        }

    def truth(self) -> pl.DataFrame:
        """All rows that break the contract or are repeated; see FAULTS."""
        return pl.concat([pl.DataFrame(schema=FAULTS), *self.found])

    def rates(self) -> pl.DataFrame:
        """Each fault of rows and values with its chance and what came of it; see `value_faults.RATES`."""
        block, found = self.parameters["faults"], self.truth()
        kind = pl.when(pl.col("fault").is_in(["repeated_row", "code_list_change"])).then("fault")
        counts = (
            found.group_by(fault=kind.otherwise(pl.lit("broken_row")), feed="feed").len().rows_by_key(["fault", "feed"])
        )
        rows = []
        for fault in ("broken_row", "repeated_row"):
            for feed, delivered in sorted(self.rows.items()):
                rate = block[f"{fault}s_per_10000"] / 10_000
                rows.append((fault, feed, "", "row", rate, delivered, counts.get((fault, feed), [(0,)])[0][0]))
        for (feed, name), number in sorted(self.recoded.items()):
            rows.append(("code_list_change", feed, name, "code", 1.0, number, number))
        return pl.concat([self.values.rates(), pl.DataFrame(rows, schema=RATES, orient="row")])
