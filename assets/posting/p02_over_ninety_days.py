"""P02: third-country national present more than 90 days in 180 without a residence permit.

Belongs here: which days count as present, the rule, its grades. Does not belong here: arithmetic on days
(`assets.posting.day_spans`), reading and writing.

A notification is an announcement and not proof of presence, so which days count is the heart of it:

* *Points of presence*: a sighting by an inspector or at a site gate; the client's confirmation of a regular or
  self-employed notification, which vouches for the first day of work and, when it falls within the stay, for its own
  day. How long the worker then stayed it cannot know.
* *Confirmed days* (lower bound): in each unbroken stretch of notified days, all days from the first to the last point;
  elsewhere the days of sightings alone.
* *Notified days* (upper bound): days of any regular or self-employed notification, confirmed or not. Workers over the
  limit on these alone are counted in a measure of their own and give no signal.
* An annual notification says nothing about presence and counts in neither.
* Days under a residence or work permit, or while an application was pending, count in neither: stay under a permit
  is not counted towards the 90 days (Schengen Borders Code art. 6(2)), and waiting is not a breach.
* A signal needs the lower bound above the limit. It is strong when a worker was seen on or after the first day over
  the limit and would be over it even when he went home every weekend, and technical when he would not be, or when a
  permit that cannot be joined to a person may be his.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from assets.core.findings import Findings, not_assessed
from assets.core.groups import GroupRule, groups_above
from assets.core.measures import shares, signal_counts
from assets.core.signals import Context, Signal, signal_frame
from assets.posting.day_spans import busiest_window, merge, subtract

INDICATOR = "P02"
RULE = "Most days present in any 180 days, lower bound, above 90 on days without a permit or a pending application."
ARTICLE = "Vw 2000 art. 12; permit for cross-border service provision; CJEU C-540/22; Schengen Borders Code art. 6(2)"
LOOK_ALIKES = (
    "shorter_stay_than_notified: only days between confirmed points of presence count, in the last version",
    "one_year_notification: annual notifications say nothing about presence and do not count",
    "permit: days under any residence permit or work permit do not count",
    "pending_application: days between receipt and decision of any application do not count",
    "weekends_home: five days a week must still pass the limit, else the signal is technical",
    "free_movement: nobody with the right of free movement in any record is looked at",
    "identity_doubtful: persons whose document is shared are left out",
    "permit_without_document: a permit of the same client that cannot be joined makes the signal technical",
)
NOT_VISIBLE = "long-term residence, family of EU citizens and temporary protection stand in no feed: ask the worker"
COUNTED_KINDS = ("regular", "self_employed")


@dataclass(frozen=True)
class Inputs:
    """Results of the queries of this indicator."""

    postings: pl.DataFrame
    sightings: pl.DataFrame
    cover: pl.DataFrame
    unlinked_permits: pl.DataFrame


def find(inputs: Inputs, thresholds: Mapping[str, float], context: Context) -> Findings:
    """Signals about workers and service providers, and the share of assessed workers that is flagged.

    Args:
        inputs: postings, sightings and permits of third-country workers.
        thresholds: those of P02.
        context: the run.
    """
    counted = inputs.postings.filter(pl.col("kind").is_in(COUNTED_KINDS) & ~pl.col("is_ambiguous"))
    if counted.is_empty():
        return not_assessed(INDICATOR, "no third-country worker was notified other than for a year", context)
    sightings = inputs.sightings.filter(~pl.col("is_ambiguous"))
    workers = judge(counted, sightings, inputs, thresholds)
    files = _case_files(workers, counted, sightings, inputs.cover, thresholds)
    signals = [
        *(_worker_signal(row, thresholds) for row in files.iter_rows(named=True)),
        *_employer_signals(workers, counted, thresholds),
    ]
    frame = signal_frame(signals, context)
    return Findings(frame, _measures(inputs.postings, workers, frame, context))


def confirmed_spans(postings: pl.DataFrame, sightings: pl.DataFrame) -> pl.DataFrame:
    """Spans of confirmed presence: from the first to the last point in each unbroken stretch of notified days.

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
    stretches = merge(postings)
    placed = points.sort("person_id", "day").join_asof(
        stretches.sort("person_id", "starts_on"),
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


def judge(
    postings: pl.DataFrame, sightings: pl.DataFrame, inputs: Inputs, thresholds: Mapping[str, float]
) -> pl.DataFrame:
    """One row per worker: both bounds, the first day over the limit and the `grade` (null without a signal).

    Args:
        postings: those that count.
        sightings: of persons without doubt.
        inputs: for the permits.
        thresholds: those of P02.
    """
    window, limit = int(thresholds["window_days"]), thresholds["days"]
    confirmed = subtract(confirmed_spans(postings, sightings), inputs.cover)
    notified = subtract(pl.concat([postings.select("person_id", "starts_on", "ends_on"), confirmed]), inputs.cover)
    lower = busiest_window(confirmed, window, limit)
    upper = busiest_window(notified, window, limit).select("person_id", pl.col("days").alias("days_upper"))
    last = postings.sort("person_id", "starts_on", "notification_id").group_by("person_id", maintain_order=True).last()
    workers = (
        last.select("person_id", "employer_vat", "sbi2", "size_class", pl.col("ends_on").alias("on"))
        .join(lower.rename({"days": "days_lower"}), on="person_id", how="left")
        .join(upper, on="person_id", how="left")
        .with_columns(pl.col("days_lower", "days_upper").fill_null(0))
    )
    seen = workers.join(sightings, on="person_id").filter(pl.col("seen_on") >= pl.col("passed_on"))
    is_over = pl.col("days_lower") > limit
    stays_over = pl.col("days_lower") * thresholds["weekend_share"] > limit
    is_seen = pl.col("person_id").is_in(seen["person_id"].implode())
    may_have_permit = pl.col("person_id").is_in(_may_have_permit(workers, postings, inputs).implode())
    grade = (
        pl.when(~is_over)
        .then(None)
        .when(may_have_permit)
        .then(pl.lit("T"))
        .when(stays_over & is_seen)
        .then(pl.lit("A"))
        .when(stays_over | is_seen)
        .then(pl.lit("B"))
        .otherwise(pl.lit("T"))
    )
    return workers.with_columns(
        grade.alias("grade"),
        is_seen.alias("is_seen_after"),
        may_have_permit.alias("may_have_permit"),
        (~is_over & (pl.col("days_upper") > limit)).alias("notified_only_share"),
    ).sort("person_id")


def _may_have_permit(workers: pl.DataFrame, postings: pl.DataFrame, inputs: Inputs) -> pl.Series:
    """Workers over the limit at a client with a permit whose holder's document is unknown."""
    over = workers.filter(pl.col("passed_on").is_not_null()).select("person_id", "passed_on", "last_over_on")
    return (
        postings.join(over, on="person_id")
        .join(inputs.unlinked_permits, on="client_kvk", suffix="_permit")
        .filter(
            (pl.col("starts_on_permit") <= pl.col("last_over_on")) & (pl.col("ends_on_permit") >= pl.col("passed_on"))
        )
        .get_column("person_id")
        .unique()
    )


def _window_postings(workers: pl.DataFrame, postings: pl.DataFrame, window: int) -> pl.DataFrame:
    """The postings of flagged workers that touch the days from the window's start to the last day over the limit."""
    flagged = workers.filter(pl.col("grade").is_not_null()).with_columns(
        pl.col("passed_on").dt.offset_by(f"-{window - 1}d").alias("window_from")
    )
    return (
        postings.join(flagged.select("person_id", "window_from", "last_over_on", "grade"), on="person_id")
        .filter((pl.col("starts_on") <= pl.col("last_over_on")) & (pl.col("ends_on") >= pl.col("window_from")))
        .sort("person_id", "starts_on", "notification_id")
    )


def _case_files(
    workers: pl.DataFrame,
    postings: pl.DataFrame,
    sightings: pl.DataFrame,
    cover: pl.DataFrame,
    thresholds: Mapping[str, float],
) -> pl.DataFrame:
    """The flagged workers, each with the first day of the pattern and the lists of its source records."""
    window = int(thresholds["window_days"])
    flagged = workers.filter(pl.col("grade").is_not_null()).with_columns(
        pl.col("passed_on").dt.offset_by(f"-{window - 1}d").alias("window_from")
    )
    spans = merge(confirmed_spans(postings, sightings).join(flagged, on="person_id", how="semi"))
    begins = (
        spans.join(flagged.select("person_id", "window_from"), on="person_id")
        .filter(pl.col("ends_on") >= pl.col("window_from"))
        .group_by("person_id")
        .agg(pl.max_horizontal(pl.col("starts_on").min(), pl.col("window_from").first()).alias("from_on"))
    )
    files = flagged.join(begins, on="person_id")
    notices = _window_postings(workers, postings, window)
    seen = (
        sightings.join(files.select("person_id", "from_on", "last_over_on"), on="person_id")
        .filter(pl.col("seen_on").is_between("from_on", "last_over_on"))
        .group_by("person_id")
        .agg(_names("sighting_id", "sightings"))
    )
    named = notices.group_by("person_id").agg(
        _names("notification_id", "notifications"), _names("employer_vat", "employers"), _names("client_kvk", "clients")
    )
    rights = cover.join(flagged, on="person_id", how="semi").group_by("person_id").agg(_names("source", "permits"))
    for records in (named, seen, rights):
        files = files.join(records, on="person_id", how="left")
    return files.with_columns(
        pl.col("notifications", "employers", "clients", "sightings", "permits").fill_null(
            pl.lit([], pl.List(pl.String))
        )
    ).sort("person_id")


def _names(column: str, alias: str) -> pl.Expr:
    return pl.col(column).drop_nulls().unique().sort().alias(alias)


def _worker_signal(row: dict[str, Any], thresholds: Mapping[str, float]) -> Signal:
    related = [
        *(f"notification:{n}" for n in row["notifications"]),
        *(f"posting_employer:{v}" for v in row["employers"]),
        *(f"client:{k}" for k in row["clients"]),
        *(f"sighting:{s}" for s in row["sightings"]),
        *row["permits"],
    ]
    return Signal(
        indicator=INDICATOR,
        subject_type="person",
        subject_id=row["person_id"],
        period_start=row["from_on"],
        period_end=row["last_over_on"],
        grade=row["grade"],
        magnitude=float(row["days_lower"]),
        magnitude_unit="days present in 180, lower bound",
        probability=None,
        evidence={
            "rule": RULE,
            "article": ARTICLE,
            "days_lower": row["days_lower"],
            "days_upper": row["days_upper"],
            "first_day_over_the_limit": row["passed_on"],
            "seen_on_or_after_that_day": row["is_seen_after"],
            "a_permit_that_cannot_be_joined_may_be_his": row["may_have_permit"],
            "not_visible": NOT_VISIBLE,
            "sources": {
                "notifications": row["notifications"],
                "sightings": row["sightings"],
                "permits_and_applications": row["permits"],
            },
            "thresholds": dict(thresholds),
        },
        look_alikes_checked=LOOK_ALIKES,
        related_ids=related,
    )


def _employer_signals(workers: pl.DataFrame, postings: pl.DataFrame, thresholds: Mapping[str, float]) -> list[Signal]:
    """Service providers of which the share of workers over the limit truly exceeds the reference."""
    involved = _window_postings(workers, postings, int(thresholds["window_days"])).select("person_id", "employer_vat")
    flagged = (
        involved.unique()
        .join(workers.filter(pl.col("grade").is_in(["A", "B"])), on="person_id")
        .select(
            "person_id",
            "employer_vat",
            "grade",
            pl.col("passed_on").alias("starts_on"),
            pl.col("last_over_on").alias("ends_on"),
        )
    )
    units = (
        postings.select("person_id", "employer_vat")
        .unique()
        .join(flagged, on=["person_id", "employer_vat"], how="left")
        .select(
            pl.col("person_id").alias("unit_id"),
            pl.col("employer_vat").alias("group_id"),
            pl.col("employer_vat").alias("subject_id"),
            pl.col("grade").is_not_null().cast(pl.Float64).alias("successes"),
            pl.lit(1.0).alias("trials"),
            pl.col("grade").is_not_null().alias("is_flagged"),
            "grade",
            "starts_on",
            "ends_on",
        )
    )
    rule = GroupRule.of(thresholds, "employer", "workers")
    notices = (
        postings.join(flagged, on=["person_id", "employer_vat"], how="semi")
        .group_by("employer_vat")
        .agg(pl.col("notification_id").unique().sort())
    )
    by_employer = dict(notices.iter_rows())
    return [
        Signal(
            indicator=INDICATOR,
            subject_type="posting_employer",
            subject_id=row["subject_id"],
            period_start=row["starts_on"],
            period_end=row["ends_on"],
            grade="A" if row["strong"] >= rule.min_flagged else "B",
            magnitude=round(row["posterior_share"], 6),
            magnitude_unit="share of third-country workers over the limit, shrunken",
            probability=round(row["probability"], 6),
            evidence={
                "rule": "Shrunken share of the provider's third-country workers over the limit exceeds the reference.",
                "article": ARTICLE,
                "workers": row["units"],
                "flagged_workers": row["flagged"],
                "prior_mean_share": round(row["prior_mean"], 5),
                "sources": {"notifications": by_employer[row["subject_id"]]},
                "thresholds": dict(thresholds),
            },
            look_alikes_checked=LOOK_ALIKES,
            related_ids=[f"notification:{n}" for n in by_employer[row["subject_id"]]],
        )
        for row in groups_above(units, rule).iter_rows(named=True)
    ]


def _measures(
    all_postings: pl.DataFrame, workers: pl.DataFrame, signals: pl.DataFrame, context: Context
) -> pl.DataFrame:
    judged = workers.with_columns(
        pl.col("grade").is_in(["A", "B"]).fill_null(value=False).alias("flagged_share"),
        (pl.col("grade") == "T").fill_null(value=False).alias("technical_share"),
        pl.col("employer_vat").alias("cluster"),
    )
    sentences = {
        "flagged_share": "Share of assessed third-country workers with a signal of grade A or B; "
        "a question, not a breach.",
        "technical_share": "Share of assessed workers over the limit only if they never went home "
        "and no unjoined permit was theirs.",
        "notified_only_share": "Share of assessed workers whose notified days pass the limit "
        "and whose confirmed days do not.",
    }
    everybody = (
        all_postings.sort("person_id", "starts_on", "notification_id")
        .group_by("person_id", maintain_order=True)
        .last()
        .with_columns(
            pl.col("person_id").is_in(workers["person_id"].implode()).alias("assessed_share"),
            pl.col("employer_vat").alias("cluster"),
            pl.col("ends_on").alias("on"),
        )
    )
    assessed = {
        "assessed_share": "Share of notified third-country workers with a notification other than for a year and an "
        "identity without doubt."
    }
    return pl.concat(
        [
            shares(judged, INDICATOR, sentences, ("sbi2", "size_class"), context),
            shares(everybody, INDICATOR, assessed, (), context),
            signal_counts(signals, INDICATOR, workers.height, context),
        ]
    )
