"""Two halves of the months before the event: the weight of a cell never meets the noise of its own level."""

from dataclasses import replace

import numpy as np

from assets.waterbed import halves as module
from assets.waterbed.additive import estimate_effects
from assets.waterbed.demand_index import no_demand_index
from assets.waterbed.halves import halves
from tests.waterbed.panels import one_event

#: Two cells over 24 months: the second received 4 a month in the first year and 2 in the second, 3 were expected.
SEEN = np.stack([np.full(24, 6.0), np.repeat([4.0, 2.0], 12)])[None]
USUAL = np.stack([np.full(24, 6.0), np.full(24, 3.0)])[None]


def test_the_level_of_a_half_is_what_came_over_what_was_expected():
    np.testing.assert_allclose(halves(SEEN, USUAL).level[:, 0], [[1.0, 4 / 3], [1.0, 2 / 3]])


def test_the_counts_for_the_weights_of_a_half_are_those_of_the_other():
    np.testing.assert_allclose(halves(SEEN, USUAL).flat[:, 0], [[6.0, 2.0], [6.0, 4.0]])


def test_levels_of_both_halves_average_to_the_level_of_all_months():
    uneven = np.concatenate([USUAL[:, :, :12], 3 * USUAL[:, :, 12:]], axis=2)
    found = halves(uneven, uneven)
    np.testing.assert_allclose(found.part[:, 0], [[0.25, 0.25], [0.75, 0.75]])
    np.testing.assert_allclose((found.part * found.level).sum(axis=0), 1.0)


def test_a_cell_without_anyone_in_a_half_is_no_division_by_zero():
    seen = SEEN.copy()
    seen[0, 1] = 0.0
    found = halves(seen, np.zeros_like(seen))
    assert np.isfinite(found.level).all()
    np.testing.assert_allclose(found.part.sum(axis=0), 1.0)


def test_with_less_than_two_years_the_weights_are_made_of_all_months():
    found = halves(SEEN[:, :, :23], USUAL[:, :, :23])
    assert found.level.shape == (1, 1, 2)
    np.testing.assert_allclose(found.flat[0, 0], SEEN[0, :, :23].mean(axis=1))


def mean_gain(worlds=150):
    """Mean persons gained, and its error, by a small destination that gains nothing, over worlds of counting noise."""
    rng = np.random.default_rng(8)
    cells, months, event = 40, 84, 60
    exposure = np.where(np.arange(cells) < 15, 0.0, np.linspace(0.0, 0.8, cells))
    after = np.arange(months) >= event
    restricted = 30.0 * (1.0 - 0.6 * exposure[:, None] * after)
    nobody = np.zeros((cells, months))
    panel = one_event(nobody, nobody, exposure, event_month=event)
    once = np.ones((1, cells))
    gains = []
    for _ in range(worlds):
        counts = rng.poisson(0.4, (1, cells, months)).astype(float)
        drawn = replace(panel, restricted=rng.poisson(restricted).astype(float), destinations=counts)
        effects = estimate_effects(drawn, no_demand_index(drawn), once, [(0, 24)], is_two_part=False)
        gains.append(effects.gain[0, 0, 0])
    return np.mean(gains), np.std(gains) / np.sqrt(worlds)


def test_a_small_destination_that_gains_nothing_is_not_seen_to_gain():
    gain, error = mean_gain()
    assert abs(gain) < 3.0 * error


def test_weights_made_of_the_same_months_would_see_it_gain(monkeypatch):
    monkeypatch.setattr(module, "LEAST_MONTHS", 1_000)
    gain, error = mean_gain()
    assert gain > 3.0 * error
