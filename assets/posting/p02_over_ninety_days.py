"""P02: third-country national present more than 90 days in 180 without a residence permit.

Belongs here: which days count as present, the rule, its grades. Does not belong here: arithmetic on days
(`assets.posting.day_spans`), how a result is worded (`assets.posting.p02_report`), reading and writing.

Which days count (`assets.posting.presence` makes them):

* *Proved days*: in each unbroken stretch of notified days, all days from the first to the last point of presence - a
  sighting, a confirmed arrival, a confirmation during the stay; elsewhere the days of sightings alone.
* *Vouched days*: proved days and all days of a regular or self-employed notification that the client confirmed.
* *Notified days* (upper bound): days of any regular or self-employed notification. Workers over the limit on these
  alone are counted in a measure of their own and give no signal.
* An annual notification says nothing about presence and counts nowhere.
* Days under a residence or work permit, or while an application was pending, do not count: stay under a permit is not
  counted towards the 90 days (Schengen Borders Code art. 6(2)), and waiting is not a breach.

A signal needs a lower bound above the limit. Proved days are that. Vouched days are as good as the sightings show:
where most workers who were vouched for beyond the limit were still there, they count; where most were not, they count
for nothing; where it cannot be told the signal is technical, and there is none about a worker who was seen twice and
then no more. It is technical too when a permit that cannot be joined to a person may be his, when no work permits were
delivered, or when vouched days without weekends stay below the limit.

Long-term residents, family of EU citizens and people under temporary protection need no permit, and no feed names them.
A worker who was proved and seen beyond the limit is therefore a moderate signal. Strong is only where the immigration
service itself stands against that reading: it granted or refused the worker a permit for cross-border service, of which
the answer or the last day falls within the window, and he was over the limit after the answer (and seen beyond the
limit, and over it without weekends too). How often another ground occurs is in no feed: no probability is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.core.findings import Findings, not_assessed
from assets.core.signals import Context, signal_frame
from assets.posting import p02_report as report
from assets.posting.day_spans import busiest_window, subtract
from assets.posting.presence import StillThere, proved_spans, still_there, vouched_spans

INDICATOR = report.INDICATOR
COUNTED_KINDS = ("regular", "self_employed")


@dataclass(frozen=True)
class Inputs:
    """Results of the queries of this indicator."""

    postings: pl.DataFrame
    sightings: pl.DataFrame
    cover: pl.DataFrame
    unlinked_permits: pl.DataFrame
    decisions: pl.DataFrame
    #: Last day about which notifications, permits and work permits speak.
    until: date
    #: The same for sightings: later, not being seen means nothing.
    sightings_until: date
    knows_work_permits: bool


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
    trust = trust_in_clients(counted, inputs, thresholds)
    workers = judge(counted, sightings, inputs, trust, thresholds)
    files = report.case_files(workers, counted, sightings, inputs.cover, thresholds)
    signals = [
        *(report.worker_signal(row, trust, inputs.until, thresholds) for row in files.iter_rows(named=True)),
        *report.employer_signals(workers, counted, thresholds),
    ]
    frame = signal_frame(signals, context)
    return Findings(frame, report.measures(inputs.postings, workers, trust, frame, context))


def trust_in_clients(postings: pl.DataFrame, inputs: Inputs, thresholds: Mapping[str, float]) -> StillThere:
    """Of the workers vouched for beyond the limit without a right to stay: how many were seen beyond it."""
    sightings = inputs.sightings.filter(~pl.col("is_ambiguous"))
    vouched = (
        subtract(vouched_spans(postings, sightings), inputs.cover)
        .filter(pl.col("starts_on") <= inputs.sightings_until)
        .with_columns(pl.min_horizontal("ends_on", pl.lit(inputs.sightings_until)).alias("ends_on"))
    )
    return still_there(vouched, sightings, thresholds["days"], thresholds["compare_days"])


def judge(
    postings: pl.DataFrame,
    sightings: pl.DataFrame,
    inputs: Inputs,
    trust: StillThere,
    thresholds: Mapping[str, float],
) -> pl.DataFrame:
    """One row per worker: the bounds, the first day over the limit and the `grade` (null without a signal).

    Args:
        postings: those that count.
        sightings: of persons without doubt.
        inputs: for the permits and the decisions on them.
        trust: how far the word of clients can be trusted.
        thresholds: those of P02.
    """
    bounds = _bounds(postings, sightings, inputs.cover, thresholds)
    last = postings.sort("person_id", "starts_on", "notification_id").group_by("person_id", maintain_order=True).last()
    workers = last.select("person_id", "employer_vat", "sbi2", "size_class", pl.col("ends_on").alias("on")).join(
        bounds, on="person_id", how="left"
    )
    seen = (
        workers.join(sightings, on="person_id")
        .group_by("person_id")
        .agg(
            (pl.col("seen_on") >= pl.col("passed_on")).any().alias("is_seen_after"),
            pl.col("seen_on").is_between("window_from", "last_over_on").sum().alias("times_seen"),
        )
    )
    may_have_permit = pl.col("person_id").is_in(_may_have_permit(workers, postings, inputs).implode())
    return (
        workers.join(seen, on="person_id", how="left")
        .join(_decisions_against(workers, inputs.decisions), on="person_id", how="left")
        .with_columns(
            pl.col("days_proved", "days_vouched", "days_upper", "times_seen").fill_null(0),
            pl.col("is_seen_after").fill_null(value=False),
            pl.col("decisions").fill_null(pl.lit([], pl.List(pl.String))),
            may_have_permit.alias("may_have_permit"),
        )
        .with_columns(_grade(trust, inputs, thresholds).alias("grade"))
        .with_columns(
            (pl.col("grade").is_null() & (pl.col("days_upper") > thresholds["days"])).alias("notified_only_share")
        )
        .sort("person_id")
    )


def _bounds(
    postings: pl.DataFrame, sightings: pl.DataFrame, cover: pl.DataFrame, thresholds: Mapping[str, float]
) -> pl.DataFrame:
    """Most days in a window by each kind of day, and the days over the limit: proved ones, else vouched ones."""
    window, limit = int(thresholds["window_days"]), thresholds["days"]
    vouched = vouched_spans(postings, sightings)
    kinds = {
        "proved": proved_spans(postings, sightings),
        "vouched": vouched,
        "upper": pl.concat([postings.select("person_id", "starts_on", "ends_on"), vouched]),
    }
    found = {
        kind: busiest_window(subtract(spans, cover), window, limit).select(
            "person_id",
            pl.col("days").alias(f"days_{kind}"),
            pl.col("passed_on").alias(f"passed_{kind}"),
            pl.col("last_over_on").alias(f"over_{kind}"),
        )
        for kind, spans in kinds.items()
    }
    return (
        found["upper"]
        .join(found["vouched"], on="person_id", how="left")
        .join(found["proved"], on="person_id", how="left")
        .select(
            "person_id",
            "days_proved",
            "days_vouched",
            "days_upper",
            pl.coalesce("passed_proved", "passed_vouched").alias("passed_on"),
            pl.coalesce("over_proved", "over_vouched").alias("last_over_on"),
            pl.coalesce("passed_proved", "passed_vouched").dt.offset_by(f"-{window - 1}d").alias("window_from"),
        )
    )


def _grade(trust: StillThere, inputs: Inputs, thresholds: Mapping[str, float]) -> pl.Expr:
    """The grade of a worker, given how far the word of clients can be trusted."""
    limit, share = thresholds["days"], thresholds["vouched_share"]
    is_proved = pl.col("days_proved") > limit
    was_seen_no_more = (pl.col("times_seen") >= 2) & ~pl.col("is_seen_after")
    is_open = pl.lit(not trust.is_excluded(share)) & (pl.lit(trust.is_certain(share)) | ~was_seen_no_more)
    is_vouched = (pl.col("days_vouched") > limit) & is_open
    proved_weekdays = pl.col("days_proved") * thresholds["weekend_share"] > limit
    vouched_weekdays = pl.col("days_vouched") * thresholds["weekend_share"] > limit
    is_trusted = pl.lit(trust.is_certain(share)) & vouched_weekdays & ~was_seen_no_more
    is_other_ground_unlikely = pl.col("decisions").list.len() > 0
    is_permit_open = pl.col("may_have_permit") | pl.lit(not inputs.knows_work_permits)
    return (
        pl.when(~is_proved & ~is_vouched)
        .then(None)
        .when(is_permit_open)
        .then(pl.lit("T"))
        .when(is_proved & pl.col("is_seen_after") & proved_weekdays & is_other_ground_unlikely)
        .then(pl.lit("A"))
        .when(is_proved & (pl.col("is_seen_after") | proved_weekdays))
        .then(pl.lit("B"))
        .when(~is_proved & is_trusted)
        .then(pl.lit("B"))
        .otherwise(pl.lit("T"))
    )


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


def _decisions_against(workers: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Per worker the `decisions` on a permit for this service that speak against another ground of stay.

    The answer came before the last day over the limit, and it or the end of the permit lies within the window: an
    older one says nothing about now, and one that came after says nothing about the days before it.
    """
    over = workers.filter(pl.col("passed_on").is_not_null()).select("person_id", "window_from", "last_over_on")
    return (
        decisions.join(over, on="person_id")
        .filter((pl.col("decided_on") <= pl.col("last_over_on")) & (pl.col("needed_until") >= pl.col("window_from")))
        .group_by("person_id")
        .agg(pl.col("source").unique().sort().alias("decisions"))
    )
