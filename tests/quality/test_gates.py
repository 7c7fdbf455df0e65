"""The gates find what they are there to find, and show the rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from quality.contract import Field, Table, feed_contracts
from quality.gates.arrival import accounting_batch, arrival_batch
from quality.gates.check import Batch, Check
from quality.gates.engine import GateError, run_gate
from sql.warehouse import Warehouse

HISTORY = tuple(
    Field(name, "date", name, "", False, "internal")
    for name in ("delivered_on", "valid_from_delivery", "valid_until_delivery")
)
NOTICE = {
    "notice_id": "N1",
    "v_number": "abcdefghijklmnop" * 2,
    "sponsor_kvk": "00000001",
    "kind": "wage_change",
    "event_on": date(2026, 1, 1),
    "until_on": None,
    "received_on": date(2026, 1, 5),
    "delivered_on": date(2026, 1, 6),
    "valid_from_delivery": date(2026, 1, 6),
    "valid_until_delivery": None,
}


def failures(folder: Path, *notices: dict[str, object]) -> dict[str, list[str]]:
    contract = feed_contracts()["ind_sponsor_notices"]
    table = Table("raw", contract.feed, contract.table.grain, contract.table.fields + HISTORY)
    warehouse = Warehouse(folder / "warehouse.duckdb")
    with warehouse.writing() as session:
        session.append(table, pl.DataFrame([NOTICE | n for n in notices], infer_schema_length=None))
    results = run_gate("arrival", warehouse.path, [arrival_batch(contract)])
    assert len(results) == len(arrival_batch(contract).checks)
    return {r.check: r.examples for r in results if not r.passed}


def test_rows_that_keep_the_contract_pass_the_arrival_gate(tmp_path: Path) -> None:
    assert failures(tmp_path, {}, {"notice_id": "N2"}) == {}


def test_every_kind_of_check_fails_on_its_offender_and_shows_it(tmp_path: Path) -> None:
    found = failures(
        tmp_path,
        {},
        {},
        {"notice_id": "N2", "v_number": "1234567890"},
        {"notice_id": "N3", "sponsor_kvk": "123"},
        {"notice_id": "N4", "kind": "gossip"},
        {"notice_id": "N5", "received_on": None},
    )
    assert set(found) == {
        "one current row per key",
        "v_number has its form",
        "sponsor_kvk has its form",
        "kind is on its list",
        "received_on is there",
    }
    assert "N1" in found["one current row per key"][0]
    assert "123" in found["sponsor_kvk has its form"][0]
    assert "gossip" in found["kind is on its list"][0]


def test_a_value_outside_its_range_is_found(tmp_path: Path) -> None:
    database = tmp_path / "w.duckdb"
    wages = Table("raw", "t", "one row", (Field("hours", "integer", "hours", "", True, "internal"),))
    with Warehouse(database).writing() as session:
        session.append(wages, pl.DataFrame({"hours": [10, 500]}))
    check = Check("hours", "ExpectColumnValuesToBeBetween", {"column": "hours", "max_value": 400}, "too many", "warn")
    (result,) = run_gate("arrival", database, [Batch("raw.t", "select * from raw.t", (check,))])
    assert (result.passed, result.offending_rows, result.examples, result.stops) == (False, 1, ["500"], False)


def test_a_lost_row_is_found_by_the_accounting(tmp_path: Path) -> None:
    columns = ("rows_delivered", "rows_accepted", "rows_rejected")
    fields = (
        Field("feed", "string", "", "", True, "internal"),
        Field("delivered_on", "date", "", "", True, "internal"),
        Field("status", "string", "", "", True, "internal"),
        *(Field(c, "integer", "", "", True, "internal") for c in columns),
    )
    rows = pl.DataFrame(
        [("a", date(2026, 1, 1), "loaded", 10, 9, 1), ("b", date(2026, 1, 1), "loaded", 10, 8, 1)],
        schema=["feed", "delivered_on", "status", *columns],
        orient="row",
    )
    with Warehouse(tmp_path / "w.duckdb").writing() as session:
        session.append(Table("meta", "deliveries", "", fields), rows)
    (result,) = run_gate("arrival", tmp_path / "w.duckdb", [accounting_batch()])
    assert not result.passed
    assert result.stops
    assert '"b"' in result.examples[0]


def test_a_check_that_cannot_be_asked_is_a_failure_and_not_a_pass(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb").writing() as session:
        session.append(
            Table("raw", "t", "", (Field("a", "integer", "", "", True, "internal"),)),
            pl.DataFrame({"a": [1]}),
        )
    check = Check("no such column", "ExpectColumnValuesToNotBeNull", {"column": "b"}, "")
    (result,) = run_gate("arrival", tmp_path / "w.duckdb", [Batch("raw.t", "select * from raw.t", (check,))])
    assert not result.passed
    assert result.examples


def test_a_gate_without_a_database_says_that_it_could_not_run(tmp_path: Path) -> None:
    batch = Batch("raw.t", "select 1 as a", (Check("a", "ExpectColumnValuesToNotBeNull", {"column": "a"}, ""),))
    with pytest.raises(GateError, match="could not run"):
        run_gate("arrival", tmp_path / "missing.duckdb", [batch])
