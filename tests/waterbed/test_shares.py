"""A share of two noisy numbers: Fuller's modification of their ratio."""

import numpy as np
import pytest

from assets.waterbed.results import gain_over_loss


def share(gain, loss, covariance):
    return gain_over_loss(np.array([gain, loss]), np.array(covariance), 50).share


def test_a_share_is_drawn_to_that_of_the_errors_by_one_variance_of_the_loss():
    assert share(30.0, 100.0, [[25.0, 10.0], [10.0, 100.0]]) == pytest.approx((30 * 100 + 10) / (100**2 + 100))


def test_a_loss_without_error_leaves_the_plain_ratio():
    assert share(30.0, 100.0, [[25.0, 0.0], [0.0, 1e-12]]) == pytest.approx(0.3)


def test_shares_of_destinations_still_add_up_to_that_of_their_sum():
    parts = [share(30.0, 100.0, [[25.0, 10.0], [10.0, 100.0]]), share(-5.0, 100.0, [[9.0, -4.0], [-4.0, 100.0]])]
    assert share(25.0, 100.0, [[34.0, 6.0], [6.0, 100.0]]) == pytest.approx(sum(parts))


def test_shares_are_right_on_average_where_plain_ratios_are_too_large():
    rng = np.random.default_rng(1)
    losses, gains = rng.normal(100.0, 15.0, 10_000), rng.normal(40.0, 5.0, 10_000)
    strong = losses > 48.0
    found = [share(g, n, [[25.0, 0.0], [0.0, 225.0]]) for g, n in zip(gains[strong], losses[strong], strict=True)]
    plain = float((gains[strong] / losses[strong]).mean())
    assert plain > 0.406
    assert np.mean(found) == pytest.approx(0.4, abs=0.003)
