"""Tools for planting: who may be chosen, how many, how strongly, and how a finding is named.

Belongs here: what more than one kind of misuse needs. Does not belong here: any kind of misuse.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from assets.standins.economy.companies import NEVER
from assets.standins.foundations import identifiers
from assets.standins.foundations.randomness import Floats, Ints
from assets.standins.posting.postings import EXTRA
from assets.standins.world import World, id_list, prefixed

#: Numbers of persons, stays, notifications and projects that only misuse and look-alikes bring.
EXTRA_PERSONS = 84_000_000
EXTRA_STAYS = EXTRA
#: Steps of this part of a circle come nowhere near each other for long.
_GOLDEN = (5**0.5 - 1) / 2


def how_many(world: World, national: float, least: int = 0, side: str = "misuse") -> int:
    """So many of something that is national in number, at the size of the world and the level of the scenario."""
    level = float(world.parameters[side]["level"])
    return max(least if level > 0 else 0, round(national * world.parameters.persons * level))


def chosen(
    world: World, what: str, frame: pl.DataFrame, key: str, *, chance: float, side: str = "misuse"
) -> pl.DataFrame:
    """The rows whose draw, keyed by a column, falls under a chance; at most nine in ten."""
    level = float(world.parameters[side]["level"])
    luck = world.draws.uniform(what, frame[key].to_numpy().astype(np.int64))
    return frame.filter(pl.Series(luck < min(0.9, chance * level)))


def strengths(world: World, what: str, keys: pl.Series, weakest: float, strongest: float) -> Floats:
    """Strengths from marginal to blatant: half of them in the lowest third."""
    spot = world.draws.uniform(what, keys.to_numpy().astype(np.int64))
    return np.asarray(weakest + (strongest - weakest) * spot**1.6, dtype=np.float64)


def severities(world: World, what: str, keys: Ints) -> Floats:
    """How blatant each case is, from just over the border (near 0) to 1: half of them in the lowest third.

    It is kept as the strength of the case, and `between` turns it into what suppliers see of it.
    """
    return _severity(world.draws.uniform(what, keys))


def spread_severities(world: World, what: str, order: Ints) -> Floats:
    """The same for groups numbered from 0, of which even a few are to differ: neighbours are far apart."""
    return _severity((world.draws.uniform(what, 0) + order * _GOLDEN) % 1.0)


def _severity(spot: Floats) -> Floats:
    return np.asarray(0.02 + 0.98 * spot**1.6, dtype=np.float64)


def between(ends: Sequence[float], severity: Floats) -> Floats:
    """A quantity between its value in a marginal case and its value in a blatant one."""
    marginal, blatant = ends
    return np.asarray(marginal + (blatant - marginal) * severity, dtype=np.float64)


def scaled(quantity: Floats | Ints, marginal: float, blatant: float) -> Floats:
    """A quantity as a strength: near 0 at the border of what is misuse, 1 for a blatant case and beyond."""
    return np.asarray(np.clip((quantity - marginal) / (blatant - marginal), 0.01, 1.0), dtype=np.float64)


def graded(world: World, what: str, keys: Ints, weakest: float, strongest: float) -> Floats:
    """Shares from marginal to blatant, one for each number, evenly spread."""
    return np.asarray(weakest + (strongest - weakest) * world.draws.uniform(what, keys), dtype=np.float64)


def month_end_before(on: pl.Expr) -> pl.Expr:
    """The last day of the month before a day, as a number."""
    return (on.cast(pl.Int32).cast(pl.Date).dt.truncate("1mo").cast(pl.Int32) - 1).cast(pl.Int64)


def free_permits(world: World) -> pl.DataFrame:
    """Granted applications with paid work that no other planting has touched, in order of number."""
    return world.permits.filter(
        (pl.col("decision") == "granted")
        & (pl.col("work_from") >= 0)
        & (pl.col("sponsor") >= 0)
        & ~pl.col("person").is_in(list(world.taken))
    ).sort("application")


def take(world: World, persons: pl.Series) -> None:
    """Mark persons as planted, so that no other planting changes them."""
    world.taken.update(persons.to_list())


def permit_ids(frame: pl.DataFrame) -> pl.Series:
    """Application numbers as delivered."""
    return identifiers.application(frame["application"].to_numpy())


def sponsor_ids(frame: pl.DataFrame, column: str = "sponsor") -> pl.Series:
    """KvK numbers as delivered."""
    return identifiers.kvk(frame[column].to_numpy())


def plant_permits(
    world: World, indicator: str, frame: pl.DataFrame, *, start: pl.Expr, end: pl.Expr, strength: Floats
) -> None:
    """Keep the truth of permits: subject the application, related the sponsor."""
    world.plant(
        frame.select(
            indicator=pl.lit(indicator),
            subject_type=pl.lit("permit"),
            subject_id=permit_ids(frame),
            related_ids=id_list(prefixed("permit", permit_ids(frame)), prefixed("sponsor", sponsor_ids(frame))),
            period_start=start,
            period_end=pl.min_horizontal(end, pl.lit(NEVER - 1)),
            strength=pl.Series(strength),
        )
    )


def resemble_permits(world: World, indicator: str, kind: str, frame: pl.DataFrame) -> None:
    """Keep look-alikes among permits, at most so many of a kind."""
    frame = frame.head(int(world.parameters["look_alikes"]["most_of_a_kind"]))
    world.resemble(
        frame.select(
            indicator=pl.lit(indicator),
            look_alike=pl.lit(kind),
            subject_type=pl.lit("permit"),
            subject_id=permit_ids(frame),
            related_ids=id_list(prefixed("permit", permit_ids(frame)), prefixed("sponsor", sponsor_ids(frame))),
        )
    )


def stay_ids(world: World, frame: pl.DataFrame) -> pl.Series:
    """Related ids of stays: notification, site, employer, client."""
    site = pl.select(pl.when(frame["kind"] != "annual").then(frame["place"]).otherwise(pl.lit(""))).to_series()
    return id_list(
        prefixed("notification", identifiers.numbered("M", frame["notification"].to_numpy(), 11)),
        prefixed("site", site),
        prefixed("posting_employer", pl.Series(world.employers.take("vat", frame["employer"].to_numpy()))),
        prefixed("client", sponsor_ids(frame, "client")),
    )


def extra_numbers(world: World, number: int) -> np.ndarray:
    """Numbers for new persons or stays of this world, never given twice."""
    first = world.extra
    world.extra += number
    return np.arange(first, first + number)
