"""H08: no wage record after the grant, or months without one.

Belongs here: which silences are a question, their grades and probability. Does not belong here: survival curves
(`assets.knowledge_migrants.first_wage`), what counts as a record and as an explanation (the queries `h08_*`).

Scope: permits of the knowledge-migrant routes, chained while a migrant stays with one sponsor. Not assessed, and never
counted as silent: migrants whose number for wages is unknown or shared, extraterritorial bodies, migrants with a wage
from a payer that could not be linked with certainty (it may be the sponsor, as may anybody when the number of the
sponsor is nobody's), permits whose end is known, notified
leave. Benefits paid by UWV are in no feed: a gap that maternity benefit alone could fill is technical. Guest staff
without a norm may be paid by their home institution: technical too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from assets.core.findings import Findings, not_assessed
from assets.core.groups import GroupRule, groups_above
from assets.core.measures import shares, signal_counts
from assets.core.signals import Context, Signal, signal_frame
from assets.knowledge_migrants.first_wage import Curve, curve_for, curves

INDICATOR = "H08"
RULE = (
    "No wage record of the sponsor group for longer after the start than the 99th centile of the same sector and year "
    "(at least the floor); or full delivered months without any wage record after the first one."
)
ARTICLE = "Vw 2000 art. 2c-2g and 54; purpose of the permit; BuWav 2022 art. 2.1"
LOOK_ALIKES = (
    "late_arrival: nobody is asked before the floor or the 99th centile of the same sector and year",
    "bsn_delay: migrants whose number for wages is unknown are not assessed",
    "payroll_backlog: months that the supplier or the whole sponsor group did not deliver do not count against one",
    "other_payer_number: all payroll numbers of the sponsor group, its predecessors and successors count",
    "linkage_error: a wage from a payer without a certain company leaves the case undecided",
    "leave_sickness_maternity: notified leave and gaps beside a month with code K, O, S or Z are left out",
    "maternity_benefit: a gap that sixteen weeks of benefit can fill is technical",
    "treaty_body: extraterritorial bodies are left out; a sponsor without payroll number gives a technical signal",
    "identity_doubtful: persons whose numbers may belong to several people are not assessed",
    "withdrawn_or_notified: permits of which the end was notified or decided are left out",
    "provisional_months: the newest months are not yet complete and prove no absence",
)
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
    signals = [*_permit_signals(judged, inputs.until, thresholds), *_sponsor_signals(judged, thresholds)]
    frame = signal_frame(signals, context)
    return Findings(frame, _measures(inputs.chains, judged, frame, context))


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


def _permit_signals(judged: pl.DataFrame, until: date, thresholds: Mapping[str, float]) -> list[Signal]:
    flagged = judged.filter(pl.col("grade").is_not_null())
    return [_permit_signal(row, until, thresholds) for row in flagged.iter_rows(named=True)]


def _permit_signal(row: dict[str, Any], until: date, thresholds: Mapping[str, float]) -> Signal:
    is_gap = row["variant"] == "gap"
    starts, ends = (row["first_month"], row["last_day"]) if is_gap else (row["seen_from"], row["seen_until"])
    silence = {
        "days_without_record": row["days"],
        "limit_days": row["limit_days"],
        "stratum_of_the_limit": row["stratum"],
        "local_false_discovery_rate": None if row["p_never"] is None else round(1 - row["p_never"], 6),
    }
    gap = {"months_without_record": row["gap_months"], "paid_again_later": row["is_paid_again"]}
    return Signal(
        indicator=INDICATOR,
        subject_type="permit",
        subject_id=_permit_at(row, starts),
        period_start=starts,
        period_end=ends,
        grade=row["grade"],
        magnitude=float(row["gap_months"]) if is_gap else row["days"],
        magnitude_unit="full months without a wage record" if is_gap else "days without a wage record",
        probability=None if is_gap or row["p_never"] is None else round(row["p_never"], 6),
        evidence={
            "rule": RULE,
            "article": ARTICLE,
            "variant": row["variant"],
            **(gap if is_gap else silence),
            "first_wage_record_on": row["first_wage_on"],
            "sponsor_group_has_a_certain_payroll_number": row["has_payroll_number"],
            "sponsor_group_pays_others": row["pays_others_in_gap"] if is_gap else row["sponsor_pays_others"],
            "months_paid_by_another_company": row["months_elsewhere"],
            "wage_months_looked_at": [row["feed_from"], row["feed_until"]],
            "records_speak_until": until,
            "sources": {"permits": row["application_ids"]},
            "thresholds": dict(thresholds),
        },
        look_alikes_checked=LOOK_ALIKES,
        related_ids=[*(f"permit:{a}" for a in row["application_ids"]), f"sponsor:{row['sponsor_kvk']}"],
    )


def _permit_at(row: dict[str, Any], day: date) -> str:
    """The permit of the chain that was in force on `day`; the first one when the chain began later."""
    begun = [a for a, start in zip(row["application_ids"], row["permit_starts"], strict=True) if start <= day]
    return str(begun[-1] if begun else row["application_ids"][0])


def _sponsor_signals(judged: pl.DataFrame, thresholds: Mapping[str, float]) -> list[Signal]:
    """Sponsors of whose permits a share beyond the reference has no wage record at all, from anybody.

    Permits of a sponsor without payroll number count here, and fully where the sponsor is in the trade register: one
    may be a matter of linking; several of which nobody at all pays the holder are a pattern.
    """
    is_flagged = (
        (pl.col("variant") == "never").fill_null(value=False)
        & (pl.col("months_elsewhere") == 0)
        & (pl.col("route") != "hsm_no_norm")
    )
    units = judged.select(
        pl.col("chain_id").alias("unit_id"),
        pl.col("sponsor_group_id").alias("group_id"),
        pl.col("sponsor_kvk").alias("subject_id"),
        is_flagged.cast(pl.Float64).alias("successes"),
        pl.lit(1.0).alias("trials"),
        is_flagged.alias("is_flagged"),
        pl.when(is_flagged)
        .then(pl.when((pl.col("grade") == "T") & pl.col("is_sponsor_known")).then(pl.lit("B")).otherwise("grade"))
        .alias("grade"),
        pl.col("seen_from").alias("starts_on"),
        pl.col("seen_until").alias("ends_on"),
    )
    rule = GroupRule.of(thresholds, "sponsor", "permits")
    return [
        Signal(
            indicator=INDICATOR,
            subject_type="sponsor",
            subject_id=row["subject_id"],
            period_start=row["starts_on"],
            period_end=row["ends_on"],
            grade=rule.grade(row),
            magnitude=round(row["posterior_share"], 6),
            magnitude_unit="share of permits without a wage record, shrunken",
            probability=round(row["probability"], 6),
            evidence={
                "rule": "Shrunken share of the sponsor's permits without any wage record exceeds the reference share.",
                "article": ARTICLE,
                "permits": row["units"],
                "flagged_permits": row["flagged"],
                "prior_mean_share": round(row["prior_mean"], 5),
                "sources": {"permits": row["flagged_ids"]},
                "thresholds": dict(thresholds),
            },
            look_alikes_checked=LOOK_ALIKES,
            related_ids=[f"permit:{p}" for p in row["flagged_ids"]] + [f"sponsor:{s}" for s in row["subject_ids"]],
        )
        for row in groups_above(units, rule).iter_rows(named=True)
    ]


def _measures(chains: pl.DataFrame, judged: pl.DataFrame, signals: pl.DataFrame, context: Context) -> pl.DataFrame:
    is_firm = pl.col("grade").is_in(["A", "B"]).fill_null(value=False)
    units = judged.with_columns(
        is_firm.alias("flagged_share"),
        (is_firm & (pl.col("variant") == "never")).alias("never_paid_share"),
        (pl.col("grade") == "T").fill_null(value=False).alias("technical_share"),
        pl.col("sponsor_group_id").alias("cluster"),
        pl.col("starts_on").alias("on"),
    )
    sentences = {
        "flagged_share": "Share of assessed permit chains with a signal of grade A or B, by start of the permit; "
        "a question, not a breach.",
        "never_paid_share": "Share of assessed permit chains flagged because no wage record followed at all.",
        "technical_share": "Share of assessed permit chains with a silence that a named lawful cause could "
        "still explain.",
    }
    everybody = chains.with_columns(
        pl.col("chain_id").is_in(judged["chain_id"].implode()).alias("assessed_share"),
        pl.col("sponsor_group_id").alias("cluster"),
        pl.col("starts_on").alias("on"),
    )
    assessed = {"assessed_share": "Share of knowledge-migrant permit chains that the wage returns can speak about."}
    return pl.concat(
        [
            shares(units, INDICATOR, sentences, ("route", "sbi2", "size_class"), context),
            shares(everybody, INDICATOR, assessed, (), context),
            signal_counts(signals, INDICATOR, judged.height, context),
        ]
    )
