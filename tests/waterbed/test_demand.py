"""The demand index: how much weight the drift of demand with exposure gets, and how far destinations are believed."""

from dataclasses import replace

import numpy as np
import pytest

from assets.waterbed.analysis import analyse
from assets.waterbed.clusters import leave_one_cluster_out
from assets.waterbed.demand_index import Held, clarity_weight, tilt_error
from assets.waterbed.loadings import cross_products
from assets.waterbed.simulation import SCENARIOS
from assets.waterbed.simulation.worlds import make_world
from assets.waterbed.uncertainty import Fit
from tests.waterbed.panels import of_cells

WHOLE = [(0, 12), (12, 36)]


def index_of(panel, held=None, loadings=None):
    """The index of a panel; of all clusters alone where something is held."""
    weights = leave_one_cluster_out(panel.clusters) if held is None else np.ones((1, panel.cells))
    fit = Fit("C1", WHOLE, cross_products(panel))
    if loadings is not None:
        fit.__dict__["loadings"] = loadings
    return fit.demand(panel, weights, held)


def world(scenario, number=1):
    return make_world(SCENARIOS[scenario], np.random.default_rng([3, number]))[0]


@pytest.mark.parametrize(("t", "weight"), [(0.0, 0.0), (2.0, 0.5), (4.0, 16 / 17), (float("inf"), 1.0)])
def test_a_tilt_weighs_as_much_as_it_is_clear(t, weight):
    assert clarity_weight(t) == pytest.approx(weight)


def test_the_error_of_a_tilt_is_the_jackknife_error_of_its_mean():
    replicates = np.array([1.0, 4.0, 2.0, 8.0, 5.0])
    means = (replicates.sum() - replicates) / 4
    tilts = np.concatenate([[4.0], means])
    assert tilt_error(tilts) == pytest.approx(np.sqrt(replicates.var(ddof=1) / 5))
    assert tilt_error(tilts[:2]) == 0.0


def test_clarity_is_the_mean_tilt_over_its_error():
    index = index_of(world("confounded"))
    mean = index.tilts[110:146].mean() / index.held.weight
    assert index.clarity == pytest.approx(abs(mean) / index.tilt_error)


def test_demand_that_drifts_with_exposure_keeps_its_weight_and_noise_loses_it():
    assert index_of(world("confounded")).held.weight > 0.9
    assert np.mean([index_of(world("base", n)).held.weight for n in range(4)]) < 0.4


def test_what_is_held_is_used_as_it_is():
    panel = world("few")
    whole, half = (index_of(panel, Held(w, 0.01)) for w in (1.0, 0.5))
    np.testing.assert_allclose(half.tilts, 0.5 * whole.tilts)
    assert (half.held.weight, half.held.route_spread) == (0.5, 0.01)


def test_without_a_control_route_there_is_no_index():
    panel = world("few")
    without = replace(panel, controls=panel.controls[:0], control_names=[])
    with pytest.raises(ValueError, match="control route"):
        index_of(without, loadings=np.ones((1, 8)))


def test_destinations_that_drift_on_their_own_are_told_from_those_that_drift_with_demand():
    panel = world("confounded_null")
    after = np.arange(panel.months) >= panel.event_month
    own = np.where(np.arange(7) % 2 == 0, 1.8, 0.2)[:, None, None]
    factor = np.where(after, 1.0 + (own - 1.0) * panel.exposure[:, None], 1.0)
    on_their_own = replace(panel, destinations=panel.destinations * factor)
    assert index_of(panel).held.route_spread < 0.01
    assert index_of(on_their_own).held.route_spread > 0.05


def test_a_destination_that_drifts_on_its_own_hardly_moves_the_tilt_once_that_is_known():
    panel = world("null")
    after = np.arange(panel.months) >= panel.event_month
    surge = np.where(after, 1.0 + 1.5 * panel.exposure[:, None], 1.0)
    surged = replace(
        panel,
        destinations=panel.destinations * np.where(np.arange(7) == 4, 1.0, 0.0)[:, None, None] * (surge - 1.0)
        + panel.destinations,
    )
    tilts = {
        spread: [float(index_of(p, Held(1.0, spread)).tilts[110:146].mean()) for p in (panel, surged)]
        for spread in (0.0, 1.0)
    }
    assert abs(tilts[1.0][1] - tilts[1.0][0]) < 0.2 * abs(tilts[0.0][1] - tilts[0.0][0])


def test_a_larger_tilt_falls_on_the_months_after_the_event_and_is_partly_taken_back_by_what_cells_show():
    panel = world("confounded")
    plain = index_of(panel)
    shifted = plain.with_tilt(0.02, panel.event_month)
    np.testing.assert_allclose(shifted.tilts[:110] - plain.tilts[:110], 0.0)
    np.testing.assert_allclose(shifted.tilts[110:] - plain.tilts[110:], 0.02)
    taken_back = (shifted.own - plain.own)[:, 110:146].mean(axis=1) / 0.02
    assert -1.0 < np.polyfit(panel.exposure, taken_back, 1)[0] < -0.1


def test_the_demand_of_a_cell_changes_with_what_its_neighbours_say_of_the_event():
    panel = world("confounded")
    index = index_of(panel)
    assert index.changes.shape == (46, panel.cells, 1 + panel.cells)
    np.testing.assert_allclose(index.changes[:, :, 0], 0.0, atol=1e-12)
    without = np.arange(panel.cells) != 3
    fewer = of_cells(panel, without)
    refitted = index_of(fewer, index.held)
    before = index.offset(panel.exposure)[without, 110:146]
    change = refitted.offset(fewer.exposure)[:, 110:146] / before - 1.0
    one_step = index.changes[:36, without, 4].T

    def tilt(of):
        return float(np.polyfit(fewer.exposure, of.mean(axis=1), 1)[0])

    assert tilt(one_step) == pytest.approx(tilt(change), rel=0.5)


def test_a_tilt_whose_mean_is_near_zero_by_chance_does_not_make_the_loss_uncertain():
    """World 46 of seed 21: a tilt of a hundredth of its error made a clear loss look too weak to divide by."""
    panel, truth = make_world(SCENARIOS["base"], np.random.default_rng([21, 46]))
    analysis = analyse(panel, "C1", 36)
    loss = analysis.loss_selector(36)
    error = float(np.sqrt(loss @ analysis.covariance @ loss))
    assert error < 0.2 * truth.net_loss
