"""Dagster assets of the indicators on posting.

Belongs here: wiring - read, call the rule, write, report. Does not belong here: any rule or query.
"""

import dagster as dg

from assets.core.findings import context_of, keep_findings
from assets.feeds.night import Night
from assets.posting import p02_over_ninety_days as p02
from assets.posting import p07_long_posting as p07
from assets.posting import reading


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
        findings = reading.p02_findings(session, context_of(night))
    return dg.MaterializeResult(metadata=keep_findings(night, p02.INDICATOR, findings))


@dg.asset(
    key=["findings", "p07"],
    deps=[["core", name] for name in ("postings", "sightings", "persons", "companies", "minimum_wage", "peer_wages")],
    group_name="posting",
    kinds={"duckdb", "polars"},
)
def p07_long_posting(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """P07: job slots filled by posted workers for more than 12 (18) months, replacements included."""
    with night.warehouse.reading() as session:
        findings = reading.p07_findings(session, context_of(night))
    return dg.MaterializeResult(metadata=keep_findings(night, p07.INDICATOR, findings))
