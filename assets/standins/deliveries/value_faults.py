"""Values that are delivered wrong although they keep the contract: names, numbers, postcodes.

Belongs here: changing such values in the rows of a delivery, and the truth of each change. Each fault has a chance in
the parameters (`faults.values`), drawn for a record and a field, so that a record keeps its fault in every delivery.
Does not belong here: rows that break the contract (`faults`), and facts that a supplier never knows (`suppliers`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from assets.standins.economy.demand import crc
from assets.standins.foundations import identifiers, names
from assets.standins.foundations.parameters import Parameters
from assets.standins.foundations.randomness import Draws, Ints
from quality.contract import FeedContract

VALUE_FAULTS = {
    "fault": pl.String,
    "feed": pl.String,
    "field": pl.String,
    "delivered_on": pl.Date,
    "record": pl.String,
    "delivered": pl.String,
    "true_value": pl.String,
    "corrected_on": pl.Date,
}
RATES = {
    "fault": pl.String,
    "feed": pl.String,
    "field": pl.String,
    "unit": pl.String,
    "rate": pl.Float64,
    "candidates": pl.Int64,
    "faults": pl.Int64,
}


def _changed_digit(values: pl.Series, spot: Ints, step: Ints, places: tuple[int, int]) -> pl.Series:
    """The digits with one of them, at a place from the first to the last of `places`, moved on by one to nine."""
    digits = values.cast(pl.Int64).to_numpy()
    power = 10 ** (places[0] + spot % (places[1] - places[0] + 1))
    old = digits // power % 10
    new = (old + 1 + step % 9) % 10
    return pl.Series(digits + (new - old) * power)


def _wrong_number(values: pl.Series, spot: Ints, step: Ints) -> pl.Series:
    """Numbers of companies with a digit mistyped; a number of nine digits still fails the eleven-test."""
    if values.str.len_bytes().max() == 9:
        base = _changed_digit(values.str.slice(0, 8), spot, step, (0, 3)).to_numpy()
        return identifiers.nine_digits(base)
    return _changed_digit(values, spot, step, (0, 2)).cast(pl.String).str.zfill(8)


def _wrong_postcode(values: pl.Series, spot: Ints, step: Ints) -> pl.Series:
    """Four-digit postcodes with the last two digits swapped; where they are equal, with another last digit."""
    swapped = values.str.slice(0, 2) + values.str.slice(3, 1) + values.str.slice(2, 1)
    mistyped = _changed_digit(values, spot, step, (0, 0)).cast(pl.String)
    return pl.select(pl.when(swapped != values).then(swapped).otherwise(mistyped)).to_series()


#: How each fault changes values, in the order in which they strike; two whole numbers are drawn for each value.
_CHANGES: dict[str, Callable[[pl.Series, Ints, Ints], pl.Series]] = {
    "missing_number": lambda values, spot, step: pl.Series([None] * len(values), dtype=pl.String),
    "wrong_number": _wrong_number,
    "stale_name": lambda values, spot, step: names.former(values),
    "spelling": lambda values, spot, step: names.misspelled(values, spot % 5 + 1),
    "wrong_postcode": _wrong_postcode,
}


def digits_of(keys: pl.Series) -> Ints:
    """The digits of keys as numbers to draw by; what is no digit does not count."""
    return keys.str.replace_all(r"\D", "").str.slice(-18).cast(pl.Int64, strict=False).fill_null(0).to_numpy()


@dataclass
class Smudger:
    """Changes values in deliveries and remembers each change; `found` and `rates` are its truth."""

    parameters: Parameters
    draws: Draws
    found: list[pl.DataFrame] = field(default_factory=list)
    counted: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.parameters["faults"]["values"]) - set(_CHANGES))
        if unknown:
            raise ValueError(f"there are no faults of values called {unknown}")

    def __call__(self, contract: FeedContract, on: date, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of one delivery, in contract columns, with some values changed."""
        chances = self.parameters["faults"]["values"]
        columns = sorted({name for fault in chances.values() for name in fault if name.startswith(f"{contract.feed}.")})
        number = digits_of(rows[contract.table.key[0].name]) if columns else np.array([], dtype=np.int64)
        for column in columns:
            mine = {fault: float(chances[fault][column]) for fault in _CHANGES if column in chances.get(fault, {})}
            rows = self._smudged(contract, on, rows, column.partition(".")[2], number=number, chances=mine)
        return rows

    def _smudged(
        self,
        contract: FeedContract,
        on: date,
        rows: pl.DataFrame,
        column: str,
        *,
        number: Ints,
        chances: dict[str, float],
    ) -> pl.DataFrame:
        record = contract.table.key[0].name
        frame = pl.DataFrame({"record": rows[record], "true_value": rows[column], "delivered": rows[column]})
        hits = list[pl.DataFrame]()
        for fault, chance in chances.items():
            what = crc(f"{fault} {contract.feed}.{column}")
            present = frame["delivered"].is_not_null()
            luck = self.draws.happens("fault.value", chance, what, number)
            struck = (present & pl.Series(luck)).arg_true()
            values = frame["delivered"].gather(struck)
            mine = number[struck.to_numpy()]
            spot, step = (self.draws.integer(f"fault.{name}", 0, 9_999, what, mine) for name in "ab")
            changed = _CHANGES[fault](values, spot, step)
            differs = (changed.is_null() | (changed != values)).fill_null(True)
            struck, changed = struck.filter(differs), changed.filter(differs)
            frame = frame.with_columns(frame["delivered"].scatter(struck, changed))
            hits.append(pl.DataFrame({"row": struck}).with_columns(fault=pl.lit(fault)))
            self._count((fault, contract.feed, column), frame["record"].filter(present), frame["record"].gather(struck))
        self._remember(contract.feed, on, column, frame, pl.concat(hits))
        return rows.with_columns(frame["delivered"].alias(column))

    def _count(self, what: tuple[str, str, str], candidates: pl.Series, faults: pl.Series) -> None:
        total = self.counted.setdefault(what, [0, 0])
        total[0] += candidates.n_unique()
        total[1] += faults.n_unique()

    def _remember(self, feed: str, on: date, column: str, frame: pl.DataFrame, hits: pl.DataFrame) -> None:
        rows = frame.with_row_index("row").join(hits, on="row", maintain_order="right")
        made = rows.select(
            "fault",
            feed=pl.lit(feed),
            field=pl.lit(column),
            delivered_on=pl.lit(on),
            record="record",
            delivered="delivered",
            true_value="true_value",
            corrected_on=pl.lit(None, dtype=pl.Date),
        )
        self.found.append(made.unique(["fault", "record"], keep="first", maintain_order=True))

    def recoded(self, contract: FeedContract, on: date, rows: pl.DataFrame, column: str, new: str) -> None:
        """Remember rows whose code is delivered from a new list; `rows` still hold the old one."""
        frame = pl.DataFrame({"record": rows[contract.table.key[0].name], "true_value": rows[column].cast(pl.String)})
        frame = frame.with_columns(delivered=pl.lit(str(new)))
        hits = pl.DataFrame({"row": pl.Series(range(len(rows)), dtype=pl.UInt32)}).with_columns(
            fault=pl.lit("code_list_change")
        )
        self._remember(contract.feed, on, column, frame, hits)

    def taken(self) -> pl.DataFrame:
        """The changes since this was asked last; see VALUE_FAULTS."""
        table = pl.concat([pl.DataFrame(schema=VALUE_FAULTS), *self.found])
        self.found.clear()
        return table

    def rates(self) -> pl.DataFrame:
        """Each fault with its chance and what came of it, over records and deliveries; see RATES."""
        chances = self.parameters["faults"]["values"]
        rows = [
            (fault, feed, column, "value", float(chances[fault][f"{feed}.{column}"]), *total)
            for (fault, feed, column), total in sorted(self.counted.items())
        ]
        return pl.DataFrame(rows, schema=RATES, orient="row")
