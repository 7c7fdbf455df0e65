"""Companions of the estimator: what breaks a finding, placebos, the national series, the null model of diversion."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from assets.waterbed.analysis import analyse
from assets.waterbed.breakdown import breakdown_value, years_before
from assets.waterbed.companions.placebo import placebo_dates, placebo_routes, randomisation_p_values
from assets.waterbed.designs.diversion import proportional_shares
from assets.waterbed.designs.national import naive_step, structural_step
from assets.waterbed.designs.relative_magnitudes import DriftingEffect, largest_multiple, relative_interval
from assets.waterbed.designs.smoothness import Coefficients, smooth_interval
from assets.waterbed.designs.staggered import NEVER, group_time_effects, overall_effect
from assets.waterbed.designs.synthetic import placebo_error, synthetic_effect
from assets.waterbed.results import Subject, displacement_rows
from assets.waterbed.simulation import SCENARIOS
from assets.waterbed.simulation.worlds import make_world


def panel_of(scenario, world=0, **changes):
    return make_world(replace(SCENARIOS[scenario], **changes), np.random.default_rng([41, world]))[0]


def nearly_known(gain, rates, clusters=50, spread=1e-4):
    """A gain and rates before the event, with all clusters and each left out: all but known."""
    rng = np.random.default_rng(2)
    moved = rng.normal(0.0, spread / clusters, (clusters, len(rates)))
    return (
        np.concatenate([[gain], gain + rng.normal(0.0, 100.0 * spread / clusters, clusters)]),
        np.vstack([rates, rates + moved]),
    )


def test_a_gain_that_is_all_but_known_breaks_down_where_the_drift_makes_up_all_of_it():
    # 0.25 for each of 1,200 persons against 0.05 in the year before; a step of 0.1 a year, one year after: 0.2 / 0.1
    gains, rates = nearly_known(300.0, np.array([0.05, 0.15, 0.05]))
    value = breakdown_value(gains, 0.01, rates, np.array([1200.0]), [(0, 12)])
    assert value == pytest.approx(2.0, abs=0.02)
    # two years hold one and a half steps on average
    value = breakdown_value(gains, 0.01, rates, np.array([600.0, 600.0]), [(0, 12), (12, 24)])
    assert value == pytest.approx(2.0 / 1.5, abs=0.02)


def test_the_breakdown_value_knows_that_the_gain_and_the_earlier_steps_are_estimated():
    gains, rates = nearly_known(300.0, np.array([0.05, 0.15, 0.05]))
    known = breakdown_value(gains, 0.01, rates, np.array([1200.0]), [(0, 12)])
    unsure_gain = breakdown_value(gains, 60.0, rates, np.array([1200.0]), [(0, 12)])
    gains, rates = nearly_known(300.0, np.array([0.05, 0.15, 0.05]), spread=0.15)
    unsure_step = breakdown_value(gains, 0.01, rates, np.array([1200.0]), [(0, 12)])
    assert 0.5 < unsure_gain < 0.9 * known
    assert 0.5 < unsure_step < 0.9 * known


def test_a_difference_that_was_there_in_the_last_year_leaves_nothing_to_break_down():
    gains, rates = nearly_known(300.0, np.array([0.05, 0.15, 0.25]))
    assert breakdown_value(gains, 0.01, rates, np.array([1200.0]), [(0, 12)]) == 0.0


def test_one_year_or_nobody_at_risk_has_no_breakdown_value():
    gains, rates = nearly_known(300.0, np.array([0.05, 0.15]))
    assert breakdown_value(gains, 0.01, rates[:, :1], np.array([1200.0]), [(0, 12)]) is None
    assert breakdown_value(gains, 0.01, rates, np.array([0.0]), [(0, 12)]) is None


def test_the_rows_carry_a_breakdown_value_where_there_is_a_finding_and_zero_where_there_is_none():
    found = analyse(panel_of("base"), "C1")
    rows = displacement_rows(found, Subject("e", "r", date(2026, 1, 1), "run"))
    told = [row for row in rows if row["breakdown_m"]]
    assert told
    for row in rows:
        if row["destination_route"] != "net_reduction":
            is_finding = abs(row["gain"]) > found.critical * row["gain_error"]
            assert (row["breakdown_m"] > 0) <= is_finding
            assert row["breakdown_m"] <= 8.0


def test_years_before_the_event_end_before_the_anticipation():
    assert years_before(panel_of("base")) == [(-51, -39), (-39, -27), (-27, -15), (-15, -3)]


def test_placebo_dates_seldom_find_anything():
    t_values = [t for w in range(6) for t in placebo_dates(panel_of("base", w), "C1", (12, 24))["t"].to_list()]
    assert len(t_values) == 6 * 2 * 9
    assert np.mean(np.abs(t_values) > 2.0) <= 0.12


def test_a_placebo_date_finds_what_is_planted_there():
    panel = panel_of("base")
    event = panel.first_touched_month - 12
    blue_card = panel.destinations.copy()
    at_risk = panel.exposure * panel.restricted[:, :event].mean(axis=1)
    blue_card[0, :, event:] += 0.3 * at_risk[:, None]
    found = placebo_dates(replace(panel, destinations=blue_card), "C1", (12,))
    by_outcome = dict(found.select("outcome", "t").rows())
    assert by_outcome["blue_card"] > 3.0


def test_dates_too_early_for_a_base_are_skipped():
    assert placebo_dates(panel_of("base"), "C1", (90,)).is_empty()


def test_a_control_route_that_receives_the_flow_is_shown_up():
    clean = placebo_routes(panel_of("base"), "C1")
    leaking = placebo_routes(panel_of("leakage", leakage=0.5), "C1")
    assert clean["outcome"].to_list() == ["researcher_801", "twv_seasonal", "twv_student"]
    t = dict(leaking.select("outcome", "t").rows())
    assert t["researcher_801"] > 3.0
    assert abs(dict(clean.select("outcome", "t").rows())["researcher_801"]) < 3.0


def test_a_panel_with_one_control_has_no_placebo_route():
    assert placebo_routes(panel_of("base").with_controls([0]), "C1").is_empty()


def test_dealing_exposure_anew_finds_displacement_and_leaves_a_null_world_alone():
    planted = randomisation_p_values(panel_of("base"), "C0", 19, np.random.default_rng(1))
    assert planted["blue_card"] == pytest.approx(1 / 20)
    nothing = [
        randomisation_p_values(panel_of("null", w), "C0", 19, np.random.default_rng(w))["total"] for w in range(3)
    ]
    assert max(nothing) > 0.1


def test_proportional_diversion_follows_use_in_exposed_cells_only():
    panel = panel_of("base")
    counts = np.zeros_like(panel.destinations)
    counts[0, 0], counts[1, 0] = 3.0, 1.0
    counts[2, 1] = 50.0
    exposure = np.zeros(panel.cells)
    exposure[0] = 0.5
    shares = proportional_shares(replace(panel, destinations=counts, exposure=exposure), 0.4)
    np.testing.assert_allclose(shares, [0.3, 0.1, 0, 0, 0, 0, 0])


def wandering_series(seed, months=192):
    rng = np.random.default_rng(seed)
    return 5.0 + np.cumsum(rng.normal(0, 0.05, months)) + rng.normal(0, 0.05, months)


def test_a_wandering_level_fools_a_straight_trend_and_not_the_structural_model():
    series = [wandering_series(seed) for seed in range(12)]
    naive = np.mean([abs(naive_step(y, 110).t) > 2 for y in series])
    structural = np.mean([abs(structural_step(y, 110).t) > 2 for y in series])
    assert naive > 0.3
    assert structural <= 0.2


def test_a_step_is_found_with_its_size():
    series = wandering_series(3)
    series[110:] += 0.5
    step = structural_step(series, 110)
    assert step.effect == pytest.approx(0.5, abs=3 * step.error)
    assert step.t > 3
    assert step.relative == pytest.approx(np.expm1(step.effect))


def test_a_short_series_has_no_step():
    with pytest.raises(ValueError, match="months before"):
        structural_step(np.zeros(40), 20)


def block(effect, seed=0):
    """Twelve donors and two treated sectors that mix donors 0 and 1; the event is in month 40 of 60."""
    rng = np.random.default_rng(seed)
    donors = rng.normal(0, 1, (12, 1)) * np.linspace(0, 3, 60) + rng.normal(0, 0.1, (12, 60)) + 5
    treated = np.stack([0.5 * donors[0] + 0.5 * donors[1]] * 2) + rng.normal(0, 0.1, (2, 60)) + 2
    treated[:, 40:] += effect
    return np.concatenate([donors, treated])


def test_a_synthetic_sector_finds_an_effect_where_trends_differ():
    found = synthetic_effect(block(1.5), 12, 40)
    assert found.effect == pytest.approx(1.5, abs=0.3)
    assert found.unit_weights.sum() == pytest.approx(1.0)
    assert abs(synthetic_effect(block(0.0), 12, 40).effect) < 0.3


def test_difference_in_differences_is_four_means():
    table = block(1.0)
    means = table[12:, 40:].mean() - table[12:, :40].mean() - table[:12, 40:].mean() + table[:12, :40].mean()
    assert synthetic_effect(table, 12, 40, "did").effect == pytest.approx(means)


def test_a_block_without_donors_is_refused():
    with pytest.raises(ValueError, match="donors"):
        synthetic_effect(np.zeros((3, 10)), 1, 5)
    with pytest.raises(ValueError, match="more donors"):
        placebo_error(block(0.0), 3, 40, draws=2, rng=np.random.default_rng(0))


def test_agreements_that_end_at_different_dates_are_each_compared_with_the_untouched():
    periods = np.array([1, 2, 3, 4])
    first = np.array([NEVER, NEVER, 2, 2, 3, 3])
    outcome = np.array([[0.0, 1, 2, 3], [1, 2, 3, 4], [0, 6, 7, 8], [2, 8, 9, 10], [0, 1, 12, 13], [5, 6, 17, 18]])
    effects = group_time_effects(outcome, periods, first)
    assert [(e.group, e.period, e.effect) for e in effects] == [
        (2, 2, 5.0), (2, 3, 5.0), (2, 4, 5.0), (3, 3, 10.0), (3, 4, 10.0),
    ]  # fmt: skip
    assert overall_effect(effects) == pytest.approx(7.0)
    later = group_time_effects(outcome[2:], periods, first[2:], "not_yet")
    assert [(e.group, e.period, e.effect) for e in later] == [(2, 2, 5.0)]


def test_without_anyone_touched_there_is_no_overall_effect():
    with pytest.raises(ValueError, match="no group-time"):
        overall_effect(group_time_effects(np.zeros((3, 2)), np.array([1, 2]), np.zeros(3, dtype=np.int64)))


def test_without_drift_the_relative_interval_is_the_plain_one():
    known = Coefficients(np.array([0.1, -0.1]), np.array([1.0]), np.diag([0.01, 0.01, 0.04]))
    found = relative_interval(known, np.ones(1), 0.0)
    assert found.low == pytest.approx(1.0 - 1.96 * 0.2, abs=0.05)
    assert found.high == pytest.approx(1.0 + 1.96 * 0.2, abs=0.05)
    wider = relative_interval(known, np.ones(1), 2.0)
    assert wider.low < found.low < found.high < wider.high


def test_a_null_effect_lies_in_the_relative_interval_and_a_nothing_has_no_multiple():
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(60):
        drawn = rng.normal([0.3, 0.15, -0.15], 0.05)  # a straight drift of 0.15 a year, and no effect
        known = Coefficients(drawn[:2], drawn[2:], 0.0025 * np.eye(3))
        found = relative_interval(known, np.ones(1), 1.0)
        covered += found.low <= 0.0 <= found.high
    assert covered >= 55
    assert largest_multiple(DriftingEffect(np.array([0.2, 0.1]), 0.01, np.eye(3) * 0.01, 1.0)) == 0.0


def test_a_drift_needs_a_year_before_the_event():
    nothing = Coefficients(np.zeros(0), np.ones(1), np.eye(1))
    with pytest.raises(ValueError, match="before the event"):
        relative_interval(nothing, np.ones(1), 1.0)
    with pytest.raises(ValueError, match="before the event"):
        smooth_interval(nothing, np.ones(1), 0.0)
