"""How P02 reports: signals with their source records, service providers that stand out, and measures.

Belongs here: wording and evidence. Does not belong here: the rule (`assets.posting.p02_over_ninety_days`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from assets.core.group_signals import GroupQuestion, group_signals
from assets.core.measures import Units, first_and_last, indicator_measures, is_firm
from assets.core.signals import Context, Measure, Signal, measure_frame
from assets.posting.day_spans import merge
from assets.posting.presence import StillThere, vouched_spans

INDICATOR = "P02"
RULE = "Most days present in any 180 days, lower bound, above 90 on days without a permit or a pending application."
ARTICLE = "Vw 2000 art. 12; permit for cross-border service provision; CJEU C-540/22; Schengen Borders Code art. 6(2)"
LOOK_ALIKES = (
    "shorter_stay_than_notified: days count when proved, or when sightings show that the word of clients holds",
    "one_year_notification: annual notifications say nothing about presence and do not count",
    "permit: days under any residence permit or work permit do not count",
    "pending_application: days between receipt and decision of any application do not count",
    "weekends_home: five days a week must still pass the limit, else the signal is technical",
    "free_movement: nobody with the right of free movement in any record is looked at",
    "identity_doubtful: persons whose document is shared are left out",
    "permit_without_document: a permit of the same client that cannot be joined makes the signal technical",
    "other_ground_of_stay: cannot be excluded; moderate at most, unless the immigration service had just decided on a "
    "permit for this service",
)
NOT_VISIBLE = (
    "Long-term residence, family of an EU citizen and temporary protection stand in no feed. Such a worker needs no "
    "permit and looks the same in these records: ask him first. How often that is so is not known."
)


EMPLOYERS = GroupQuestion(
    indicator=INDICATOR,
    subject_type="posting_employer",
    who="employer",
    units="workers",
    record="notification",
    rule="Shrunken share of the provider's third-country workers over the limit exceeds the reference.",
    article=ARTICLE,
    magnitude_unit="share of third-country workers over the limit, shrunken",
    look_alikes=LOOK_ALIKES,
    caveats={
        "probability_speaks_about": "workers over the limit without a permit, not about their right to stay",
        "could_not_be_checked": NOT_VISIBLE,
    },
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


def case_files(
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
    spans = merge(vouched_spans(postings, sightings).join(flagged, on="person_id", how="semi"))
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


def worker_signal(row: dict[str, Any], trust: StillThere, until: date, thresholds: Mapping[str, float]) -> Signal:
    """The signal about one worker, from his row of `case_files`."""
    is_proved = row["days_proved"] > thresholds["days"]
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
        magnitude=float(row["days_proved"] if is_proved else row["days_vouched"]),
        magnitude_unit=f"days in 180, {'proved' if is_proved else 'vouched for by the client'}",
        probability=None,
        evidence={
            "rule": RULE,
            "article": ARTICLE,
            "days_proved": row["days_proved"],
            "days_vouched": row["days_vouched"],
            "days_upper": row["days_upper"],
            "first_day_over_the_limit": row["passed_on"],
            "seen_on_or_after_that_day": row["is_seen_after"],
            "share_of_vouched_workers_still_there": [round(trust.quantile(q), 3) for q in (0.025, 0.5, 0.975)],
            "a_permit_that_cannot_be_joined_may_be_his": row["may_have_permit"],
            "decisions_that_speak_against_another_ground_of_stay": row["decisions"],
            "could_not_be_checked": NOT_VISIBLE,
            "records_speak_until": until,
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


def employer_signals(workers: pl.DataFrame, postings: pl.DataFrame, thresholds: Mapping[str, float]) -> list[Signal]:
    """Service providers of which the share of workers over the limit truly exceeds the reference."""
    involved = _window_postings(workers, postings, int(thresholds["window_days"])).select("person_id", "employer_vat")
    flagged = (
        involved.unique()
        .join(workers.filter(is_firm()), on="person_id")
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
    notices = (
        postings.join(flagged, on=["person_id", "employer_vat"], how="semi")
        .group_by("employer_vat")
        .agg(pl.col("notification_id").unique().sort())
    )
    return group_signals(EMPLOYERS, units, thresholds, records=dict(notices.iter_rows()))


def measures(
    all_postings: pl.DataFrame,
    workers: pl.DataFrame,
    trust: StillThere,
    signals: pl.DataFrame,
    context: Context,
) -> pl.DataFrame:
    """Shares of assessed workers, the share still there beyond the limit, and counts of signals by grade."""
    judged = workers.with_columns(pl.col("employer_vat").alias("cluster"))
    told = {
        "flagged_share": "Share of assessed third-country workers with a signal of grade A or B; "
        "a question, not a breach: a ground of stay other than a permit stands in no feed.",
        "technical_share": "Share of assessed workers over the limit only if they never went home "
        "and no unjoined permit was theirs.",
        "notified_only_share": "Share of assessed workers whose notified days pass the limit "
        "and whose confirmed days do not.",
    }
    everything = (
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
    found = indicator_measures(
        INDICATOR,
        Units(judged, told),
        Units(everything, assessed),
        strata=("sbi2", "size_class"),
        signals=signals,
        context=context,
    )
    return pl.concat([found, _still_there(trust, workers, context)])


def _still_there(trust: StillThere, workers: pl.DataFrame, context: Context) -> pl.DataFrame:
    """How far the word of clients could be trusted, as a measure; without a figure when there was nobody to compare."""
    starts, ends = first_and_last(workers["on"])
    lowest, middle, highest = (trust.quantile(q) if trust.workers else None for q in (0.025, 0.5, 0.975))
    share = Measure(
        indicator=INDICATOR,
        measure="still_there_share",
        value=middle,
        lo95=lowest,
        hi95=highest,
        n=trust.workers,
        method="Share of workers vouched for beyond the limit who were still there: seen beyond it against seen "
        f"at the start ({trust.seen_late} against {trust.seen_early}), posterior median and 95 % interval.",
        period_start=starts,
        period_end=ends,
    )
    return measure_frame([share], context)
