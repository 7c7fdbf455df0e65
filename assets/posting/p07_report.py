"""How P07 reports: signals about service providers with their source records, and measures.

Belongs here: wording and evidence. Does not belong here: the rule (`assets.posting.p07_long_posting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from assets.core.measures import Units, indicator_measures
from assets.core.signals import Context, Signal

INDICATOR = "P07"
CELL = ("employer_vat", "place", "task")
RULE = (
    "Lower bound on the days in one job slot (same employer, client, place and three-digit task, at most 60 days "
    "between two workers) above 365, or 548 with a motivated notice, and pay not shown to reach full Dutch terms."
)
ARTICLE = "Directive 96/71 art. 3(1a) as amended by 2018/957; WagwEU; Directive 2014/67 art. 4(3)(g)"
LOOK_ALIKES = (
    "crew_growth: the bound divides the worker days by all slots that touch the period",
    "overlap: a worker who starts well before another ends replaces nobody",
    "other_client: work at the same place for another client is another job",
    "different_task: other tasks are other slots; what rests on a task not stated is technical at most",
    "coarse_place: without a building, client and postcode together stand for the place",
    "full_terms_paid: declared pay at the level of domestic peers gives no signal",
    "annual_notification: left out, it says nothing about presence",
    "contractor_change: workers of another employer are in another slot",
    "before_the_law: days before the rule applied do not count",
    "motivated_notice: not delivered, so between 12 and 18 months a signal is technical",
    "identity_doubtful: a worker who may be several people counts both ways, and the shorter slot stands",
    "shorter_stay: the last version of each notification is used and the future does not count",
)


def seen(postings: pl.DataFrame, sightings: pl.DataFrame) -> pl.DataFrame:
    """Sightings of these workers, for the same employer, on a day of the posting."""
    return postings.join(
        sightings.select("sighting_id", "seen_on", "person_id", "employer_vat"), on=["person_id", "employer_vat"]
    ).filter(pl.col("seen_on").is_between("starts_on", "ends_on"))


def signal(
    row: dict[str, Any], postings: pl.DataFrame, sightings: pl.DataFrame, until: date, thresholds: Mapping[str, float]
) -> Signal:
    """The signal about one cell.

    Args:
        row: the judged cell.
        postings: those of the cell.
        sightings: of its employer.
        until: last day about which notifications speak.
        thresholds: those of P07.
    """
    within = postings.filter((pl.col("starts_on") <= row["ends_on"]) & (pl.col("ends_on") >= row["starts_on"]))
    notices = sorted(within["notification_id"].unique())
    sighted = sorted(seen(within, sightings)["sighting_id"].unique())
    wages = within["hourly_wage_eur"].drop_nulls()
    related = [
        *(f"notification:{n}" for n in notices),
        *(f"client:{k}" for k in within["client_kvk"].drop_nulls().unique()),
        *(f"site:{p}" for p in within["place_id"].drop_nulls().unique()),
        *(f"sighting:{s}" for s in sighted),
        f"posting_employer:{row['employer_vat']}",
    ]
    return Signal(
        indicator=INDICATOR,
        subject_type="posting_employer",
        subject_id=row["employer_vat"],
        period_start=row["starts_on"],
        period_end=row["ends_on"],
        grade=row["grade"],
        magnitude=round(row["days_lower"], 1),
        magnitude_unit="days in one job slot, lower bound",
        probability=None,
        evidence={
            "rule": RULE,
            "article": ARTICLE,
            "place": row["place"],
            "task_isco3": row["task"] if len(row["task"]) == 3 else None,
            "rests_on_an_assumed_task_or_client": not row["is_certain"],
            "days_lower": round(row["days_lower"], 1),
            "days_upper": row["days_upper"],
            "slots_in_the_period": row["slots"],
            "workers": within["person_id"].n_unique(),
            "worker_spells_in_the_cell": row["spells"],
            "share_of_notices_confirmed_by_the_client": round(within["is_confirmed"].sum() / within.height, 3),
            "pay": row["pay"],
            "median_declared_hourly_wage_eur": wages.median(),
            "motivated_notice": "not delivered; ask the provider",
            "records_speak_until": until,
            "sources": {"notifications": notices, "sightings": sighted},
            "thresholds": dict(thresholds),
        },
        look_alikes_checked=LOOK_ALIKES,
        related_ids=related,
        part=f"{row['place']}|{row['task']}",
    )


def measures(
    cells: pl.DataFrame,
    assessed: pl.DataFrame,
    long: pl.DataFrame,
    signals: pl.DataFrame,
    *,
    long_days: float,
    context: Context,
) -> pl.DataFrame:
    """Shares of assessed cells that hold a long slot, the share that could be assessed, and counts of signals by grade.

    Args:
        cells: all cells.
        assessed: those of which a slot could be told.
        long: the judged cells, of those that may hold a long slot.
        signals: rows of `findings.signals`.
        long_days: limit of a slot in days.
        context: the run.
    """
    found = long.select(*CELL, "grade", "days_lower", "days_upper")
    units = (
        assessed.select(*CELL, "sbi2", "size_class", pl.col("ends_on").alias("on"))
        .join(found, on=CELL, how="left", maintain_order="left")
        .with_columns(
            (pl.col("grade").is_null() & (pl.col("days_upper") > long_days)).fill_null(value=False).alias("open_share"),
            pl.col("employer_vat").alias("cluster"),
        )
    )
    told = {
        "flagged_share": "Share of cells (employer, place, task) with a slot of more than 18 months for certain "
        "and pay not shown to be full; a question, not a breach.",
        "technical_share": "Share of cells with a slot of 12 to 18 months for certain, for which a motivated notice is "
        "not known.",
        "open_share": "Share of cells without a signal in which some order of replacement would pass 12 months.",
    }
    everything = cells.with_columns(
        pl.col("has_place").alias("assessed_share"),
        pl.col("employer_vat").alias("cluster"),
        pl.col("ends_on").alias("on"),
    )
    assessable = {"assessed_share": "Share of cells with a place, so that replacement can be told."}
    return indicator_measures(
        INDICATOR,
        Units(units, told),
        Units(everything, assessable),
        strata=("sbi2", "size_class"),
        signals=signals,
        context=context,
    )
