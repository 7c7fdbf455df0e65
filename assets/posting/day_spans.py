"""Exact arithmetic on spans of days: union, difference, and the busiest moving window.

Belongs here: calendar arithmetic on many persons at once, without writing out single days. Does not belong here:
what a span means.

A span frame has `person_id`, `starts_on`, `ends_on` (both days counted). A merged frame has spans that neither
overlap nor touch, ordered by person and start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Days = NDArray[np.int64]

#: More than the days between any two dates in the records (year 1900 to 2100).
PERSON_STRIDE = 200_000
#: Halvings that find one day in a span of any length.
HALVINGS = 18


def merge(spans: pl.DataFrame) -> pl.DataFrame:
    """The union of the spans of each person; spans that touch become one."""
    ordered = spans.select("person_id", "starts_on", "ends_on").sort("person_id", "starts_on", "ends_on")
    reached = pl.col("ends_on").cum_max().shift(1).over("person_id")
    is_new = reached.is_null() | (pl.col("starts_on") > reached.dt.offset_by("1d"))
    return (
        ordered.with_columns(is_new.cum_sum().alias("span"))
        .group_by("person_id", "span", maintain_order=True)
        .agg(pl.col("starts_on").min(), pl.col("ends_on").max())
        .drop("span")
    )


def subtract(spans: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """The days of `spans` that lie in no span of `taken`, merged.

    Args:
        spans: span frame.
        taken: span frame; persons that are not in `spans` are ignored.
    """
    kept = taken.join(spans, on="person_id", how="semi")
    events = pl.concat([_events(merge(spans), "present"), _events(merge(kept), "taken")])
    timeline = (
        events.group_by("person_id", "day")
        .agg(pl.col("present").sum(), pl.col("taken").sum())
        .sort("person_id", "day")
        .with_columns(
            pl.col("present").cum_sum().over("person_id"),
            pl.col("taken").cum_sum().over("person_id"),
            pl.col("day").shift(-1).over("person_id").alias("next_day"),
        )
        .filter((pl.col("present") > 0) & (pl.col("taken") == 0))
    )
    return merge(
        timeline.select(
            "person_id",
            pl.col("day").alias("starts_on"),
            pl.col("next_day").dt.offset_by("-1d").alias("ends_on"),
        )
    )


def _events(spans: pl.DataFrame, name: str) -> pl.DataFrame:
    other = "taken" if name == "present" else "present"
    starts = spans.select("person_id", pl.col("starts_on").alias("day"), pl.lit(1).alias(name))
    ends = spans.select("person_id", pl.col("ends_on").dt.offset_by("1d").alias("day"), pl.lit(-1).alias(name))
    return pl.concat([starts, ends]).with_columns(pl.lit(0).alias(other)).select("person_id", "day", "present", "taken")


@dataclass(frozen=True)
class _Calendar:
    """Merged spans as arrays, ordered by person and start."""

    person: Days
    start: Days
    end: Days
    before: Days
    first: Days

    @classmethod
    def of(cls, merged: pl.DataFrame) -> _Calendar:
        person = merged["person_id"].rle_id().to_numpy().astype(np.int64)
        start = merged["starts_on"].cast(pl.Int32).to_numpy().astype(np.int64)
        end = merged["ends_on"].cast(pl.Int32).to_numpy().astype(np.int64)
        before = np.concatenate([[0], np.cumsum(end - start + 1)[:-1]])
        first = np.searchsorted(person, person)
        return cls(person, start, end, before, first)

    def present_until(self, rows: Days, day: Days) -> Days:
        """Days of presence up to and including `day`, of the person of each of `rows`."""
        key = self.person * PERSON_STRIDE + self.start
        at = np.searchsorted(key, self.person[rows] * PERSON_STRIDE + day, side="right") - 1
        found = at >= self.first[rows]
        at = np.maximum(at, self.first[rows])
        inside = np.minimum(day, self.end[at]) - self.start[at] + 1
        days = self.before[at] - self.before[self.first[rows]] + inside
        return np.asarray(np.where(found, days, 0), dtype=np.int64)

    def in_window(self, rows: Days, day: Days, window: int) -> Days:
        """Days of presence in the `window` days that end on `day`."""
        return self.present_until(rows, day) - self.present_until(rows, day - window)


def busiest_window(merged: pl.DataFrame, window: int, limit: float) -> pl.DataFrame:
    """The most days present in any `window` days, and when they first passed `limit`.

    Within a span, the number of days in the window that ends on day t never falls as t moves on: one day enters and
    at most one leaves. So the maximum is reached on the last day of a span, and the first day over the limit is
    found by halving.

    Args:
        merged: merged span frame, ordered by person and start.
        window: days in the window.
        limit: days that may be reached but not passed.

    Returns:
        One row per person: `person_id`, `days` (the maximum), `passed_on` and `last_over_on` (first and last present
        day with more than `limit` days in the window; null when it never happens).
    """
    if merged.is_empty():
        return merged.select("person_id").with_columns(
            pl.lit(0).alias("days"),
            pl.lit(None, pl.Date).alias("passed_on"),
            pl.lit(None, pl.Date).alias("last_over_on"),
        )
    calendar = _Calendar.of(merged)
    rows = np.arange(merged.height, dtype=np.int64)
    days = calendar.in_window(rows, calendar.end, window)
    over = rows[days > limit]
    low, high = calendar.start[over], calendar.end[over]
    for _ in range(HALVINGS):
        middle = (low + high) // 2
        is_over = calendar.in_window(over, middle, window) > limit
        low, high = np.where(is_over, low, np.minimum(middle + 1, high)), np.where(is_over, middle, high)
    passed = np.full(merged.height, -1, dtype=np.int64)
    passed[over] = high
    return (
        merged.with_columns(pl.Series("days", days), pl.Series("passed", passed))
        .group_by("person_id", maintain_order=True)
        .agg(
            pl.col("days").max(),
            pl.col("passed").filter(pl.col("passed") >= 0).min().cast(pl.Int32).cast(pl.Date).alias("passed_on"),
            pl.col("ends_on").filter(pl.col("passed") >= 0).max().alias("last_over_on"),
        )
    )
