"""What is added to the errors that clusters show."""

import numpy as np
import pytest

from assets.waterbed.additive import Effects
from assets.waterbed.inference import critical_value
from assets.waterbed.uncertainty import above_counting_noise


def effects(*counting):
    """Effects of two bins; counting noise of destinations as given, the same in both bins."""
    nothing = np.zeros((1, 2))
    gain = np.zeros((1, len(counting), 2))
    return Effects(
        bins=[(0, 3), (3, 6)],
        at_risk=nothing,
        loss=nothing,
        rush=np.zeros(1),
        gain=gain,
        flexible_gain=gain,
        counting_variance=np.repeat(np.array(counting, dtype=float)[:, None], 2, axis=1),
        information=np.zeros(1),
        gain_information=np.zeros((len(counting), 1)),
    )


def test_a_gain_whose_clusters_vary_less_than_counting_must_gets_the_interval_of_counting():
    clusters = np.diag([4.0, 4.0, 1.0, 0.5, 0.5, 9.0, 9.0])
    raised = above_counting_noise(clusters, effects(2.0, 2.0), degrees=19)
    # two bins of variance two: counting alone has an error of two, and 1.96 of these are the interval
    assert critical_value(19) * np.sqrt(raised[3:5, 3:5].sum()) == pytest.approx(1.96 * 2.0, abs=0.001)
    # the second destination varies more than that, and neither the loss nor the rush is a gain
    unchanged = [0, 1, 2, 5, 6]
    np.testing.assert_allclose(raised[np.ix_(unchanged, unchanged)], clusters[np.ix_(unchanged, unchanged)])


def test_what_a_gain_shares_with_others_grows_with_its_error():
    clusters = np.diag([4.0, 4.0, 1.0, 0.5, 0.5])
    clusters[0, 3] = clusters[3, 0] = 0.1
    raised = above_counting_noise(clusters, effects(2.0), degrees=10_000)
    assert raised[0, 3] == pytest.approx(0.1 * 2.0, rel=1e-3)


def test_a_destination_without_any_variation_keeps_none():
    clusters = np.zeros((5, 5))
    np.testing.assert_array_equal(above_counting_noise(clusters, effects(2.0), degrees=19), clusters)
