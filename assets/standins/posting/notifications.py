"""What is put on paper about stays of posted workers: notifications with their versions, permits, nationality.

Belongs here: the papers of `szw_postings` and of cross-border service. Does not belong here: who is posted where.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.setting import Setting
from assets.standins.foundations.randomness import Ints

_EU = ["DE", "BE", "PL", "LT", "PT", "SK", "RO", "CZ", "BG", "HU", "IT", "ES", "SI", "HR", "LV", "FR"]


def versions(setting: Setting, stays: pl.DataFrame) -> pl.DataFrame:
    """One row per version of a notification and worker: the first announcement and, for some, a change of the end."""
    stays = stays.filter(pl.col("notified"))
    note = stays["notification"].to_numpy()
    changed = setting.draws.happens("posting.second", setting.parameters["posting"]["second_version"], note)
    first_end = stays["ends_on"].to_numpy() + setting.draws.integer("posting.first_end", -25, 25, note)
    first_end = np.where(changed, np.maximum(first_end, stays["starts_on"].to_numpy() + 2), stays["ends_on"].to_numpy())
    first = stays.with_columns(pl.Series("ends_on", first_end), pl.lit(1, dtype=pl.Int64).alias("version"))
    later = stays["starts_on"].to_numpy() + setting.draws.integer("posting.second_day", 1, 12, note)
    second = stays.with_columns(pl.Series("submitted_on", later), pl.lit(2, dtype=pl.Int64).alias("version"))
    return pl.concat([first, second.filter(pl.Series(changed)), _further(stays)])


def _further(stays: pl.DataFrame) -> pl.DataFrame:
    """More changes of notifications that are edited again and again."""
    edited = stays.filter(pl.col("edits") > 0)
    repeats = edited["edits"].to_numpy()
    row = np.repeat(np.arange(len(edited)), repeats)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    rows = edited.select(pl.all().gather(row))
    return rows.with_columns(
        pl.Series("submitted_on", rows["starts_on"].to_numpy() + 14 + turn * 5), pl.Series("version", turn + 3)
    )


def permits_of_stays(setting: Setting, stays: pl.DataFrame) -> pl.DataFrame:
    """Applications for cross-border service, in the columns of `permits.make_permits`, for stays that need one."""
    mine = stays.filter(pl.col("status").is_in(["permit", "pending"])).sort("person", "starts_on")
    stay = mine["stay"].to_numpy()
    received = mine["starts_on"].to_numpy() - setting.draws.integer("cross.lead", 20, 50, stay)
    pending = (mine["status"] == "pending").to_numpy()
    received = np.where(pending, mine["starts_on"].to_numpy() + 20, received)
    decided = np.where(
        pending, mine["ends_on"].to_numpy() + 60, received + setting.draws.integer("cross.wait", 15, 70, stay)
    )
    valid_from = np.where(
        pending,
        decided,
        np.minimum(np.maximum(decided, mine["starts_on"].to_numpy() - 5), mine["starts_on"].to_numpy() + 60),
    )
    return mine.select(
        "person",
        "stay",
        "client",
        "isco",
        "starts_on",
        "ends_on",
        pl.Series("received_on", received),
        pl.Series("decided_on", np.minimum(decided, valid_from)),
        pl.Series("valid_from", valid_from),
        pl.Series("pending", pending),
    )


def nationalities(setting: Setting, person: Ints, third: np.ndarray, home: np.ndarray) -> np.ndarray:
    """Nationalities of posted workers, consistent with their right of free movement."""
    weights = setting.parameters["posting"]["nationalities_third"]
    outside = np.array(list(weights))[setting.draws.pick("posted.nationality", list(weights.values()), person)]
    moved = np.array(_EU)[setting.draws.integer("posted.eu", 0, len(_EU) - 1, person)]
    inside = np.where(setting.draws.happens("posted.native", 0.8, person), home, moved)
    return np.where(third, outside, inside)
