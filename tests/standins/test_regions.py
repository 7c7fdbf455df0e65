"""A world of several regions is made in pieces, and its pieces do not run into each other."""

from __future__ import annotations

import gc
import json
import weakref
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import assets.standins.supply as supply_module
from assets.standins.foundations import identifiers, regions
from assets.standins.foundations.parameters import Parameters
from assets.standins.world import World
from quality.contract import feed_contracts
from tests.standins.conftest import AS_OF, Delivered

#: What tells the rows of a feed apart between regions: persons, firms and cases of their own.
OWN = {"ind_permits": "v_number", "ind_sponsors": "kvk", "uwv_wages": "bsn", "kvk_companies": "rsin", "svb_a1": "a1_id"}


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    root = tmp_path_factory.mktemp("pieces")
    supply_module.supply(root, scale="pieces", seed=1, as_of=AS_OF)
    return Delivered(root)


def test_no_key_is_delivered_by_two_regions(pieces: Delivered) -> None:
    for feed, contract in feed_contracts().items():
        if contract.is_stand_in:
            key = [field.name for field in contract.table.key]
            rows = pieces.rows(feed).filter(pl.col("delivered_on") == pl.col("delivered_on").min())
            assert rows.select(key).is_unique().all(), feed


@pytest.mark.parametrize(("feed", "column"), sorted(OWN.items()))
def test_each_region_has_persons_and_firms_of_its_own(pieces: Delivered, feed: str, column: str) -> None:
    rows = pieces.rows(feed).filter(pl.col(column).is_not_null())
    rows = rows.filter(pl.col("delivered_on") == pl.col("delivered_on").min())
    files = rows.group_by(column).agg(pl.col("file").n_unique().alias("files"))

    assert rows["file"].n_unique() == 3
    assert files["files"].max() == 1


def test_the_truth_of_all_regions_is_one_table(pieces: Delivered) -> None:
    moved = pieces.truth("displacement")
    key = ["event_id", "restricted_route", "destination_route", "months_after"]

    assert moved.select(key).is_unique().all()
    some = moved.filter(pl.col("net_loss") != 0)
    assert some.filter((pl.col("gain") / pl.col("net_loss") - pl.col("share")).abs() > 1e-12).is_empty()
    assert moved.filter(pl.col("net_loss") == 0)["share"].is_null().all()
    assert sorted(path.name for path in (pieces.root / "truth").iterdir()) == [
        "delivery_faults.parquet", "displacement.parquet", "displacement_moves.parquet", "fault_rates.parquet",
        "faults.parquet", "links.parquet", "look_alikes.parquet", "planted.parquet", "value_faults.parquet",
        "world.json",
    ]  # fmt: skip


def test_only_one_region_is_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the memory of ten nations is that of one."""
    made: list[weakref.ref[World]] = []
    still_there: list[int] = []
    make_world = supply_module.make_world

    def watched(parameters: Parameters, seed: int, until: int) -> World:
        gc.collect()
        still_there.append(sum(one() is not None for one in made))
        world = make_world(parameters, seed, until)
        made.append(weakref.ref(world))
        return world

    monkeypatch.setattr(supply_module, "make_world", watched)
    supply_module.supply(tmp_path, scale="pieces", seed=2, as_of=AS_OF)

    assert still_there == [0, 0, 0]


def test_every_delivery_says_what_it_holds(pieces: Delivered) -> None:
    for path in (pieces.root / "landing").glob("*/*/manifest.json"):
        listed = {file["name"] for file in json.loads(path.read_text(encoding="utf-8"))["files"]}
        assert listed == {one.name for one in path.parent.iterdir()} - {"manifest.json"}


def test_numbers_of_all_regions_are_different_and_those_of_the_only_region_are_plain() -> None:
    numbers = np.array([0, 1_599_999, 16_000_000, 40_000_000, 54_200_000, 54_539_999, 80_039_999, 97_289_999])
    alone = identifiers.bsn(numbers)
    found = set()
    for number in range(10):
        with regions.region(number, 10):
            found |= set(identifiers.bsn(numbers).to_list())

    assert len(found) == 80
    assert set(alone.to_list()) <= found


def test_a_region_that_holds_more_than_it_has_numbers_for_is_refused() -> None:
    with regions.region(1, 2), pytest.raises(ValueError, match="more than it has numbers for"):
        identifiers.bsn(np.array([1_600_000]))


def test_a_world_has_ten_regions_at_most() -> None:
    with pytest.raises(ValueError, match="no region"), regions.region(0, 11):
        pass
