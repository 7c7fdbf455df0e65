"""The tables of the core that are one query each: what they read and which definitions they are given.

Belongs here: table, query, what is read, parameters. Does not belong here: the queries (`sql/core/`), tables
that need more than a query (`persons`, `payrolls`), Dagster wiring (`assets`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from assets.core.facility import facility_parameters
from quality.contract import product_tables
from sql.warehouse import Session

#: Uncovered days between two permits that still make one stay: a permit that is decided a day late.
GAP_DAYS = 1
#: A stay that follows another on the same route within these days is its continuation, not an admission.
RETURN_DAYS = 30
#: A stay that ended at most these days before another is where the person came from.
SWITCH_DAYS = 90
#: Months before that of the as-of date of which the wage returns are still being corrected.
PROVISIONAL_MONTHS = 3

Parameters = Callable[[date], Mapping[str, object]]


def _none(_: date) -> Mapping[str, object]:
    return {}


def _as_of(as_of: date) -> Mapping[str, object]:
    return {"as_of": as_of}


def _wages(as_of: date) -> Mapping[str, object]:
    return {"as_of": as_of, "provisional_months": PROVISIONAL_MONTHS, **facility_parameters()}


def _spells(_: date) -> Mapping[str, object]:
    return {"gap_days": GAP_DAYS, "return_days": RETURN_DAYS, "switch_days": SWITCH_DAYS}


def _flows(_: date) -> Mapping[str, object]:
    return {"return_days": RETURN_DAYS}


@dataclass(frozen=True)
class CoreTable:
    """`core.<name>`, made by the query `core/<name>` from the tables in `reads`."""

    name: str
    reads: tuple[str, ...]
    parameters: Parameters = _none

    @property
    def full_name(self) -> str:
        """`core.<name>`."""
        return f"core.{self.name}"

    @property
    def query(self) -> str:
        """The name of its query."""
        return f"core/{self.name}"

    def fill(self, session: Session, as_of: date) -> int:
        """Make the table as known on `as_of`; returns the rows written."""
        return session.fill(product_tables()[self.full_name], self.query, **self.parameters(as_of))


_NUMBERS = "core.person_identifiers"

#: What the two tables that need more than a query read.
PERSON_IDENTIFIERS_READ = (
    "raw.ind_permits",
    "raw.ind_sponsor_notices",
    "raw.nla_sightings",
    "raw.svb_a1",
    "raw.szw_postings",
    "raw.uwv_wages",
    "raw.uwv_work_permits",
)
PAYROLL_NUMBERS_READ = ("core.companies", "raw.uwv_employers")

#: In an order in which each table stands after what it reads.
TABLES = (
    CoreTable("persons", (_NUMBERS, *PERSON_IDENTIFIERS_READ)),
    CoreTable("companies", ("raw.ind_sponsors", "raw.kvk_companies"), _as_of),
    CoreTable("recognitions", ("raw.ind_sponsors",)),
    CoreTable("officers", (_NUMBERS, "raw.kvk_officers")),
    CoreTable("posting_employers", ("raw.posting_employers", "raw.szw_postings"), _as_of),
    CoreTable("permits", ("core.companies", _NUMBERS, "core.salary_norms", "raw.ind_permits")),
    CoreTable("permit_spells", ("core.permits",), _spells),
    CoreTable("wage_months", ("core.payroll_numbers", _NUMBERS, "raw.uwv_wages"), _wages),
    CoreTable("sponsor_notices", (_NUMBERS, "raw.ind_sponsor_notices")),
    CoreTable("postings", (_NUMBERS, "raw.szw_postings")),
    CoreTable("a1_certificates", (_NUMBERS, "raw.svb_a1")),
    CoreTable("sightings", (_NUMBERS, "raw.nla_sightings", "raw.posting_employers", "raw.szw_postings")),
    CoreTable("uwv_cases", (_NUMBERS, "raw.uwv_work_permits")),
    CoreTable("rvo_advice", ("raw.rvo_advice",)),
    CoreTable("peer_wages", ("raw.uwv_peer_wages",)),
    CoreTable("review_verdicts", ("raw.review_verdicts",)),
    CoreTable(
        "flows",
        (
            "core.companies",
            "core.permit_spells",
            "core.permits",
            "core.postings",
            "core.routes",
            "core.uwv_cases",
        ),
        _flows,
    ),
)

BY_NAME: Mapping[str, CoreTable] = MappingProxyType({table.name: table for table in TABLES})
