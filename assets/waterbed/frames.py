"""Rows of displacement as the tables `estimates.displacement` and `estimates.displacement_lags`.

Belongs here: columns, intervals of persons, order. Does not belong here: what a row says (`results`, `pooling`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

DISPLACEMENT_SCHEMA = {
    "event_id": pl.String,
    "restricted_route": pl.String,
    "destination_route": pl.String,
    "months_after": pl.Int64,
    "specification": pl.String,
    "gross_loss": pl.Float64,
    "rush": pl.Float64,
    "net_loss": pl.Float64,
    "net_loss_lo95": pl.Float64,
    "net_loss_hi95": pl.Float64,
    "first_stage_t": pl.Float64,
    "gain": pl.Float64,
    "gain_lo95": pl.Float64,
    "gain_hi95": pl.Float64,
    "share": pl.Float64,
    "share_lo95": pl.Float64,
    "share_hi95": pl.Float64,
    "share_constrained": pl.Float64,
    "p_value": pl.Float64,
    "p_holm": pl.Float64,
    "q_bh": pl.Float64,
    "effective_clusters": pl.Float64,
    "mde80": pl.Float64,
    "breakdown_m": pl.Float64,
    "net_loss_person_months": pl.Float64,
    "gain_person_months": pl.Float64,
    "share_person_months": pl.Float64,
    "verdict": pl.String,
    "reason": pl.String,
    "as_of": pl.Date,
    "run_id": pl.String,
}
LAGS_SCHEMA = {
    "event_id": pl.String,
    "restricted_route": pl.String,
    "destination_route": pl.String,
    "specification": pl.String,
    "bin_from_month": pl.Int64,
    "bin_until_month": pl.Int64,
    "loss": pl.Float64,
    "gain": pl.Float64,
    "gain_lo95": pl.Float64,
    "gain_hi95": pl.Float64,
    "share": pl.Float64,
    "share_lo95": pl.Float64,
    "share_hi95": pl.Float64,
    "as_of": pl.Date,
    "run_id": pl.String,
}


def displacement_frame(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Rows as `estimates.displacement`, intervals of persons filled in, in the order of the key."""
    finished = []
    for row in rows:
        done = dict(row)
        if "loss_error" in row:
            critical = row["critical"]
            done["net_loss_lo95"] = row["net_loss"] - critical * row["loss_error"]
            done["net_loss_hi95"] = row["net_loss"] + critical * row["loss_error"]
            done["gain_lo95"] = row["gain"] - critical * row["gain_error"]
            done["gain_hi95"] = row["gain"] + critical * row["gain_error"]
        finished.append({name: done.get(name) for name in DISPLACEMENT_SCHEMA})
    frame = pl.DataFrame(finished, schema=DISPLACEMENT_SCHEMA)
    return frame.sort("event_id", "restricted_route", "destination_route", "months_after", "specification")


def lags_frame(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Rows as `estimates.displacement_lags`, in the order of the key."""
    frame = pl.DataFrame(list(rows), schema=LAGS_SCHEMA)
    return frame.sort("event_id", "restricted_route", "destination_route", "specification", "bin_from_month")
