"""How H08 reports: signals with their source records, sponsors that stand out, and measures.

Belongs here: wording and evidence. Does not belong here: the rule (`assets.knowledge_migrants.h08_no_wage_record`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from assets.core.group_signals import GroupQuestion, group_signals
from assets.core.measures import Units, indicator_measures, is_firm
from assets.core.signals import Context, Signal

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

SPONSORS = GroupQuestion(
    indicator=INDICATOR,
    subject_type="sponsor",
    who="sponsor",
    units="permits",
    record="permit",
    rule="Shrunken share of the sponsor's permits without any wage record exceeds the reference share.",
    article=ARTICLE,
    magnitude_unit="share of permits without a wage record, shrunken",
    look_alikes=LOOK_ALIKES,
)


def permit_signals(judged: pl.DataFrame, until: date, thresholds: Mapping[str, float]) -> list[Signal]:
    """The signals about permits, one for each flagged chain of `judged`."""
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


def sponsor_signals(judged: pl.DataFrame, thresholds: Mapping[str, float]) -> list[Signal]:
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
    return group_signals(SPONSORS, units, thresholds)


def measures(chains: pl.DataFrame, judged: pl.DataFrame, signals: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Shares of assessed chains that are flagged, the share that could be assessed, and counts of signals by grade."""
    units = judged.with_columns(
        (is_firm() & (pl.col("variant") == "never")).alias("never_paid_share"),
        pl.col("sponsor_group_id").alias("cluster"),
        pl.col("starts_on").alias("on"),
    )
    told = {
        "flagged_share": "Share of assessed permit chains with a signal of grade A or B, by start of the permit; "
        "a question, not a breach.",
        "never_paid_share": "Share of assessed permit chains flagged because no wage record followed at all.",
        "technical_share": "Share of assessed permit chains with a silence that a named lawful cause could "
        "still explain.",
    }
    everything = chains.with_columns(
        pl.col("chain_id").is_in(judged["chain_id"].implode()).alias("assessed_share"),
        pl.col("sponsor_group_id").alias("cluster"),
        pl.col("starts_on").alias("on"),
    )
    assessed = {"assessed_share": "Share of knowledge-migrant permit chains that the wage returns can speak about."}
    return indicator_measures(
        INDICATOR,
        Units(units, told),
        Units(everything, assessed),
        strata=("route", "sbi2", "size_class"),
        signals=signals,
        context=context,
    )
