"""Dagster assets of the indicators on the knowledge-migrant scheme.

Belongs here: wiring - read, call the rule, write, report. Does not belong here: any rule or query.
"""

import dagster as dg

from assets.core.findings import context_of, keep_findings
from assets.feeds.night import Night
from assets.knowledge_migrants import h01_wage_below_norm as h01
from assets.knowledge_migrants import h08_no_wage_record as h08
from assets.knowledge_migrants import reading

PERMITS_AND_PAY = ("permits", "wage_months", "payroll_numbers", "companies", "sponsor_notices", "persons")


@dg.asset(
    key=["findings", "h01"],
    deps=[["core", name] for name in (*PERMITS_AND_PAY, "salary_norms")],
    group_name="knowledge_migrants",
    kinds={"duckdb", "polars"},
)
def h01_wage_below_norm(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """H01: permits whose comparable wage stays below the salary norm, and sponsors where that is frequent."""
    with night.warehouse.reading() as session:
        findings = reading.h01_findings(session, context_of(night))
    return dg.MaterializeResult(metadata=keep_findings(night, h01.INDICATOR, findings))


@dg.asset(
    key=["findings", "h08"],
    deps=[["core", name] for name in (*PERMITS_AND_PAY, "person_identifiers")],
    group_name="knowledge_migrants",
    kinds={"duckdb", "polars"},
)
def h08_no_wage_record(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """H08: permits after which no wage record came, or stopped coming, and sponsors where that is frequent."""
    with night.warehouse.reading() as session:
        findings = reading.h08_findings(session, context_of(night))
    return dg.MaterializeResult(metadata=keep_findings(night, h08.INDICATOR, findings))
