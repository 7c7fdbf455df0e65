"""Additive and proportional gains in panels without any noise: each model finds what it is for."""

import numpy as np
import pytest

from assets.waterbed.additive import estimate_effects
from assets.waterbed.demand_index import no_demand_index
from tests.waterbed.panels import one_event

CELLS, MONTHS, EVENT = 24, 60, 36
EXPOSURE = np.where(np.arange(CELLS) % 3 == 0, 0.0, np.linspace(0.05, 0.9, CELLS))
USUAL = np.linspace(5.0, 60.0, CELLS)
OWN = np.linspace(40.0, 8.0, CELLS) * (1.0 + np.arange(CELLS) % 2)
LOST = 0.6 * EXPOSURE * USUAL
AFTER = (np.arange(MONTHS) >= EVENT).astype(float)


def found(additive, proportional):
    """Effects where so many of the persons lost come up where they were lost, and so many where there are many."""
    gain = additive * LOST + proportional * LOST.sum() * OWN * EXPOSURE / (OWN * EXPOSURE).sum()
    panel = one_event(
        USUAL[:, None] - LOST[:, None] * AFTER, OWN[:, None] + gain[:, None] * AFTER, EXPOSURE, event_month=EVENT
    )
    once = np.ones((1, CELLS))
    effects = estimate_effects(panel, no_demand_index(panel), once, [(0, 24)])
    lost = 24 * LOST.sum()
    assert effects.loss[0, 0] == pytest.approx(lost)
    proportional = effects.proportional_gain[0, 0, 0] / lost
    return effects.gain[0, 0, 0] / lost, [effects.flexible_gain[0, 0, 0] / lost - proportional, proportional]


def test_additive_gains_are_found_by_both_models():
    additive, parts = found(0.3, 0.0)
    assert additive == pytest.approx(0.3)
    assert parts == pytest.approx([0.3, 0.0], abs=1e-6)


def test_proportional_gains_are_found_by_the_two_part_model_alone():
    additive, parts = found(0.0, 0.3)
    assert additive < 0.2
    assert parts == pytest.approx([0.0, 0.3], abs=1e-3)


def test_the_two_parts_are_told_from_each_other():
    assert found(0.1, 0.2)[1] == pytest.approx([0.1, 0.2], abs=1e-3)


def test_losses_on_a_destination_are_kept_as_they_are():
    additive, parts = found(-0.2, 0.0)
    assert additive == pytest.approx(-0.2)
    assert parts == pytest.approx([-0.2, 0.0], abs=1e-6)
