"""One seed is one world, however it is delivered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.standins.deliveries.deliver import calendars, days_between
from assets.standins.deliveries.delivery_faults import arrival
from assets.standins.foundations import version
from assets.standins.foundations.parameters import read_parameters
from assets.standins.foundations.randomness import Draws
from assets.standins.supply import supply
from pipelines.world_page import make_world_page
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


NIGHTS = [date(2026, 11, 4), date(2026, 11, 5), date(2026, 11, 8), date(2026, 11, 10)]
SEED = 3


@dataclass
class HeldBack:
    """One world of which suppliers hold back much, delivered night by night and twice at once.

    Attributes:
        nights: delivered on every day of NIGHTS.
        once: delivered on the last of them.
        between: delivered on the last but one.
        seen: the folders that the landing zone of `nights` held after each night, as `feed/date`.
        due: each delivery of those nights that is held back, with the day on which it comes.
    """

    nights: Delivered
    once: Delivered
    between: Delivered
    seen: dict[date, set[str]]
    due: dict[tuple[str, date], date]


def folders(root: Path) -> set[str]:
    return {f"{path.parent.parent.name}/{path.parent.name}" for path in root.glob("landing/*/*/manifest.json")}


@pytest.fixture(scope="module")
def held_back(tmp_path_factory: pytest.TempPathFactory) -> HeldBack:
    parameters = read_parameters("tiny", "default")
    held = {"szw_postings": {"one_in": 3, "days": [2, 4]}, "svb_a1": {"one_in": 1, "days": [6, 9]}}
    blocks = parameters.blocks | {"faults": parameters["faults"] | {"held_back": held}}
    much = replace(parameters, blocks=blocks)
    roots = [tmp_path_factory.mktemp(name) for name in ("nights", "once", "between")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assets.standins.supply.read_parameters", lambda scale, scenario: much)
        seen = dict[date, set[str]]()
        for night in NIGHTS:
            supply(roots[0], scale="tiny", seed=SEED, as_of=night)
            seen[night] = folders(roots[0])
        supply(roots[1], scale="tiny", seed=SEED, as_of=NIGHTS[-1])
        supply(roots[2], scale="tiny", seed=SEED, as_of=NIGHTS[-2])
    due = {}
    for feed in held:
        for on in days_between(much["deliveries"][feed]["every"], calendars(much, NIGHTS[0])[feed][0], NIGHTS[-1]):
            comes = arrival(much, Draws(SEED), feed, on)
            if comes > on:
                due[feed, on] = comes
    return HeldBack(*(Delivered(root) for root in roots), seen=seen, due=due)


def test_nightly_deliveries_add_up_to_a_full_one_whatever_is_held_back(held_back: HeldBack) -> None:
    nights, once = held_back.nights, held_back.once
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


def test_a_delivery_that_is_held_back_comes_under_its_own_date_on_a_later_night(held_back: HeldBack) -> None:
    came, waited = 0, 0
    for (feed, on), comes in held_back.due.items():
        for night in NIGHTS:
            is_here = f"{feed}/{on}" in held_back.seen[night]
            assert is_here == (comes <= night), (feed, on, night)
            came, waited = came + is_here, waited + (on <= night and not is_here)

    assert came > 0
    assert waited > 0


def test_a_later_delivery_comes_before_the_one_that_is_held_back(held_back: HeldBack) -> None:
    overtaken = [
        (feed, on, night)
        for (feed, on), comes in held_back.due.items()
        for night in NIGHTS
        if night < comes and any(f"{feed}/{on + timedelta(days=n)}" in held_back.seen[night] for n in (1, 2, 3))
    ]

    assert overtaken


def test_a_world_made_at_once_holds_what_has_come_and_not_what_is_still_held_back(held_back: HeldBack) -> None:
    between, once = folders(held_back.between.root), folders(held_back.once.root)
    first = min(name for name in once if name.startswith("szw_postings"))
    open_in_between = {
        f"{feed}/{on}" for (feed, on), comes in held_back.due.items() if on <= NIGHTS[-2] < comes <= NIGHTS[-1]
    }
    of_both = {name for name in open_in_between if name > first}  # older ones are part of its first delivery

    assert of_both
    assert open_in_between & between == set()
    assert of_both <= once
    assert {name for name in held_back.seen[NIGHTS[-2]] if name > first} & between != set()


def test_what_is_held_back_is_in_the_truth_from_the_day_it_was_due(held_back: HeldBack) -> None:
    def told(world: Delivered) -> list[tuple[str, date, str, int]]:
        rows = world.truth("delivery_faults").filter(pl.col("fault") == "held_back_delivery")
        return rows.select("feed", "delivered_on", "detail", "rows").sort("feed", "delivered_on").rows()

    nights = told(held_back.nights)
    assert {(feed, on): detail for feed, on, detail, _ in nights} == {
        key: f"held back; comes on {comes}" for key, comes in held_back.due.items()
    }
    assert sum(rows for *_, rows in nights) > 0
    assert len(nights) == len({row[:2] for row in nights})  # not told again on the night of its coming
    for world in (held_back.once, held_back.between):
        # A world made at once begins later, with a delivery that is never held back.
        assert set(told(world)) <= set(nights)
        assert told(world)
    rate = held_back.nights.truth("fault_rates").row(by_predicate=(
        (pl.col("fault") == "held_back_delivery") & (pl.col("feed") == "szw_postings")
    ), named=True)  # fmt: skip
    held = sum(feed == "szw_postings" for feed, _ in held_back.due)
    assert (rate["rate"], rate["candidates"], rate["faults"]) == (1 / 3, 10, held)


def test_a_night_delivers_only_what_became_due(tmp_path: Path) -> None:
    supply(tmp_path, scale="tiny", seed=SEED, as_of=date(2026, 11, 9))

    report = supply(tmp_path, scale="tiny", seed=SEED, as_of=date(2026, 11, 10))

    assert {one.feed for one in report.deliveries} == {
        "ind_permits", "ind_sponsor_notices", "szw_postings", "review_verdicts",
    }  # fmt: skip
    assert {one.delivered_on for one in report.deliveries} == {date(2026, 11, 10)}


def test_a_folder_that_holds_another_world_is_refused(tmp_path: Path) -> None:
    supply(tmp_path, scale="tiny", seed=3, as_of=date(2025, 1, 6))

    with pytest.raises(ValueError, match="another world"):
        supply(tmp_path, scale="tiny", seed=4, as_of=date(2025, 1, 7))


def test_a_world_of_other_stand_ins_is_neither_continued_nor_shown(tmp_path: Path) -> None:
    supply(tmp_path, scale="tiny", seed=3, as_of=date(2025, 1, 6))
    mark = tmp_path / "truth" / "world.json"
    mark.write_text(mark.read_text(encoding="utf-8").replace(version.fingerprint(), "0123456789ab"), encoding="utf-8")

    with pytest.raises(version.OtherVersionError, match="its nights cannot go on"):
        supply(tmp_path, scale="tiny", seed=3, as_of=date(2025, 1, 7))
    with pytest.raises(version.OtherVersionError, match="make it anew"):
        make_world_page(tmp_path)


def test_stand_ins_are_other_ones_when_a_module_or_an_assumption_changed(tmp_path: Path) -> None:
    (tmp_path / "economy").mkdir()
    rules, choice = tmp_path / "world.yaml", tmp_path / "economy" / "choice.py"
    found = []
    for first, second in (("a: 1", "x = 1"), ("a: 2", "x = 1"), ("a: 2", "x = 2")):
        rules.write_text(first, encoding="utf-8")
        choice.write_text(second, encoding="utf-8")
        found.append(version.fingerprint.__wrapped__(tmp_path))

    assert len(set(found)) == 3


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
