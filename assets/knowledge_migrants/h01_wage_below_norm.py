"""H01: wage paid below the salary norm of the permit.

Belongs here: the rule, its grades, its probability, and what it means for a sponsor. Does not belong here: which
months are usable and what the wage of a month is (`sql/knowledge_migrants/h01_months.sql`), reading and writing.

Scope: granted permits of the knowledge-migrant and Blue Card routes with a norm. Intra-corporate transferees are left
out, because their pay may lawfully come from abroad and then stands in no Dutch wage return.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from assets.core.findings import Findings, not_assessed
from assets.core.group_signals import GroupQuestion, group_signals
from assets.core.measures import Units, indicator_measures, is_firm
from assets.core.shrinkage import within_group_correlation
from assets.core.signals import Context, Signal, signal_frame
from assets.knowledge_migrants.measurement_error import Noise, at_least, noise_scale, probability_below

INDICATOR = "H01"
RULE = (
    "Comparable wage (upper bound) against the norm of the permit's norm date; newest usable months; signal when "
    "enough months are short or the summed shortfall passes its limit."
)
ARTICLE = "BuWav 2022 art. 2.1; Vb 2000 art. 3.30a"
LOOK_ALIKES = (
    "thirty_percent_facility: the upper bound of the wage contains the untaxed part",
    "four_week_payroll: wages of four weeks are counted times 13/12",
    "part_month: first, last and broken periods are left out",
    "statutory_leave_sickness_strike: months with code K, O, S or Z or a notified leave are left out",
    "payroll_correction: provisional months are left out and one short month is no signal",
    "group_payer: simultaneous wages in the sponsor's group, its predecessors and successors are added up",
    "unlinked_payer: wages of payers without a certain company are added to the upper bound",
    "old_norm: the norm of filing or contract start is used, not that of the wage month",
    "thirtieth_birthday: the norm stays that of the permit",
    "blue_card_norm_fall: the lower of the permit's norm and the norm now in force is used",
    "no_norm: permits without a norm are not tested",
    "identity_doubtful: persons whose numbers may belong to several people are not tested",
    "after_the_end: months after a notified end or under a later permit are not tested",
)

SPONSORS = GroupQuestion(
    indicator=INDICATOR,
    subject_type="sponsor",
    who="sponsor",
    units="permits",
    record="permit",
    rule="Shrunken share of short months of the sponsor's permits exceeds the reference share.",
    article=ARTICLE,
    magnitude_unit="share of short permit months, shrunken",
    look_alikes=LOOK_ALIKES,
    counts={"short_months": "successes", "usable_months": "trials"},
)


@dataclass(frozen=True)
class Inputs:
    """Results of the queries `h01_permits` and `h01_months`."""

    permits: pl.DataFrame
    months: pl.DataFrame
    #: Last day about which the feeds that would show an innocent explanation speak.
    until: date


def find(inputs: Inputs, thresholds: Mapping[str, float], context: Context) -> Findings:
    """Signals about permits and sponsors, and the share of assessed permits that is flagged.

    Args:
        inputs: permits with a norm, and their newest usable wage months.
        thresholds: those of H01.
        context: the run.
    """
    if inputs.permits.is_empty():
        return not_assessed(INDICATOR, "there are no granted permits with a salary norm", context)
    if inputs.months.is_empty():
        return not_assessed(
            INDICATOR, f"there are no usable wage months under these permits by {inputs.until}", context
        )
    months = compare(
        inputs.months.join(inputs.permits.select("application_id", "sbi2"), on="application_id"), thresholds
    )
    permits = judge(months, thresholds).join(inputs.permits, on="application_id", maintain_order="left")
    signals = [
        *_permit_signals(permits, months, inputs.until, thresholds),
        *_sponsor_signals(permits, thresholds),
    ]
    frame = signal_frame(signals, context)
    return Findings(frame, _measures(inputs.permits, permits, frame, context))


def compare(months: pl.DataFrame, thresholds: Mapping[str, float]) -> pl.DataFrame:
    """Each month against its norm: `shortfall` (share of the norm), `is_short`, `is_strong`, `p_below`."""
    ratio = pl.col("wage_high_eur") / pl.col("norm_month_eur")
    compared = months.with_columns(
        (1 - ratio).clip(0, 1).alias("shortfall"),
        ratio.alias("ratio"),
        ratio.clip(lower_bound=0.01).log().alias("log_ratio"),
    ).sort("application_id", "month")
    noise = Noise(thresholds["noise_ratio"], thresholds["noise_min_changes"], thresholds["noise_floor"])
    compared = compared.with_columns(noise_scale(compared, noise))
    below = probability_below(compared["log_ratio"].to_numpy(), compared["sigma"].to_numpy())
    return compared.with_columns(
        pl.Series("p_below", below),
        (pl.col("shortfall") >= thresholds["shortfall_share"] - 1e-9).alias("is_short"),
        (pl.col("shortfall") >= thresholds["strong_shortfall_share"] - 1e-9).alias("is_strong"),
    )


def judge(months: pl.DataFrame, thresholds: Mapping[str, float]) -> pl.DataFrame:
    """One row per permit: what its window shows and its `grade` (A, B, T; null when there is no signal).

    Args:
        months: output of `compare`.
        thresholds: those of H01.
    """
    run = pl.col("is_strong").rle_id().over("application_id")
    strong_run = (
        months.with_columns(run.alias("run"))
        .filter("is_strong")
        .group_by("application_id", "run")
        .len()
        .group_by("application_id")
        .agg(pl.col("len").max().alias("strong_run"))
    )
    short_months = pl.col("is_short")
    permits = (
        months.group_by("application_id", maintain_order=True)
        .agg(
            pl.len().alias("months"),
            short_months.sum().alias("short_months"),
            (pl.col("shortfall").sum() / thresholds["window_months"]).alias("cumulative_share"),
            pl.col("ratio").mean().alias("mean_ratio"),
            pl.col("month").max().alias("on"),
            pl.col("period_start").filter(short_months).min().alias("short_from"),
            pl.col("period_end").filter(short_months).max().alias("short_until"),
            pl.col("shortfall").filter(short_months).mean().alias("mean_shortfall"),
            pl.col("sigma").median().alias("sigma"),
        )
        .join(strong_run, on="application_id", how="left")
        .sort("application_id")
    )
    is_flagged = (pl.col("short_months") >= thresholds["short_months"]) | (
        pl.col("cumulative_share") >= thresholds["cumulative_shortfall_share"] - 1e-9
    )
    is_strong = pl.col("strong_run").fill_null(0) >= thresholds["strong_consecutive_months"]
    grade = (
        pl.when(~is_flagged)
        .then(None)
        .when(is_strong)
        .then(pl.lit("A"))
        .when(pl.col("mean_ratio") >= 1)
        .then(pl.lit("T"))
        .otherwise(pl.lit("B"))
    )
    return permits.with_columns(grade.alias("grade"))


def _permit_signals(
    permits: pl.DataFrame, months: pl.DataFrame, until: date, thresholds: Mapping[str, float]
) -> list[Signal]:
    flagged = permits.filter(pl.col("grade").is_not_null())
    details = months.join(flagged, on="application_id", how="semi").partition_by("application_id", as_dict=True)
    return [
        _permit_signal(row, details[(row["application_id"],)], until, thresholds)
        for row in flagged.iter_rows(named=True)
    ]


def _permit_signal(row: dict[str, Any], window: pl.DataFrame, until: date, thresholds: Mapping[str, float]) -> Signal:
    needed = max(1, min(int(thresholds["short_months"]), row["short_months"]))
    return Signal(
        indicator=INDICATOR,
        subject_type="permit",
        subject_id=row["application_id"],
        period_start=row["short_from"],
        period_end=row["short_until"],
        grade=row["grade"],
        magnitude=round(row["mean_shortfall"], 6),
        magnitude_unit="mean shortfall of the short months as a share of the norm",
        probability=round(at_least(window["p_below"].to_numpy().astype(np.float64), needed), 6),
        evidence={
            "rule": RULE,
            "article": ARTICLE,
            "norm_category": row["norm_category"],
            "norm_on": row["norm_on"],
            "short_months": row["short_months"],
            "usable_months": row["months"],
            "summed_shortfall_share_of_twelve_norms": round(row["cumulative_share"], 4),
            "mean_wage_to_norm": round(row["mean_ratio"], 4),
            "noise_scale_log_points": round(row["sigma"], 5),
            "months": [_month(m) for m in window.iter_rows(named=True)],
            "records_speak_until": until,
            "sources": {"permits": [row["application_id"]], "wage_months": [str(m) for m in window["month"]]},
            "thresholds": dict(thresholds),
        },
        look_alikes_checked=LOOK_ALIKES,
        related_ids=(f"permit:{row['application_id']}", f"sponsor:{row['sponsor_kvk']}"),
    )


def _month(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "month": row["month"],
        "norm_month_eur": row["norm_month_eur"],
        "wage_low_eur": round(row["wage_low_eur"], 2),
        "wage_high_eur": round(row["wage_high_eur"], 2),
        "wage_source": "contract" if row["is_contract"] else "paid",
        "shortfall_share": round(row["shortfall"], 4),
    }


def _sponsor_signals(permits: pl.DataFrame, thresholds: Mapping[str, float]) -> list[Signal]:
    """Sponsors whose share of short months truly exceeds the reference; dips that were made good do not count."""
    counted = permits.with_columns(
        pl.when(pl.col("grade") == "T").then(0).otherwise(pl.col("short_months")).alias("counted_short"),
        is_firm().alias("is_flagged"),
    )
    units = counted.select(
        pl.col("application_id").alias("unit_id"),
        pl.col("sponsor_group_id").alias("group_id"),
        pl.col("sponsor_kvk").alias("subject_id"),
        pl.col("counted_short").cast(pl.Float64).alias("successes"),
        pl.col("months").cast(pl.Float64).alias("trials"),
        "is_flagged",
        "grade",
        pl.col("short_from").alias("starts_on"),
        pl.col("short_until").alias("ends_on"),
    )
    return group_signals(SPONSORS, units, thresholds, correlation=_month_correlation(counted))


def _month_correlation(permits: pl.DataFrame) -> float:
    """How alike the months of one permit are: months of one wage are far from independent."""
    months = permits["months"].to_numpy()
    short = permits["counted_short"].to_numpy()
    groups = np.repeat(np.arange(months.size), months)
    position = np.arange(groups.size) - np.repeat(np.cumsum(months) - months, months)
    return within_group_correlation((position < np.repeat(short, months)).astype(np.float64), groups)


def _measures(
    all_permits: pl.DataFrame, permits: pl.DataFrame, signals: pl.DataFrame, context: Context
) -> pl.DataFrame:
    judged = permits.with_columns(pl.col("sponsor_group_id").alias("cluster"))
    everything = all_permits.with_columns(
        pl.col("application_id").is_in(permits["application_id"].implode()).alias("assessed_share"),
        pl.col("sponsor_group_id").alias("cluster"),
        pl.col("valid_from").alias("on"),
    )
    told = {
        "flagged_share": "Share of assessed permits with a signal of grade A or B in their newest usable months; "
        "a question, not a breach.",
        "technical_share": "Share of assessed permits with short months whose mean still reaches the norm.",
    }
    assessed = {"assessed_share": "Share of permits with a norm that have a usable wage month, by start of the permit."}
    return indicator_measures(
        INDICATOR,
        Units(judged, told),
        Units(everything, assessed),
        strata=("route", "sbi2", "size_class"),
        signals=signals,
        context=context,
    )
