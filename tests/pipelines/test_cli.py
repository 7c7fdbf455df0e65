"""The command line: its defaults and its errors in the user's words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
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


def test_a_damaged_warehouse_is_named_with_what_to_do_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").write_bytes(b"this is no database" * 1000)
    for command in ("nightly", "doctor"):
        ended = runner.invoke(cli.app, [command, "--data", str(tmp_path)])
        assert ended.exit_code == 1
        said = " ".join(ended.output.split())
        assert "warehouse.duckdb cannot be opened: put back a copy" in said
        assert "Traceback" not in said
    assert (tmp_path / "warehouse.duckdb").read_bytes().startswith(b"this is no database")


def test_a_folder_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    ended = runner.invoke(cli.app, ["nightly", "--data", str(tmp_path / "nowhere")])
    assert ended.exit_code == 1
    assert "There is no folder" in ended.output
    assert not (tmp_path / "nowhere").exists()


def test_a_simulation_says_how_far_it_is_and_scores_the_specification_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "WORLDS_PER_LINE", 2)
    out = tmp_path / "scores.parquet"
    asked = ["--worlds", "3", "--scenario", "few", "--specification", "C1", "--out", str(out)]
    ended = runner.invoke(cli.app, ["simulate-waterbed", *asked])
    assert ended.exit_code == 0, ended.output
    assert [line for line in ended.output.splitlines() if "worlds" in line and "of 3" in line] == [
        "few: 2 of 3 worlds",
        "few: 3 of 3 worlds",
    ]
    scores = pl.read_parquet(out)
    assert scores["specification"].unique().to_list() == ["C1"]
    assert scores["world"].n_unique() == 3
