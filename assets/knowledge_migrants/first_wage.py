"""How long it takes from the start of a permit to the first wage record, by sector and year.

Belongs here: the survival curve of each stratum, its 99th centile and what a silence of a given length means. Does not
belong here: which permits are looked at and what makes a signal (`assets.knowledge_migrants.h08_no_wage_record`).

Kaplan-Meier with right-censoring at the newest delivered month. Some permits never get a record, so the curve ends at a
plateau above zero; the quantile is that of the permits that do get one: F*(t) = (1 - S(t)) / (1 - plateau). The
probability that a permit silent for t days never gets a record is plateau / (plateau + (1 - plateau) (1 - F*(t))): the
complement of the local false-discovery rate in a two-group model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from statsmodels.duration.survfunc import SurvfuncRight

Floats = NDArray[np.float64]
#: From fine to coarse: the finest stratum with enough first wage records is used.
STRATA: tuple[list[str], ...] = (["sbi2", "year"], ["year"], [])


@dataclass(frozen=True)
class Curve:
    """Time to the first wage record in one stratum."""

    times: Floats
    reached: Floats
    plateau: float
    records: int

    @classmethod
    def of(cls, days: Floats, has_record: NDArray[np.bool_]) -> Curve:
        """Kaplan-Meier of `days` until the record, or until the end of observation where `has_record` is false."""
        survival = SurvfuncRight(days, has_record.astype(np.int64))
        surv = np.asarray(survival.surv_prob, dtype=np.float64)
        plateau = float(np.clip(surv[-1], 0.0, 1.0 - 1e-9))
        reached = np.clip((1 - surv) / (1 - plateau), 0.0, 1.0)
        return cls(np.asarray(survival.surv_times, dtype=np.float64), reached, plateau, int(has_record.sum()))

    def quantile(self, share: float) -> float:
        """Days within which this share of the permits that get a record have it."""
        return float(self.times[int(np.argmax(self.reached >= share - 1e-12))])

    def late(self, days: float) -> float:
        """Share of the permits that get a record that get it later than after `days`; never zero: one more may come."""
        at = int(np.searchsorted(self.times, days, side="right")) - 1
        beyond = 1.0 - (self.reached[at] if at >= 0 else 0.0)
        return float((beyond * self.records + 1) / (self.records + 1))

    def never(self, days: float) -> float:
        """Probability that a permit silent for `days` never gets a record."""
        waiting = (1 - self.plateau) * self.late(days)
        return self.plateau / (self.plateau + waiting)


def curves(permits: pl.DataFrame, min_records: float) -> dict[tuple[str, ...], Curve]:
    """The curve of every stratum with enough first wage records; the stratum of all is there with any record at all.

    Args:
        permits: `sbi2`, `year` (text), `days` (float), `has_record` (boolean).
        min_records: first wage records that a stratum needs.
    """
    found: dict[tuple[str, ...], Curve] = {}
    for level in STRATA:
        parts = permits.partition_by(level, as_dict=True) if level else {(): permits}
        for key, part in parts.items():
            records = int(part["has_record"].sum())
            if records >= (min_records if level else 1):
                name = tuple(str(k) for k in key)
                found[name] = Curve.of(part["days"].to_numpy(), part["has_record"].to_numpy())
    return found


def curve_for(found: Mapping[tuple[str, ...], Curve], sbi2: str | None, year: str) -> tuple[str, Curve] | None:
    """The finest curve that fits a sector and a year, with the name of its stratum; None when there is none."""
    for key in ((str(sbi2), year), (year,), ()):
        if key in found:
            return " x ".join(key) or "all", found[key]
    return None
