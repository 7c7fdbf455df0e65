"""The world keeps to the published volumes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import assets.standins
from assets.standins.calibration import COLUMNS, MEASURES, calibration, markdown
from assets.standins.deliveries.deliver import day_number
from assets.standins.foundations.parameters import Parameters, read_parameters
from assets.standins.supply import make_world

UNTIL = date(2026, 11, 23)
DOCUMENT = Path(str(assets.standins.__file__)).parent / "calibration.md"
#: A world that is large enough for the large figures and made in seconds.
SAMPLE = replace(read_parameters("national", "clean"), persons=0.12, postings=0.03, companies=0.12)


def table(parameters: Parameters) -> pl.DataFrame:
    return calibration(make_world(parameters, 1, day_number(parameters["horizon"])), UNTIL)


def outside(found: pl.DataFrame) -> list[tuple[object, ...]]:
    """Figures without an explanation that leave their band by more than the noise of a sample.

    Three and a half standard errors of what is counted, and the lasting tastes of a smaller number of employers.
    """
    counted = pl.col("world") * SAMPLE.persons
    noisy = pl.col("band") + 3.5 / counted.sqrt() + EMPLOYERS
    # How often a worker or a firm comes back depends on the size of the world: those figures need the nation.
    heads = pl.col("figure").str.contains("workers|providers|persons|a1_")
    large = found.filter((counted > 100) & ~heads & (pl.col("explanation") == ""))
    return large.filter((pl.col("ratio") - 1).abs() > noisy).select("figure", "year", "period", "ratio").rows()


#: What a taste for a route that all openings of one employer share adds to the noise.
EMPLOYERS = 0.04


@pytest.fixture(scope="module")
def sample() -> pl.DataFrame:
    return table(SAMPLE)


def test_large_figures_stay_near_their_band_even_in_a_sample(sample: pl.DataFrame) -> None:
    assert sample.filter(pl.col("world") * SAMPLE.persons > 100).height > 45
    assert outside(sample) == []


@pytest.mark.parametrize(
    ("block", "change", "figure"),
    [
        ("demand", {"tech": {2019: 2.2}, "services": {2019: 2.2}}, "hsm|ict_eu|blue_card applications"),
        ("other_flows", {"twv_student": {2017: 9_000, 2018: 11_000}}, "twv applications"),
        ("earlier", {"arrivals": {"paid_employment": {2000: 0}}}, "CBS_KENNISMIGRANT stock"),
    ],
)
def test_a_figure_that_leaves_its_band_is_found(
    block: str, change: dict[str, dict[object, object]], figure: str
) -> None:
    """The test above can fail: one assumption is changed, and the figure that rests on it is named."""
    changed = {name: SAMPLE[block][name] | values for name, values in change.items()}
    mutant = replace(SAMPLE, postings=0.001, blocks={**SAMPLE.blocks, block: {**SAMPLE[block], **changed}})

    assert figure in {row[0] for row in outside(table(mutant))}


def test_the_stock_of_sponsors_and_the_fall_of_posting_are_among_the_figures(sample: pl.DataFrame) -> None:
    stock = sample.filter(pl.col("figure") == "hsm recognised_sponsors")
    assert stock["year"].to_list() == [2018, 2023, 2024]
    assert stock["inside"].all()
    workers = sample.filter(
        pl.col("figure").is_in(["posting_wagweu|posting_rtpd workers_notified", "posting_wagweu workers_notified"])
    )
    assert workers.sort("year")["published"].to_list() == [375_000, 102_000]


def test_the_stocks_of_who_is_here_are_held_against_the_published_ones_of_the_end_of_2021(sample: pl.DataFrame) -> None:
    stocks = sample.filter(pl.col("figure").str.ends_with(" stock")).sort("figure")

    assert stocks.select("figure", "year", "published").rows() == [
        ("CBS_KENNISMIGRANT stock", 2021, 87_000),
        ("hsm stock", 2021, 40_000),
        ("researcher_801 stock", 2021, 10_000),
    ]


def test_every_measure_belongs_to_a_published_figure(sample: pl.DataFrame) -> None:
    assert set(sample["figure"]) == {f"{scheme} {metric}" for scheme, metric in MEASURES}


def test_the_table_can_be_written_down(sample: pl.DataFrame) -> None:
    lines = markdown(sample).splitlines()

    assert lines[0] == "| " + " | ".join(COLUMNS) + " |"
    assert len(lines) == len(sample) + 2


def test_every_miss_of_the_table_in_the_documentation_is_explained() -> None:
    rows = [
        line.strip("| \n").split(" | ")
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if "| True |" in line or "| False |" in line
    ]
    unexplained = [row for row in rows if row[7] == "False" and len(row) < 9]

    assert len(rows) > 100
    assert unexplained == []


@pytest.mark.slow
def test_every_figure_is_inside_its_band_or_explained_in_a_national_world() -> None:
    national = table(read_parameters("national", "clean"))
    missed = national.filter(~pl.col("inside") & (pl.col("explanation") == ""))

    assert missed.select("figure", "year", "period", "ratio").rows() == []
    assert national.filter("inside").height > 0.9 * national.height
