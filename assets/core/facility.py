"""The 30 % facility: which share of pay it leaves untaxed, by date.

Belongs here: reading `quality/reference/facility_30.csv`. Does not belong here: using it
(`sql/core/wage_months.sql`).
"""

from __future__ import annotations

from functools import cache

import polars as pl

from quality.reference.tables import read


@cache
def _shares() -> pl.DataFrame:
    return read("facility_30.csv").select(
        pl.col("valid_from", "valid_until").str.to_date("%Y-%m-%d"), pl.col("untaxed_share").cast(pl.Float64)
    )


def facility_parameters() -> dict[str, object]:
    """`facility_from`, `facility_until` (dates) and `facility_share` (0 to 1): lists of equal length."""
    shares = _shares()
    return {
        "facility_from": shares["valid_from"].to_list(),
        "facility_until": shares["valid_until"].to_list(),
        "facility_share": shares["untaxed_share"].to_list(),
    }
