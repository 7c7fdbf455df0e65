"""The persons of the world: month of birth, sex, nationality, right of free movement.

Belongs here: one row per person in any feed, whatever brought the person here. Does not belong here: what they do.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.economy.setting import Setting
from assets.standins.foundations.randomness import Draws, Ints
from assets.standins.posting import notifications

PERSON_COLUMNS = {"person": pl.Int64, "birth": pl.Int64, "sex": pl.String, "nationality": pl.String, "free": pl.Boolean}


def _frame(person: Ints, birth: Ints, sex: np.ndarray, nationality: np.ndarray, free: np.ndarray) -> pl.DataFrame:
    frame = pl.DataFrame({"person": person, "birth": birth, "sex": sex, "nationality": nationality, "free": free})
    return frame.select([pl.col(name).cast(kind) for name, kind in PERSON_COLUMNS.items()])


def everyone(
    setting: Setting,
    openings: pl.DataFrame,
    flows: pl.DataFrame,
    stays: pl.DataFrame,
) -> pl.DataFrame:
    """All persons, one row each, in order of their number; see PERSON_COLUMNS."""
    hired = openings.select("person", "birth", "sex", "nationality", free=pl.lit(False))
    who = flows.unique("person", keep="first", maintain_order=True)
    person = who["person"].to_numpy()
    birth = who["filed_on"].to_numpy() - (365.2425 * (20 + 14 * setting.draws.uniform("flow.age", person))).astype(
        np.int64
    )
    weights = setting.parameters["persons"]["nationalities"]["manual"]
    nationality = np.array(list(weights))[setting.draws.pick("flow.nationality", list(weights.values()), person)]
    others = _frame(person, birth, _sex(setting.draws, person), nationality, np.zeros(len(person), dtype=bool))
    posted = stays.sort("person", "starts_on").unique("person", keep="first", maintain_order=True)
    posted = posted.join(hired.select("person"), on="person", how="anti", maintain_order="left")
    person, third = posted["person"].to_numpy(), posted["third"].to_numpy()
    home = setting.employers.take("country", posted["employer"].to_numpy())
    birth = posted["starts_on"].to_numpy() - (
        365.2425 * (20 + 32 * setting.draws.uniform("posted.age", person))
    ).astype(np.int64)
    guests = _frame(
        person,
        birth,
        np.where(setting.draws.happens("posted.sex", 0.1, person), "V", "M"),
        notifications.nationalities(setting, person, third, home),
        ~third,
    )
    return pl.concat([_cast(hired), others, guests]).unique("person", keep="first", maintain_order=True).sort("person")


def _cast(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select([pl.col(name).cast(kind) for name, kind in PERSON_COLUMNS.items()])


def _sex(draws: Draws, person: Ints) -> np.ndarray:
    return np.where(draws.happens("flow.sex", 0.42, person), "V", "M")
