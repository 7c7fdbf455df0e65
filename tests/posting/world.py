"""Literal postings for the specifications of the posting indicators, at the as-of date 23 November 2025."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from assets.core.findings import Findings
from assets.core.signals import Context
from assets.posting import reading
from sql.warehouse import Warehouse
from tests.builders import delivered, warehouse_with

AS_OF = date(2025, 11, 23)
START = date(2025, 1, 6)
CONTEXT = Context(AS_OF, "run-1", "rules-test", review_lane=True)
Row = dict[str, Any]


def posting(name: str = "N1", person: str = "olena", days: int = 120, start: date = START, **changes: Any) -> Row:
    """A confirmed regular notification of a third-country worker for so many days."""
    row: Row = {
        "notification_id": name,
        "person_id": person,
        "kind": "regular",
        "route": "posting_third_country",
        "employer_vat": "PL0000000001",
        "client_kvk": "00000001",
        "client_confirmed_on": start + timedelta(days=2),
        "sbi2": "41",
        "occupation_isco": "7112",
        "place_id": "site-1",
        "work_postcode4": "1011",
        "starts_on": start,
        "ends_on": start + timedelta(days=days - 1),
        "worker_free_movement": False,
    }
    return {**row, **changes}


def sighting(day: int, name: str = "S1", person: str = "olena", **changes: Any) -> Row:
    """The worker seen by an inspector so many days after START."""
    row = {
        "sighting_id": name,
        "person_id": person,
        "list": "inspection",
        "seen_on": START + timedelta(days=day),
        "worker_free_movement": False,
        "employer_vat": "PL0000000001",
    }
    return {**row, **changes}


def warehouse_of(postings: Sequence[Row], tables: Mapping[str, Sequence[Row]]) -> Warehouse:
    """A warehouse with these rows of core; every feed was delivered on the as-of date unless `deliveries` is given."""
    deliveries = tables.get("deliveries", delivered(AS_OF))
    core = {f"core.{name}": given for name, given in tables.items() if name != "deliveries"}
    return warehouse_with({"core.postings": postings, "meta.deliveries": deliveries, **core})


def p02_findings(
    postings: Sequence[Row], limits: Mapping[str, float] | None = None, **tables: Sequence[Row]
) -> Findings:
    """What P02 finds in a warehouse with these rows of core."""
    with warehouse_of(postings, tables).reading() as session:
        return reading.p02_findings(session, CONTEXT, limits)


def p07_findings(
    postings: Sequence[Row], limits: Mapping[str, float] | None = None, **tables: Sequence[Row]
) -> Findings:
    """What P07 finds in a warehouse with these rows of core."""
    with warehouse_of(postings, tables).reading() as session:
        return reading.p07_findings(session, CONTEXT, limits)


def cases(findings: Findings, subject_type: str) -> dict[str, str]:
    """Grade by subject."""
    found = findings.signals.filter(subject_type=subject_type)
    return dict(zip(found["subject_id"], found["grade"], strict=True))
