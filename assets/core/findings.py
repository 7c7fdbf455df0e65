"""What an indicator found, and writing it so that a rerun leaves nothing of the earlier run behind.

Belongs here: the pair of signals and measures, and putting it into the database of a night. Does not belong here: how
a signal or a measure is made (`assets.core.signals`, `assets.core.measures`) and any rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from assets.core.signals import SIGNAL_SCHEMA, Context, Measure, measure_frame
from assets.feeds.night import Night
from quality.contract import product_tables
from quality.thresholds import rules_version
from sql.warehouse import Session


@dataclass(frozen=True)
class Findings:
    """The result of one indicator: rows of `findings.signals` and of `findings.measures`."""

    signals: pl.DataFrame
    measures: pl.DataFrame


def not_assessed(indicator: str, reason: str, context: Context) -> Findings:
    """Findings that say openly that nothing could be looked at: one measure without a value, n = 0.

    Args:
        indicator: code of the indicator.
        reason: why, as a clause ("no wage months were delivered").
        context: the run.
    """
    nothing = Measure(
        indicator=indicator,
        measure="flagged_share",
        value=None,
        lo95=None,
        hi95=None,
        n=0,
        method=f"Not assessed: {reason}.",
        period_start=context.as_of,
        period_end=context.as_of,
    )
    return Findings(pl.DataFrame(schema=SIGNAL_SCHEMA), measure_frame([nothing], context))


def context_of(night: Night) -> Context:
    """What every finding of this night has in common."""
    return Context(night.as_of, night.run_id, rules_version(), night.review_lane)


def keep_findings(night: Night, indicator: str, findings: Findings) -> dict[str, int]:
    """Write the findings of one indicator tonight; returns how many rows and signals, as metadata of the asset."""
    with night.warehouse.writing() as session:
        rows = write_findings(session, indicator, findings, review_lane=night.review_lane)
    return {"dagster/row_count": rows, "signals": findings.signals.height}


def write_findings(session: Session, indicator: str, findings: Findings, *, review_lane: bool) -> int:
    """Make the database hold exactly these findings of `indicator`; returns the rows written.

    Signals about cases are written only when the review lane is open; measures always are.

    Raises:
        ValueError: when a row belongs to another indicator, or a column is missing or too many.
    """
    tables = product_tables()
    written = 0
    kept = findings.signals if review_lane else findings.signals.filter(pl.col("lane") == "study")
    for name, frame, forget in (
        ("findings.signals", kept, "findings/forget_signals"),
        ("findings.measures", findings.measures, "findings/forget_measures"),
    ):
        if others := set(frame["indicator"].unique()) - {indicator}:
            raise ValueError(f"{name}: rows of {sorted(others)} among those of {indicator}")
        session.create(tables[name])
        session.run(forget, indicator=indicator)
        written += session.append(tables[name], frame)
    return written
