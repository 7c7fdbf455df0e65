"""One seed is one world, however it is delivered."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.standins.foundations.randomness import Draws
from assets.standins.supply import supply
from quality.contract import feed_contracts
from tests.standins.conftest import Delivered


def fingerprint(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        supply(tmp_path / name, scale="tiny", scenario="dirty", seed=seed, as_of=date(2025, 3, 10))

    one, two, other = (fingerprint(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert one != other


def test_nightly_deliveries_add_up_to_a_full_one(tmp_path: Path) -> None:
    first, last = date(2026, 11, 4), date(2026, 11, 10)
    supply(tmp_path / "nights", scale="tiny", seed=3, as_of=first)
    for night in (first + timedelta(days=1), last):
        supply(tmp_path / "nights", scale="tiny", seed=3, as_of=night)
    supply(tmp_path / "once", scale="tiny", seed=3, as_of=last)

    nights, once = Delivered(tmp_path / "nights"), Delivered(tmp_path / "once")
    for feed, contract in feed_contracts().items():
        if contract.is_stand_in and contract.delivery_mode == "delta":
            key = [field.name for field in contract.table.key]
            assert nights.current(feed).sort(key).equals(once.current(feed).sort(key)), feed
        elif contract.is_stand_in:
            states = [world.rows(feed).drop("file", "row_number") for world in (nights, once)]
            shared = set(states[0]["delivered_on"].to_list()) & set(states[1]["delivered_on"].to_list())
            same = [state.filter(pl.col("delivered_on").is_in(list(shared))).sort("delivered_on") for state in states]
            assert shared, feed
            assert same[0].equals(same[1]), feed
    for table in ("planted", "look_alikes", "displacement", "links"):
        assert nights.truth(table).equals(once.truth(table)), table
    late = ["record", "delivered", "true_value", "corrected_on"]
    corrections = [
        w.truth("value_faults").filter(pl.col("fault") == "late_correction").select(late) for w in (nights, once)
    ]
    # The nights began earlier, so they delivered more that was put right since.
    assert set(corrections[1].rows()) <= set(corrections[0].rows())


def test_a_night_delivers_only_what_became_due(tmp_path: Path) -> None:
    supply(tmp_path, scale="tiny", seed=3, as_of=date(2026, 11, 9))

    report = supply(tmp_path, scale="tiny", seed=3, as_of=date(2026, 11, 10))

    assert {one.feed for one in report.deliveries} == {
        "ind_permits", "ind_sponsor_notices", "szw_postings", "review_verdicts",
    }  # fmt: skip
    assert {one.delivered_on for one in report.deliveries} == {date(2026, 11, 10)}


def test_a_folder_that_holds_another_world_is_refused(tmp_path: Path) -> None:
    supply(tmp_path, scale="tiny", seed=3, as_of=date(2025, 1, 6))

    with pytest.raises(ValueError, match="another world"):
        supply(tmp_path, scale="tiny", seed=4, as_of=date(2025, 1, 7))


@pytest.mark.parametrize(("scale", "scenario"), [("huge", "default"), ("tiny", "utopia")])
def test_a_scale_or_scenario_that_does_not_exist_is_refused(tmp_path: Path, scale: str, scenario: str) -> None:
    with pytest.raises(ValueError, match="there is no"):
        supply(tmp_path, scale=scale, scenario=scenario, as_of=date(2025, 1, 6))


def test_late_corrections_of_wages_supersede_what_was_first_returned(world: Delivered) -> None:
    key = [field.name for field in feed_contracts()["uwv_wages"].table.key]
    versions = world.rows("uwv_wages").group_by(key).agg(pl.col("wage_in_money_eur").n_unique().alias("amounts"))

    assert versions.filter(pl.col("amounts") > 1).height > 0


def test_a_draw_depends_on_its_key_and_not_on_its_company() -> None:
    draws = Draws(1)

    alone = draws.uniform("x", [7])
    together = draws.uniform("x", [3, 7, 9])

    assert alone[0] == together[1]
    assert draws.uniform("y", [7])[0] != alone[0]
    assert Draws(2).uniform("x", [7])[0] != alone[0]


def test_draws_are_spread_evenly() -> None:
    spread = Draws(1).uniform("x", range(20_000))

    assert abs(spread.mean() - 0.5) < 0.01
    assert abs(spread.std() - 12**-0.5) < 0.01
