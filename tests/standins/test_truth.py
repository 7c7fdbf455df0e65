"""The truth of a world matches its deliveries."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from tests.standins.conftest import AS_OF, Delivered

#: Where the subjects of each type can be found in the deliveries.
FOUND_IN = {
    "permit": [("ind_permits", "application_id")],
    "sponsor": [("kvk_companies", "kvk")],
    "client": [("kvk_companies", "kvk")],
    "posting_employer": [
        ("szw_postings", "employer_vat"),
        ("svb_a1", "employer_vat"),
        ("posting_employers", "employer_vat"),
    ],
    "site": [("szw_postings", "place_id"), ("nla_sightings", "place_id")],
    "notification": [("szw_postings", "notification_id")],
    "person": [("szw_postings", "worker_document"), ("nla_sightings", "worker_document"), ("ind_permits", "v_number")],
    "a1": [("svb_a1", "a1_id")],
    "sighting": [("nla_sightings", "sighting_id")],
    "uwv_case": [("uwv_work_permits", "case_id")],
    "sector": [("szw_postings", "sbi2"), ("uwv_peer_wages", "sbi2")],
}


def delivered_ids(world: Delivered, kind: str) -> set[str]:
    return {value for feed, column in FOUND_IN[kind] for value in world.rows(feed)[column].drop_nulls().to_list()}


@pytest.mark.parametrize("kind", sorted(FOUND_IN))
def test_every_planted_subject_and_relation_was_delivered(world: Delivered, kind: str) -> None:
    planted = world.truth("planted")
    subjects = planted.filter(pl.col("subject_type") == kind)["subject_id"].to_list()
    related = planted["related_ids"].explode().drop_nulls()
    related = related.filter(related.str.starts_with(f"{kind}:")).str.strip_prefix(f"{kind}:").to_list()
    wanted = {one for one in [*subjects, *related] if one not in ("hsm",)}

    assert wanted - delivered_ids(world, kind) == set()


def test_the_truth_has_the_columns_that_others_rely_on(world: Delivered) -> None:
    assert world.truth("planted").columns == [
        "indicator", "subject_type", "subject_id", "related_ids", "period_start", "period_end", "strength",
    ]  # fmt: skip
    assert world.truth("look_alikes").columns == [
        "indicator",
        "look_alike",
        "subject_type",
        "subject_id",
        "related_ids",
    ]
    assert world.truth("displacement").columns == [
        "event_id", "restricted_route", "destination_route", "months_after", "net_loss", "gain", "share",
    ]  # fmt: skip
    assert {"employer_number", "kvk"} <= set(world.truth("links").columns)
    assert world.truth("faults").columns == ["feed", "delivered_on", "file", "row_number", "fault"]


#: Indicators that are deterministic counts or sector totals: nothing resembles a dormant recognition but one.
WITHOUT_LOOK_ALIKES = {"H21"}


@pytest.mark.parametrize("scenario", ["dirty", "small_firms"])
def test_planted_subjects_are_delivered_in_other_scenarios_too(
    scenario: str, scenario_world: Callable[[str], Delivered]
) -> None:
    world = scenario_world(scenario)
    planted = world.truth("planted")
    for kind in ("permit", "sponsor", "client", "posting_employer", "site"):
        subjects = planted.filter(pl.col("subject_type") == kind)["subject_id"].to_list()

        assert set(subjects) <= delivered_ids(world, kind), kind


def test_all_forty_one_indicators_are_planted(small: Delivered) -> None:
    planted = set(small.truth("planted")["indicator"].to_list())

    assert planted == {f"H{n:02d}" for n in range(1, 22)} | {f"P{n:02d}" for n in range(1, 21)}


@pytest.mark.parametrize(
    "indicator",
    sorted(({f"H{n:02d}" for n in range(1, 22)} | {f"P{n:02d}" for n in range(1, 21)}) - WITHOUT_LOOK_ALIKES),
)
def test_look_alikes_are_at_least_as_frequent_as_misuse(small: Delivered, indicator: str) -> None:
    planted = small.truth("planted").filter(pl.col("indicator") == indicator)
    alike = small.truth("look_alikes").filter(pl.col("indicator") == indicator)

    assert len(planted) > 0
    assert len(alike) >= len(planted)


def test_nothing_is_both_misuse_and_a_look_alike(world: Delivered) -> None:
    both = world.truth("planted").join(
        world.truth("look_alikes"), on=["indicator", "subject_type", "subject_id"], how="semi"
    )

    assert both.is_empty()


def test_no_misuse_starts_after_the_last_delivery(world: Delivered) -> None:
    planted = world.truth("planted")

    assert (planted["period_start"] <= AS_OF).all()
    assert (planted["period_end"] <= AS_OF).all()
    assert (planted["period_end"] >= planted["period_start"]).all()
    assert planted["strength"].is_between(0, 1, closed="right").all()


def test_where_nobody_diverts_no_event_moves_anybody_to_another_route(
    scenario_world: Callable[[str], Delivered],
) -> None:
    moved = scenario_world("null_waterbed").truth("displacement")

    assert (moved.filter(pl.col("destination_route") == "net_reduction")["net_loss"] > 0).any()
    assert (moved.filter(pl.col("destination_route") != "net_reduction")["gain"] == 0).all()


def test_gains_and_net_reduction_add_up_to_the_net_loss(world: Delivered) -> None:
    moved = world.truth("displacement")
    key = ["event_id", "restricted_route", "months_after"]
    total = moved.filter(pl.col("destination_route") == "total").select(*key, "net_loss", pl.col("gain").alias("total"))
    rest = moved.filter(pl.col("destination_route") == "net_reduction").select(*key, pl.col("gain").alias("rest"))
    parts = moved.filter(~pl.col("destination_route").is_in(["total", "net_reduction"]))
    parts = parts.group_by(key).agg(pl.col("gain").sum().alias("parts"))
    joined = total.join(rest, on=key).join(parts, on=key, how="left").fill_null(0.0)

    assert len(joined) == len(total) > 20
    assert (joined["total"] + joined["rest"] - joined["net_loss"]).abs().max() < 1e-9
    assert (joined["total"] - joined["parts"]).abs().max() < 1e-9


def test_the_blue_card_of_june_2024_draws_from_the_knowledge_migrants(
    scenario_world: Callable[[str], Delivered],
) -> None:
    moved = scenario_world("clean").truth("displacement")
    gain = moved.filter(
        (pl.col("event_id") == "2024-blue-card-full")
        & pl.col("restricted_route").str.starts_with("hsm")
        & pl.col("destination_route").is_in(["blue_card", "blue_card_reduced"])
    )

    assert gain["gain"].sum() > 0
