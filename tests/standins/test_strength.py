"""Misuse goes from marginal to blatant: the truth says how strong each case is, and suppliers show it.

Belongs here: strengths, what is seen of them, and that a marginal case is still misuse. Does not belong here: what a
planted case looks like (`test_patterns`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from assets.standins.deliveries.deliver import day_number
from assets.standins.foundations.parameters import read_parameters
from assets.standins.foundations.randomness import Draws
from assets.standins.misuse.declared import at_the_norm
from assets.standins.supply import supply
from assets.standins.world import World, make_base, make_setting
from tests.standins.conftest import AS_OF, Delivered
from tests.standins.test_patterns import Told, days, share

#: More of the cases that a small world holds few of; how strong each is does not depend on how many there are.
MORE = {
    "H02": {"sectors": 3},
    "H04": {"sponsors": 250},
    "H06": {"sponsors": 250},
    "H07": {"sponsors": 150},
    "H09": {"sponsors": 0.15},
    "H12": {"sponsors": 150},
    "H13": {"clusters": 150},
    "H18": {"sponsors": 250},
    "P02": {"stays": 0.2},
    "P09": {"chains": 250},
    "P10": {"employers": 0.08},
    "P16": {"groups": 250},
}


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Told:
    parameters = read_parameters("small", "heavy")
    misuse = parameters["misuse"] | {name: parameters["misuse"][name] | change for name, change in MORE.items()}
    much = replace(parameters, blocks=parameters.blocks | {"misuse": misuse})
    root = tmp_path_factory.mktemp("heavy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assets.standins.supply.read_parameters", lambda scale, scenario: much)
        supply(root, scale="small", scenario="heavy", seed=1, as_of=AS_OF)
    return Told(Delivered(root))


EVERY = [f"H{n:02d}" for n in range(1, 22)] + [f"P{n:02d}" for n in range(1, 21)]
#: P17 follows the two surges of the parameters.
WITHOUT_GRADES = {"P17"}


@pytest.mark.parametrize("indicator", EVERY)
def test_strength_goes_from_marginal_to_blatant_for_every_indicator(heavy: Told, indicator: str) -> None:
    strength = heavy.of(indicator)["strength"]

    assert strength.is_between(0, 1, closed="right").all()
    if indicator not in WITHOUT_GRADES:
        assert strength.n_unique() >= min(5, len(strength)) >= 2
        assert strength.max() > 1.1 * strength.min()


def test_h02_the_stronger_the_sector_the_more_wages_are_moved_to_the_norm() -> None:
    parameters = read_parameters("small", "heavy")
    sectors = ["26", "78", "71", "70", "62", "46", "64"]
    block = parameters["misuse"]["H02"] | {"sectors": 3, "among": sectors}
    parameters = replace(parameters, blocks=parameters.blocks | {"misuse": parameters["misuse"] | {"H02": block}})
    world = make_base(make_setting(parameters, Draws(1)), day_number(AS_OF))
    before = at_the_norm_by_sector(world)

    at_the_norm(world)

    moved = at_the_norm_by_sector(world).join(before, on="subject_id").filter(pl.col("near") >= 15)
    rows = moved.join(world.planted[0], on="subject_id", how="left")
    rows = rows.with_columns(seen=1 - (1 - pl.col("share")) / (1 - pl.col("share_right")))
    planted = rows.drop_nulls("strength")
    assert len(planted) >= 5
    assert planted.select(pl.corr("strength", "seen", method="spearman")).item() > 0.8
    assert planted["seen"].min() > 0
    assert (rows.filter(pl.col("strength").is_null())["seen"] == 0).all()


def at_the_norm_by_sector(world: World) -> pl.DataFrame:
    """By sector of the sponsor: of the first wages from the norm to a quarter above it, the share at the norm."""
    first = pl.col("generation").eq(0) & pl.col("scheme").eq("hsm") & pl.col("norm").gt(0) & pl.col("sponsor").ge(0)
    rows = world.permits.filter(first & pl.col("decision").eq("granted") & pl.col("work_from").ge(0))
    rows = rows.with_columns(subject_id=world.companies.table["sbi2"].gather(rows["sponsor"]))
    above = pl.col("salary") / pl.col("norm") - 1
    near = rows.filter(above.is_between(0, 0.25)).group_by("subject_id")
    return near.agg((above < 0.001).mean().alias("share"), near=pl.len())


def h04_wage_over_what_most_peers_earn(told: Told) -> pl.DataFrame:
    return told.peers("H04").with_columns(seen=(pl.col("salary_month_eur") / pl.col("p95_eur")).log())


def h09_share_of_ends_told_late_or_never(told: Told) -> pl.DataFrame:
    ends = told.feed("ind_permits").drop_nulls("ended_on").filter(pl.col("ended_on") < AS_OF - timedelta(days=60))
    told_of = told.feed("ind_sponsor_notices").filter(pl.col("kind") == "end_of_employment")
    told_of = told_of.filter(days("event_on", "received_on") <= 28).select("v_number", "sponsor_kvk", "event_on")
    in_time = ends.join(told_of, on=["v_number", "sponsor_kvk"], how="inner").filter(
        days("event_on", "ended_on").abs() < 45
    )
    ends = ends.with_columns(late=~pl.col("application_id").is_in(in_time["application_id"].to_list()))
    rate = ends.group_by("sponsor_kvk").agg(pl.col("late").mean().alias("seen"), pl.len().alias("ends"))
    rows = told.of("H09").join(rate, left_on="subject_id", right_on="sponsor_kvk")
    return rows.filter(pl.col("ends") >= 5)


def h12_share_not_in_money(told: Told) -> pl.DataFrame:
    rows = told.pay("H12").filter(pl.col("payer") == pl.col("subject_id"))
    kind = pl.col("wage_in_kind_eur").fill_null(0).sum() / pl.col("wage_in_money_eur").sum()
    return rows.group_by("case").agg(seen=kind, strength=pl.col("strength").first())


def h18_wage_that_the_turnover_does_not_cover(told: Told) -> pl.DataFrame:
    firms = told.feed("kvk_companies").drop_nulls("turnover_eur")
    rows = told.permits("H18").unique("case").join(firms, left_on="subject_id", right_on="kvk")
    return rows.with_columns(seen=1 - pl.col("turnover_eur") / (12 * pl.col("salary_month_eur")))


def p01_share_of_days_at_the_gate_before_any_notification(told: Told) -> pl.DataFrame:
    notes = told.feed("szw_postings").group_by("worker_document", "place_id").agg(pl.col("submitted_on").min())
    rows = told.related("P01", "site").join(told.feed("nla_sightings"), left_on="id", right_on="place_id")
    rows = rows.filter(pl.col("list") == "site_gate")
    rows = rows.join(notes, left_on=["worker_document", "id"], right_on=["worker_document", "place_id"], how="left")
    before = (pl.col("seen_on") < pl.col("submitted_on")).fill_null(True)
    return rows.group_by("case").agg(seen=before.mean(), strength=pl.col("strength").first())


def p09_days_lacking_of_two_months(told: Told) -> pl.DataFrame:
    rows = told.own_notes("P09").sort("case", "starts_on")
    gap = (pl.col("starts_on").last() - pl.col("ends_on").first()).dt.total_days()
    return rows.group_by("case").agg(seen=60 - gap, strength=pl.col("strength").first())


def p10_elements_of_a_letterbox(told: Told) -> pl.DataFrame:
    """How many of the elements that tell one letterbox from another hold, with the turnover at home."""
    firms = told.feed("posting_employers").with_columns(
        crowd=pl.col("employer_vat").n_unique().over("address_id", "observed_on")
    )
    firms = firms.group_by("employer_vat").agg(
        pl.col("crowd").filter(pl.col("address_id").is_not_null()).max(),
        pl.col("registered_on").min(),
        pl.col("home_turnover_share").mean(),
    )
    known = told.notes("P10").with_columns(pl.col("client_kvk").fill_null(strategy="forward").over("case"))
    most = pl.col("client_kvk").value_counts(sort=True).struct.field("count").first()
    notes = known.group_by("case").agg(
        pl.col("subject_id", "strength").first(),
        pl.col("starts_on").min().alias("first"),
        days("home_employed_since", "starts_on").median().alias("hired"),
        (most > 0.9 * pl.len()).alias("one_client"),
    )  # fmt: skip
    rows = notes.join(firms, left_on="subject_id", right_on="employer_vat")
    rows = rows.drop_nulls(["crowd", "registered_on", "home_turnover_share", "hired"])
    elements = [pl.col("crowd") >= 20, days("registered_on", "first") < 365, pl.col("hired") < 30, pl.col("one_client")]
    return rows.with_columns(seen=sum(one.cast(pl.Float64) for one in elements) - pl.col("home_turnover_share"))


def p16_self_employed_together(told: Told) -> pl.DataFrame:
    rows = told.own_notes("P16").filter(pl.col("kind") == "self_employed")
    together = pl.col("subject_id").n_unique().over("place_id")
    return rows.with_columns(seen=together + days("starts_on", "ends_on") / 30)


@pytest.mark.parametrize(
    ("seen", "least"),
    [
        (h04_wage_over_what_most_peers_earn, 0.9),
        (h09_share_of_ends_told_late_or_never, 0.5),
        (h12_share_not_in_money, 0.95),
        (h18_wage_that_the_turnover_does_not_cover, 0.75),
        (p01_share_of_days_at_the_gate_before_any_notification, 0.85),
        (p09_days_lacking_of_two_months, 0.95),
        (p10_elements_of_a_letterbox, 0.5),
        (p16_self_employed_together, 0.85),
    ],
)
def test_the_stronger_the_case_the_more_suppliers_show_of_it(
    heavy: Told, seen: Callable[[Told], pl.DataFrame], least: float
) -> None:
    rows = seen(heavy)

    assert rows["strength"].n_unique() >= 6
    assert rows.select(pl.corr("strength", "seen", method="spearman")).item() > least


@pytest.mark.parametrize(
    ("seen", "border", "least"),
    [
        (h04_wage_over_what_most_peers_earn, 0.0, 1.0),  # fewer than one in twenty peers earn so much
        (h09_share_of_ends_told_late_or_never, 0.2, 0.85),  # of others it is one in fourteen
        (h12_share_not_in_money, 0.2, 1.0),
        (h18_wage_that_the_turnover_does_not_cover, 0.0, 1.0),
        (p01_share_of_days_at_the_gate_before_any_notification, 0.0, 1.0),
        (p09_days_lacking_of_two_months, 7.0, 1.0),  # a week of tolerance
        (p10_elements_of_a_letterbox, 1.75, 0.9),  # with nobody and little turnover at home: four of six
        (p16_self_employed_together, 3 + 60 / 30, 1.0),  # three, for sixty days
    ],
)
def test_a_marginal_case_is_still_misuse(
    heavy: Told, seen: Callable[[Told], pl.DataFrame], border: float, least: float
) -> None:
    rows = seen(heavy)

    assert rows["strength"].min() < 0.25
    assert (rows["seen"] > border).mean() >= least


def test_h12_works_more_than_forty_eight_hours_a_week_in_a_marginal_case_too(heavy: Told) -> None:
    rows = heavy.pay("H12").filter(pl.col("payer") == pl.col("subject_id"))

    assert share(rows, pl.col("hours_paid").median() > 208) == 1
