"""Literal people, permits and wages for the specifications of the knowledge-migrant indicators.

Everything stands at the as-of date 23 November 2025; final wage months run to July 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from assets.core.findings import Findings
from assets.core.signals import Context
from assets.knowledge_migrants import reading
from tests.builders import delivered, warehouse_with

AS_OF = date(2025, 11, 23)
LAST_FINAL_MONTH = date(2025, 7, 1)
NORM = 5331.0
CONTEXT = Context(AS_OF, "run-1", "rules-test", review_lane=True)
Row = dict[str, Any]


def permit(name: str = "A000000001", person: str = "anna", sponsor: str = "00000001", **changes: Any) -> Row:
    """A granted permit of a knowledge migrant of 30 or over, filed in January 2024, for five years."""
    row: Row = {
        "application_id": name,
        "person_id": person,
        "scheme": "hsm",
        "route": "hsm_30_plus",
        "norm_category": "hsm_30_plus",
        "application_kind": "first",
        "received_on": date(2024, 1, 2),
        "decision": "granted",
        "valid_from": date(2024, 2, 1),
        "valid_until": date(2029, 1, 31),
        "ends_on": date(2029, 1, 31),
        "sponsor_kvk": sponsor,
        "sponsor_group_id": sponsor,
        "sbi2": "62",
        "norm_on": date(2024, 1, 2),
        "norm_month_eur": NORM,
    }
    return {**row, **changes}


def month_starts(first: date, last: date) -> list[date]:
    """First days of the months from `first` to `last`."""
    return [
        date(y, m, 1) for y in range(first.year, last.year + 1) for m in range(1, 13) if first <= date(y, m, 1) <= last
    ]


def last_day(month: date) -> date:
    """Last day of the month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def wage(month: date, eur: float = NORM, person: str = "anna", payer: str = "L1", **changes: Any) -> Row:
    """A month's wage with a contract wage, by a payroll number linked to the sponsor with certainty."""
    row: Row = {
        "person_id": person,
        "employer_number": payer,
        "income_relation": 1,
        "month": month,
        "kvk": "00000001",
        "group_id": "00000001",
        "period_start": month,
        "period_end": last_day(month),
        "period_kind": "month",
        "periods": 1,
        "covered_share": 1.0,
        "comparable_wage_month_eur": eur,
        "comparable_wage_source": "contract",
        "facility_wage_month_eur": eur,
        "paid_wage_month_eur": eur,
        "taxable_wage_month_eur": eur,
        "hours_paid": 168,
        "is_part_period": False,
        "is_provisional": month > LAST_FINAL_MONTH,
    }
    return {**row, **changes}


def wages(
    eur: float = NORM, first: date = date(2024, 2, 1), last: date = date(2025, 10, 1), **changes: Any
) -> list[Row]:
    """The same wage every month."""
    return [wage(month, eur, **changes) for month in month_starts(first, last)]


def changed(rows: Sequence[Row], months: Iterable[date], **changes: Any) -> list[Row]:
    """The rows with `changes` in the given months; `eur` sets every form of the wage."""
    months = set(months)
    eur = changes.pop("eur", None)
    if eur is not None:
        names = (
            "comparable_wage_month_eur",
            "facility_wage_month_eur",
            "paid_wage_month_eur",
            "taxable_wage_month_eur",
        )
        changes.update(dict.fromkeys(names, eur))
    return [{**row, **changes} if row["month"] in months else row for row in rows]


def payroll_number(
    number: str = "L1", kvk: str | None = "00000001", probability: float | None = 1.0, **changes: Any
) -> Row:
    """A payroll number linked by RSIN."""
    method = "rsin" if probability else "none"
    return {
        "employer_number": number,
        "kvk": kvk,
        "group_id": kvk,
        "link_method": method,
        "link_probability": probability,
        **changes,
    }


def h01_findings(
    permits: Sequence[Row],
    wage_months: Sequence[Row],
    limits: Mapping[str, float] | None = None,
    **tables: Sequence[Row],
) -> Findings:
    """What H01 finds in a warehouse with these rows; one payroll number L1 of sponsor 00000001 unless given."""
    rows = {
        "core.permits": permits,
        "core.wage_months": wage_months,
        "core.payroll_numbers": tables.pop("payroll_numbers", [payroll_number()]),
        "meta.deliveries": tables.pop("deliveries", delivered(AS_OF)),
        **{f"core.{name}": given for name, given in tables.items()},
    }
    with warehouse_with(rows).reading() as session:
        return reading.h01_findings(session, CONTEXT, limits)


def h08_findings(
    permits: Sequence[Row],
    wage_months: Sequence[Row],
    limits: Mapping[str, float] | None = None,
    **tables: Sequence[Row],
) -> Findings:
    """What H08 finds in a warehouse with these rows; everybody with a permit has a BSN unless identifiers are given."""
    people = sorted({row["person_id"] for row in permits})
    identifiers = [{"identifier_kind": "bsn", "identifier": f"bsn-{p}", "person_id": p} for p in people]
    rows = {
        "core.permits": permits,
        "core.wage_months": wage_months,
        "core.payroll_numbers": tables.pop("payroll_numbers", [payroll_number()]),
        "core.person_identifiers": tables.pop("person_identifiers", identifiers),
        "meta.deliveries": tables.pop("deliveries", delivered(AS_OF)),
        **{f"core.{name}": given for name, given in tables.items()},
    }
    with warehouse_with(rows).reading() as session:
        return reading.h08_findings(session, CONTEXT, limits)


def cases(findings: Findings, subject_type: str = "permit") -> dict[str, str]:
    """Grade by subject."""
    found = findings.signals.filter(subject_type=subject_type)
    return dict(zip(found["subject_id"], found["grade"], strict=True))
