"""The findings of all indicators together, and of this run alone.

Belongs here: closing `findings.*` once every indicator has spoken. Does not belong here: any indicator.
"""

from __future__ import annotations

from assets.feeds.night import Night
from quality.contract import product_tables

TABLES = ("findings.signals", "findings.measures")


def gather_findings(night: Night) -> dict[str, int]:
    """Have both tables, without rows of earlier runs (of an indicator that is no more); rows per table."""
    with night.warehouse.writing() as session:
        for name in TABLES:
            session.create(product_tables()[name])
        session.run("guardrails/forget_earlier_signals", run_id=night.run_id)
        session.run("guardrails/forget_earlier_measures", run_id=night.run_id)
        return {name: session.count(name) for name in TABLES}
