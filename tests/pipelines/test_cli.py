"""The command line: its defaults and its errors in the user's words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines import cli
from pipelines.resources import default_data, today

runner = CliRunner()


def test_without_options_a_night_is_of_today_and_in_the_default_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Path, date, bool]] = []

    def remember(data: Path, as_of: date, *, review_lane: bool) -> int:
        asked.append((data, as_of, review_lane))
        return 0

    monkeypatch.setattr("pipelines.nightly.run_night", remember)
    assert runner.invoke(cli.app, ["nightly"]).exit_code == 0
    assert asked == [(default_data(), today(), False)]


def test_the_exit_code_of_the_night_is_the_exit_code_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.nightly.run_night", lambda *_, **__: 3)
    assert runner.invoke(cli.app, ["nightly", "--as-of", "2026-11-23"]).exit_code == 3


def test_the_data_folder_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATERBED_DATA", "/somewhere/else")
    assert default_data() == Path("/somewhere/else")
    monkeypatch.delenv("WATERBED_DATA")
    assert default_data() == Path("data")


def test_a_date_that_is_none_is_refused_with_an_example() -> None:
    ended = runner.invoke(cli.app, ["nightly", "--as-of", "23-11-2026"])
    assert ended.exit_code == 2
    assert "2026-11-23" in ended.output


def test_an_unknown_scenario_is_refused_in_words(tmp_path: Path) -> None:
    ended = runner.invoke(cli.app, ["standins", "--data", str(tmp_path), "--scenario", "nonsense"])
    assert ended.exit_code == 2
    assert not (tmp_path / "landing").exists()
