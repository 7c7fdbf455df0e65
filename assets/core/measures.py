"""Study results: the share of units that a rule flags, by stratum, with an interval that knows about clusters.

Belongs here: turning assessed units into rows of `findings.measures`. Does not belong here: the rule. A flagged
share is what the rule flags in the records; it is never a share of misuse, and no measure here says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from assets.core.intervals import effective_number, poisson, wilson
from assets.core.signals import Context, Measure, measure_frame

#: How the interval of a share is made, as it is printed with every share.
INTERVAL = "Wilson interval on the effective number of units, with the design effect of clusters"
GRADES = ("A", "B", "T")


def is_firm() -> pl.Expr:
    """True for units with a signal of grade A or B."""
    return pl.col("grade").is_in(["A", "B"]).fill_null(value=False)


def is_technical() -> pl.Expr:
    """True for units with a signal that an innocent explanation in the records could still undo."""
    return (pl.col("grade") == "T").fill_null(value=False)


@dataclass(frozen=True)
class Units:
    """Units of an indicator, and what the share of them with a property is called and means.

    Attributes:
        frame: one row per unit, see `shares`.
        told: name of the measure (a boolean column of `frame`) and the sentence that says what it is.
    """

    frame: pl.DataFrame
    told: Mapping[str, str]


def indicator_measures(
    indicator: str,
    assessed: Units,
    everything: Units,
    *,
    strata: Sequence[str],
    signals: pl.DataFrame,
    context: Context,
) -> pl.DataFrame:
    """The measures that every indicator gives: shares of assessed units, the share assessed, signals by grade.

    Args:
        indicator: code of the indicator.
        assessed: units that could be judged, with their `grade`; `flagged_share` (A or B) and `technical_share` (T)
            are made from it.
        everything: all units, with the property of having been assessed.
        strata: columns of the assessed units to split by.
        signals: rows of `findings.signals` of this indicator.
        context: the run.
    """
    graded = assessed.frame.with_columns(is_firm().alias("flagged_share"), is_technical().alias("technical_share"))
    return pl.concat(
        [
            shares(graded, indicator, assessed.told, strata, context),
            shares(everything.frame, indicator, everything.told, (), context),
            signal_counts(signals, indicator, graded.height, context),
        ]
    )


def shares(
    units: pl.DataFrame,
    indicator: str,
    measures: Mapping[str, str],
    strata: Sequence[str],
    context: Context,
) -> pl.DataFrame:
    """Rows of `findings.measures`: for each stratum the share of units with a property, with its interval.

    Args:
        units: one row per assessed unit: `cluster` (units of one cluster are not independent), `on` (date of the
            unit), one boolean column per key of `measures`, and the columns of `strata` (text, null becomes
            'unknown'). A column `year` is derived from `on`.
        indicator: code of the indicator.
        measures: name of the measure (a boolean column of `units`) and the sentence that says what it is.
        strata: columns to split by; 'all' and 'year' are always given.
        context: the run.
    """
    if units.is_empty():
        return measure_frame([], context)
    prepared = units.with_columns(
        pl.lit("all").alias("all"),
        pl.col("on").dt.year().cast(pl.String).alias("year"),
        pl.col("cluster").fill_null("unknown"),
        *(pl.col(name).fill_null("unknown") for name in strata),
    )
    found = []
    for kind in ("all", "year", *strata):
        for (stratum,), part in prepared.group_by(kind, maintain_order=False):
            starts, ends = _period(kind, str(stratum), part["on"])
            for name, sentence in measures.items():
                share = _share(part, name)
                found.append(
                    Measure(
                        indicator=indicator,
                        measure=name,
                        value=share.value,
                        lo95=share.low,
                        hi95=share.high,
                        n=part.height,
                        method=f"{sentence} {INTERVAL}.",
                        period_start=starts,
                        period_end=ends,
                        stratum_kind=kind,
                        stratum=str(stratum),
                    )
                )
    return measure_frame(found, context).sort("stratum_kind", "stratum", "measure")


def _period(kind: str, stratum: str, on: pl.Series) -> tuple[date, date]:
    if kind == "year":
        return date(int(stratum), 1, 1), date(int(stratum), 12, 31)
    return first_and_last(on)


def first_and_last(on: pl.Series) -> tuple[date, date]:
    """The first and the last of the days; TypeError when there are none."""
    first, last = on.min(), on.max()
    if not isinstance(first, date) or not isinstance(last, date):
        raise TypeError(f"there are no dates in column {on.name!r}: units carry there the date that they belong to")
    return first, last


class _Share(NamedTuple):
    value: float
    low: float
    high: float


def _share(part: pl.DataFrame, name: str) -> _Share:
    clusters = part.group_by("cluster").agg(pl.col(name).sum().alias("x"), pl.len().alias("n")).sort("cluster")
    successes = clusters["x"].to_numpy().astype(np.float64)
    sizes = clusters["n"].to_numpy().astype(np.float64)
    share = float(successes.sum() / sizes.sum())
    effective = effective_number(successes, sizes)
    return _Share(share, *wilson(share * effective, effective))


def signal_counts(signals: pl.DataFrame, indicator: str, n: int, context: Context) -> pl.DataFrame:
    """Rows of `findings.measures`: how many signals of each grade, with an exact Poisson interval.

    Args:
        signals: rows of `findings.signals` of this indicator.
        indicator: code of the indicator.
        n: units that were assessed.
        context: the run.
    """
    starts = ends = context.as_of
    if signals.height:
        (starts, _), (_, ends) = first_and_last(signals["period_start"]), first_and_last(signals["period_end"])
    found = []
    for grade in GRADES:
        count = signals.filter(pl.col("grade") == grade).height
        low, high = poisson(count)
        found.append(
            Measure(
                indicator=indicator,
                measure="signals",
                value=float(count),
                lo95=low,
                hi95=high,
                n=n,
                method="Number of signals of this grade, each a question for a person; exact Poisson interval.",
                period_start=starts,
                period_end=ends,
                stratum_kind="grade",
                stratum=grade,
            )
        )
    return measure_frame(found, context)
