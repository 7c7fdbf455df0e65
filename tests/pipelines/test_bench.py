"""The floor that the estimate of an event is timed against, and what the bench says of it."""

import io

import numpy as np
import pytest
from rich.console import Console

from pipelines import bench
from pipelines.bench_event import textbook
from tests.waterbed.panels import one_event

EXPOSURE = np.array([0.0, 0.2, 0.4, 0.6])


def panel():
    """Four cells that lose ten persons for one in exposure, of which a destination gains three."""
    after = (np.arange(24) >= 12).astype(float)
    usual = 50.0 + np.arange(4.0)[:, None] + np.arange(24.0)
    moved = EXPOSURE[:, None] * after
    return one_event(usual - 10.0 * moved, usual + 3.0 * moved, EXPOSURE, event_month=12)


def test_the_floor_finds_what_moved_with_exposure_whichever_cell_is_left_out():
    np.testing.assert_allclose(textbook(panel()), np.tile([-10.0, 3.0], (5, 1)))


@pytest.mark.parametrize(
    ("seconds", "words", "is_met"), [(0.2, "Ratio 2.00 (goal 2.5): met", True), (0.3, "NOT met", False)]
)
def test_the_bench_says_how_many_times_the_floor_an_event_takes(monkeypatch, seconds, words, is_met):
    monkeypatch.setattr(bench, "measure", lambda: (0.1, seconds))
    said = io.StringIO()
    assert bench.bench_event(Console(file=said, width=120)) == is_met
    assert words in said.getvalue()
