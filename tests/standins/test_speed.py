"""A larger world takes time in proportion, not more."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

from assets.standins.supply import supply


def seconds(folder: Path, scale: str) -> float:
    start = time.process_time()
    supply(folder, scale=scale, seed=1, as_of=date(2026, 11, 23))
    return time.process_time() - start


def test_a_world_of_seven_times_as_many_persons_takes_less_than_seven_times_the_work(tmp_path: Path) -> None:
    seconds(tmp_path / "warm", "tiny")

    tiny, small = seconds(tmp_path / "tiny", "tiny"), seconds(tmp_path / "small", "small")

    assert small < 7 * tiny
