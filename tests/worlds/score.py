"""How an examiner lays findings beside the truth.

Belongs here: matching by the subject that can be known from outside, shares by kind, links. Does not belong here:
what is good enough (the test says that).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

#: No field that is delivered tells these from a planted case: UWV's benefits are in no feed, a permit that names no
#: passport cannot be joined to a worker, and a client that confirmed a stay may not have told that it ended early. They
#: may give a technical signal, never more.
UNDECIDABLE = ("maternity_paid_by_uwv", "permit_without_document", "left_early_uncorrected")

#: No feed names long-term residents, family of citizens or people under temporary protection. Their long stays look
#: like a planted one to the letter, so they are asked about; a grade that says that this was excluded would be untrue.
GROUND_IN_NO_FEED = ("other_ground_of_stay",)


def published(data: Path, query: str) -> pl.DataFrame:
    """The rows of a query on the published database of a data folder."""
    with duckdb.connect(str(data / "published/current/labour_migration.duckdb"), read_only=True) as connection:
        return connection.sql(query).pl()


def found_by_subject(signals: pl.DataFrame) -> pl.DataFrame:
    """Signals with every identifier by which a case can be known: `indicator`, `id`, `grade`, `signal_id`.

    Permits are known by their case number, sponsors, employers and sites by their own, persons by their records.
    """
    own = signals.with_columns(pl.concat_str("subject_type", "subject_id", separator=":").alias("id"))
    records = (
        signals.filter(subject_type="person")
        .with_columns(pl.col("related_ids").alias("id"))
        .explode("id")
        .drop_nulls("id")
    )
    names = ["indicator", "id", "grade", "signal_id"]
    return pl.concat([own.select(names), records.select(names)]).unique()


def score(signals: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """One row per case: the columns of the truth, `is_found` and `grade` (the strongest)."""
    found = found_by_subject(signals)
    best = found.group_by("indicator", "id").agg(pl.col("grade").min())
    cases = truth.with_row_index("case").with_columns(
        pl.when(pl.col("subject_type") == "person")
        .then(pl.col("related"))
        .otherwise(pl.concat_list(pl.col("subject_type") + ":" + pl.col("subject_id")))
        .alias("ids")
    )
    hits = (
        cases.explode("ids")
        .join(best, left_on=["indicator", "ids"], right_on=["indicator", "id"], how="left")
        .group_by("case")
        .agg(pl.col("grade").min())
    )
    return (
        cases.drop("ids")
        .join(hits, on="case", how="left")
        .with_columns(is_found=pl.col("grade").is_not_null())
        .sort("case")
    )


def by_kind(scored: pl.DataFrame) -> pl.DataFrame:
    """Cases, found and grades by indicator, strength and kind."""
    return (
        scored.group_by("indicator", "strength", "kind")
        .agg(
            pl.len().alias("cases"),
            pl.col("is_found").sum().alias("found"),
            pl.col("grade").drop_nulls().sort().str.join("").alias("grades"),
        )
        .sort("indicator", "strength", "kind")
    )


def strangers(signals: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Signals that touch nobody in the truth of any indicator: ordinary migrants, workers, sponsors and sites."""
    own = truth.select(id=pl.col("subject_type") + ":" + pl.col("subject_id"))
    known = pl.concat([own, truth.select(id="related").explode("id").drop_nulls()])["id"].implode()
    own = pl.concat_str("subject_type", "subject_id", separator=":")
    return signals.with_columns(pl.concat_list(own, "related_ids").alias("ids")).filter(
        ~pl.col("ids").list.eval(pl.element().is_in(known)).list.any()
    )


def links(data: Path, truth: pl.DataFrame) -> pl.DataFrame:
    """Payroll links beside the truth: `employer_number`, `kvk` (found), `kvk_true`, `link_method`, probability."""
    found = published(
        data, "select employer_number, name, kvk, link_method, link_probability from core.payroll_numbers"
    )
    return truth.rename({"kvk": "kvk_true"}).join(found, on="employer_number", how="left")
