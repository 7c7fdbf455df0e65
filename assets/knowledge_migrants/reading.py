"""Inputs of the indicators on the knowledge-migrant scheme, read from core by the queries of this subject.

Belongs here: which query gives which frame, with which threshold as parameter. Does not belong here: rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assets.knowledge_migrants import h01_wage_below_norm as h01
from assets.knowledge_migrants import h08_no_wage_record as h08
from sql.warehouse import Session


def prepare_permits(session: Session, as_of: date) -> None:
    """Make the temporary tables that all queries of this subject share."""
    session.run("knowledge_migrants/sponsor_payers")
    session.run("knowledge_migrants/sponsored_permits", as_of=as_of)


def h01_inputs(session: Session, thresholds: Mapping[str, float], as_of: date) -> h01.Inputs:
    """Permits with a norm and their newest usable wage months."""
    prepare_permits(session, as_of)
    return h01.Inputs(
        permits=session.frame("knowledge_migrants/h01_permits", as_of=as_of),
        months=session.frame(
            "knowledge_migrants/h01_months",
            as_of=as_of,
            link_probability=thresholds["link_probability"],
            open_leave_days=int(thresholds["open_leave_days"]),
            window_months=int(thresholds["window_months"]),
        ),
    )


def h08_inputs(session: Session, thresholds: Mapping[str, float], as_of: date) -> h08.Inputs:
    """Chains of knowledge-migrant permits with their first wage record, and the gaps after it."""
    leave, linked = int(thresholds["open_leave_days"]), thresholds["link_probability"]
    prepare_permits(session, as_of)
    session.run("knowledge_migrants/h08_make_delivered_months", delivered_share=thresholds["delivered_share"])
    session.run("knowledge_migrants/h08_make_wage_records", link_probability=linked)
    session.run("knowledge_migrants/h08_make_chains", as_of=as_of)
    return h08.Inputs(
        chains=session.frame("knowledge_migrants/h08_chains", link_probability=linked, open_leave_days=leave),
        gaps=session.frame("knowledge_migrants/h08_gaps", open_leave_days=leave, gap_months=thresholds["gap_months"]),
    )
