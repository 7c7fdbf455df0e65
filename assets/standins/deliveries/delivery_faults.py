"""What goes wrong with whole deliveries and over time: lost, held back, early and doubled ones, late corrections.

Belongs here: which deliveries are lost or held back, and the truth of deliveries and of corrections. Does not belong
here: faults inside one delivery (`faults`, `value_faults`), and writing deliveries (`deliver`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from assets.standins.deliveries.deliver import Delivery, OpenDelivery
from assets.standins.deliveries.value_faults import RATES, VALUE_FAULTS
from assets.standins.economy.demand import crc
from assets.standins.foundations.parameters import Parameters
from assets.standins.foundations.randomness import Draws
from quality.contract import FeedContract

DELIVERY_FAULTS = {
    "fault": pl.String,
    "feed": pl.String,
    "delivered_on": pl.Date,
    "detail": pl.String,
    "rows": pl.Int64,
}
#: The feed whose rows are put right later, and the field by which that is told.
CORRECTED_FEED, CORRECTED_FIELD = "uwv_wages", "wage_in_money_eur"


def _turn(every: str, on: date) -> int:
    """The number of a delivery in the calendar of its feed."""
    match every:
        case "month":
            return on.year * 12 + on.month
        case "quarter":
            return on.year * 4 + on.month // 3
        case "year":
            return on.year
        case "week":
            return on.toordinal() // 7
    return on.toordinal()


def is_lost(parameters: Parameters, draws: Draws, feed: str, on: date) -> bool:
    """True for one in so many deliveries of a feed, wherever the calendar of a world starts."""
    one_in = int(parameters["faults"]["missing_one_in"].get(feed, 0))
    if one_in < 2:
        return False
    start = int(draws.integer("fault.missing", 0, one_in - 1, crc(feed))[0])
    return (_turn(parameters["deliveries"][feed]["every"], on) + start) % one_in == 0


#: The fewest days from one delivery to the next.
_SHORTEST = {"day": 1, "week": 7, "month": 28, "quarter": 89, "year": 365}


def longest_delay(parameters: Parameters, feed: str) -> int:
    """The most days for which a delivery of a feed is held back; 0 when none ever is.

    Raises:
        ValueError: a delay is longer than a new world looks back, so that what is held back on one night could be part
            of the first full delivery of another world; or the feed is the one whose corrections are followed by day.
    """
    held = parameters["faults"]["held_back"].get(feed)
    if held is None:
        return 0
    plan, most = parameters["deliveries"][feed], int(held["days"][1])
    if feed == CORRECTED_FEED:
        raise ValueError(f"{feed} cannot be held back: its corrections are told by the order of its deliveries")
    if most > plan["further"] * _SHORTEST[plan["every"]]:
        raise ValueError(f"{feed} is held back for {most} days, longer than a new world looks back")
    return most


def arrival(parameters: Parameters, draws: Draws, feed: str, on: date) -> date:
    """The day on which a delivery comes: its own, or for one in so many of a feed a later one."""
    if not longest_delay(parameters, feed):
        return on
    held = parameters["faults"]["held_back"][feed]
    one_in, turn = int(held["one_in"]), _turn(parameters["deliveries"][feed]["every"], on)
    start = int(draws.integer("fault.held", 0, one_in - 1, crc(feed))[0])
    if (turn + start) % one_in:
        return on
    return on + timedelta(days=int(draws.integer("fault.held_days", *held["days"], crc(feed), turn)[0]))


@dataclass
class Log:
    """Remembers what went wrong with deliveries."""

    found: list[tuple[str, str, date, str, int]] = field(default_factory=list)
    counted: list[tuple[str, str, str, str, float, int, int]] = field(default_factory=list)

    def early(self, made: Sequence[Delivery]) -> None:
        """Deltas that are dated before the first full delivery of their feed."""
        for one in made:
            self._add("out_of_order", one, "a delta that is dated before the first full delivery")
            self._count("out_of_order", one.feed, 1.0, 1, 1)

    def twice(self, made: Sequence[Delivery], again: Delivery) -> None:
        """The rows of a delivery come again under another date."""
        self._add("duplicate_delivery", again, f"the files of {made[1].delivered_on} under another date")
        self._count("duplicate_delivery", again.feed, 1 / len(made), len(made), 1)

    def lost(self, feed: str, one_in: int, due: Sequence[OpenDelivery]) -> None:
        """Deliveries that were due and never came."""
        if one_in < 2:
            return
        never = [delivery for delivery in due if delivery.is_lost]
        for delivery in never:
            detail = f"never came; {delivery.true_rows} rows with it"
            self.found.append(("missing_delivery", feed, delivery.on, detail, delivery.true_rows))
        self._count("missing_delivery", feed, 1 / one_in, len(due), len(never))

    def held_back(self, feed: str, one_in: int, due: Sequence[OpenDelivery]) -> None:
        """Deliveries that came, or are still to come, under their own date on a later day.

        Each has its row from the day on which it was due, so that the truth of a world in between tells what is
        missing.
        """
        if not one_in:
            return
        late = [delivery for delivery in due if not delivery.is_lost and delivery.arrives_on > delivery.on]
        for delivery in late:
            detail = f"held back; comes on {delivery.arrives_on}"
            self.found.append(("held_back_delivery", feed, delivery.on, detail, delivery.true_rows))
        self._count("held_back_delivery", feed, 1 / one_in, len(due), len(late))

    def _add(self, fault: str, one: Delivery, detail: str) -> None:
        self.found.append((fault, one.feed, one.delivered_on, detail, one.rows))

    def _count(self, fault: str, feed: str, rate: float, candidates: int, faults: int) -> None:
        self.counted.append((fault, feed, "", "delivery", rate, candidates, faults))

    def truth(self) -> pl.DataFrame:
        """Every delivery that went wrong; see DELIVERY_FAULTS."""
        return pl.DataFrame(self.found, schema=DELIVERY_FAULTS, orient="row")

    def rates(self) -> pl.DataFrame:
        """Each fault with its rate and what came of it; see `value_faults.RATES`."""
        return pl.DataFrame(self.counted, schema=RATES, orient="row")


@dataclass
class Corrections:
    """Watches versions of rows go by and remembers those that are wrong at first and put right later.

    Attributes:
        rate: share of records that are wrong at first.
        days: of the deliveries, in order, as numbers.
        lost: those of them that never came.
        after: what was known on this day was delivered before; None: nothing was.
    """

    rate: float
    days: list[int]
    lost: list[int]
    after: int | None
    found: list[pl.DataFrame] = field(default_factory=list)
    candidates: int = 0
    faults: int = 0

    def watch(self, contract: FeedContract, pieces: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The pieces as they are, remembered on the way.

        Args:
            contract: of the feed.
            pieces: versions of rows with `known_on`; a key that occurs twice is corrected by its later version.
        """
        for piece in pieces:
            if self.days:
                self._look(contract, piece)
            yield piece

    def _look(self, contract: FeedContract, piece: pl.DataFrame) -> None:
        key = [one.name for one in contract.table.key]
        begin, end = self.days[0] if self.after is None else self.after, self.days[-1]
        doubled = piece.select(key).is_duplicated()
        versions = piece.filter(doubled).sort("known_on", maintain_order=True)
        right = versions.unique(key, keep="last", maintain_order=True)
        pairs = versions.unique(key, keep="first", maintain_order=True).join(
            right.select(*key, right_on="known_on", true_value=CORRECTED_FIELD), on=key, maintain_order="left"
        )
        fresh = pl.col("known_on").is_between(begin + 1, end)
        wrong = pairs.filter(fresh).height
        self.faults += wrong
        self.candidates += piece.filter(~doubled & fresh).height + wrong
        seen = self._delivered(pairs.filter(pl.col("known_on") <= end), begin)
        if len(seen):
            self._remember(contract, seen)

    def _delivered(self, pairs: pl.DataFrame, begin: int) -> pl.DataFrame:
        """Pairs of which the wrong version was delivered, with the days of it (`shown`) and of the right one."""
        days = np.array(self.days, dtype=np.int64)

        def next_day(column: str) -> pl.Series:
            place = np.searchsorted(days, pairs[column].to_numpy())
            return pl.Series(np.append(days, -1)[place]).replace(-1, None)

        rows = pairs.with_columns(next_day("known_on").alias("shown"), next_day("right_on").alias("corrected"))
        before = pl.col("known_on") <= (begin if self.after is not None else -1)
        rows = rows.filter(before | ~pl.col("shown").is_in(self.lost))
        rows = rows.with_columns(shown=pl.when(~before).then("shown"))
        pending = pl.col("corrected").is_null() | before | (pl.col("corrected") > pl.col("shown"))
        never = pl.col("corrected").is_in(self.lost)
        return rows.filter((pl.col("right_on") > begin) & pending | ~before & pending).with_columns(
            corrected=pl.when(~never.fill_null(False)).then("corrected")
        )

    def _remember(self, contract: FeedContract, seen: pl.DataFrame) -> None:
        parts = [
            pl.col(one.name).cast(pl.Int32).cast(pl.Date).cast(pl.String)
            if one.kind == "date"
            else pl.col(one.name).cast(pl.String)
            for one in contract.table.key
        ]
        self.found.append(
            seen.select(
                fault=pl.lit("late_correction"),
                feed=pl.lit(contract.feed),
                field=pl.lit(CORRECTED_FIELD),
                delivered_on=pl.col("shown").cast(pl.Int32).cast(pl.Date),
                record=pl.concat_str(parts, separator=" "),
                delivered=pl.col(CORRECTED_FIELD).cast(pl.String),
                true_value=pl.col("true_value").cast(pl.String),
                corrected_on=pl.col("corrected").cast(pl.Int32).cast(pl.Date),
            ).sort("record")
        )

    def truth(self) -> pl.DataFrame:
        """Wrong values with the day of their correction, null when it is still to come; see VALUE_FAULTS."""
        return pl.concat([pl.DataFrame(schema=VALUE_FAULTS), *self.found])

    def rates(self) -> pl.DataFrame:
        """The rate and what came of it among records that came after the first delivery."""
        row = ("late_correction", CORRECTED_FEED, CORRECTED_FIELD, "record", self.rate, self.candidates, self.faults)
        return pl.DataFrame([row], schema=RATES, orient="row")


def merged(earlier: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """The faults of values of an earlier night and of this one; a correction that has come completes its row."""
    both = pl.concat([earlier, new])
    late = pl.col("fault") == "late_correction"
    key = ["fault", "feed", "field", "record", "delivered", "true_value"]
    days = [pl.col("delivered_on").drop_nulls().first(), pl.col("corrected_on").drop_nulls().last()]
    corrected = both.filter(late).group_by(key, maintain_order=True).agg(days)
    return pl.concat([both.filter(~late).unique(maintain_order=True), corrected.select(both.columns)])


def added(earlier: pl.DataFrame | None, new: pl.DataFrame) -> pl.DataFrame:
    """The rates of earlier nights, if any, and of this one: candidates and faults add up, over regions too."""
    key = ["fault", "feed", "field", "unit"]
    sums = [pl.col("rate").last(), pl.col("candidates", "faults").sum()]
    parts = [new] if earlier is None else [earlier, new]
    return pl.concat(parts).group_by(key, maintain_order=True).agg(sums).select(list(RATES))
