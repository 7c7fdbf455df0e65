"""Every event gets every companion that fits, or the reason why not: on empty tables, one row, and a known world."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from assets.waterbed.companions.all_events import CompanionInputs, estimate_companions
from assets.waterbed.companions.panels import panel_answers
from assets.waterbed.companions.rows import ALL, COMPANIONS, COMPANIONS_SCHEMA, interval
from assets.waterbed.companions.sensitivity import relative_magnitude_answers
from assets.waterbed.companions.series import published_answers, register_answers
from assets.waterbed.declarations import declarations
from assets.waterbed.designs.event_study import event_study, joint_p_value, years_after
from assets.waterbed.results import BLIND_SPOTS
from assets.waterbed.simulation import SCENARIOS
from assets.waterbed.simulation.worlds import WorldSpec, make_world
from quality.reference import tables
from tests.waterbed.flows import EVENT, FLOWS_SCHEMA, inputs, world_inputs

AS_OF = date(2026, 11, 23)


VOLUMES = {
    "year": pl.Int64, "period": pl.String, "scheme": pl.String, "metric": pl.String, "value": pl.Float64,
    "unit": pl.String, "population_definition": pl.String, "source": pl.String,
}  # fmt: skip
MOVEMENTS = {
    "snapshot_from": pl.Date, "snapshot_until": pl.Date, "present_before": pl.Int64, "present_after": pl.Int64,
    "entered": pl.Int64, "left_register": pl.Int64, "is_comparable": pl.Boolean,
}  # fmt: skip
MONTHS = {"company": pl.String, "route": pl.String, "month": pl.Date, "applications": pl.Int32, "refusals": pl.Int32}
DECISIONS = {
    "company": pl.String, "route": pl.String, "month": pl.Date, "refused": pl.Int64, "granted_near": pl.Int64,
}  # fmt: skip
NEAR = {"route": pl.String, "decided_on": pl.Date, "salary_over_norm": pl.Float64, "has_switched": pl.Boolean}


def more(volumes=(), movements=(), months=(), decisions=(), near=()):
    return CompanionInputs(
        volumes=pl.DataFrame(list(volumes), schema=VOLUMES),
        register_movements=pl.DataFrame(list(movements), schema=MOVEMENTS),
        routes=tables.READERS["core.routes"](),
        company_months=months if isinstance(months, pl.DataFrame) else pl.DataFrame(list(months), schema=MONTHS),
        company_decisions=pl.DataFrame(list(decisions), schema=DECISIONS),
        near_norm=near if isinstance(near, pl.DataFrame) else pl.DataFrame(list(near), schema=NEAR),
    )


def answers(given, extra=None):
    return estimate_companions(given, extra or more(), declarations(), AS_OF, "run")


@pytest.fixture(scope="module")
def of_nothing():
    return answers(inputs())


def test_on_empty_tables_every_event_has_an_answer_and_no_figure(of_nothing):
    events = tables.READERS["core.policy_events"]()
    assert set(of_nothing["event_id"]) == set(events["event_id"])
    assert of_nothing["estimate"].null_count() == of_nothing.height
    assert set(of_nothing["reading"]) == {"not_estimable", "register_move"}
    assert of_nothing.filter(pl.col("reason").str.contains(BLIND_SPOTS, literal=True)).height == of_nothing.height
    assert dict(of_nothing.schema) == COMPANIONS_SCHEMA


def test_a_tested_event_is_asked_of_every_companion(of_nothing):
    asked = of_nothing.filter(pl.col("event_id") == EVENT, pl.col("restricted_route") == "hsm_30_plus")
    assert set(asked["companion"]) == set(COMPANIONS)


def test_the_key_of_an_answer_is_unique(of_nothing):
    key = ["event_id", "restricted_route", "companion", "outcome", "part"]
    assert of_nothing.select(key).is_duplicated().sum() == 0


def test_a_move_of_registers_is_called_that_by_every_answer_and_never_a_finding(of_nothing):
    kinds = dict(tables.READERS["core.policy_events"]().select("event_id", "break_kind").rows())
    moves = of_nothing.filter(pl.col("event_id").replace_strict(kinds).is_in(["register_move", "population_move"]))
    assert set(moves.filter(pl.col("companion") == ALL)["reading"]) == {"register_move"}
    assert not set(moves["reading"]) & {"supports", "weakens"}


def test_one_row_of_flow_is_an_answer_too():
    row = dict.fromkeys(FLOWS_SCHEMA) | {"month": date(2024, 1, 1), "route": "gvva", "sbi2": "62", "admissions": 1.0}
    assert answers(inputs([row | {"person_months": 1.0, "occupation_group": "25"}]))["estimate"].null_count() > 0


@pytest.fixture(scope="module")
def of_a_world():
    given, _, _ = world_inputs(WorldSpec(months=125, sectors=30), seed=2)
    return answers(given).filter(pl.col("event_id") == EVENT, pl.col("restricted_route") == "hsm_30_plus")


def reading(found, companion, outcome="total", part="whole"):
    [one] = [a for a in found if (a.companion, a.outcome, a.part) == (companion, outcome, part)]
    return one


def test_a_planted_finding_stands_up_to_its_companions_and_a_null_one_is_not_called_a_finding():
    planted, null = (
        panel_answers(make_world(SCENARIOS[name], np.random.default_rng([41, n]))[0], "C1", np.random.default_rng(1))
        for name, n in (("base", 1), ("null", 2))
    )
    assert reading(planted, "randomisation").reading == "supports"
    assert reading(planted, "relative_magnitudes", part="breakdown").estimate > 0
    assert reading(planted, "event_study", part="joint test before the event").reading == "supports"
    assert reading(planted, "rush", "loss").low < reading(planted, "rush", "loss").high
    assert reading(planted, "placebo_routes", "researcher_801").reading in {"supports", "weakens"}
    assert reading(null, "randomisation").reading == "neutral"
    assert reading(null, "smoothness", part="straight drift goes on").reading == "neutral"


def test_of_six_null_worlds_at_most_one_is_told_from_zero_by_the_largest_drift_that_could_undo_it():
    values = []
    for number in range(6):
        panel, _ = make_world(SCENARIOS["null"], np.random.default_rng([41, number]))
        found = relative_magnitude_answers(event_study(panel, "C1"), panel)
        values.append(reading(found, "relative_magnitudes", part="breakdown").estimate)
    assert sum(value > 0 for value in values) <= 1
    assert max(values) < 0.25


def test_an_event_of_a_known_world_gets_figures_and_reasons(of_a_world):
    assert set(of_a_world["companion"]) == set(COMPANIONS)
    without = of_a_world.filter(pl.col("estimate").is_null(), pl.col("p_value").is_null())
    assert set(without["reading"]) == {"not_estimable"}


def test_figures_lie_inside_their_intervals(of_a_world):
    figures = of_a_world.drop_nulls(["estimate", "lo95"])
    assert figures.height > 20
    assert figures.filter(pl.col("estimate").is_between("lo95", "hi95").not_()).is_empty()


def test_a_straight_drift_is_caught_before_the_event_and_taken_off_after_it():
    panel = make_world(SCENARIOS["null"], np.random.default_rng([41, 3]))[0]
    drift = np.maximum(np.arange(panel.months) - 12, 0) / 12.0
    at_risk = (panel.exposure * panel.restricted[:, : panel.first_touched_month].mean(axis=1))[:, None]
    moved = panel.destinations.copy()
    moved[0] += np.random.default_rng(1).poisson(0.5 * at_risk * drift)
    drifting = event_study(replace(panel, destinations=moved), "C0")
    quiet = event_study(panel, "C0")
    before = slice(0, quiet.before)

    def chance(study):
        return joint_p_value(study.gain[before], study.gain_covariance[before, before], study.degrees)

    assert chance(drifting) < 0.01
    assert chance(quiet) > 0.01


def test_years_after_an_event_are_whole_or_one_shorter_bin():
    assert years_after(30) == [(0, 12), (12, 24)]
    assert years_after(7) == [(0, 6)]
    assert years_after(2) == []


def test_a_joint_test_of_nothing_says_nothing():
    assert joint_p_value(np.zeros(0), np.zeros((0, 0)), 10) == 1.0
    assert joint_p_value(np.array([5.0]), np.array([[1.0]]), 50) == pytest.approx(interval(5.0, 1.0, 50)[2])


def event(name):
    return tables.READERS["core.policy_events"]().filter(pl.col("event_id") == name).row(0, named=True)


def volume(year, value, scheme="twv", population="TWV granted", metric="granted", unit="permits"):
    return {
        "year": year, "period": "year", "scheme": scheme, "metric": metric, "value": value, "unit": unit,
        "population_definition": population, "source": "UWV",
    }  # fmt: skip


def test_the_portal_move_is_shown_as_a_move_with_both_definitions():
    seen = [
        volume(2021, 375_000.0, "posting_wagweu|posting_rtpd", "all incl. road", "workers_notified", "workers"),
        volume(2023, 102_000.0, "posting_wagweu", "after road left", "workers_notified", "workers"),
    ]
    [found] = published_answers(event("2022-rtpd"), ["posting_rtpd"], more(seen).volumes)
    assert (found.reading, found.n) == ("register_move", 2)
    assert found.estimate == pytest.approx(102 / 375 - 1)
    assert "all incl. road" in found.reason
    assert "after road left" in found.reason


def test_few_published_years_are_not_estimable_and_say_how_many_there_are():
    few = [volume(2022, 100.0), volume(2023, 90.0), volume(2024, 80.0)]
    [found] = published_answers(event("2023-wml-jump"), ["twv"], more(few).volumes)
    assert (found.reading, found.estimate) == ("not_estimable", None)
    assert "1 yearly figures before 2023-01-01 and 2 after it, no months" in found.reason
    [none] = published_answers(event("2023-wml-jump"), ["hsm"], more(few).volumes)
    assert none.reading == "not_estimable"


def test_enough_published_years_carry_a_step_with_a_wide_interval():
    years = [volume(2018 + i, 100.0 + 10 * (i % 2)) for i in range(10)]
    [found] = published_answers(event("2023-wml-jump"), ["twv"], more(years).volumes)
    assert found.low < found.estimate < found.high
    assert found.reading == "neutral"


def movement(start, until, left, comparable=True):
    return {
        "snapshot_from": start, "snapshot_until": until, "present_before": 1000, "present_after": 1000,
        "entered": 10, "left_register": left, "is_comparable": comparable,
    }  # fmt: skip


def test_sponsors_that_left_around_an_event_are_counted_a_year_and_per_thousand():
    pairs = [movement(date(2023, 1, 1), date(2023, 7, 2), 20), movement(date(2023, 7, 2), date(2024, 7, 1), 50)]
    left, _ = register_answers(event(EVENT), ["hsm"], more(movements=pairs).register_movements)
    assert left.estimate == pytest.approx(50.0, rel=0.01)
    assert left.low < 50 < left.high
    assert "40 per thousand a year in 1 earlier periods" in left.reason


def test_a_register_without_comparable_snapshots_around_the_event_says_so():
    pairs = [movement(date(2023, 7, 2), date(2024, 7, 1), 50, comparable=False)]
    [found] = register_answers(event(EVENT), ["hsm"], more(movements=pairs).register_movements)
    assert found.reading == "not_estimable"
    [other] = register_answers(event(EVENT), ["twv"], more(movements=pairs).register_movements)
    assert "do not stand in the register" in other.reason


def test_a_panel_that_breaks_a_companion_gives_reasons_and_no_crash(monkeypatch):
    def breaks(*_):
        raise ValueError("nobody foresaw this")

    monkeypatch.setattr("assets.waterbed.companions.all_events.panel_answers", breaks)
    given, _, _ = world_inputs(WorldSpec(months=125, sectors=30), seed=2)
    found = answers(given).filter(pl.col("event_id") == EVENT, pl.col("companion") == "rush")
    assert found["reason"].str.contains("nobody foresaw this").sum() == 1
