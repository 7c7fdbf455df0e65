"""Demand as an autoregression: how persistent it is, and what noisy observations say of it."""

import numpy as np
import pytest

from assets.waterbed.autoregression import Smoother, shared_persistence, variance_of_mean


def test_the_smoother_is_the_expectation_of_a_normal_autoregression_given_all_observations():
    rng = np.random.default_rng(1)
    noise = rng.uniform(0.5, 3.0, (2, 7))
    seen = rng.normal(size=(2, 7))
    smoothed = Smoother.of(1.0 / noise, 1.5, 0.8)((seen / noise)[None])[0]
    lag = np.abs(np.subtract.outer(np.arange(7), np.arange(7)))
    for cell in range(2):
        demand = 1.5 * 0.8**lag
        expected = demand @ np.linalg.solve(demand + np.diag(noise[cell]), seen[cell])
        np.testing.assert_allclose(smoothed[cell], expected)


def test_what_is_seen_from_a_month_on_gives_the_later_part_of_a_whole_series_that_was_silent_before():
    rng = np.random.default_rng(2)
    smoother = Smoother.of(rng.uniform(0.5, 3.0, (3, 9)), 1.0, 0.9)
    late = rng.normal(size=(2, 3, 4))
    whole = np.concatenate([np.zeros((2, 3, 5)), late], axis=2)
    np.testing.assert_allclose(smoother(late, 5), smoother(whole)[:, :, 5:])


def test_responses_are_what_one_observation_after_another_adds():
    rng = np.random.default_rng(3)
    smoother = Smoother.of(rng.uniform(0.5, 3.0, (2, 6)), 1.0, 0.9)
    responses = smoother.responses(2)
    assert responses.shape == (4, 2, 4)
    observed = np.zeros((1, 2, 4))
    observed[0, :, 1] = [1.0, 10.0]
    expected = smoother(observed, 2)[0]
    np.testing.assert_allclose(responses[1] * [[1.0], [10.0]], expected)


def test_where_nothing_is_observed_nothing_is_expected_and_neighbours_fade():
    precision = np.array([[0.0, 0.0, 4.0, 0.0]])
    expected = Smoother.of(precision, 1.0, 0.5)(np.array([[[0.0, 0.0, 4.0 * 0.5, 0.0]]]))[0, 0]
    # an observation of 0.5 with the noise of a quarter is believed to four fifths, and half of that a month away
    np.testing.assert_allclose(expected, [0.1, 0.2, 0.4, 0.2])


@pytest.mark.parametrize(("variance", "persistence"), [(-1.0, 0.5), (1.0, 1.2)])
def test_an_autoregression_that_is_none_is_refused(variance, persistence):
    with pytest.raises(ValueError, match="positive variance"):
        Smoother.of(np.zeros((1, 3)), variance, persistence)


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
