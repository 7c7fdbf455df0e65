"""Errors, sets of ratios and adjustments against literal answers."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from assets.waterbed.inference import (
    benjamini_hochberg,
    fieller,
    holm,
    jackknife_covariance,
    project_on_shares,
    two_sided_p,
)


def test_the_jackknife_of_a_mean_is_its_textbook_variance():
    values = np.array([1.0, 4.0, 2.0, 8.0, 5.0])
    replicates = np.array([[np.delete(values, i).mean()] for i in range(5)])
    assert jackknife_covariance(replicates)[0, 0] == pytest.approx(values.var(ddof=1) / 5)


def test_a_well_measured_ratio_has_nearly_its_delta_method_interval():
    found = fieller(50.0, 100.0, np.array([[4.0, 0.0], [0.0, 1.0]]), 1.96)
    error = np.sqrt(4.0 + 0.25) / 100.0
    assert found.low == pytest.approx(0.5 - 1.96 * error, abs=1e-3)
    assert found.high == pytest.approx(0.5 + 1.96 * error, abs=1e-3)


def test_a_denominator_that_may_be_zero_leaves_the_ratio_unbounded():
    found = fieller(50.0, 10.0, np.array([[4.0, 0.0], [0.0, 100.0]]), 1.96)
    assert found.low is None
    assert found.high is None
    assert found.contains(1e9)


def test_every_end_of_a_fieller_set_is_exactly_critical_errors_away():
    covariance = np.array([[9.0, 2.0], [2.0, 5.0]])
    found = fieller(30.0, 40.0, covariance, 2.1)
    for ratio in (found.low, found.high):
        contrast = np.array([1.0, -ratio])
        assert abs(contrast @ [30.0, 40.0]) == pytest.approx(2.1 * np.sqrt(contrast @ covariance @ contrast))


def test_holm_and_benjamini_hochberg_agree_with_statsmodels():
    p = np.array([0.001, 0.04, 0.03, 0.2, 0.011])
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])
    np.testing.assert_allclose(benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1])


@pytest.mark.parametrize(
    ("raw", "constrained"),
    [
        ([0.2, -0.1, 0.3], [0.2, 0.0, 0.3]),
        ([0.8, 0.6], [0.6, 0.4]),
        ([1.5, -0.5, 0.1], [1.0, 0.0, 0.0]),
        ([-0.2, -0.1], [0.0, 0.0]),
    ],
)
def test_shares_are_projected_on_what_shares_can_be(raw, constrained):
    np.testing.assert_allclose(project_on_shares(np.array(raw)), constrained, atol=1e-12)


def test_without_an_error_nothing_is_significant():
    assert two_sided_p(5.0, 0.0, 10) == 1.0
    assert two_sided_p(2.0, 1.0, 10) == pytest.approx(2 * stats.t.sf(2.0, 10))
