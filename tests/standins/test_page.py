"""The page of a world tells what the world holds."""

from __future__ import annotations

import polars as pl
import pytest

from assets.standins import portrait
from assets.standins.deliveries.deliver import day_number
from assets.standins.foundations.parameters import read_parameters
from assets.standins.supply import make_world
from assets.standins.world import World
from pipelines.world_page import PAGE, make_world_page
from tests.standins.conftest import AS_OF, Delivered


@pytest.fixture(scope="module")
def simulated() -> World:
    parameters = read_parameters("tiny", "heavy")
    return make_world(parameters, 1, day_number(parameters["horizon"]))


def test_the_command_writes_the_page_beside_the_truth(world: Delivered) -> None:
    page = make_world_page(world.root)

    html = page.read_text(encoding="utf-8")
    assert page == world.root / "truth" / PAGE
    assert html.count("<svg") >= 5
    assert "<script" not in html
    assert f"{len(world.truth('planted')):,}".replace(",", ".") in html


def test_a_folder_without_a_world_has_no_page(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        make_world_page(tmp_path)


def test_declared_pay_piles_up_at_the_norm(simulated: World) -> None:
    counts = portrait.norm_distances(simulated, day_number(AS_OF)).filter(pl.col("category") == "hsm_30_plus")
    first = counts.filter(pl.col("above") == 0)["applications"].item()

    assert first > 2 * counts.filter(pl.col("above") > 0)["applications"].max()


def test_planted_clusters_show_as_networks_around_one_director(simulated: World) -> None:
    found = portrait.networks(simulated, day_number(AS_OF))
    first = found.filter(pl.col("network") == 1)

    assert first["planted"].all()
    assert first["company"].n_unique() >= 5
    assert {"officer", "address"} <= set(first["kind"].to_list())


def test_the_months_of_an_event_add_up_to_its_net_loss(world: Delivered) -> None:
    displacement, moves = world.truth("displacement"), world.truth("displacement_moves")
    months = portrait.event_months(displacement, moves)
    event, route = months.select("event_id", "restricted_route").row(0)
    told = displacement.filter(
        (pl.col("event_id") == event)
        & (pl.col("restricted_route") == route)
        & (pl.col("destination_route") == "total")
        & (pl.col("months_after") == 24)
    )
    drawn = months.filter(
        (pl.col("event_id") == event) & (pl.col("restricted_route") == route) & (pl.col("month") < 24)
    )

    assert -drawn["lost"].sum() == told["net_loss"].item()
    assert drawn["gained"].sum() == told["gain"].item()
