"""What the log says of a run: what an operator reads at seven in the morning."""

from __future__ import annotations

import re
from pathlib import Path

import dagster as dg
import pytest

from assets.feeds.night import Night
from pipelines import progress
from pipelines.resources import NightResource


@dg.asset
def good(night: dg.ResourceParam[Night]) -> dg.MaterializeResult:
    """A step that works."""
    (night.data / "seen").write_text(night.as_of.isoformat())
    return dg.MaterializeResult()


@dg.asset(deps=[good])
def bad() -> None:
    """A step that fails."""
    raise ValueError("ind_permits 2026-11-22: row 7 is no row\nsecond line")


@pytest.fixture
def said(tmp_path: Path) -> str:
    """What the log of a run with a failing step says."""
    (tmp_path / "spill").mkdir()
    (tmp_path / "spill" / "left.tmp").write_text("of a run that was killed")
    log = tmp_path / "night.log"
    both = dg.Definitions(
        assets=[good, bad],
        jobs=[dg.define_asset_job("both")],
        resources={"night": NightResource(data=str(tmp_path), as_of="2026-11-23")},
        loggers={"console": progress.readable},
    )
    with progress.written_to(log):
        done = both.resolve_job_def("both").execute_in_process(
            run_config={"loggers": {"console": {}}}, raise_on_error=False
        )
    assert not done.success
    return log.read_text()


def test_a_step_that_worked_is_told_with_its_seconds(said: str) -> None:
    assert re.search(r"^\d\d:\d\d:\d\d  good: done in \d+\.\d s$", said, re.MULTILINE)


def test_a_step_that_failed_is_told_with_the_first_line_of_why(said: str) -> None:
    assert re.search(r"  bad: FAILED: ValueError: ind_permits 2026-11-22: row 7 is no row$", said, re.MULTILINE)
    assert "second line" not in said


def test_what_dagster_says_to_itself_is_left_out(said: str) -> None:
    assert "ENGINE_EVENT" not in said
    assert len(said.splitlines()) < 8


def test_what_a_killed_run_spilled_is_swept(said: str, tmp_path: Path) -> None:
    assert said
    assert not (tmp_path / "spill").exists()


def test_a_run_that_could_not_begin_says_why(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").write_bytes(b"this is no database" * 1000)
    log = tmp_path / "night.log"
    only = dg.Definitions(
        assets=[good],
        jobs=[dg.define_asset_job("only")],
        resources={"night": NightResource(data=str(tmp_path), as_of="2026-11-23")},
        loggers={"console": progress.readable},
    )
    with progress.written_to(log):
        only.resolve_job_def("only").execute_in_process(run_config={"loggers": {"console": {}}}, raise_on_error=False)
    assert "the run could not begin: " in log.read_text()
    assert "not a valid DuckDB database file" in log.read_text()
