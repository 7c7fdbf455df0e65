"""Dagster assets of the indicators on the knowledge-migrant scheme.

Belongs here: wiring - read, call the rule, write, report. Does not belong here: any rule or query.
"""

import dagster as dg

from assets.core.findings import Findings, write_findings
from assets.core.signals import Context
from assets.feeds.night import Night
from assets.knowledge_migrants import h01_wage_below_norm as h01
from assets.knowledge_migrants import h08_no_wage_record as h08
from assets.knowledge_migrants import reading
from quality.thresholds import rules_version, thresholds

PERMITS_AND_PAY = ("permits", "wage_months", "payroll_numbers", "companies", "sponsor_notices")


def context_of(night: Night) -> Context:
    """What every finding of this night has in common."""
    return Context(night.as_of, night.run_id, rules_version(), night.review_lane)


def _write(night: Night, indicator: str, findings: Findings) -> dg.MaterializeResult[None]:
    with night.warehouse.writing() as session:
        rows = write_findings(session, indicator, findings, review_lane=night.review_lane)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows, "signals": findings.signals.height})


@dg.asset(
    key=["findings", "h01"],
    deps=[["core", name] for name in (*PERMITS_AND_PAY, "salary_norms")],
    group_name="knowledge_migrants",
    kinds={"duckdb", "polars"},
)
def h01_wage_below_norm(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """H01: permits whose comparable wage stays below the salary norm, and sponsors where that is frequent."""
    limits = thresholds(h01.INDICATOR, night.as_of)
    with night.warehouse.reading() as session:
        inputs = reading.h01_inputs(session, limits, night.as_of)
    return _write(night, h01.INDICATOR, h01.find(inputs, limits, context_of(night)))


@dg.asset(
    key=["findings", "h08"],
    deps=[["core", name] for name in (*PERMITS_AND_PAY, "persons", "person_identifiers")],
    group_name="knowledge_migrants",
    kinds={"duckdb", "polars"},
)
def h08_no_wage_record(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """H08: permits after which no wage record came, or stopped coming, and sponsors where that is frequent."""
    limits = thresholds(h08.INDICATOR, night.as_of)
    with night.warehouse.reading() as session:
        inputs = reading.h08_inputs(session, limits, night.as_of)
    return _write(night, h08.INDICATOR, h08.find(inputs, limits, context_of(night)))
