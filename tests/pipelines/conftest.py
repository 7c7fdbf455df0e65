"""One world and one night for all tests that look at the whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

AS_OF = "2026-11-23"


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    said: str


def waterbed(*arguments: str, data: Path) -> Ended:
    """Run the command as an operator would."""
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import run; run()", *arguments, "--data", str(data)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )
    return Ended(done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with deliveries and nothing else; read it, never write to it."""
    data = tmp_path_factory.mktemp("world")
    ended = waterbed("prepare", "--as-of", AS_OF, "--seed", "1", data=data)
    assert ended.code == 0, ended.said
    return data


@pytest.fixture
def fresh(world: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A new data folder with the same deliveries (hard links: nothing may write to landing)."""

    def make(name: str) -> Path:
        data = tmp_path / name
        data.mkdir()
        subprocess.run(["cp", "-al", str(world / "landing"), str(data / "landing")], check=True)
        return data

    return make


@pytest.fixture(scope="session")
def night(world: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A data folder after one night, and what the night said; read it, never write to it."""
    data = tmp_path_factory.mktemp("night")
    subprocess.run(["cp", "-al", str(world / "landing"), str(data / "landing")], check=True)
    return data, waterbed("nightly", "--as-of", AS_OF, "--review-lane", data=data)
