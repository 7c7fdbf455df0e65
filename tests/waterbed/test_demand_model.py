"""What destinations and controls say of demand once the event is taken off: the terms and their equations."""

from dataclasses import replace

import numpy as np
import pytest

from assets.waterbed.demand_model import equations
from assets.waterbed.demand_readings import SHORT_NOISE, read_routes
from assets.waterbed.loadings import cross_products
from assets.waterbed.simulation import SCENARIOS
from assets.waterbed.simulation.worlds import make_world
from tests.waterbed.panels import of_cells, one_event

BINS = [(0, 3), (3, 8)]


def small(cells=5, months=34, event=26, clusters=None, seed=1):
    """A panel of five cells with one destination and two controls, all drawn."""
    rng = np.random.default_rng(seed)
    exposure = np.linspace(0.0, 0.6, cells)
    draw = [rng.poisson(rng.uniform(20.0, 60.0, (cells, 1)), (cells, months)).astype(float) for _ in range(4)]
    others = {} if clusters is None else {"clusters": np.array(clusters)}
    return one_event(draw[0], draw[1], exposure, event, controls=np.stack(draw[2:]), **others)


def read(panel, loadings=(1.0, 1.0), bins=BINS):
    return read_routes(panel, cross_products(panel).baseline, np.array(loadings), bins)


def moving(readings, **how):
    """The same readings of a demand that is known to move so."""
    return replace(readings, dynamics=replace(readings.dynamics, **how))


def dense(panel, readings, bins):
    """Generalised least squares with the whole covariance matrix of one cell after another."""
    cells, months = readings.deviation.shape[1:]
    lag = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    demand = readings.dynamics.variance * readings.dynamics.persistence**lag
    normal, right = 0.0, 0.0
    for g in range(cells):
        loading = np.repeat(readings.loading, months)
        # what is not read has no precision; a tiny one stands for none
        noise = 1.0 / np.maximum(readings.precision[:, g].ravel(), 1e-9)
        covariance = np.outer(loading, loading) * np.tile(demand, (3, 3)) + np.diag(noise)
        columns = []
        for low, high in bins:
            inside = np.zeros(months)
            inside[panel.event_month + low : panel.event_month + high] = 1.0
            nothing = np.zeros(months)
            exposed = panel.exposure[g] * inside
            columns += [
                np.r_[inside, nothing, nothing],
                np.r_[exposed, nothing, nothing],
                np.r_[nothing, inside, nothing],
                np.r_[nothing, exposed, nothing],
                np.r_[nothing, readings.dose[0, g] * inside, nothing],
                np.r_[nothing, nothing, inside],
                np.concatenate([a * exposed for a in readings.loading]),
            ]
        design = np.stack(columns, axis=1)
        weighted = np.linalg.solve(covariance, np.column_stack([design, readings.deviation[:, g].ravel()]))
        normal, right = normal + design.T @ weighted[:, :-1], right + design.T @ weighted[:, -1]
    return np.linalg.solve(normal, right)


def test_the_terms_are_those_of_generalised_least_squares_with_the_whole_covariance():
    panel = small()
    readings = moving(read(panel, (1.0, 0.7)), persistence=0.8, variance=0.02)
    found = equations(panel, readings, BINS).solve(np.ones((1, 5)), np.inf)
    np.testing.assert_allclose(found.given(found.tilts)[0], dense(panel, readings, BINS), rtol=1e-3, atol=1e-5)


def test_demand_is_its_expectation_given_all_routes_and_the_terms():
    panel = small()
    readings = moving(read(panel, (1.0, 0.7)), persistence=0.8, variance=0.02)
    found = equations(panel, readings, BINS)
    own = found.own(np.zeros((1, 14)))[0]
    lag = np.abs(np.subtract.outer(np.arange(34), np.arange(34)))
    demand = 0.02 * 0.8**lag
    loading = np.repeat(readings.loading, 34)
    noise = 1.0 / np.maximum(readings.precision[:, 2].ravel(), 1e-9)
    seen = np.outer(loading, loading) * np.tile(demand, (3, 3)) + np.diag(noise)
    with_demand = np.tile(demand, (1, 3)) * loading
    np.testing.assert_allclose(own[2], with_demand @ np.linalg.solve(seen, readings.deviation[:, 2].ravel()))


