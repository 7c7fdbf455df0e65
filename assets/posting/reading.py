"""Inputs of the indicators on posting, read from core by the queries of this subject.

Belongs here: which query gives which frame, with which threshold as parameter, and until which day the feeds speak.
Does not belong here: rules.

P02 reads the absence of a permit, so it needs the permits and says nothing about days after their last delivery. Both
indicators count announced days, which a later version may take back: none counts after the last delivery of
notifications.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assets.core.coverage import Coverage, read_coverage
from assets.core.findings import Findings, not_assessed
from assets.core.signals import Context
from assets.posting import p02_over_ninety_days as p02
from assets.posting import p07_long_posting as p07
from quality.thresholds import all_thresholds, thresholds
from sql.warehouse import Session

Limits = Mapping[str, float]
POSTINGS, PERMITS, WORK_PERMITS, SIGHTINGS = "szw_postings", "ind_permits", "uwv_work_permits", "nla_sightings"


def p02_findings(session: Session, context: Context, limits: Limits | None = None) -> Findings:
    """What P02 finds, or why it could not be assessed; `limits` are the thresholds in force unless given."""
    coverage, limits = read_coverage(session, context.as_of), limits or thresholds(p02.INDICATOR, context.as_of)
    if reason := coverage.without((POSTINGS, PERMITS)):
        return not_assessed(p02.INDICATOR, reason, context)
    return p02.find(p02_inputs(session, coverage, context.as_of), limits, context)


def p02_inputs(session: Session, coverage: Coverage, as_of: date) -> p02.Inputs:
    """Postings, sightings and rights to stay of third-country workers, up to the last day that can be assessed."""
    until = coverage.last_day((POSTINGS, PERMITS, WORK_PERMITS), as_of)
    session.run("posting/make_free_movement")
    return p02.Inputs(
        postings=session.frame("posting/third_country_postings", as_of=until),
        sightings=session.frame("posting/third_country_sightings", as_of=until),
        cover=session.frame("posting/residence_cover", as_of=until),
        unlinked_permits=session.frame("posting/permits_without_document", as_of=until),
        decisions=session.frame("posting/decisions_on_need", as_of=until),
        until=until,
        sightings_until=coverage.last_day((SIGHTINGS,), until),
        knows_work_permits=not coverage.missing((WORK_PERMITS,)),
    )


def p07_findings(session: Session, context: Context, limits: Limits | None = None) -> Findings:
    """What P07 finds, or why it could not be assessed; `limits` are the thresholds in force unless given."""
    if context.as_of < law_from():
        return not_assessed(p07.INDICATOR, f"the rule applies from {law_from()}", context)
    coverage = read_coverage(session, context.as_of)
    if reason := coverage.without((POSTINGS,)):
        return not_assessed(p07.INDICATOR, reason, context)
    limits = limits or thresholds(p07.INDICATOR, context.as_of)
    until = coverage.last_day((POSTINGS,), context.as_of)
    return p07.find(p07_inputs(session, limits, until), limits, context)


def p07_inputs(session: Session, limits: Limits, until: date) -> p07.Inputs:
    """Cells of regular postings up to `until`, and the postings of those cells that may hold a long slot."""
    session.run(
        "posting/p07_make_postings",
        as_of=until,
        full_terms_ratio=limits["full_terms_ratio"],
        peer_workers=limits["peer_workers"],
        peer_hours_month=limits["peer_hours_month"],
    )
    return p07.Inputs(
        cells=session.frame("posting/p07_cells"),
        postings=session.frame("posting/p07_postings", long_days=limits["long_days"]),
        sightings=session.frame("posting/p07_sightings", as_of=until),
        law_from=law_from(),
        until=until,
    )


def law_from() -> date:
    """The day from which the rule on long posting counts days: that from which its threshold is in force."""
    return min(t.valid_from for t in all_thresholds() if (t.indicator, t.name) == (p07.INDICATOR, "long_days"))
