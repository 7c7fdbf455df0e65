"""Inputs of the indicators on the knowledge-migrant scheme, read from core by the queries of this subject.

Belongs here: which query gives which frame, with which threshold as parameter. Does not belong here: rules.

Wages are read in slices of persons: twenty million wage months then need no more memory than two million.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from assets.knowledge_migrants import h01_wage_below_norm as h01
from assets.knowledge_migrants import h08_no_wage_record as h08
from sql.warehouse import Session

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


def h01_inputs(session: Session, thresholds: Mapping[str, float], as_of: date) -> h01.Inputs:
    """Permits with a norm and their newest usable wage months."""
    prepare_permits(session, as_of)
    parts = [
        session.frame(
            "knowledge_migrants/h01_months",
            as_of=as_of,
            open_leave_days=int(thresholds["open_leave_days"]),
            window_months=int(thresholds["window_months"]),
            **part,
        )
        for part in wage_slices(session, thresholds["link_probability"])
    ]
    return h01.Inputs(
        permits=session.frame("knowledge_migrants/h01_permits", as_of=as_of),
        months=pl.concat(parts).sort("application_id", "month"),
    )


def h08_inputs(session: Session, thresholds: Mapping[str, float], as_of: date) -> h08.Inputs:
    """Chains of knowledge-migrant permits with their first wage record, and the gaps after it."""
    leave, linked = int(thresholds["open_leave_days"]), thresholds["link_probability"]
    prepare_permits(session, as_of)
    session.run("knowledge_migrants/h08_make_delivered_months", delivered_share=thresholds["delivered_share"])
    session.run("knowledge_migrants/h08_make_filings", link_probability=linked)
    session.run("knowledge_migrants/h08_make_chains", as_of=as_of)
    chains, gaps = [], []
    for part in wage_slices(session, linked):
        chains.append(
            session.frame("knowledge_migrants/h08_chains", link_probability=linked, open_leave_days=leave, **part)
        )
        gaps.append(
            session.frame(
                "knowledge_migrants/h08_gaps", open_leave_days=leave, gap_months=thresholds["gap_months"], **part
            )
        )
    return h08.Inputs(chains=pl.concat(chains).sort("chain_id"), gaps=pl.concat(gaps).sort("chain_id", "first_month"))
