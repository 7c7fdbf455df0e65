"""Each scenario does what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from assets.standins.foundations.parameters import read_parameters, scenarios
from tests.standins.conftest import Delivered

Worlds = Callable[[str], Delivered]
NAMED = ["clean", "confounded", "default", "dirty", "heavy", "null_waterbed", "small_firms"]


def test_the_scenarios_are_these() -> None:
    assert scenarios() == NAMED


@pytest.mark.parametrize("scenario", NAMED)
def test_a_scenario_changes_only_what_there_is_and_says_what_it_is(scenario: str) -> None:
    base, changed = read_parameters("tiny", "default"), read_parameters("tiny", scenario)

    assert set(changed.blocks) == set(base.blocks)
    assert (changed.blocks == base.blocks) == (scenario == "default")
    for block in ("companies", "misuse", "faults", "reaction", "pay"):
        assert set(changed[block]) == set(base[block]), block


def counts(world: Delivered, table: str, of: str) -> dict[str, int]:
    return dict(world.truth(table).group_by(of).len().iter_rows())


def test_a_clean_world_holds_no_misuse_and_every_look_alike_of_the_default_one(scenario_world: Worlds) -> None:
    clean, default = scenario_world("clean"), scenario_world("default")

    assert clean.truth("planted").is_empty()
    usual, there = (counts(one, "look_alikes", "look_alike") for one in (default, clean))
    # A world of a few thousand persons holds some kinds once or twice, or by chance not at all.
    assert {kind: number for kind, number in usual.items() if kind not in there and number > 3} == {}
    assert len(clean.truth("look_alikes")) > 1000


def test_a_heavy_world_holds_more_misuse_of_most_kinds_and_less_of_none(scenario_world: Worlds) -> None:
    heavy = counts(scenario_world("heavy"), "planted", "indicator")
    default = counts(scenario_world("default"), "planted", "indicator")
    # H21 is not planted by number: it is what is left of sponsors without anybody.
    known = sorted((set(heavy) | set(default)) - {"H21"})
    more = [name for name in known if heavy.get(name, 0) > default.get(name, 0)]
    less = [name for name in known if heavy.get(name, 0) < 0.6 * default.get(name, 0)]

    assert sum(heavy[n] for n in known) > 1.3 * sum(default.get(n, 0) for n in known)
    assert len(more) >= 12
    assert less == []


@pytest.mark.parametrize("scenario", [name for name in NAMED if name != "null_waterbed"])
def test_policy_displaces_somebody_wherever_anybody_may_divert(scenario: str, scenario_world: Worlds) -> None:
    moved = scenario_world(scenario).truth("displacement").filter(pl.col("destination_route") == "total")

    assert moved["gain"].sum() > 0.2 * moved["net_loss"].sum() > 0


def test_nobody_diverts_in_the_null_world_and_policy_still_acts(scenario_world: Worlds) -> None:
    moved = scenario_world("null_waterbed").truth("displacement")
    moves = scenario_world("null_waterbed").truth("displacement_moves")

    assert moved.filter(pl.col("destination_route") == "total")["net_loss"].sum() > 20
    assert moved.filter(pl.col("destination_route") != "net_reduction")["gain"].abs().max() == 0
    assert moved.filter(pl.col("destination_route") != "net_reduction")["share"].abs().max() == 0
    both = moves.filter(pl.col("route_without").ne("none") & pl.col("route_with").ne("none"))
    assert (both["route_without"] == both["route_with"]).all()


def filed(world: Delivered, occupations: list[str], since: date, until: date) -> int:
    rows = world.current("ind_permits").filter(
        pl.col("occupation_isco").is_in(occupations)
        & pl.col("received_on").is_between(since, until)
        & pl.col("application_kind").is_in(["first", "change_of_purpose"])
    )
    return len(rows)


def test_in_the_confounded_world_sectors_shift_on_the_day_of_an_event(scenario_world: Worlds) -> None:
    confounded, default = scenario_world("confounded"), scenario_world("default")
    tech, services = ["2511", "2512", "2152", "2166"], ["2421", "2413", "2431", "2433", "1330"]
    industry = ["2144", "1324", "7115", "7411"]

    before = (date(2018, 1, 1), date(2019, 12, 31))
    assert abs(filed(confounded, tech, *before) / filed(default, tech, *before) - 1) < 0.1
    slump, boom = (date(2024, 7, 1), date(2025, 12, 31)), (date(2024, 1, 15), date(2025, 6, 30))
    assert filed(confounded, tech, *slump) < 0.9 * filed(default, tech, *slump)
    later = (date(2025, 1, 15), date(2026, 11, 1))
    booming = [filed(world, services, *boom) + filed(world, industry, *later) for world in (confounded, default)]
    assert booming[0] > 1.1 * booming[1]


def test_in_the_world_of_small_firms_most_sponsors_have_few_permits_and_few_employees(scenario_world: Worlds) -> None:
    def firms(scenario: str) -> tuple[float, float]:
        permits = scenario_world(scenario).current("ind_permits").drop_nulls("sponsor_kvk")
        each = permits.group_by("sponsor_kvk").len()["len"]
        staff = scenario_world(scenario).current("kvk_companies")["employees"].drop_nulls()
        return float((each <= 2).mean()), float(staff.median())

    (few, staff), (few_default, staff_default) = firms("small_firms"), firms("default")
    assert few > 0.5 > few_default
    assert staff < 0.5 * staff_default


def test_a_dirty_world_differs_from_the_default_one_in_what_suppliers_tell_and_not_in_what_is_true(
    scenario_world: Worlds,
) -> None:
    dirty, default = scenario_world("dirty"), scenario_world("default")

    for table in ("planted", "displacement", "links"):
        assert dirty.truth(table).equals(default.truth(table)), table
    assert len(dirty.truth("faults")) > 5 * len(default.truth("faults"))
    assert len(dirty.truth("value_faults")) > 1.4 * len(default.truth("value_faults"))
