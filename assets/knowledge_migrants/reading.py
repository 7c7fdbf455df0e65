"""Inputs of the indicators on the knowledge-migrant scheme, read from core by the queries of this subject.

Belongs here: which query gives which frame, with which threshold as parameter, and until which day the feeds speak.
Does not belong here: rules.

Both indicators read an absence - of pay, of a notice of leave or of an end, of a payroll number - so they need every
feed that would show a presence. After the last day of permits or notices nothing is assessed.

Wages are read in slices of persons: twenty million wage months then need no more memory than two million.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import polars as pl

from assets.core.coverage import Coverage, read_coverage
from assets.core.findings import Findings, not_assessed
from assets.core.signals import Context
from assets.core.tables import PROVISIONAL_MONTHS
from assets.knowledge_migrants import h01_wage_below_norm as h01
from assets.knowledge_migrants import h08_no_wage_record as h08
from quality.thresholds import thresholds
from sql.warehouse import Session

Limits = Mapping[str, float]
#: Without any of these an absence means nothing.
NEEDED = ("ind_permits", "ind_sponsor_notices", "kvk_companies", "uwv_employers", "uwv_wages")

#: Wage months that are joined at once.
SLICE_ROWS = 2_000_000


def prepare_permits(session: Session, as_of: date) -> None:
    """Make the temporary tables that all queries of this subject share."""
    session.run("knowledge_migrants/sponsor_payers")
    session.run("knowledge_migrants/sponsored_permits", as_of=as_of)


def wage_slices(session: Session, link_probability: float) -> Iterator[dict[str, int]]:
    """Make `sponsored_wages` for one slice of persons after the other; yields the parameters that name the slice."""
    slices = 1 + session.count("core.wage_months") // SLICE_ROWS
    for number in range(slices):
        part = {"slice": number, "slices": slices}
        session.run("knowledge_migrants/sponsored_wages", link_probability=link_probability, **part)
        yield part


def h01_findings(session: Session, context: Context, limits: Limits | None = None) -> Findings:
    """What H01 finds, or why it could not be assessed; `limits` are the thresholds in force unless given."""
    coverage, limits = read_coverage(session, context.as_of), limits or thresholds(h01.INDICATOR, context.as_of)
    if reason := coverage.without(NEEDED):
        return not_assessed(h01.INDICATOR, reason, context)
    until = assessed_until(coverage, limits["notice_days"], context.as_of)
    return h01.find(h01_inputs(session, limits, context.as_of, until), limits, context)


def h08_findings(session: Session, context: Context, limits: Limits | None = None) -> Findings:
    """What H08 finds, or why it could not be assessed; `limits` are the thresholds in force unless given."""
    coverage, limits = read_coverage(session, context.as_of), limits or thresholds(h08.INDICATOR, context.as_of)
    if reason := coverage.without(NEEDED):
        return not_assessed(h08.INDICATOR, reason, context)
    until = assessed_until(coverage, limits["notice_days"], context.as_of)
    return h08.find(h08_inputs(session, limits, context.as_of, until), limits, context)


def assessed_until(coverage: Coverage, notice_days: float, as_of: date) -> date:
    """The last day that can be assessed: permits and notices speak about it, and its wages are final.

    Wages come every month, so those of a delivery last month are as new as can be; each month that they are older
    leaves one month more that is still being corrected.
    """
    wages = coverage.last_day(("uwv_wages",), as_of)
    newest = min(_month_number(as_of), _month_number(wages) + 1) - PROVISIONAL_MONTHS
    final_until = date(newest // 12, newest % 12 + 1, 1) - timedelta(days=1)
    permits = coverage.last_day(("ind_permits",), as_of)
    notices = coverage.last_day(("ind_sponsor_notices",), as_of) - timedelta(days=notice_days)
    return min(final_until, permits, notices)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def h01_inputs(session: Session, limits: Limits, as_of: date, until: date) -> h01.Inputs:
    """Permits with a norm and their newest usable wage months, of those that end by `until`."""
    prepare_permits(session, as_of)
    parts = [
        session.frame(
            "knowledge_migrants/h01_months",
            as_of=as_of,
            assessed_until=until,
            open_leave_days=int(limits["open_leave_days"]),
            window_months=int(limits["window_months"]),
            **part,
        )
        for part in wage_slices(session, limits["link_probability"])
    ]
    return h01.Inputs(
        permits=session.frame("knowledge_migrants/h01_permits", as_of=as_of),
        months=pl.concat(parts).sort("application_id", "month"),
        until=until,
    )


def h08_inputs(session: Session, limits: Limits, as_of: date, until: date) -> h08.Inputs:
    """Chains of knowledge-migrant permits with their first wage record, and the gaps after it, in months by `until`."""
    leave, linked = int(limits["open_leave_days"]), limits["link_probability"]
    prepare_permits(session, as_of)
    session.run(
        "knowledge_migrants/h08_make_delivered_months",
        delivered_share=limits["delivered_share"],
        assessed_until=until,
    )
    session.run("knowledge_migrants/h08_make_filings", link_probability=linked)
    session.run("knowledge_migrants/h08_make_chains", as_of=as_of)
    chains, gaps = [], []
    for part in wage_slices(session, linked):
        chains.append(
            session.frame("knowledge_migrants/h08_chains", link_probability=linked, open_leave_days=leave, **part)
        )
        gaps.append(
            session.frame("knowledge_migrants/h08_gaps", open_leave_days=leave, gap_months=limits["gap_months"], **part)
        )
    return h08.Inputs(
        chains=pl.concat(chains).sort("chain_id"),
        gaps=pl.concat(gaps).sort("chain_id", "first_month"),
        until=until,
    )