def test_leaving_a_cluster_out_is_solving_without_its_cells():
    panel = small(cells=6, clusters=[0, 0, 1, 1, 2, 2])
    readings = read(panel)
    without = equations(panel, readings, BINS).solve(np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]]), 0.01)
    kept = np.array([0, 1, 4, 5])
    fewer = of_cells(panel, kept)
    same = replace(
        readings,
        deviation=readings.deviation[:, kept],
        precision=readings.precision[:, kept],
        dose=readings.dose[:, kept],
    )
    alone = equations(fewer, same, BINS).solve(np.ones((1, 2)), 0.01)
    np.testing.assert_allclose(without.tilts[1], alone.tilts[0], rtol=1e-4)
    np.testing.assert_allclose(without.given(without.tilts)[1], alone.given(alone.tilts)[0], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("kind", ["even", "proportional", "additive"])
def test_no_kind_of_gain_on_a_destination_is_taken_for_demand(kind):
    panel = small(cells=12)
    readings = read(panel)
    gain = {
        "even": np.ones((12, 34)),
        "proportional": np.broadcast_to(panel.exposure[:, None], (12, 34)),
        "additive": readings.dose[0],
    }[kind]
    after, nobody = np.zeros(34), np.zeros((12, 34))
    after[26:] = 0.8
    moved = replace(readings, deviation=readings.deviation + np.stack([nobody, gain * after, nobody]))
    solved = [equations(panel, r, BINS) for r in (readings, moved)]
    terms = [s.solve(np.ones((1, 12)), np.inf) for s in solved]
    before, with_gain = (s.own(t.given(t.tilts))[0] for s, t in zip(solved, terms, strict=True))
    np.testing.assert_allclose(with_gain, before, atol=1e-4)
    np.testing.assert_allclose(terms[1].tilts, terms[0].tilts, atol=1e-4)


def test_what_was_lost_on_the_restricted_route_is_not_taken_for_demand():
    rng = np.random.default_rng(7)
    panel = small(cells=40, months=60, event=40, seed=2)
    usual = np.full((40, 60), 80.0)
    left = np.where(np.arange(60) < 40, 1.0, 1.0 - 0.9 * panel.exposure[:, None])
    demands = []
    for restricted in (rng.poisson(usual), rng.poisson(usual * left)):
        of = replace(panel, restricted=restricted.astype(float))
        found = equations(of, moving(read(of), persistence=0.9, variance=0.02), BINS)
        terms = found.solve(np.ones((1, 40)), np.inf)
        demands.append(found.own(terms.given(terms.tilts))[0][:, 40:48].mean(axis=1))
    slopes = [float(np.polyfit(panel.exposure, d, 1)[0]) for d in demands]
    assert abs(slopes[1] - slopes[0]) < 0.05


@pytest.mark.parametrize("is_closed", [False, True])
def test_the_restricted_route_says_nothing_in_months_of_anticipation_and_nothing_once_it_is_closed(is_closed):
    precision = read(replace(small(), is_closed=is_closed)).precision[0]
    assert (precision[:, :23] > 0).all()
    assert (precision[:, 23:26] == 0).all()
    assert (precision[:, 26:] == 0).all() == is_closed


def test_months_after_the_event_that_no_bin_covers_are_not_read():
    precision = read(small(), bins=[(0, 3)]).precision
    assert (precision[1:, :, :29] > 0).all()
    assert (precision[:, :, 29:] == 0).all()


def test_where_cells_are_exposed_alike_there_is_no_tilt_to_be_found():
    panel = replace(small(), exposure=np.full(5, 0.4))
    found = equations(panel, read(panel), BINS)
    assert not found.tilt_places.size
    assert found.solve(np.ones((1, 5)), 0.0).tilts.shape == (1, 0)


def test_a_destination_that_shares_demand_makes_it_better_known():
    panel, _ = make_world(SCENARIOS["few"], np.random.default_rng([3, 1]))
    rng = np.random.default_rng(4)
    demand = 0.2 * np.sin(2.0 * np.pi * (np.arange(156) / 50.0 + np.arange(20)[:, None] / 20.0))
    counts = {
        "controls": rng.poisson(3.0 * np.exp(demand), (3, 20, 156)).astype(float),
        "destinations": rng.poisson(9.0 * np.exp(demand), (7, 20, 156)).astype(float),
    }
    shared = replace(panel, **counts)
    shared = replace(shared, restricted=np.zeros_like(shared.restricted))
    alone = replace(shared, destinations=shared.destinations[:0], destination_names=[])
    misses = []
    for of, loadings in ((shared, np.ones(8)), (alone, np.ones(1))):
        found = equations(of, read(of, loadings), [(0, 36)])
        terms = found.solve(np.ones((1, 20)), np.inf)
        misses.append(float(((found.own(terms.given(terms.tilts))[0] - demand)[:, :100] ** 2).mean()))
    assert misses[0] < 0.6 * misses[1]


def test_shocks_of_a_destination_that_last_for_years_make_it_say_little_of_demand():
    rng = np.random.default_rng(5)
    panel = small(cells=40, months=120, event=100)
    usual = np.full((40, 120), 50.0)
    alone = np.repeat(rng.normal(0.0, 0.3, (40, 10)), 12, axis=1)
    quiet, noisy = (
        replace(panel, destinations=rng.poisson(usual * np.exp(own)).astype(float)[None]) for own in (0.0, alone)
    )
    said = [read(p).precision[1].mean() for p in (quiet, noisy)]
    assert said[0] == pytest.approx(1.0 / (1.0 / 50.0 + SHORT_NOISE), rel=0.25)
    assert said[1] < 0.1 * said[0]
