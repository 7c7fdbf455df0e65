"""A larger world takes time in proportion, not more."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl

from assets.standins.foundations.parameters import read_parameters
from assets.standins.stays.wages import pieces
from assets.standins.supply import supply
from tests.standins.conftest import AS_OF, Delivered


def seconds(folder: Path, scale: str) -> float:
    start = time.process_time()
    supply(folder, scale=scale, seed=1, as_of=AS_OF)
    return time.process_time() - start


def test_a_world_of_four_times_as_many_persons_takes_less_than_four_times_the_work(tmp_path: Path) -> None:
    seconds(tmp_path / "warm", "tiny")
    more = read_parameters("small", "default").persons / read_parameters("tiny", "default").persons

    tiny, small = seconds(tmp_path / "tiny", "tiny"), seconds(tmp_path / "small", "small")

    assert more > 4
    assert small < 4 * tiny
    assert small < 20


def test_a_small_world_holds_about_twenty_thousand_persons(small: Delivered) -> None:
    """Everybody whom any supplier knows, by any number."""
    cases, wages = small.rows("uwv_work_permits"), small.rows("uwv_wages")["bsn"].drop_nulls()
    permits = small.rows("ind_permits")
    posted = small.rows("szw_postings")["worker_document"]
    known = pl.concat([permits["bsn"], cases["bsn"]]).drop_nulls()
    persons = (
        permits["v_number"].n_unique()
        + cases.filter(~pl.col("v_number").is_in(permits["v_number"].implode()))["v_number"].n_unique()
        + wages.filter(~wages.is_in(known.implode())).n_unique()
        + posted.filter(~posted.is_in(permits["travel_document"].implode())).n_unique()
    )

    assert 16_000 < persons < 25_000


def test_the_nation_has_about_twenty_million_wage_rows(small: Delivered) -> None:
    """A small world is a part of the nation: its rows are scaled up."""
    part = read_parameters("small", "default").persons

    assert 17_500_000 < len(small.rows("uwv_wages")) / part < 23_000_000


def test_pieces_of_wages_keep_the_spells_of_one_person_together() -> None:
    """The third spell has more months than fill a piece; the person whose second spell it is stays whole."""
    spells = pl.DataFrame({"person": [1, 2, 2, 3], "from_on": [0] * 4, "until_on": [30, 30, 3000, 30]})

    found = [piece["person"].to_list() for piece in pieces(spells, 100)]

    assert found == [[1, 2, 2], [3]]
