"""Clusters of cells: each left out once, sums over each, and how many count."""

import numpy as np
import pytest

from assets.waterbed.clusters import (
    effective_clusters,
    leave_one_cluster_out,
    products_by_cluster,
    sums_by_cluster,
    weights_of_clusters,
)


def test_every_cluster_is_left_out_once_with_all_its_cells():
    weights = leave_one_cluster_out(np.array([3, 3, 7, 9]))
    assert weights.tolist() == [[1, 1, 1, 1], [0, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]]


@pytest.mark.parametrize(
    ("clusters", "sums"),
    [
        ([1, 4, 8], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        ([4, 4, 8], [[4.0, 6.0], [5.0, 6.0]]),
        ([8, 4, 8], [[3.0, 4.0], [6.0, 8.0]]),
        ([5, 5, 5], [[9.0, 12.0]]),
    ],
)
def test_sums_are_over_the_cells_of_a_cluster_in_the_order_of_their_numbers(clusters, sums):
    values = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert sums_by_cluster(values, np.array(clusters)).tolist() == sums


@pytest.mark.parametrize("clusters", [[1, 4, 8], [4, 4, 8], [8, 4, 8], [5, 5, 5], [9, 7, 2]])
def test_products_are_summed_over_months_and_over_the_cells_of_a_cluster(clusters):
    rng = np.random.default_rng(1)
    left, right = rng.normal(size=(5, 3, 2)), rng.normal(size=(5, 3, 4))
    by_cell = np.einsum("tkp,tkq->kpq", left, right)
    expected = sums_by_cluster(by_cell, np.array(clusters))
    np.testing.assert_allclose(products_by_cluster(left, right, np.array(clusters)), expected)


def test_weights_of_clusters_are_those_of_their_cells():
    clusters = np.array([7, 3, 7])
    assert weights_of_clusters(leave_one_cluster_out(clusters), clusters).tolist() == [[1, 1], [0, 1], [1, 0]]


def test_equal_clusters_count_fully_and_one_giant_counts_as_one():
    assert effective_clusters(np.array([1.0, 1.0, 2.0]), np.array([0, 0, 1])) == pytest.approx(2.0)
    assert effective_clusters(np.array([1e6, 1.0, 1.0]), np.array([0, 1, 2])) == pytest.approx(1.0, abs=1e-4)
