"""Every query of the release gate is silent on sound tables and finds its offender."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any, TypeAlias

import pytest

from quality.contract import feed_contracts, product_tables
from quality.gates.check import Batch, CheckResult
from quality.gates.child import answer
from quality.gates.release import DAYS_BETWEEN, OFFENDER_QUERIES, release_batches
from sql.queries import load, names
from sql.warehouse import Warehouse
from tests.builders import warehouse_with

EVERY_TABLE: dict[str, list[dict[str, Any]]] = {name: [] for name in product_tables()}
DELIVERY = {
    "feed": "uwv_wages",
    "delivered_on": date(2026, 11, 20),
    "status": "loaded",
    "rows_delivered": 1000,
    "rows_accepted": 1000,
    "rows_rejected": 0,
    "reason_code": None,
    "reason": None,
}
AUGUST = DELIVERY | {"mode": "delta", "delivered_on": date(2026, 9, 5), "period_until": date(2026, 9, 5)}
NEXT_MONTH = {"delivered_on": date(2026, 10, 5), "period_from": date(2026, 9, 6), "period_until": date(2026, 10, 5)}
RUN = {"status": "running", "as_of": date(2026, 11, 23)}
SIGNAL = {
    "indicator": "H01",
    "lane": "review",
    "grade": "A",
    "subject_type": "permit",
    "subject_id": "A000000001",
    "related_ids": ["permit:A000000001"],
    "evidence": '{"rule": "x"}',
    "look_alikes_checked": ["sickness"],
    "period_start": date(2026, 1, 1),
    "period_end": date(2026, 3, 1),
    "probability": 0.9,
}
PERMIT = {"application_id": "A000000001"}
ESTIMATE = {
    "verdict": "none_detected",
    "reason": "no gain",
    "first_stage_t": 5.0,
    "gain": 1.0,
    "gain_lo95": 0.0,
    "gain_hi95": 2.0,
    "share": 0.1,
    "share_constrained": 0.1,
}
MEASURE = {"value": 0.1, "lo95": 0.05, "hi95": 0.2}

#: Rows by table: one, or several in a list.
Tables: TypeAlias = dict[str, Any]

#: For every query: rows that it must leave alone, and rows of which it must find one.
CASES: dict[str, tuple[Tables, Tables]] = {
    "rejected_over_one_percent": (
        {"meta.deliveries": DELIVERY | {"rows_accepted": 991, "rows_rejected": 9}},
        {"meta.deliveries": DELIVERY | {"rows_accepted": 989, "rows_rejected": 11}},
    ),
    "rejected_over_ten_percent": (
        {"meta.deliveries": DELIVERY | {"rows_accepted": 900, "rows_rejected": 100}},
        {"meta.deliveries": DELIVERY | {"rows_accepted": 899, "rows_rejected": 101}},
    ),
    "feed_is_late": (
        {"meta.deliveries": DELIVERY | {"delivered_on": date(2026, 9, 22)}, "meta.runs": RUN},
        {"meta.deliveries": DELIVERY | {"delivered_on": date(2026, 9, 21)}, "meta.runs": RUN},
    ),
    "feed_has_a_gap": (
        {"meta.deliveries": [AUGUST, AUGUST | NEXT_MONTH]},
        {"meta.deliveries": [AUGUST, AUGUST | NEXT_MONTH | {"period_from": date(2026, 9, 7)}]},
    ),
    "core_lost_rows": (
        {"raw.svb_a1": {"a1_id": "x"}, "core.a1_certificates": {"a1_id": "x"}},
        {"raw.svb_a1": {"a1_id": "x"}},
    ),
    "signals_without_explanation": (
        {"findings.signals": SIGNAL, "core.permits": PERMIT},
        {"findings.signals": SIGNAL | {"look_alikes_checked": []}, "core.permits": PERMIT},
    ),
    "signals_of_unknown_subjects": (
        {"findings.signals": SIGNAL, "core.permits": PERMIT},
        {"findings.signals": SIGNAL},
    ),
    "signals_in_the_wrong_lane": (
        {"findings.signals": SIGNAL, "core.permits": PERMIT},
        {"findings.signals": SIGNAL | {"lane": "study"}, "core.permits": PERMIT},
    ),
    "measures_without_interval": (
        {"findings.measures": MEASURE},
        {"findings.measures": MEASURE | {"hi95": None}},
    ),
    "estimates_out_of_order": (
        {"estimates.displacement": ESTIMATE},
        {"estimates.displacement": ESTIMATE | {"first_stage_t": 3.1}},
    ),
    "small_cells_in_pub": (
        {"pub.signal_counts": {"signals": 15}},
        {"pub.signal_counts": {"signals": 5}},
    ),
}


def failed_checks(tables: Tables) -> set[str]:
    warehouse = warehouse_with(
        EVERY_TABLE | {name: rows if isinstance(rows, list) else [rows] for name, rows in tables.items()}
    )
    queries = {q.query.removeprefix("checks/").replace("_", " ") for q in OFFENDER_QUERIES}
    return {
        r.check
        for r in asked_here(warehouse, [b for b in release_batches(load) if b.checks[0].name in queries])
        if not r.passed
    }


def asked_here(warehouse: Warehouse, batches: list[Batch]) -> list[CheckResult]:
    """The gate without its child process, which would import Great Expectations for every case again."""
    request = {"gate": "release", "database": str(warehouse.path), "batches": [asdict(b) for b in batches]}
    return [CheckResult(**item) for item in answer(request)]


def test_every_query_in_the_folder_of_checks_is_asked_by_the_gate_and_has_a_case_here() -> None:
    asked = {q.query for q in OFFENDER_QUERIES}
    assert asked == set(names("checks"))
    assert {f"checks/{name}" for name in CASES} == asked


@pytest.mark.parametrize("name", CASES)
def test_a_query_of_the_release_gate_is_silent_on_sound_rows_and_finds_its_offender(name: str) -> None:
    sound, broken = CASES[name]
    check = name.replace("_", " ")
    assert check not in failed_checks(sound)
    assert check in failed_checks(broken)


def test_two_rows_with_one_key_and_an_empty_required_column_stop_the_release() -> None:
    row = {"kvk": "00000001", "name": "A"}
    warehouse = warehouse_with(EVERY_TABLE | {"core.companies": [row, row | {"name": None}]})
    results = asked_here(warehouse, [b for b in release_batches(load) if b.table == "core.companies"])
    assert [(r.check, r.offending_rows) for r in results if r.stops] == [
        ("required columns are there", 1),
        ("one row per key", 1),
    ]


def test_every_frequency_of_a_contract_has_a_number_of_days() -> None:
    assert {c.frequency for c in feed_contracts().values()} <= set(DAYS_BETWEEN)
