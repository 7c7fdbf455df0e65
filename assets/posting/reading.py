"""Inputs of the indicators on posting, read from core by the queries of this subject.

Belongs here: which query gives which frame, with which threshold as parameter. Does not belong here: rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assets.posting import p02_over_ninety_days as p02
from assets.posting import p07_long_posting as p07
from quality.thresholds import all_thresholds
from sql.warehouse import Session


def p02_inputs(session: Session, as_of: date) -> p02.Inputs:
    """Postings, sightings and rights to stay of third-country workers."""
    return p02.Inputs(
        postings=session.frame("posting/third_country_postings", as_of=as_of),
        sightings=session.frame("posting/third_country_sightings", as_of=as_of),
        cover=session.frame("posting/residence_cover", as_of=as_of),
        unlinked_permits=session.frame("posting/permits_without_document", as_of=as_of),
    )


def p07_inputs(session: Session, thresholds: Mapping[str, float], as_of: date) -> p07.Inputs:
    """Cells of regular postings, and the postings of those cells that may hold a long slot."""
    session.run(
        "posting/p07_make_postings",
        as_of=as_of,
        full_terms_ratio=thresholds["full_terms_ratio"],
        peer_workers=thresholds["peer_workers"],
        peer_hours_month=thresholds["peer_hours_month"],
    )
    return p07.Inputs(
        cells=session.frame("posting/p07_cells"),
        postings=session.frame("posting/p07_postings", long_days=thresholds["long_days"]),
        sightings=session.frame("posting/p07_sightings", as_of=as_of),
        law_from=law_from(),
    )


def law_from() -> date:
    """The day from which the rule on long posting counts days: that from which its threshold is in force."""
    return min(t.valid_from for t in all_thresholds() if (t.indicator, t.name) == (p07.INDICATOR, "long_days"))
