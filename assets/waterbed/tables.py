"""Reading the inputs of the estimates from the warehouse and writing `estimates.*`.

Belongs here: which queries and tables the subject reads and writes. Does not belong here: Dagster wiring (`assets`)
and estimation.
"""

from __future__ import annotations

from datetime import date

from assets.waterbed.declarations import declarations
from assets.waterbed.estimate import Inputs, estimate_events
from quality.contract import product_tables
from sql.warehouse import Session

#: Days within which a new route counts as a switch from the one that was left.
SWITCH_DAYS = 365

ESTIMATES_READ = (
    "core.flows",
    "core.permits",
    "core.policy_events",
    "core.salary_norms",
    "core.minimum_wage",
)
SWITCHES_READ = ("core.permit_spells", "core.permits", "core.uwv_cases", "core.postings", "core.routes")


def routes_by_company() -> list[str]:
    """Routes of schemes that closed: their companies are compared, as the estimate or beside it."""
    designs = [design for many in declarations().tested.values() for design in many]
    return sorted({design.route for design in designs if design.rule == "scheme_closed"})


def read_inputs(session: Session) -> Inputs:
    """The tables that the displacement estimates are made from."""
    return Inputs(
        flows=session.frame("waterbed/flows"),
        company_flows=session.frame("waterbed/company_flows", routes=routes_by_company()),
        salaries=session.frame("waterbed/salaries"),
        events=session.table("core.policy_events"),
        norms=session.table("core.salary_norms"),
        minimum_wages=session.table("core.minimum_wage"),
    )


def write_estimates(session: Session, as_of: date, run_id: str) -> tuple[int, int]:
    """Estimate every event; returns the rows of `estimates.displacement` and `estimates.displacement_lags`."""
    displacement, lags = estimate_events(read_inputs(session), declarations(), as_of, run_id)
    tables = product_tables()
    return (
        session.replace(tables["estimates.displacement"], displacement),
        session.replace(tables["estimates.displacement_lags"], lags),
    )


def write_switches(session: Session, as_of: date, run_id: str) -> int:
    """Make `estimates.switches` hold the persons and sponsors that changed route; returns the rows."""
    table = product_tables()["estimates.switches"]
    return session.fill(table, "waterbed/switches", window_days=SWITCH_DAYS, as_of=as_of, run_id=run_id)
