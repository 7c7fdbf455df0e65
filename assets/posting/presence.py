"""Presence of posted workers: which days are proved, which are vouched for, and how far a word can be trusted.

Belongs here: from notifications, confirmations and sightings to spans of days, and what sightings teach about the end
of notified stays. Does not belong here: permits, limits that make a signal, arithmetic on spans
(`assets.posting.day_spans`).

A notification is an announcement. The client that confirms it vouches for the arrival, and announces with the provider
how long the stay will be; workers who leave early are seldom corrected. How many stay is a fact about the records at
hand, so it is measured and not assumed: of workers whose vouched stay goes beyond the limit, how many were seen in the
first days, and how many in as many days just beyond the limit? With a steady chance of being seen, the ratio of the
two is the share still there.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from scipy import stats

from assets.posting.day_spans import merge

#: Jeffreys' prior: without sightings nothing is known about the share still there.
PRIOR = 0.5


def proved_spans(postings: pl.DataFrame, sightings: pl.DataFrame) -> pl.DataFrame:
    """Spans of proved presence: from the first to the last point in each unbroken stretch of notified days.

    Points are sightings, the first day of a confirmed notification, and the day of the confirmation when it falls
    within the stay. A sighting outside any notified stretch proves its own day.

    Args:
        postings: those that count: `person_id`, `starts_on`, `ends_on`, `confirmed_on`.
        sightings: `person_id`, `seen_on`.
    """
    vouched = postings.filter(pl.col("confirmed_on").is_not_null())
    points = pl.concat(
        [
            sightings.select("person_id", pl.col("seen_on").alias("day")),
            vouched.select("person_id", pl.col("starts_on").alias("day")),
            vouched.filter(pl.col("confirmed_on").is_between("starts_on", "ends_on")).select(
                "person_id", pl.col("confirmed_on").alias("day")
            ),
        ]
    )
    placed = points.sort("person_id", "day").join_asof(
        merge(postings),
        left_on="day",
        right_on="starts_on",
        by="person_id",
        strategy="backward",
        check_sortedness=False,
    )
    is_notified = (pl.col("ends_on") >= pl.col("day")).fill_null(value=False)
    within = (
        placed.filter(is_notified)
        .group_by("person_id", "starts_on")
        .agg(pl.col("day").min().alias("first"), pl.col("day").max().alias("last"))
        .select("person_id", pl.col("first").alias("starts_on"), pl.col("last").alias("ends_on"))
    )
    alone = placed.filter(~is_notified).select(
        "person_id", pl.col("day").alias("starts_on"), pl.col("day").alias("ends_on")
    )
    return pl.concat([within, alone])


def vouched_spans(postings: pl.DataFrame, sightings: pl.DataFrame) -> pl.DataFrame:
    """Spans of proved presence and of notifications that the client confirmed. Arguments as `proved_spans`."""
    announced = postings.filter(pl.col("confirmed_on").is_not_null()).select("person_id", "starts_on", "ends_on")
    return pl.concat([announced, proved_spans(postings, sightings)])


@dataclass(frozen=True)
class StillThere:
    """Share of workers still there beyond the limit, of those for whom the client vouched that long.

    Attributes:
        seen_early: workers seen in the first days.
        seen_late: workers seen in as many days just beyond the limit.
        workers: workers compared.
    """

    seen_early: int
    seen_late: int
    workers: int

    def quantile(self, probability: float) -> float:
        """Quantile of the posterior of the share, 0 to 1."""
        odds = stats.beta.ppf(probability, self.seen_late + PRIOR, self.seen_early + PRIOR)
        return float(min(1.0, odds / (1 - odds))) if odds < 1 else 1.0

    def is_certain(self, share: float) -> bool:
        """True when the share is at least `share` with 95 % probability."""
        return self.quantile(0.05) >= share

    def is_excluded(self, share: float) -> bool:
        """True when the share is below `share` with 95 % probability."""
        return self.quantile(0.95) < share


def still_there(vouched: pl.DataFrame, sightings: pl.DataFrame, limit: float, compare_days: float) -> StillThere:
    """Measure how many of those vouched for beyond `limit` days were seen beyond it.

    Args:
        vouched: merged spans of vouched days without a right to stay.
        sightings: `person_id`, `seen_on`.
        limit: days after which presence is in question.
        compare_days: longest stretch of days compared; a stay that goes less far beyond the limit is compared over
            what there is, at its start and beyond the limit alike.
    """
    length = (pl.col("ends_on") - pl.col("starts_on")).dt.total_days() + 1
    long = vouched.filter(length > limit).with_columns(
        pl.min_horizontal(length - limit, pl.lit(compare_days)).alias("compared")
    )
    day = (pl.col("seen_on") - pl.col("starts_on")).dt.total_days()
    seen = (
        sightings.select("person_id", "seen_on")
        .join(long, on="person_id")
        .group_by("person_id", "starts_on")
        .agg(
            day.is_between(0, pl.col("compared"), closed="left").any().alias("early"),
            (day - limit).is_between(0, pl.col("compared"), closed="left").any().alias("late"),
        )
    )
    return StillThere(int(seen["early"].sum()), int(seen["late"].sum()), long.height)
