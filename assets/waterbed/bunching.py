"""Pay raised to a norm that moved: persons who were neither lost nor displaced, but paid more.

Belongs here: the excess of salaries just above a new norm. Does not belong here: the loss that the exposure predicts
(`restriction`), and the jump of switching at a norm (`norm_discontinuity`).

Before the event so many salaries lay just above where the norm would come, and so many well above it. If pay had not
answered, the two would have kept their proportion. What lies just above the norm beyond that is the answer. Pay that
grows for other reasons moves salaries into the band too: the excess is that at otherwise unchanged pay, an upper bound
where wages grew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.waterbed.inference import critical_value, jackknife_covariance
from assets.waterbed.panel import FloatArray
from assets.waterbed.windows import EventWindow, month_start

#: Relative width of the band above the new norm, and the end of the stretch that it is held against.
BAND_WIDTH = 0.05
WELL_ABOVE_UNTIL = 2.5
#: Months before and after the event that are compared.
MONTHS = 12
#: Fewest clusters with salaries, and salaries well above the norm on either side, from which the answer is told.
LEAST_CLUSTERS = 8
LEAST_SALARIES = 30


@dataclass(frozen=True)
class Bunching:
    """Persons whose pay went to just above the new norm in the year after it.

    Attributes:
        excess: persons just above the norm beyond the usual proportion.
        low, high: its 95 % interval (jackknife over sectors).
        excluded: persons that the rule would have excluded in that year at unchanged pay.
    """

    excess: float
    low: float
    high: float
    excluded: float

    @property
    def sentence(self) -> str:
        """The answer in words."""
        return (
            f"Pay just above the new norm: {self.excess:.0f} persons more than usual in the first year "
            f"({self.low:.0f} to {self.high:.0f}), against {self.excluded:.0f} whom the norm would have excluded."
        )


def bunching(before: FloatArray, after: FloatArray) -> Bunching | None:
    """Excess mass just above the norm, from counts of salaries by cluster.

    Args:
        before: (G, 3) salaries before the event: between the old and the new norm, just above the new, well above it.
        after: (G, 2) salaries after it: just above the new norm, well above it.

    Returns:
        None when there are too few clusters or salaries.
    """
    seen = (before.sum(axis=1) + after.sum(axis=1)) > 0
    before, after = before[seen], after[seen]
    if len(before) < LEAST_CLUSTERS or min(before[:, 2].sum(), after[:, 1].sum()) < LEAST_SALARIES:
        return None
    everything, everything_after = before.sum(axis=0), after.sum(axis=0)
    # the expectation is formed in every set of clusters, the persons are those of all clusters
    whole = _excess(everything, everything_after)
    without = np.array([_excess(everything - b, everything_after - a) for b, a in zip(before, after, strict=True)])
    scale = len(before) / (len(before) - 1.0)
    half = critical_value(len(before) - 1) * float(np.sqrt(jackknife_covariance(scale * without[:, None])[0, 0]))
    excluded = float(everything[0] * everything_after[1] / everything[2])
    return Bunching(whole, whole - half, whole + half, excluded)


def _excess(before: FloatArray, after: FloatArray) -> float:
    return float(after[0] - before[1] * after[1] / max(before[2], 1.0))


def bunching_at(salaries: pl.DataFrame, route: str, ratio: float, window: EventWindow) -> Bunching | None:
    """The same from declared salaries around one rise of a norm.

    Args:
        salaries: month, route, sbi2, salary_over_floor (salary over the floor that then applied).
        route: the restricted route.
        ratio: new floor over old floor.
        window: months of the event; those of anticipation are left out.
    """
    until = window.event - window.anticipation
    mine = salaries.filter(pl.col("route") == route, pl.col("salary_over_floor").is_not_null())
    over = pl.col("salary_over_floor")
    before = mine.filter(pl.col("month").is_between(month_start(until - MONTHS), month_start(until), closed="left"))
    ends = month_start(min(window.event + MONTHS, window.last + 1))
    after = mine.filter(pl.col("month").is_between(month_start(window.event), ends, closed="left"))
    edge, far = 1.0 + BAND_WIDTH, WELL_ABOVE_UNTIL
    counted = pl.concat(
        [
            before.select("sbi2", over=over / ratio, is_after=pl.lit(value=False)),
            after.select("sbi2", over=over, is_after=pl.lit(value=True)),
        ]
    )
    later, now = pl.col("is_after"), pl.col("over")
    by_sector = (
        counted.group_by("sbi2")
        .agg(
            (later.not_() & now.is_between(1.0 / ratio, 1.0, closed="left")).sum().alias("excluded"),
            (later.not_() & now.is_between(1.0, edge, closed="left")).sum().alias("band_before"),
            (later.not_() & now.is_between(edge, far)).sum().alias("above_before"),
            (later & now.is_between(1.0, edge, closed="left")).sum().alias("band_after"),
            (later & now.is_between(edge, far)).sum().alias("above_after"),
        )
        .sort("sbi2")
        .drop("sbi2")
        .cast(pl.Float64)
        .to_numpy()
    )
    return bunching(by_sector[:, :3], by_sector[:, 3:])
