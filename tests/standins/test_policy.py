"""Every policy event acts as its kind says: by incentives, on a population, on the register alone, or as a signal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from assets.standins.economy.choice import Market
from assets.standins.economy.demand import make_openings
from assets.standins.foundations.law import Law, day, policy_events, read_law
from assets.standins.foundations.parameters import read_parameters
from assets.standins.foundations.randomness import Draws, Ints
from assets.standins.lonely_flows import changes_of_flows
from assets.standins.stays.flows import make_flow
from assets.standins.world import make_base, make_setting
from tests.standins.conftest import Delivered

EVENTS = {row["event_id"]: row["break_kind"] for row in policy_events()}
PARAMETERS = read_parameters("tiny", "default")["events"]
#: What can make an employer choose otherwise, or another flow swell.
INCENTIVES = {"norms", "cost", "opens", "closes", "introduces", "window_days", "ends", "terms", "flows"}


@pytest.fixture(scope="module")
def law() -> Law:
    return read_law(PARAMETERS)


def of_kind(kind: str) -> list[str]:
    return sorted(
        event for event, found in EVENTS.items() if found == kind and "before" not in PARAMETERS.get(event, {})
    )


@pytest.mark.parametrize("event", of_kind("incentive"))
def test_every_incentive_acts_through_eligibility_or_cost(event: str) -> None:
    assert set(PARAMETERS[event]) & INCENTIVES


@pytest.mark.parametrize("event", [event for event in of_kind("incentive") if set(PARAMETERS[event]) != {"flows"}])
def test_the_law_without_an_incentive_is_another_law(event: str, law: Law) -> None:
    on = np.array([law.dates[event], law.dates[event] + 400])

    assert said(law.without(event), on) != said(law, on)


def said(law: Law, on: Ints) -> list[object]:
    """What a law says on some days."""
    parts = {"norm": law.norms, "cost": law.costs, "open": law.opened, "term": law.terms}
    amounts = [
        (part, name, *np.nan_to_num(steps.on(on)).tolist())
        for part, found in parts.items()
        for name, steps in sorted(found.items())
    ]
    return [*amounts, *law.window.on(on).tolist(), dict(law.ends)]


@pytest.mark.parametrize("event", of_kind("register_move") + of_kind("population_move") + of_kind("common_shock"))
def test_moves_and_shocks_are_named_and_displace_nobody(event: str, world: Delivered) -> None:
    assert event in PARAMETERS
    assert world.truth("displacement").filter(pl.col("event_id") == event).is_empty()


#: Incentives that act on a flow that competes with no route.
LONELY = {"2013-pilot-kennisindustrie", "2013-investor-open", "2023-24-weeks", "2024-investor-closed"}


def test_an_incentive_whose_flow_competes_with_no_route_has_its_loss_in_the_truth_and_gains_nobody(
    small: Delivered,
) -> None:
    moved = small.truth("displacement")
    lonely = moved.filter(pl.col("event_id").is_in(LONELY))
    rest, to = pl.col("destination_route") == "net_reduction", pl.col("destination_route")
    investors = lonely.filter(pl.col("event_id") == "2024-investor-closed")

    assert {event for event in of_kind("incentive") if set(PARAMETERS[event]) == {"flows"}} == LONELY
    assert set(lonely["event_id"]) == LONELY
    assert lonely.filter(~rest)["gain"].abs().max() == 0
    assert (lonely.filter(rest)["gain"] == lonely.filter(rest)["net_loss"]).all()
    assert lonely.filter((pl.col("net_loss") == 0) != pl.col("share").is_null()).is_empty()
    # 31 months lie between the closing and the as-of date.
    assert sorted(investors["months_after"].unique()) == [3, 6, 12, 24]
    assert sorted(investors.select(to.unique()).to_series()) == ["net_reduction", "self_employed", "startup", "total"]


def test_what_a_ruling_adds_to_a_flow_is_a_negative_loss_that_grows_with_the_months(small: Delivered) -> None:
    ruling = small.truth("displacement").filter(
        (pl.col("event_id") == "2023-24-weeks") & (pl.col("destination_route") == "total")
    )
    loss = ruling.sort("months_after")["net_loss"]
    cases = small.current("uwv_work_permits").filter(
        (pl.col("policy_category") == "asylum_seeker") & (pl.col("outcome") == "positive")
    )
    after = cases.filter(pl.col("received_on") >= pl.date(2023, 12, 1)).height

    assert ruling["months_after"].len() == 5
    assert (loss.diff().drop_nulls() < 0).all()
    # 3.6 times as many came as would have: the growth is 2.6 of each 3.6 that came.
    assert -loss[-1] == pytest.approx(after * 2.6 / 3.6, rel=0.15)


def test_investors_who_do_not_come_after_the_closing_are_its_loss() -> None:
    parameters = read_parameters("tiny", "default")
    many = parameters["other_flows"] | {"investor": {2013: 40_000, 2026: 40_000}}
    parameters = replace(parameters, blocks={**parameters.blocks, "other_flows": many})
    setting = make_setting(parameters, Draws(1))
    world = make_base(setting, day("2026-12-31"))
    closed = setting.law.dates["2024-investor-closed"]
    came = make_flow(setting, "investor", world.until, without="2024-investor-closed")
    came = came.filter((pl.col("outcome") == "positive") & (pl.col("filed_on") >= day("2024-05-01")))

    moved = changes_of_flows(world, (12,), world.until).filter(pl.col("destination_route") == "total")
    loss = dict(moved.filter(pl.col("restricted_route") == "investor").select("event_id", "net_loss").iter_rows())

    assert world.flows.filter((pl.col("flow") == "investor") & (pl.col("filed_on") > closed + 14)).is_empty()
    assert loss["2024-investor-closed"] == came.filter(pl.col("filed_on") < day("2025-04-01")).height > 10
    assert loss["2013-investor-open"] < -10


def test_events_that_acted_before_the_world_begins_are_said_to_have() -> None:
    before = {event for event, acts in PARAMETERS.items() if "before" in acts}

    assert before == {"2012-hsm-short-stay", "2013-momi"}


def test_work_permits_for_bulgarians_and_romanians_end_and_their_wages_go_on(small: Delivered) -> None:
    cases = small.current("uwv_work_permits").filter(pl.col("kind") == "twv")
    yearly = dict(cases.group_by(pl.col("received_on").dt.year()).len().iter_rows())
    early = cases.filter((pl.col("received_on") < pl.date(2014, 1, 1)) & pl.col("bsn").is_not_null())["bsn"]
    later = small.rows("uwv_wages").filter(pl.col("period_start") > pl.date(2015, 6, 1))["bsn"].unique()

    assert yearly[2014] < 0.75 * yearly[2013]
    assert early.is_in(later.implode()).sum() > 0


def test_ukrainians_need_no_permit_after_march_2022() -> None:
    parameters = read_parameters("small", "default")
    setting = make_setting(parameters, Draws(1))
    openings = make_openings(setting, day("2023-12-31"))
    market = Market(setting, openings)
    chosen = market.choose(setting.law)
    ukrainian = (openings["nationality"] == "UA").to_numpy()
    after = openings["wanted_on"].to_numpy() >= day("2022-03-04")
    comes = chosen.route > 0

    assert comes[ukrainian & after].mean() < 0.6 * comes[ukrainian & ~after].mean()


def test_an_announcement_brings_applications_forward_and_moves_nobody_to_another_route() -> None:
    parameters = read_parameters("small", "default")
    setting = make_setting(parameters, Draws(1))
    openings = make_openings(setting, day("2026-06-30"))
    market = Market(setting, openings)
    heard, event = market.choose(setting.law), "2025-hsm-letter"
    silent_law = read_law({name: acts for name, acts in parameters["events"].items() if name != event})
    silent = market.choose(silent_law)
    earlier = heard.filed_on < silent.filed_on
    start = setting.law.dates[event]

    assert earlier.sum() > 3
    assert (heard.filed_on > silent.filed_on).sum() == 0
    assert (heard.filed_on[earlier] > start).all()
    assert (silent.filed_on[earlier] < start + 200).all()


def test_kitchen_staff_whose_scheme_has_ended_go_on_under_the_labour_market_test_or_leave(small: Delivered) -> None:
    permits = small.current("ind_permits").filter(pl.col("received_on") >= pl.date(2024, 7, 1))
    moved = small.truth("displacement").filter(
        (pl.col("event_id") == "2024-asian-transition-ends") & (pl.col("restricted_route") == "asian_catering")
    )

    assert permits.filter(pl.col("scheme") == "asian_catering").is_empty()
    assert (moved.filter(pl.col("destination_route") == "gvva")["gain"] > 0).any()
    assert (moved["net_loss"] > 0).all()


def test_posting_falls_when_road_transport_leaves_the_portal(small: Delivered) -> None:
    notes = small.rows("szw_postings").unique(["notification_id", "worker_document"])
    notes = notes.with_columns(pl.col("starts_on").dt.year().alias("year"))
    workers = dict(notes.group_by("year").agg(pl.col("worker_document").n_unique()).iter_rows())
    road = dict(notes.filter(pl.col("sbi2") == "49").group_by("year").len().iter_rows())

    assert workers[2023] < 0.45 * workers[2021]
    assert road.get(2023, 0) == 0
