"""What is delivered keeps its contract, except where it was spoilt on purpose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from assets.feeds.loading import load_feed
from assets.feeds.night import Night
from assets.standins.foundations.parameters import scenarios
from assets.standins.supply import supply
from quality.contract import feed_contracts
from tests.standins.conftest import AS_OF, Delivered
from tests.standins.validator import breaches, deliveries, rows_of


def unexplained(root: Path) -> list[tuple[str, str, list[str]]]:
    """Rows that break a rule without having been spoilt, and spoilt rows that break none."""
    faults = pl.read_parquet(root / "truth" / "faults.parquet")
    found = []
    for contract, on, manifest, folder in deliveries(root / "landing"):
        rows = rows_of(contract, manifest, folder)
        broken = breaches(contract, rows, on).with_columns(pl.col("row_number").cast(pl.Int64))
        known = faults.filter((pl.col("feed") == contract.feed) & (pl.col("delivered_on") == on))
        at = ["file", "row_number"]
        repeats = known.filter(pl.col("fault") == "repeated_row")
        alone = broken.filter(pl.col("rules") != ["repeated key"]).join(known, on=at, how="anti")
        found += [(contract.feed, on.isoformat(), rules) for rules in alone["rules"].to_list()]
        found += [
            (contract.feed, on.isoformat(), [f"no breach: {fault}"])
            for fault in known.join(broken, on=at, how="anti")["fault"].to_list()
        ]
        twice = broken.filter(pl.col("rules").list.contains("repeated key"))
        if len(twice) > 2 * len(repeats):
            found.append((contract.feed, on.isoformat(), [f"{len(twice)} repeated keys"]))
    return found


@pytest.mark.parametrize("scenario", scenarios())
def test_every_scenario_keeps_the_contracts_except_for_the_planted_faults(
    scenario: str, scenario_world: Callable[[str], Delivered]
) -> None:
    assert unexplained(scenario_world(scenario).root) == []


@pytest.mark.parametrize("seed", [101, 202])
def test_other_seeds_keep_the_contracts_too(seed: int, tmp_path: Path) -> None:
    supply(tmp_path, scale="tiny", scenario="dirty", seed=seed, as_of=AS_OF)

    assert unexplained(tmp_path) == []


def rejected(root: Path, feeds: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the product's own reading rejects of some feeds, and what was spoilt in them."""
    night = Night(data=root, as_of=AS_OF, run_id="run-a")
    for feed in feeds:
        load_feed(night, feed_contracts()[feed], log=lambda line: None)
    at = ["feed", "delivered_on", "file", "row_number"]
    with night.warehouse.reading() as session:
        rows = session.table("raw.rejected_rows")
    planted = pl.read_parquet(root / "truth" / "faults.parquet").filter(pl.col("feed").is_in(feeds))
    casts = [pl.col("row_number").cast(pl.Int64), pl.col("delivered_on").cast(pl.Date)]
    return rows.with_columns(casts).select(at).sort(at), planted.select(at).sort(at)


def test_the_products_own_reading_rejects_the_spoilt_rows_and_no_other(
    scenario_world: Callable[[str], Delivered],
) -> None:
    found, planted = rejected(scenario_world("dirty").root, ["ind_sponsor_notices", "uwv_employers", "rvo_advice"])

    assert len(planted) > 50
    assert found.equals(planted)


def test_the_check_sees_a_row_that_breaks_a_rule_by_itself(world: Delivered) -> None:
    contract = feed_contracts()["ind_permits"]
    _, on, manifest, folder = next(d for d in deliveries(world.root / "landing") if d[0].feed == "ind_permits")
    rows = rows_of(contract, manifest, folder).with_columns(scheme=pl.lit("tourist"))

    broken = breaches(contract, rows, on)

    assert len(broken) == len(rows)
    assert "scheme: closed list" in broken["rules"][0].to_list()


def test_every_stand_in_feed_is_delivered_and_no_real_one(world: Delivered) -> None:
    delivered = {folder.name for folder in (world.root / "landing").iterdir()}

    assert delivered == {feed for feed, contract in feed_contracts().items() if contract.is_stand_in}
    assert delivered.isdisjoint({"ind_public_register", "public_volumes"})


def test_every_manifest_carries_the_mark_of_a_stand_in(world: Delivered) -> None:
    assert all(manifest["stand_in"] is True for _, _, manifest, _ in deliveries(world.root / "landing"))


def test_both_kinds_of_files_and_both_modes_occur(world: Delivered) -> None:
    found = deliveries(world.root / "landing")
    endings = {file["name"].split(".")[-1] for _, _, manifest, _ in found for file in manifest["files"]}

    assert endings == {"csv", "parquet"}
    assert {manifest["mode"] for _, _, manifest, _ in found} == {"full", "delta"}


def test_no_delta_is_the_first_delivery_of_a_feed_except_the_one_that_is_too_early(world: Delivered) -> None:
    first = {}
    for contract, on, manifest, _ in deliveries(world.root / "landing"):
        first.setdefault(contract.feed, (on, manifest["mode"]))

    assert {feed for feed, (_, mode) in first.items() if mode == "delta"} == {"ind_sponsor_notices"}


def test_one_delivery_comes_twice_with_the_same_bytes(world: Delivered) -> None:
    hashes = [
        manifest["files"][0]["sha256"]
        for contract, _, manifest, _ in deliveries(world.root / "landing")
        if contract.feed == "uwv_work_permits"
    ]

    assert len(hashes) == len(set(hashes)) + 1
