"""H08: no wage record after the grant, or months without one.

Belongs here: which silences are a question, their grades and probability. Does not belong here: survival curves
(`assets.knowledge_migrants.first_wage`), how a result is worded (`assets.knowledge_migrants.h08_report`), what counts
as a record and as an explanation (the queries `h08_*`).

Scope: permits of the knowledge-migrant routes, chained while a migrant stays with one sponsor. Not assessed, and never
counted as silent: migrants whose number for wages is unknown or shared, extraterritorial bodies, migrants with a wage
from a payer that could not be linked with certainty (it may be the sponsor, as may anybody when the number of the
sponsor is nobody's), permits whose end is known, notified leave. Benefits paid by UWV are in no feed: a gap that
maternity benefit alone could fill is technical. Guest staff without a norm may be paid by their home institution:
technical too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.core.findings import Findings, not_assessed
from assets.core.signals import Context, signal_frame
from assets.knowledge_migrants import h08_report as report
from assets.knowledge_migrants.first_wage import Curve, curve_for, curves

INDICATOR = report.INDICATOR
EXTRATERRITORIAL = "99"


@dataclass(frozen=True)
class Inputs:
    """Results of the queries of this indicator."""

    chains: pl.DataFrame
    gaps: pl.DataFrame
    #: Last day about which the feeds that would show an innocent explanation speak.
    until: date


def find(inputs: Inputs, thresholds: Mapping[str, float], context: Context) -> Findings:
    """Signals about permits and sponsors, and the share of assessed permits without a wage record.

    Args:
        inputs: chains of permits with their first wage record, and gaps after it.
        thresholds: those of H08.
        context: the run.
    """
    if inputs.chains.is_empty():
        return not_assessed(INDICATOR, "there are no granted knowledge-migrant permits", context)
    if inputs.chains["feed_until"].null_count() == inputs.chains.height:
        return not_assessed(INDICATOR, f"no wage month by {inputs.until} was delivered in full", context)
    assessed = observe(inputs.chains)
    if assessed.is_empty():
        return not_assessed(INDICATOR, "no permit could be observed in the delivered wage months", context)
    judged = judge(assessed, inputs.gaps, thresholds)
    signals = [*report.permit_signals(judged, inputs.until, thresholds), *report.sponsor_signals(judged, thresholds)]
    frame = signal_frame(signals, context)
    return Findings(frame, report.measures(inputs.chains, judged, frame, context))


def observe(chains: pl.DataFrame) -> pl.DataFrame:
    """The chains that can be assessed, with `days` observed and `has_record` within the days observed.

    Days run from the start of the permit, or from the first delivered month when that is later (`is_truncated`), to the
    first wage record, or to the end of the permit or of the deliveries.
    """
    is_doubtful = (
        ~pl.col("has_bsn")
        | pl.col("is_ambiguous")
        | (pl.col("sbi2") == EXTRATERRITORIAL).fill_null(value=False)
        | (pl.col("first_wage_on").is_null() & (pl.col("months_undecided") > 0))
        | (pl.col("first_wage_on").is_null() & ~pl.col("is_sponsor_known") & (pl.col("months_elsewhere") > 0))
    )
    seen_until = pl.min_horizontal("ends_on", "feed_until")
    seen_from = pl.max_horizontal("starts_on", "feed_from")
    has_record = (pl.col("first_wage_on") <= seen_until).fill_null(value=False)
    until = pl.when(has_record).then(pl.max_horizontal("first_wage_on", seen_from)).otherwise(seen_until)
    return chains.filter(~is_doubtful & (seen_until > seen_from)).with_columns(
        seen_from.alias("seen_from"),
        seen_until.alias("seen_until"),
        (pl.col("starts_on") < pl.col("feed_from")).alias("is_truncated"),
        has_record.alias("has_record"),
        (until - seen_from).dt.total_days().cast(pl.Float64).alias("days"),
        pl.col("starts_on").dt.year().cast(pl.String).alias("year"),
    )


def judge(assessed: pl.DataFrame, gaps: pl.DataFrame, thresholds: Mapping[str, float]) -> pl.DataFrame:
    """One row per chain: what is missing and the `grade` (null when there is no signal).

    The time to the first record is learned from first grants alone, and not from migrants who were paid earlier by a
    payer that could not be linked: their first pay by the sponsor may have been long before the first that is seen.

    Args:
        assessed: output of `observe`.
        gaps: unexplained runs of months without a record.
        thresholds: those of H08.

    Returns:
        `assessed` with `limit_days`, `p_never`, `stratum`, `variant` (never, gap or null), `grade`, and the gap's
        `first_month`, `last_day`, `gap_months`.
    """
    is_first_known = (pl.col("first_undecided_on") >= pl.col("first_wage_on")).fill_null(value=True)
    entered = assessed.filter(~pl.col("is_truncated") & (pl.col("application_kind") != "extension") & is_first_known)
    with_limits = _limits(assessed, curves(entered, thresholds["min_stratum"]), thresholds)
    longest = (
        gaps.sort("chain_id", "months", "first_month", descending=[False, True, False])
        .group_by("chain_id", maintain_order=True)
        .first()
        .rename({"months": "gap_months", "sponsor_pays_others": "pays_others_in_gap"})
    )
    joined = with_limits.join(longest, on="chain_id", how="left", maintain_order="left")
    is_silent = (
        pl.col("first_wage_on").is_null()
        & ~pl.col("is_end_known")
        & ~pl.col("has_leave_notice")
        & (pl.col("days") > pl.col("limit_days"))
    )
    has_gap = pl.col("gap_months").is_not_null() & pl.col("has_record")
    variant = pl.when(is_silent).then(pl.lit("never")).when(has_gap).then(pl.lit("gap"))
    return joined.with_columns(variant.alias("variant")).with_columns(_grade(thresholds).alias("grade"))


def _grade(thresholds: Mapping[str, float]) -> pl.Expr:
    is_technical_silence = (
        ~pl.col("has_payroll_number") | (pl.col("months_elsewhere") > 0) | (pl.col("route") == "hsm_no_norm")
    )
    is_technical_gap = (
        (pl.col("gap_months") <= thresholds["benefit_gap_months"])
        | ~pl.col("pays_others_in_gap")
        | (pl.col("route") == "hsm_no_norm")
    )
    silence = (
        pl.when(is_technical_silence)
        .then(pl.lit("T"))
        .when("sponsor_pays_others")
        .then(pl.lit("A"))
        .otherwise(pl.lit("B"))
    )
    gap = pl.when(is_technical_gap).then(pl.lit("T")).otherwise(pl.lit("B"))
    return (
        pl.when(pl.col("variant") == "never").then(silence).when(pl.col("variant") == "gap").then(gap).otherwise(None)
    )


def _limits(
    assessed: pl.DataFrame, found: Mapping[tuple[str, ...], Curve], thresholds: Mapping[str, float]
) -> pl.DataFrame:
    """Add the days that must be passed, the probability that no record will come, and the stratum they come from."""
    limits, never, names = [], [], []
    for sbi2, year, days in assessed.select("sbi2", "year", "days").iter_rows():
        fitting = curve_for(found, sbi2, year)
        name, curve = fitting if fitting else ("none", None)
        limits.append(max(thresholds["floor_days"], curve.quantile(thresholds["quantile"]) if curve else 0.0))
        never.append(curve.never(days) if curve else None)
        names.append(name)
    return assessed.with_columns(
        pl.Series("limit_days", limits, pl.Float64),
        pl.Series("p_never", never, pl.Float64),
        pl.Series("stratum", names, pl.String),
    )
