"""Intervals and shrinkage as a specification, against numbers that can be looked up or counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from assets.core.intervals import effective_number, poisson, wilson
from assets.core.shrinkage import (
    BetaPrior,
    exceedance,
    fit_prior,
    posterior_mean,
    select_at_fdr,
    within_group_correlation,
)


def test_the_published_hit_rate_of_2009_has_its_published_interval() -> None:
    low, high = wilson(55, 218)
    assert (round(low, 3), round(high, 3)) == (0.199, 0.314)


@given(st.integers(0, 50), st.integers(1, 50))
def test_wilson_equals_that_of_the_library(successes: int, failures: int) -> None:
    n = successes + failures
    assert wilson(successes, n) == pytest.approx(proportion_confint(successes, n, method="wilson"), abs=1e-9)


def test_no_units_leave_the_share_open() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_count_of_none_has_the_rule_of_three_and_ten_its_table_value() -> None:
    assert poisson(0) == (0.0, pytest.approx(3.689, abs=1e-3))
    assert poisson(10) == (pytest.approx(4.795, abs=1e-3), pytest.approx(18.390, abs=1e-3))


def test_units_that_all_agree_within_a_cluster_are_worth_about_one_each_cluster() -> None:
    sizes = np.full(20, 10.0)
    agreed = np.where(np.arange(20) < 5, 10.0, 0.0)
    assert effective_number(agreed, sizes) == pytest.approx(19.0)


def test_independent_units_are_worth_themselves_and_never_more() -> None:
    rng = np.random.default_rng(1)
    sizes = np.full(400, 10.0)
    assert effective_number(rng.binomial(10, 0.3, 400).astype(float), sizes) == pytest.approx(4000, rel=0.15)
    assert effective_number(np.array([3.0, 3.0, 3.0]), np.array([10.0, 10.0, 10.0])) == 30.0


def test_where_nothing_was_found_clusters_count_and_not_units() -> None:
    assert effective_number(np.zeros(4), np.array([10.0, 10.0, 10.0, 10.0])) == 4.0


def test_the_prior_of_a_simulated_population_is_found_again() -> None:
    rng = np.random.default_rng(7)
    rates = rng.beta(2, 38, 4000)
    sizes = rng.integers(1, 60, 4000).astype(float)
    prior = fit_prior(rng.binomial(sizes.astype(int), rates).astype(float), sizes)
    assert prior.mean == pytest.approx(0.05, abs=0.003)
    assert prior.a + prior.b == pytest.approx(40, rel=0.3)


def test_one_of_one_is_shrunk_far_below_thirty_of_forty() -> None:
    prior = BetaPrior(1.0, 30.0)
    small, large = posterior_mean(np.array([1.0, 30.0]), np.array([1.0, 40.0]), prior)
    assert small == pytest.approx(2 / 32)
    assert large == pytest.approx(31 / 71)
    few, many = exceedance(np.array([1.0, 30.0]), np.array([1.0, 40.0]), prior, 0.1)
    assert few < 0.5 < many


def test_few_groups_or_no_success_give_a_weak_prior_and_no_error() -> None:
    assert fit_prior(np.array([1.0]), np.array([2.0])).mean == 0.5
    assert fit_prior(np.zeros(50), np.full(50, 10.0)).mean == pytest.approx(0.5 / 501)


def test_at_ten_per_cent_doubt_may_average_ten_per_cent_and_no_more() -> None:
    probability = np.array([0.99, 0.95, 0.80, 0.62, 0.30])
    assert select_at_fdr(probability, 0.10).tolist() == [True, True, True, False, False]
    assert select_at_fdr(probability, 0.20).tolist() == [True, True, True, True, False]
    assert not select_at_fdr(np.array([0.4]), 1.0).any()


def test_months_of_one_wage_are_alike_and_coin_tosses_are_not() -> None:
    groups = np.repeat(np.arange(100), 12)
    assert within_group_correlation(np.repeat([0.0] * 80 + [1.0] * 20, 12), groups) == pytest.approx(1.0)
    tosses = np.random.default_rng(3).integers(0, 2, 1200).astype(float)
    assert within_group_correlation(tosses, groups) < 0.05
