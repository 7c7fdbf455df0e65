"""Dagster assets of the indicators on posting.

Belongs here: wiring - read, call the rule, write, report. Does not belong here: any rule or query.
"""

import dagster as dg

from assets.core.findings import Findings, not_assessed, write_findings
from assets.core.signals import Context
from assets.feeds.night import Night
from assets.posting import p02_over_ninety_days as p02
from assets.posting import p07_long_posting as p07
from assets.posting import reading
from quality.thresholds import rules_version, thresholds


def context_of(night: Night) -> Context:
    """What every finding of this night has in common."""
    return Context(night.as_of, night.run_id, rules_version(), night.review_lane)


def _write(night: Night, indicator: str, findings: Findings) -> dg.MaterializeResult[None]:
    with night.warehouse.writing() as session:
        rows = write_findings(session, indicator, findings, review_lane=night.review_lane)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows, "signals": findings.signals.height})


@dg.asset(
    key=["findings", "p02"],
    deps=[
        ["core", name]
        for name in ("postings", "sightings", "permits", "uwv_cases", "persons", "person_identifiers", "companies")
    ],
    group_name="posting",
    kinds={"duckdb", "polars"},
)
def p02_over_ninety_days(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """P02: third-country workers present more than 90 days in 180 without a permit, and their employers."""
    with night.warehouse.reading() as session:
        inputs = reading.p02_inputs(session, night.as_of)
    return _write(night, p02.INDICATOR, p02.find(inputs, thresholds(p02.INDICATOR, night.as_of), context_of(night)))


@dg.asset(
    key=["findings", "p07"],
    deps=[["core", name] for name in ("postings", "sightings", "companies", "minimum_wage", "peer_wages")],
    group_name="posting",
    kinds={"duckdb", "polars"},
)
def p07_long_posting(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """P07: job slots filled by posted workers for more than 12 (18) months, replacements included."""
    if night.as_of < reading.law_from():
        reason = f"the rule applies from {reading.law_from()}"
        return _write(night, p07.INDICATOR, not_assessed(p07.INDICATOR, reason, context_of(night)))
    limits = thresholds(p07.INDICATOR, night.as_of)
    with night.warehouse.reading() as session:
        inputs = reading.p07_inputs(session, limits, night.as_of)
    return _write(night, p07.INDICATOR, p07.find(inputs, limits, context_of(night)))
