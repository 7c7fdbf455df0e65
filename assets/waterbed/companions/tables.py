"""Reading the inputs of the companions from the warehouse and writing `estimates.companions`.

Belongs here: which queries and tables the companions read. Does not belong here: Dagster wiring (`assets`) and
estimation.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.waterbed.companions.all_events import CompanionInputs, estimate_companions
from assets.waterbed.declarations import declarations
from assets.waterbed.designs.norm_discontinuity import BANDWIDTH
from assets.waterbed.tables import ESTIMATES_READ, SWITCH_DAYS, read_inputs
from quality.contract import product_tables
from quality.reference.tables import read
from sql.warehouse import Session

COMPANIONS_READ = (
    *ESTIMATES_READ,
    "core.permit_spells",
    "core.uwv_cases",
    "core.postings",
    "core.published_volumes",
    "core.register_movements",
    "core.routes",
)


def read_companion_inputs(session: Session, as_of: date) -> CompanionInputs:
    """The tables that companions are made from, besides those of the estimates."""
    return CompanionInputs(
        volumes=published_volumes(session),
        register_movements=session.table("core.register_movements"),
        routes=session.table("core.routes"),
        company_months=session.frame("waterbed/company_months"),
        company_decisions=session.frame("waterbed/company_decisions", bandwidth=BANDWIDTH),
        near_norm=session.frame("waterbed/near_norm", bandwidth=BANDWIDTH, window_days=SWITCH_DAYS, as_of=as_of),
    )


def published_volumes(session: Session) -> pl.DataFrame:
    """Published figures as delivered; where none were, those of the reference file, which are real too."""
    delivered = session.table("core.published_volumes")
    if delivered.height:
        return delivered
    figures = [pl.col("year").cast(pl.Int64), pl.col("value").cast(pl.Float64)]
    return read("volumes.csv").with_columns(figures)


def write_companions(session: Session, as_of: date, run_id: str) -> int:
    """Ask every companion about every event; returns the rows of `estimates.companions`."""
    more = read_companion_inputs(session, as_of)
    rows = estimate_companions(read_inputs(session), more, declarations(), as_of, run_id)
    return session.replace(product_tables()["estimates.companions"], rows)
