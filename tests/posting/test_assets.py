"""The assets of this subject: what they write, when they may, and before the law began."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import dagster as dg

from assets.feeds.night import Night
from assets.posting.assets import p02_over_ninety_days, p07_long_posting
from tests.builders import delivered, warehouse_with
from tests.posting.world import AS_OF, START, posting, sighting

BOTH = [p02_over_ninety_days, p07_long_posting]


def a_night(folder: Path, *, review_lane: bool = True, as_of: date = AS_OF) -> Night:
    rows = {
        "core.postings": [
            posting(days=200),
            posting("N2", "ivan", 600, START - timedelta(days=400), place_id="site-2", client_confirmed_on=None),
        ],
        "core.sightings": [sighting(150)],
        "meta.deliveries": delivered(as_of),
    }
    warehouse_with(rows, folder)
    return Night(folder, as_of, "run-1", review_lane=review_lane)


def run(night: Night) -> None:
    assert dg.materialize(BOTH, resources={"night": dg.ResourceDefinition.hardcoded_resource(night)}).success


def test_each_case_is_written_once_however_often_the_night_runs(tmp_path: Path) -> None:
    night = a_night(tmp_path)
    run(night)
    run(night)
    with night.warehouse.reading() as session:
        found = session.table("findings.signals").select("indicator", "subject_id").sort("indicator").rows()
    assert found == [("P02", "olena"), ("P07", "PL0000000001")]


def test_outside_the_review_lane_there_are_measures_and_no_case(tmp_path: Path) -> None:
    night = a_night(tmp_path, review_lane=False)
    run(night)
    with night.warehouse.reading() as session:
        assert session.count("findings.signals") == 0
        assert set(session.table("findings.measures")["indicator"]) == {"P02", "P07"}


def test_before_the_rule_on_long_posting_began_it_is_not_assessed(tmp_path: Path) -> None:
    night = a_night(tmp_path, as_of=date(2020, 6, 1))
    run(night)
    with night.warehouse.reading() as session:
        methods = session.table("findings.measures").filter(indicator="P07")["method"].to_list()
    assert methods == ["Not assessed: the rule applies from 2020-07-30."]
