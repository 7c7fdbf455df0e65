"""What a publication says of itself: deliveries used, checks passed, whether any of it is simulated.

Belongs here: small frames for `pub.deliveries` and `pub.release`, and the mark of simulated figures. Does not
belong here: figures of persons or companies (`disclosure`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from quality.contract import FeedContract


def delivery_frame(attempts: pl.DataFrame, contracts: Mapping[str, FeedContract]) -> pl.DataFrame:
    """Rows of `pub.deliveries`: one per feed of the study, also when nothing was delivered.

    Args:
        attempts: newest attempt per delivery: feed, delivered_on, status, stand_in, rows_delivered,
            rows_accepted, rows_rejected.
        contracts: the contract of every feed, by name.
    """
    loaded = pl.col("status") == "loaded"
    counted = attempts.group_by("feed").agg(
        (loaded & pl.col("stand_in")).any().alias("stand_in"),
        pl.col("delivered_on").filter(loaded).max().alias("last_delivered_on"),
        loaded.sum().cast(pl.Int64).alias("deliveries_loaded"),
        (pl.col("status") == "refused").sum().cast(pl.Int64).alias("deliveries_refused"),
        *(pl.col(c).filter(loaded).sum().cast(pl.Int64) for c in ROW_COUNTS),
    )
    feeds = pl.DataFrame(
        {"feed": list(contracts), "supplier": [c.supplier for c in contracts.values()]},
        schema={"feed": pl.String, "supplier": pl.String},
    )
    return (
        feeds.join(counted, on="feed", how="left")
        .with_columns(
            pl.col("stand_in").fill_null(False),
            *(pl.col(c).fill_null(0) for c in ("deliveries_loaded", "deliveries_refused", *ROW_COUNTS)),
        )
        .sort("feed")
    )


ROW_COUNTS = ("rows_delivered", "rows_accepted", "rows_rejected")


def rests_on_stand_ins(deliveries: pl.DataFrame, feeds: frozenset[str]) -> bool:
    """True when a loaded delivery of one of `feeds` is simulated (`deliveries` as in `pub.deliveries`)."""
    return bool(deliveries.filter(pl.col("feed").is_in(sorted(feeds)))["stand_in"].any())


def release_frame(
    *,
    run_id: str,
    as_of: date,
    code_version: str,
    rules_version: str,
    checks_passed: int,
    checks_warned: int,
    has_stand_ins: bool,
) -> pl.DataFrame:
    """The one row of `pub.release`."""
    return pl.DataFrame(
        {
            "run_id": [run_id],
            "as_of": [as_of],
            "code_version": [code_version],
            "rules_version": [rules_version],
            "checks_passed": [checks_passed],
            "checks_warned": [checks_warned],
            "has_stand_ins": [has_stand_ins],
        },
        schema_overrides={"checks_passed": pl.Int64, "checks_warned": pl.Int64},
    )
