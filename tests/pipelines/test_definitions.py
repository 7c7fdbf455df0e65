"""What Dagster is told: one job, one schedule, described assets, one process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from pipelines.columns import COLUMNS, tables_by_name
from pipelines.definitions import defs
from pipelines.resources import TIMEZONE
from quality.contract import product_tables


def ticks_from(moment: datetime) -> Iterator[datetime]:
    """The moments at which the schedule runs, as the daemon computes them."""
    schedule = defs.resolve_schedule_def("nightly_0415")
    return schedule_execution_time_iterator(
        start_timestamp=moment.timestamp(),
        cron_schedule=schedule.cron_schedule,
        execution_timezone=schedule.execution_timezone,
        ascending=True,
    )


@pytest.mark.parametrize("year", range(2026, 2036))
def test_the_schedule_ticks_exactly_once_on_the_days_when_the_clock_changes(year: int) -> None:
    for month in (3, 10):
        last_sunday = max(d for d in range(25, 32) if date(year, month, d).weekday() == 6)
        ticks = ticks_from(datetime(year, month, last_sunday - 1, 12, tzinfo=TIMEZONE))
        moments = [next(ticks).astimezone(TIMEZONE) for _ in range(3)]
        assert [(m.day, m.hour, m.minute) for m in moments[:1]] == [(last_sunday, 4, 15)]
        assert len({m.date() for m in moments}) == 3


def test_every_asset_has_a_group_a_description_and_one_of_the_subjects_names() -> None:
    for spec in defs.resolve_all_asset_specs():
        assert spec.group_name not in (None, "default"), spec.key
        assert spec.description, spec.key
        assert len(spec.key.path) == 2, spec.key


def test_every_asset_that_is_a_table_shows_the_columns_of_its_contract() -> None:
    tables = tables_by_name()
    specs = {".".join(spec.key.path): spec for spec in defs.resolve_all_asset_specs()}
    shown = {name: specs[name].metadata[COLUMNS] for name in specs if name in tables}
    assert {name: [c.name for c in schema.columns] for name, schema in shown.items()} == {
        name: [field.name for field in tables[name].fields] for name in shown
    }
    kept_by_the_run = {name for name in product_tables() if name.startswith(("meta.", "raw."))}
    assert set(tables) - kept_by_the_run - set(specs) == set()


def test_the_sensor_for_new_manifests_is_off_until_somebody_switches_it_on() -> None:
    sensor = defs.resolve_sensor_def("new_manifests")
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED


def test_the_database_is_published_only_after_the_release_gate() -> None:
    specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    upstream = {d.asset_key.to_user_string() for d in specs["published/database"].deps}
    assert "pub/release" in upstream


def test_no_asset_waits_for_something_that_nobody_makes() -> None:
    assert [s.key for s in defs.resolve_all_asset_specs() if "dagster/auto_created_stub_asset" in s.metadata] == []


def test_disclosure_control_comes_after_every_indicator() -> None:
    graph = defs.resolve_asset_graph()
    before = graph.get_ancestor_asset_keys(dg.AssetKey(["pub", "release"]))
    assert {dg.AssetKey(["findings", i]) for i in ("h01", "h08", "p02", "p07")} <= set(before)
