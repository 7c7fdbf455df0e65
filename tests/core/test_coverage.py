"""Until which day the feeds speak."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assets.core.coverage import Coverage, read_coverage
from sql.warehouse import Warehouse
from tests.builders import warehouse_with

AS_OF = date(2025, 11, 23)
PERMITS = Coverage({"ind_permits": date(2025, 11, 20), "uwv_wages": date(2025, 3, 31)})


def delivery(on: date, **changes: Any) -> dict[str, Any]:
    row = {"feed": "ind_permits", "delivered_on": on, "attempt": 1, "status": "loaded", "rows_accepted": 9}
    return {**row, **changes}


@pytest.mark.parametrize(
    ("rows", "until"),
    [
        ([delivery(date(2025, 3, 1)), delivery(date(2025, 6, 1))], date(2025, 6, 1)),
        ([delivery(date(2025, 3, 1)), delivery(date(2025, 6, 1), rows_accepted=0)], date(2025, 6, 1)),
        ([delivery(date(2025, 3, 1)), delivery(date(2025, 6, 1), status="refused")], date(2025, 3, 1)),
        ([delivery(date(2025, 3, 1)), delivery(date(2026, 6, 1))], date(2025, 3, 1)),
        ([delivery(date(2025, 3, 1), rows_accepted=0)], None),
        ([delivery(date(2025, 3, 1), status="pending")], None),
        ([], None),
    ],
)
def test_a_feed_speaks_until_its_newest_loaded_delivery_if_it_ever_held_a_row(rows: list, until: date | None) -> None:
    with warehouse_with({"meta.deliveries": rows}).reading() as session:
        assert read_coverage(session, AS_OF).until.get("ind_permits") == until


def test_a_warehouse_that_never_looked_at_a_delivery_covers_nothing(tmp_path: Any) -> None:
    with Warehouse(tmp_path / "new.duckdb").writing() as session:
        assert read_coverage(session, AS_OF).until == {}


def test_the_reason_names_every_missing_feed() -> None:
    assert PERMITS.without(["ind_permits", "uwv_wages"]) is None
    assert PERMITS.without(["ind_permits", "kvk_companies"]) == "kvk_companies was not delivered"
    assert PERMITS.without(["uwv_employers", "kvk_companies"]) == "kvk_companies and uwv_employers were not delivered"


def test_the_last_day_is_that_of_the_feed_that_ended_first_and_never_after_the_as_of_date() -> None:
    assert PERMITS.last_day(["ind_permits", "uwv_wages"], AS_OF) == date(2025, 3, 31)
    assert PERMITS.last_day(["ind_permits"], date(2025, 5, 1)) == date(2025, 5, 1)
    assert PERMITS.last_day(["kvk_companies"], AS_OF) == AS_OF
