"""Foreign posting employers: where they stand, what they do at home, whom they post.

Belongs here: every employer with a VAT number and what the home registers tell of it. Does not belong here: postings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.standins.economy.companies import LAST_FOUNDING, NEVER
from assets.standins.foundations import identifiers, names, regions
from assets.standins.foundations.law import day
from assets.standins.foundations.parameters import Parameters
from assets.standins.foundations.randomness import Draws, Ints

#: Numbers of posted persons start here.
POSTED = 16_000_000


@dataclass(frozen=True)
class ForeignEmployers:
    """Every foreign employer; one row each, in the order of its number (`employer`)."""

    table: pl.DataFrame

    def take(self, column: str, employers: Ints) -> np.ndarray:
        """The values of one column for the given employers."""
        return self.table[column].gather(employers).to_numpy()


def make_foreign_employers(parameters: Parameters, draws: Draws) -> ForeignEmployers:
    """All foreign employers of the world."""
    block = parameters["posting"]
    number = max(40, round(block["employers"] * parameters.companies))
    employer = np.arange(number)
    transport = draws.happens("foreign.transport", 0.3, employer)
    home = np.array(list(block["countries"]))
    road = np.array(list(block["transport_countries"]))
    country = np.where(
        transport,
        road[draws.pick("foreign.road", list(block["transport_countries"].values()), employer)],
        home[draws.pick("foreign.country", list(block["countries"].values()), employer)],
    )
    sector = draws.pick("foreign.sector", [s["share"] for s in block["sectors"]], employer)
    staff = np.clip(np.exp(3.0 + 1.2 * draws.normal("foreign.staff", employer)), 3, 4000).astype(np.int64)
    founded = day("2019-06-01") - (12 * 365 * draws.uniform("foreign.age", employer)).astype(np.int64)
    late = draws.happens("foreign.late", 0.45, employer)
    founded = np.where(
        late,
        day("2013-06-01") + (draws.uniform("foreign.founded", employer) * (LAST_FOUNDING - day("2013-06-01"))),
        founded,
    )
    countries = pl.Series(country)
    table = pl.DataFrame(
        {
            "employer": employer,
            "country": country,
            "sector": sector,
            "transport": transport,
            "agency": draws.happens("foreign.agency", block["agency"], employer) & ~transport,
            "registered_on": founded.astype(np.int64),
            "home_staff": staff,
            "home_share": np.clip(0.3 + 0.65 * draws.uniform("foreign.home_share", employer), 0, 1),
            "address": 500_000 + employer,
            "owner_company": np.full(number, -1, dtype=np.int64),
            "owner_employer": np.full(number, -1, dtype=np.int64),
            "closed_on": np.full(number, NEVER, dtype=np.int64),
            "pull": staff**0.7 * np.exp(0.6 * draws.normal("foreign.pull", employer)),
            "pool": np.clip((staff * 1.2).astype(np.int64) + 8, 8, 600),
            "clients": 1 + draws.integer("foreign.clients", 1, 7, employer),
        }
    ).with_columns(
        identifiers.vat(countries, employer).alias("vat"),
        names.foreign_names(employer, countries).alias("name"),
        (POSTED + pl.col("pool").cum_sum() - pl.col("pool")).alias("first_person"),
    )
    return ForeignEmployers(table)


def observations(draws: Draws, employers: ForeignEmployers, dates: Ints, posted: pl.DataFrame) -> pl.DataFrame:
    """What was known of each employer on each date (`posting_employers`), unknowns empty.

    Args:
        draws: the world's randomness.
        employers: the employers.
        dates: days of observation.
        posted: postings, to count who is posted.
    """
    found = []
    table = employers.table
    for observed in dates.tolist():
        there = posted.filter((pl.col("starts_on") <= observed) & (pl.col("ends_on") >= observed))
        counts = there.group_by("employer").agg(pl.col("person").n_unique().alias("posted_staff"))
        rows = table.filter(pl.col("registered_on") <= observed).join(
            counts, on="employer", how="left", maintain_order="left"
        )
        who = rows["employer"].to_numpy()
        known = {
            name: draws.happens(f"foreign.known.{name}", chance, who, observed)
            for name, chance in {
                "staff": 0.75,
                "share": 0.6,
                "posted": 0.8,
                "address": 0.85,
                "registered": 0.85,
            }.items()
        }
        found.append(
            rows.select(
                pl.col("vat").alias("employer_vat"),
                pl.lit(observed, dtype=pl.Int64).alias("observed_on"),
                "name",
                "country",
                pl.when(pl.Series(known["registered"])).then("registered_on").alias("registered_on"),
                pl.when(pl.Series(known["address"]))
                .then(pl.format(f"F{regions.mark()}{{}}", "address"))
                .alias("address_id"),
                pl.when(pl.col("owner_company") >= 0).then("owner_company").alias("owner_company"),
                pl.when(pl.col("owner_employer") >= 0).then("owner_employer").alias("owner_employer"),
                pl.when(pl.Series(known["staff"])).then("home_staff").alias("home_staff"),
                pl.when(pl.Series(known["posted"]))
                .then(pl.col("posted_staff").fill_null(0).cast(pl.Int64))
                .alias("posted_staff"),
                pl.when(pl.Series(known["share"])).then(pl.col("home_share").round(3)).alias("home_turnover_share"),
                pl.lit(observed + 12, dtype=pl.Int64).alias("known_on"),
            )
        )
    return pl.concat(found)
