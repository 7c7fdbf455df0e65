"""The assets of this subject: what they write, when they may, and that slices of persons change nothing."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from assets.core.findings import context_of
from assets.feeds.night import Night
from assets.knowledge_migrants import reading
from assets.knowledge_migrants.assets import h01_wage_below_norm, h08_no_wage_record
from quality.thresholds import thresholds
from tests.builders import delivered, warehouse_with
from tests.knowledge_migrants.world import AS_OF, NORM, payroll_number, permit, wages

BOTH = [h01_wage_below_norm, h08_no_wage_record]


def a_night(folder: Path, *, review_lane: bool) -> Night:
    rows = {
        "core.permits": [permit(), permit("A000000002", "ben"), permit("A000000003", "cem")],
        "core.wage_months": wages(0.8 * NORM) + wages(person="cem"),
        "core.payroll_numbers": [payroll_number()],
        "meta.deliveries": delivered(AS_OF),
        "core.person_identifiers": [
            {"identifier_kind": "bsn", "identifier": p, "person_id": p} for p in ("anna", "ben", "cem")
        ],
    }
    warehouse_with(rows, folder)
    return Night(folder, AS_OF, "run-1", review_lane=review_lane)


def run(night: Night) -> None:
    assert dg.materialize(BOTH, resources={"night": dg.ResourceDefinition.hardcoded_resource(night)}).success


def written(night: Night, table: str) -> list[tuple]:
    with night.warehouse.reading() as session:
        return sorted(session.table(table).rows(), key=str)


def test_in_the_review_lane_each_case_is_written_once_however_often_the_night_runs(tmp_path: Path) -> None:
    night = a_night(tmp_path, review_lane=True)
    run(night)
    first = written(night, "findings.signals"), written(night, "findings.measures")
    run(night)
    assert (written(night, "findings.signals"), written(night, "findings.measures")) == first
    with night.warehouse.reading() as session:
        found = session.table("findings.signals").select("indicator", "subject_id").sort("indicator").rows()
    assert found == [("H01", "A000000001"), ("H08", "A000000002")]


def test_outside_the_review_lane_there_are_measures_and_no_case(tmp_path: Path) -> None:
    night = a_night(tmp_path, review_lane=False)
    run(night)
    assert written(night, "findings.signals") == []
    assert written(night, "findings.measures")


def test_an_empty_warehouse_gives_measures_that_say_so(tmp_path: Path) -> None:
    warehouse_with({}, tmp_path)
    night = Night(tmp_path, AS_OF, "run-1", review_lane=True)
    run(night)
    with night.warehouse.reading() as session:
        measures = session.table("findings.measures")
    assert set(measures["indicator"]) == {"H01", "H08"}
    assert measures["value"].null_count() == measures.height
    assert measures["n"].to_list() == [0, 0]


def test_reading_in_many_slices_gives_what_one_slice_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    night = a_night(tmp_path, review_lane=True)
    frames = []
    for size in (10, 10_000):
        monkeypatch.setattr(reading, "SLICE_ROWS", size)
        with night.warehouse.reading() as session:
            h01 = reading.h01_inputs(session, thresholds("H01", AS_OF), AS_OF, AS_OF)
            h08 = reading.h08_inputs(session, thresholds("H08", AS_OF), AS_OF, AS_OF)
        frames.append((h01.permits, h01.months, h08.chains, h08.gaps))
    assert all(many.equals(one) for many, one in zip(*frames, strict=True))
    assert frames[0][1].height > 10


def test_every_finding_of_a_night_carries_its_run_and_rules() -> None:
    context = context_of(Night(Path(), AS_OF, "run-9", review_lane=True))
    assert (context.run_id, context.as_of, context.review_lane) == ("run-9", AS_OF, True)
    assert context.rules_version.startswith("rules-")
