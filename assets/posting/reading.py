"""Inputs of the indicators on posting, read from core by the queries of this subject.

Belongs here: which query gives which frame, with which threshold as parameter. Does not belong here: rules.
"""

from __future__ import annotations

from datetime import date

from assets.posting import p02_over_ninety_days as p02
from sql.warehouse import Session


def p02_inputs(session: Session, as_of: date) -> p02.Inputs:
    """Postings, sightings and rights to stay of third-country workers."""
    return p02.Inputs(
        postings=session.frame("posting/third_country_postings", as_of=as_of),
        sightings=session.frame("posting/third_country_sightings", as_of=as_of),
        cover=session.frame("posting/residence_cover", as_of=as_of),
        unlinked_permits=session.frame("posting/permits_without_document", as_of=as_of),
    )
