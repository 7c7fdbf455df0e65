"""Spells of paid work: who is paid by whom, from when until when, on what terms.

Belongs here: the shape of a spell and the spells that follow from permits and work permits. Does not belong here: the
wage periods of a spell (`wages`), and misuse, which changes spells before they are paid.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER, Companies
from assets.standins.economy.setting import Setting
from assets.standins.foundations.law import day, month_of, month_start
from assets.standins.foundations.randomness import Ints

#: First day of the four-week periods: a Monday.
FOUR_WEEK_ORIGIN = day("2012-12-31")

#: What a spell of paid work is. `factor`: pay in proportion to what was agreed, from `factor_from` to `factor_until`;
#: `frozen`: pay is not raised; `hours_factor`: returned hours in proportion; `kind_share`: part of pay not in money.
SPELL_COLUMNS = {
    "person": pl.Int64,
    "company": pl.Int64,
    "from_on": pl.Int64,
    "until_on": pl.Int64,
    "salary": pl.Float64,
    "hours": pl.Float64,
    "relation": pl.Int64,
    "work_relation": pl.Int64,
    "income_kind": pl.Int64,
    "facility": pl.Boolean,
    "norm": pl.Float64,
    "application": pl.Int64,
    "factor": pl.Float64,
    "factor_from": pl.Int64,
    "factor_until": pl.Int64,
    "hours_factor": pl.Float64,
    "kind_share": pl.Float64,
    "frozen": pl.Boolean,
}


def is_civil_service(companies: Companies, company: Ints) -> np.ndarray:
    """True for employers whose staff are civil servants: every other university."""
    return np.asarray((companies.take("kind", company) == "academic") & (company % 2 == 0))


def spells_of_permits(
    setting: Setting,
    permits: pl.DataFrame,
) -> pl.DataFrame:
    """The paid work under granted permits, one row per application (an extension goes on with the same relation)."""
    granted = permits.filter((pl.col("work_from") >= 0) & (pl.col("work_until") >= pl.col("work_from")))
    granted = _joined_at_periods(granted, setting.companies)
    person, sponsor = granted["person"].to_numpy(), granted["sponsor"].to_numpy()
    pay = setting.parameters["pay"]
    knowledge = granted["scheme"].is_in(["hsm", "blue_card", "ict_eu", "researcher_801"]).to_numpy()
    facility = knowledge & setting.draws.happens("pay.facility", pay["facility_share"], person)
    car = knowledge & setting.draws.happens("pay.car", pay["lease_car"], person)
    payroll_firm = setting.companies.take("kind", sponsor) == "intermediary"
    civil = is_civil_service(setting.companies, sponsor)
    return as_spells(
        granted.select(
            "person",
            pl.col("sponsor").alias("company"),
            pl.col("work_from").alias("from_on"),
            pl.col("work_until").alias("until_on"),
            "salary",
            "hours",
            "application",
            "norm",
            relation=pl.lit(1, dtype=pl.Int64),
            work_relation=pl.Series(np.where(payroll_firm, 82, np.where(civil, 18, 1))),
            income_kind=pl.Series(np.where(civil, 11, 15)),
            facility=pl.Series(facility),
            kind_share=pl.Series(np.where(car, 0.04 + 0.09 * setting.draws.uniform("pay.car_share", person), 0.0)),
        )
    )


def spells_of_settled(permits: pl.DataFrame, companies: Companies) -> pl.DataFrame:
    """The paid work of those who stay for good, with their last sponsor; no application stands behind it."""
    settled = permits.filter((pl.col("settled_until") > pl.col("work_until")) & (pl.col("work_until") >= 0))
    ended = pl.Series(companies.take("ended_on", settled["sponsor"].to_numpy()))
    # Pay goes on with the first day of a month: a period is not paid twice.
    first = (pl.col("work_until") + 1).cast(pl.Int32).cast(pl.Date).dt.offset_by("28d").dt.month_start()
    return as_spells(
        settled.select(
            "person",
            "salary",
            "hours",
            pl.col("sponsor").alias("company"),
            from_on=first.cast(pl.Int32).cast(pl.Int64),
            until_on=pl.min_horizontal("settled_until", ended - 1),
            application=pl.lit(-1, dtype=pl.Int64),
            relation=pl.lit(1, dtype=pl.Int64),
            work_relation=pl.lit(1, dtype=pl.Int64),
            income_kind=pl.lit(15, dtype=pl.Int64),
            facility=pl.lit(False),
            norm=pl.lit(0.0),
        ).filter(pl.col("until_on") > pl.col("from_on"))
    )


def spells_of_cases(requests: pl.DataFrame) -> pl.DataFrame:
    """Paid work under work permits and traineeships, one row per positive case; case numbers are no applications."""
    mine = requests.filter(
        (pl.col("outcome") == "positive")
        & (pl.col("company") >= 0)
        & ((pl.col("kind") == "twv") | (pl.col("policy_category") == "trainee"))
    )
    return as_spells(
        mine.select(
            "person",
            "company",
            (pl.col("valid_from") + 2).alias("from_on"),
            pl.col("valid_until").alias("until_on"),
            "salary",
            "hours",
            application=pl.lit(-1, dtype=pl.Int64),
            relation=pl.lit(1, dtype=pl.Int64),
            work_relation=pl.when(pl.col("policy_category") == "trainee").then(7).otherwise(1).cast(pl.Int64),
            income_kind=pl.lit(15, dtype=pl.Int64),
            facility=pl.lit(False),
            norm=pl.lit(0.0),
        ).filter(pl.col("until_on") > pl.col("from_on"))
    )


def as_spells(frame: pl.DataFrame) -> pl.DataFrame:
    """Spells with the columns that were not given filled with what is ordinary."""
    usual = {
        "factor": 1.0,
        "factor_from": NEVER,
        "factor_until": NEVER,
        "hours_factor": 1.0,
        "kind_share": 0.0,
        "frozen": False,
    }
    missing = [pl.lit(value).alias(name) for name, value in usual.items() if name not in frame.columns]
    return frame.with_columns(missing).select([pl.col(name).cast(kind) for name, kind in SPELL_COLUMNS.items()])


def _joined_at_periods(granted: pl.DataFrame, companies: Companies) -> pl.DataFrame:
    """Work that goes on under an extension: the new terms start with the first full wage period."""
    granted = granted.sort("person", "generation")
    weeks = rhythm(companies)[granted["sponsor"].to_numpy()]
    start = granted["work_from"].to_numpy()
    number = np.where(weeks, (start - FOUR_WEEK_ORIGIN + 27) // 28, month_of(start - 1) + 1)
    snapped = np.where(weeks, FOUR_WEEK_ORIGIN + number * 28, month_start(np.where(weeks, 0, number)))
    same = (pl.col("person") == pl.col("person").shift(1)) & (pl.col("sponsor") == pl.col("sponsor").shift(1))
    granted = granted.with_columns(pl.when(same).then(pl.Series(snapped)).otherwise("work_from").alias("work_from"))
    followed = (pl.col("person") == pl.col("person").shift(-1)) & (pl.col("sponsor") == pl.col("sponsor").shift(-1))
    next_start = pl.col("work_from").shift(-1)
    return granted.with_columns(
        pl.when(followed).then(next_start - 1).otherwise("work_until").alias("work_until")
    ).filter(pl.col("work_until") >= pl.col("work_from"))


def rhythm(companies: Companies) -> np.ndarray:
    """True for each company that pays every four weeks."""
    first = companies.payrolls.unique("company", keep="first", maintain_order=True)
    return first.sort("company")["four_week"].to_numpy()
