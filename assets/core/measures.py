"""Study results: the share of units that a rule flags, by stratum, with an interval that knows about clusters.

Belongs here: turning assessed units into rows of `findings.measures`. Does not belong here: the rule. A flagged
share is what the rule flags in the records; it is never a share of misuse, and no measure here says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from assets.core.intervals import effective_number, poisson, wilson
from assets.core.signals import MEASURE_SCHEMA, Context

#: How the interval of a share is made, as it is printed with every share.
INTERVAL = "Wilson interval on the effective number of units, with the design effect of clusters"
GRADES = ("A", "B", "T")


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
        return pl.DataFrame(schema=MEASURE_SCHEMA)
    prepared = units.with_columns(
        pl.lit("all").alias("all"),
        pl.col("on").dt.year().cast(pl.String).alias("year"),
        pl.col("cluster").fill_null("unknown"),
        *(pl.col(name).fill_null("unknown") for name in strata),
    )
    rows: list[dict[str, Any]] = []
    for kind in ("all", "year", *strata):
        for (stratum,), part in prepared.group_by(kind, maintain_order=False):
            period = _period(kind, str(stratum), part["on"])
            for name, sentence in measures.items():
                rows.append(
                    {
                        "indicator": indicator,
                        "stratum_kind": kind,
                        "stratum": str(stratum),
                        "period_start": period[0],
                        "period_end": period[1],
                        "measure": name,
                        **_share(part, name),
                        "method": f"{sentence} {INTERVAL}.",
                        "as_of": context.as_of,
                        "run_id": context.run_id,
                    }
                )
    return pl.DataFrame(rows, schema=MEASURE_SCHEMA).sort("stratum_kind", "stratum", "measure")


def _period(kind: str, stratum: str, on: pl.Series) -> tuple[date, date]:
    if kind == "year":
        return date(int(stratum), 1, 1), date(int(stratum), 12, 31)
    first, last = on.min(), on.max()
    if not isinstance(first, date) or not isinstance(last, date):
        raise TypeError("units carry the date that they belong to in column 'on'")
    return first, last


def _share(part: pl.DataFrame, name: str) -> dict[str, float | int]:
    clusters = part.group_by("cluster").agg(pl.col(name).sum().alias("x"), pl.len().alias("n")).sort("cluster")
    successes = clusters["x"].to_numpy().astype(np.float64)
    sizes = clusters["n"].to_numpy().astype(np.float64)
    share = float(successes.sum() / sizes.sum())
    effective = effective_number(successes, sizes)
    low, high = wilson(share * effective, effective)
    return {"value": share, "lo95": low, "hi95": high, "n": int(sizes.sum())}


def signal_counts(signals: pl.DataFrame, indicator: str, n: int, context: Context) -> pl.DataFrame:
    """Rows of `findings.measures`: how many signals of each grade, with an exact Poisson interval.

    Args:
        signals: rows of `findings.signals` of this indicator.
        indicator: code of the indicator.
        n: units that were assessed.
        context: the run.
    """
    starts, ends = signals["period_start"].min(), signals["period_end"].max()
    rows = []
    for grade in GRADES:
        count = signals.filter(pl.col("grade") == grade).height
        low, high = poisson(count)
        rows.append(
            {
                "indicator": indicator,
                "stratum_kind": "grade",
                "stratum": grade,
                "period_start": starts or context.as_of,
                "period_end": ends or context.as_of,
                "measure": "signals",
                "value": float(count),
                "lo95": low,
                "hi95": high,
                "n": n,
                "method": "Number of signals of this grade, each a question for a person; exact Poisson interval.",
                "as_of": context.as_of,
                "run_id": context.run_id,
            }
        )
    return pl.DataFrame(rows, schema=MEASURE_SCHEMA)
