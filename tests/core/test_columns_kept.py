"""A column that keeps its name on the way from feed to core keeps its value."""

from datetime import date, timedelta
from typing import Any

import pytest

from quality.contract import Field, product_tables
from tests.builders import stored_table
from tests.core.helpers import core, one

MADE_FROM = {
    "a1_certificates": "svb_a1",
    "companies": "kvk_companies",
    "officers": "kvk_officers",
    "payroll_numbers": "uwv_employers",
    "peer_wages": "uwv_peer_wages",
    "permits": "ind_permits",
    "posting_employers": "posting_employers",
    "postings": "szw_postings",
    "recognitions": "ind_sponsors",
    "review_verdicts": "review_verdicts",
    "rvo_advice": "rvo_advice",
    "sightings": "nla_sightings",
    "sponsor_notices": "ind_sponsor_notices",
    "uwv_cases": "uwv_work_permits",
}
#: Columns whose core meaning is another one than that of the feed, tested where that meaning is.
OTHER_MEANING = {("payroll_numbers", "kvk"), ("postings", "version"), ("sightings", "employer_vat")}


def telling(field: Field, place: int) -> Any:
    """A value that no other column of the row has."""
    values: dict[str, Any] = {
        "string": f"{field.name} value",
        "integer": 100 + place,
        "number": 0.5 + place,
        "boolean": place % 2 == 0,
        "date": date(2020, 1, 1) + timedelta(days=place),
    }
    return values[field.kind]


@pytest.mark.parametrize("table", sorted(MADE_FROM))
def test_a_column_that_keeps_its_name_keeps_its_value(table: str) -> None:
    feed = stored_table(f"raw.{MADE_FROM[table]}")
    row = {f.name: telling(f, place) for place, f in enumerate(feed.fields)}
    row |= {"valid_until_delivery": None} | ({"category": "labour"} if "category" in row else {})
    made = one(core({feed.full_name: [row]}, "person_identifiers", "companies", table)[table])
    kept = [f.name for f in product_tables()[f"core.{table}"].fields if f.name in row]
    kept = [name for name in kept if (table, name) not in OTHER_MEANING]
    assert len(kept) >= 4
    assert {name: made[name] for name in kept} == {name: row[name] for name in kept}
