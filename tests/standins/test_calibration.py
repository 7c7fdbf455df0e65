"""The world keeps to the published volumes."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from assets.standins.calibration import COLUMNS, MEASURES, calibration, markdown
from assets.standins.deliver import day_number
from assets.standins.parameters import read_parameters
from assets.standins.supply import make_world

UNTIL = date(2026, 11, 23)


def table(scale: str) -> pl.DataFrame:
    parameters = read_parameters(scale, "clean")
    return calibration(make_world(parameters, 1, day_number(parameters["horizon"])), UNTIL)


@pytest.fixture(scope="module")
def small_table() -> pl.DataFrame:
    return table("small")


def test_large_figures_stay_near_their_band_even_in_a_small_world(small_table: pl.DataFrame) -> None:
    """A small world is noisy: three standard errors of what it counts come on top of the band."""
    parameters = read_parameters("small", "clean")
    counted = pl.col("world") * parameters.persons
    noisy = pl.col("band") + 3.5 / counted.sqrt()
    # How often a worker or a firm comes back depends on the size of the world: those figures need the nation.
    heads = pl.col("figure").str.contains("workers|providers|persons")
    large = small_table.filter((counted > 100) & ~heads & (pl.col("explanation") == ""))
    outside = large.filter((pl.col("ratio") - 1).abs() > noisy)

    assert len(large) > 25
    assert outside.select("figure", "year", "period", "ratio").rows() == []


def test_every_measure_belongs_to_a_published_figure(small_table: pl.DataFrame) -> None:
    assert set(small_table["figure"]) == {f"{scheme} {metric}" for scheme, metric in MEASURES}


def test_the_table_can_be_written_down(small_table: pl.DataFrame) -> None:
    lines = markdown(small_table).splitlines()

    assert lines[0] == "| " + " | ".join(COLUMNS) + " |"
    assert len(lines) == len(small_table) + 2


@pytest.mark.slow
def test_every_figure_is_inside_its_band_or_explained_in_a_national_world() -> None:
    national = table("national")
    missed = national.filter(~pl.col("inside") & (pl.col("explanation") == ""))

    assert missed.select("figure", "year", "period", "ratio").rows() == []
    assert national["inside"].mean() > 0.7
