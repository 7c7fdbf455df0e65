"""How hard an event bites: salaries in the band, drawn to the mean where they are few."""

import numpy as np
import pytest

from assets.waterbed.exposure import differs_between_cells, in_band, shrunk_shares


def test_only_salaries_between_the_old_and_the_new_norm_are_hit():
    over_norm = np.array([0.99, 1.0, 1.05, 1.0644, 1.0645, 2.0])
    assert in_band(over_norm, 1.0645).tolist() == [0, 1, 1, 1, 0, 0]


def test_a_cell_without_salaries_gets_the_pooled_share():
    shares = shrunk_shares(np.array([10.0, 2.0, 0.0]), np.array([20.0, 20.0, 0.0]))
    assert shares[2] == pytest.approx(12 / 40)
    assert 12 / 40 < shares[0] < 0.5
    assert 0.1 < shares[1] < 12 / 40


def test_no_salary_at_all_means_no_exposure():
    assert shrunk_shares(np.zeros(2), np.zeros(2)).tolist() == [0, 0]


def test_shares_that_differ_by_chance_only_are_all_drawn_to_the_mean():
    hits = np.array([3.0, 3.0, 3.0, 3.0])
    assert np.ptp(shrunk_shares(hits, np.full(4, 10.0))) < 1e-9


def test_true_exposure_has_slope_one_on_shrunk_shares_where_raw_shares_attenuate():
    rng = np.random.default_rng(4)
    truth = np.where(rng.random(4_000) < 0.2, 0.0, rng.beta(1.2, 3.0, 4_000))
    trials = 1 + rng.poisson(12.0, 4_000)
    hits = rng.binomial(trials, truth).astype(float)

    def slope(seen):
        return np.cov(seen, truth)[0, 1] / np.var(seen)

    assert slope(hits / trials) < 0.85
    assert slope(shrunk_shares(hits, trials.astype(float))) == pytest.approx(1.0, abs=0.05)


def test_cells_differ_when_chance_would_seldom_spread_their_shares_as_far():
    ten_each = np.full(4, 10.0)
    assert differs_between_cells(np.array([9.0, 1.0, 5.0, 5.0]), ten_each)
    assert not differs_between_cells(np.array([6.0, 4.0, 5.0, 5.0]), ten_each)


def test_cells_without_salaries_or_with_one_answer_only_do_not_differ():
    assert not differs_between_cells(np.zeros(3), np.array([4.0, 0.0, 2.0]))
    assert not differs_between_cells(np.array([4.0, 0.0, 2.0]), np.array([4.0, 0.0, 2.0]))
    assert not differs_between_cells(np.zeros(2), np.zeros(2))


def test_where_every_cell_is_exposed_alike_one_case_in_twenty_looks_different():
    rng = np.random.default_rng(9)
    trials = np.concatenate([np.full(60, 2), np.full(30, 6), np.full(5, 80)])
    looks = [differs_between_cells(rng.binomial(trials, 0.15).astype(float), trials.astype(float)) for _ in range(400)]
    assert 0.02 <= np.mean(looks) <= 0.08
