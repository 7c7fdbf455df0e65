"""Demand as an autoregression: how persistent it is, and what noisy observations say of it."""

import numpy as np
import pytest

from assets.waterbed.autoregression import Smoother, shared_persistence, variance_of_mean


def test_the_smoother_is_the_expectation_of_a_normal_autoregression_given_all_observations():
    rng = np.random.default_rng(1)
    noise = rng.uniform(0.5, 3.0, (2, 7))
    seen = rng.normal(size=(2, 7))
    smoothed = Smoother.of(noise, 1.5, 0.8)(seen)
    lag = np.abs(np.subtract.outer(np.arange(7), np.arange(7)))
    for cell in range(2):
        demand = 1.5 * 0.8**lag
        expected = demand @ np.linalg.solve(demand + np.diag(noise[cell]), seen[cell])
        np.testing.assert_allclose(smoothed[cell], expected)


def test_what_is_seen_from_a_month_on_gives_the_later_part_of_a_whole_series_that_was_silent_before():
    rng = np.random.default_rng(2)
    smoother = Smoother.of(rng.uniform(0.5, 3.0, (3, 9)), 1.0, 0.9)
    late = rng.normal(size=(4, 3, 2))
    found = smoother.from_month(5, late)
    for c in range(2):
        whole = np.concatenate([np.zeros((3, 5)), late[:, :, c].T], axis=1)
        np.testing.assert_allclose(found[:, :, c].T, smoother(whole)[:, 5:])


@pytest.mark.parametrize(("persistence", "months", "variance"), [(0.9, 1, 1.0), (0.0, 4, 0.25), (0.5, 2, 0.75)])
def test_the_variance_of_a_mean_over_months_is_that_of_its_covariances(persistence, months, variance):
    assert variance_of_mean(persistence, months) == pytest.approx(variance)


def test_persistence_and_variance_are_those_of_the_demand_that_routes_share_not_of_their_own_shocks():
    rng = np.random.default_rng(3)
    demand = np.zeros((200, 120))
    demand[:, 0] = rng.normal(0.0, 0.12, 200)
    own = np.zeros((3, 200, 120))
    for t in range(1, 120):
        demand[:, t] = 0.9 * demand[:, t - 1] + rng.normal(0.0, 0.12 * np.sqrt(1 - 0.81), 200)
        own[..., t] = 0.5 * own[..., t - 1] + rng.normal(0.0, 0.2, (3, 200))
    loading = np.array([0.5, 1.0, 1.5])
    seen = loading[:, None, None] * demand + own
    seen -= seen.mean(axis=2, keepdims=True)
    persistence, variance = shared_persistence(seen, np.ones(seen.shape), loading)
    assert persistence == pytest.approx(0.9, abs=0.031)
    assert variance == pytest.approx(0.12**2, rel=0.25)


def test_routes_that_share_nothing_show_no_demand():
    own = np.random.default_rng(4).normal(0.0, 0.2, (4, 100, 80))
    assert shared_persistence(own, np.ones(own.shape), np.ones(4))[1] < 0.001
