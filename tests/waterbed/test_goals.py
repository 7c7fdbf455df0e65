"""Goals of the simulation study against literal scores, and the page that shows them."""

import polars as pl
import pytest

from assets.waterbed.simulation import SCENARIOS
from assets.waterbed.simulation.goals import GOALS, SCORES, compare, proportion
from assets.waterbed.simulation.scores import SCORE_SCHEMA
from pipelines.scores import score_page, write_scores

WHOLE = {"scenario": "null", "specification": "C1", "from_month": 0, "until_month": 36, "verdict": "none_detected"}


def scores(shares, covered=True, p_value=0.5, first_stage_t=9.0, **changes):
    rows = [
        WHOLE
        | {"world": i, "destination_route": "total", "truth_share": 0.0, "share": share, "p_value": p_value}
        | {"share_covered": covered, "first_stage_t": first_stage_t, "net_loss": 101.0, "truth_net_loss": 100.0}
        | changes
        for i, share in enumerate(shares)
    ]
    return pl.DataFrame(rows, schema=SCORE_SCHEMA)


def score(found, name):
    return compare(found).filter(pl.col("score") == name, pl.col("what") != "any destination").row(0, named=True)


def test_bias_and_error_are_those_of_the_shares_that_were_given():
    found = scores([0.1, -0.1, 0.3, None])
    assert score(found, "bias")["value"] == pytest.approx(0.1)
    assert score(found, "rmse")["value"] == pytest.approx((0.11 / 3) ** 0.5)


def test_a_bias_outside_its_range_is_not_met_and_one_inside_is():
    assert not score(scores([0.1, 0.1]), "bias")["is_met"]
    assert score(scores([0.01, -0.01]), "bias")["is_met"]


def test_a_set_that_always_holds_the_truth_is_too_wide():
    assert not score(scores([0.0] * 40, covered=True), "coverage")["is_met"]


def test_every_world_in_which_zero_is_rejected_is_a_false_positive():
    row = score(scores([0.0] * 40, p_value=0.01), "false_positives")
    assert row["value"] == 1.0
    assert not row["is_met"]


def test_a_share_on_a_weak_loss_fails_the_study():
    goal = compare(scores([0.1], first_stage_t=2.0)).filter(pl.col("score") == "weak_shares").row(0, named=True)
    assert goal["value"] == 1.0
    assert not goal["is_met"]


def test_a_proportion_has_the_exact_interval():
    assert proportion(0, 10) == pytest.approx((0.0, 0.0, 0.3085), abs=1e-4)


def test_every_goal_names_scenarios_and_a_score_that_exist():
    assert {name for goal in GOALS for name in goal.scenarios} <= set(SCENARIOS)
    assert {goal.score for goal in GOALS} == set(SCORES)


def test_the_page_says_what_is_met_and_needs_neither_script_nor_network(tmp_path):
    met, goals = write_scores(scores([0.2, 0.2]), tmp_path / "scores.parquet", seed=7)
    page = (tmp_path / "scores.html").read_text()
    assert met < goals
    assert "not met" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert (tmp_path / "scores.csv").read_text().count("\n") == goals + 1
    assert score_page(compare(scores([0.2, 0.2])), worlds=2, seed=7) == page
