"""What Dagster is told: one job, one schedule, described assets, one process."""

from __future__ import annotations

from datetime import datetime, timedelta

import dagster as dg

from pipelines.definitions import defs
from pipelines.resources import TIMEZONE


def test_the_schedule_ticks_exactly_once_on_the_days_when_the_clock_changes() -> None:
    schedule = defs.resolve_schedule_def("nightly_0415")
    for day in (datetime(2027, 3, 28, tzinfo=TIMEZONE), datetime(2027, 10, 31, tzinfo=TIMEZONE)):
        ticks = (
            schedule.get_ticks_between(day, day + timedelta(hours=23)) if hasattr(schedule, "get_ticks_between") else []
        )
        iterator = schedule.execution_time_iterator(day.timestamp())
        first = next(iterator)
        second = next(iterator)
        assert (first.astimezone(TIMEZONE).hour, first.astimezone(TIMEZONE).minute) == (4, 15)
        assert first.astimezone(TIMEZONE).date() == day.date()
        assert second.astimezone(TIMEZONE).date() == (day + timedelta(days=1)).date()
        assert ticks == [] or len(ticks) == 1


def test_every_asset_has_a_group_a_description_and_one_of_the_subjects_names() -> None:
    for spec in defs.resolve_all_asset_specs():
        assert spec.group_name not in (None, "default"), spec.key
        assert spec.description, spec.key
        assert len(spec.key.path) == 2, spec.key


def test_the_sensor_for_new_manifests_is_off_until_somebody_switches_it_on() -> None:
    sensor = (
        defs.resolve_sensor_def("new_manifests")
        if hasattr(defs, "resolve_sensor_def")
        else defs.get_sensor_def("new_manifests")
    )
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED


def test_the_database_is_published_only_after_the_release_gate() -> None:
    specs = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
    upstream = {d.asset_key.to_user_string() for d in specs["published/database"].deps}
    assert "pub/release" in upstream
