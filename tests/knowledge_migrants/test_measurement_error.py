"""The measurement-error model as a specification: what payroll noise explains and what it does not."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest

from assets.knowledge_migrants.measurement_error import Noise, at_least, noise_scale, probability_below

RULE = Noise(ratio=1.2, min_changes=200, floor=0.005)


def months(level: float, sigma: float, permits: int, seed: int, sector: str = "62") -> pl.DataFrame:
    """Twelve months of wages around one level, with normal noise."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "application_id": np.repeat([f"{sector}-{level}-{n}" for n in range(permits)], 12),
            "month": np.tile(np.arange(12), permits),
            "log_ratio": np.log(level) + rng.normal(0, sigma, permits * 12),
            "sbi2": [sector] * (permits * 12),
            "is_contract": [True] * (permits * 12),
            "is_four_weeks": [False] * (permits * 12),
        }
    )


def test_the_noise_of_a_sector_is_learned_from_those_far_above_the_norm() -> None:
    frame = pl.concat([months(1.5, 0.03, 300, 1), months(1.0, 0.2, 300, 2)])
    assert noise_scale(frame, RULE)[0] == pytest.approx(0.03, rel=0.1)


def test_a_yearly_rise_is_not_noise() -> None:
    frame = months(1.5, 0.01, 300, 1).with_columns(
        pl.when(pl.col("month") >= 6).then(pl.col("log_ratio") + 0.05).otherwise("log_ratio").alias("log_ratio")
    )
    assert noise_scale(frame, RULE)[0] == pytest.approx(0.01, rel=0.15)


def test_a_small_sector_borrows_the_noise_of_all_and_wages_without_noise_have_the_floor() -> None:
    frame = pl.concat([months(1.5, 0.03, 300, 1), months(1.5, 0.001, 2, 2, "41")])
    assert noise_scale(frame, RULE)[-1] == pytest.approx(0.03, rel=0.1)
    assert noise_scale(months(1.5, 0.0, 300, 1), RULE).to_list() == [0.005] * 3600


def test_nobody_far_above_the_norm_leaves_the_floor() -> None:
    assert noise_scale(months(1.0, 0.05, 300, 1), RULE)[0] == 0.005


def test_wages_at_the_norm_with_noise_are_not_read_as_below_it() -> None:
    rng = np.random.default_rng(5)
    recorded = np.concatenate([rng.normal(0, 0.02, 9_000), rng.normal(-0.25, 0.02, 300)])
    below = probability_below(recorded, np.full(recorded.size, 0.02))
    assert below[:9_000].mean() < 0.25
    assert below[9_000:].min() > 0.999


def test_stated_probabilities_are_borne_out_within_ten_points() -> None:
    rng = np.random.default_rng(6)
    truth = np.where(rng.random(40_000) < 0.3, -rng.exponential(0.06, 40_000) - 0.01, rng.exponential(0.08, 40_000))
    below = probability_below(truth + rng.normal(0, 0.03, truth.size), np.full(truth.size, 0.03))
    edges = [0.05, 0.2, 0.4, 0.6, 0.8, 0.95]
    for low, high in itertools.pairwise(edges):
        chosen = (below >= low) & (below < high)
        assert (truth[chosen] < 0).mean() == pytest.approx(below[chosen].mean(), abs=0.1)


def test_no_months_give_no_probabilities() -> None:
    assert probability_below(np.array([]), np.array([])).size == 0


def test_at_least_so_many_of_independent_events_equals_counting_all_outcomes() -> None:
    p = np.array([0.1, 0.5, 0.7, 0.95])
    for needed in range(1, 5):
        total = sum(
            float(np.prod(np.where(outcome, p, 1 - p)))
            for outcome in itertools.product([True, False], repeat=4)
            if sum(outcome) >= needed
        )
        assert at_least(p, needed) == pytest.approx(total)
    assert at_least(np.array([0.9]), 2) == 0.0
