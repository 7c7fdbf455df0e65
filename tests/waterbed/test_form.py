"""Which form of gains is believed: the two-part model only where some mixture fits clearly better than additivity."""

import numpy as np
import pytest

from assets.waterbed.form import PARTS, TURNING_CHANCE, flexible_weight, misfits, turning_point


def parts(additive, proportional):
    """Two parts of the gain of 4 destinations, so many errors from zero, over 30 clusters with independent noise."""
    noise = np.random.default_rng(5).normal(size=(2, 30, 4))
    noise -= noise.mean(axis=1, keepdims=True)
    noise /= np.sqrt(29 / 30 * (noise**2).sum(axis=1, keepdims=True))
    centre = np.stack([np.broadcast_to(additive, 4), np.broadcast_to(proportional, 4)]).astype(float)
    return np.concatenate([centre[:, None], centre[:, None] + noise], axis=1)


@pytest.mark.parametrize(
    ("additive", "proportional", "believed"),
    [
        (5.0, 0.0, False),  # gains are additive
        (0.0, 5.0, True),  # gains are proportional
        (5.0, 5.0, True),  # half and half
        (0.0, 0.0, False),  # nothing is gained
        (5.0, 0.5, False),  # additive, and a little chance
    ],
)
def test_the_two_part_model_is_believed_where_some_part_is_clearly_proportional(additive, proportional, believed):
    weight = flexible_weight(*parts(additive, proportional))
    assert weight > 0.9 if believed else weight < 0.1


def test_one_destination_that_chance_made_proportional_is_not_enough():
    lucky = parts([5.0, 5.0, 5.0, 0.0], [0.0, 0.0, 0.0, 4.0])
    assert flexible_weight(*lucky) < 0.05


def test_the_signs_of_gains_do_not_choose_the_form():
    found = parts([1.0, -2.0, 0.5, 0.0], [2.0, 1.0, -3.0, 0.2])
    assert flexible_weight(*-found) == pytest.approx(flexible_weight(*found))


def test_misfit_is_least_at_the_part_that_the_gains_have():
    assert PARTS[misfits(*parts(8.0, 0.0)).argmin()] == 0.0
    assert PARTS[misfits(*parts(3.0, 7.0)).argmin()] == pytest.approx(0.7)
    assert PARTS[misfits(*parts(0.0, 8.0)).argmin()] == 1.0


def test_without_clusters_or_destinations_the_additive_model_stands():
    assert flexible_weight(*np.ones((2, 3, 2))) == 0.0
    assert flexible_weight(*np.ones((2, 9, 0))) == 0.0
    assert flexible_weight(*np.zeros((2, 9, 2))) < 0.01


def test_the_turning_point_is_passed_by_chance_as_often_as_it_says():
    draws = np.random.default_rng(2).normal(size=(2, 200_000, 7))
    passed = ((draws[0] ** 2).sum(axis=1) - (draws[1] ** 2).sum(axis=1) > turning_point(7)).mean()
    assert passed == pytest.approx(TURNING_CHANCE, abs=0.0008)
