"""Which form of gains is believed: the two-part model only where it finds more, by more than chance."""

import numpy as np
import pytest

from assets.waterbed.form import TURNING_CHANCE, flexible_weight, turning_point


def gains(ahead):
    """Additive gains of zero, and two-part gains `ahead` errors above them, over 30 clusters and 4 destinations."""
    noise = np.random.default_rng(5).normal(size=(30, 4))
    noise -= noise.mean(axis=0)
    noise /= np.sqrt(29 / 30 * (noise**2).sum(axis=0))
    return np.zeros((31, 4)), np.vstack([np.full(4, ahead), ahead + noise])


def test_the_two_part_model_is_believed_where_it_finds_more():
    assert flexible_weight(*gains(4.0)) > 0.9


def test_it_is_not_believed_where_it_finds_less():
    assert flexible_weight(*gains(-4.0)) < 0.01


def test_without_clusters_or_differences_the_additive_model_stands():
    assert flexible_weight(np.zeros((3, 2)), np.ones((3, 2))) == 0.0
    assert flexible_weight(np.zeros((9, 2)), np.zeros((9, 2))) == 0.0


def test_the_turning_point_is_passed_by_chance_as_often_as_it_says():
    draws = np.maximum(np.random.default_rng(2).normal(size=(200_000, 7)), 0.0)
    passed = ((draws**2).sum(axis=1) > turning_point(7)).mean()
    assert passed == pytest.approx(TURNING_CHANCE, abs=0.002)
