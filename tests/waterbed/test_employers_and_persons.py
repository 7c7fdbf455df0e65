"""Switching by employers after refusals, and by persons at the norm, where the answer is known."""

import numpy as np
import pytest

from assets.waterbed.employer_lags import employer_switching
from assets.waterbed.norm_discontinuity import jump_at_norm


def employers(kappa, seed, count=800, months=60):
    """Busy months bring more of everything; `kappa` extra applications follow each refusal over the next months."""
    rng = np.random.default_rng(seed)
    size = rng.gamma(0.8, 1.0, (count, 1))
    busy = np.zeros((count, months))
    for t in range(1, months):
        busy[:, t] = 0.9 * busy[:, t - 1] + rng.normal(0, 0.35, count)
    activity = size * np.exp(busy)
    volume = rng.poisson(activity)
    refusals = rng.binomial(volume, 0.15)
    follow = np.stack([np.convolve(row, np.full(6, kappa / 6))[:months] for row in refusals])
    other = rng.poisson(0.3 * activity + follow)
    return other.astype(float), refusals.astype(float), volume.astype(float)


def test_without_the_volume_busy_employers_look_like_switchers_and_with_it_they_do_not():
    naive = [employer_switching(*employers(0.0, s), has_volume_control=False) for s in range(4)]
    controlled = [employer_switching(*employers(0.0, s)) for s in range(4)]
    assert np.mean([x.extra_applications / x.error for x in naive]) > 2.0
    assert abs(np.mean([x.extra_applications for x in controlled])) < 0.08
    assert np.mean([abs(x.extra_applications / x.error) < 2.5 for x in controlled]) == 1.0


def test_planted_switching_is_found_with_its_size():
    found = [employer_switching(*employers(0.25, s)) for s in range(4)]
    assert np.mean([x.extra_applications for x in found]) == pytest.approx(0.25, abs=0.08)
    assert all(len(x.by_lag) == 13 for x in found)


def test_too_few_employers_are_refused():
    with pytest.raises(ValueError, match="too few"):
        employer_switching(np.zeros((5, 60)), np.zeros((5, 60)), np.zeros((5, 60)))


def persons(jump, seed=0, count=20_000):
    rng = np.random.default_rng(seed)
    ratio = rng.uniform(0.8, 1.3, count)
    chance = 0.10 + 0.2 * (1.3 - ratio) + np.where(ratio < 1.0, jump, 0.0)
    return ratio, (rng.random(count) < chance).astype(float)


@pytest.mark.parametrize("jump", [0.0, 0.2])
def test_the_jump_at_the_norm_is_found_with_its_size(jump):
    found = jump_at_norm(*persons(jump))
    assert found.jump == pytest.approx(jump, abs=2.5 * found.error)
    assert found.error < 0.03


def test_salaries_raised_to_the_norm_do_not_move_the_jump():
    ratio, switched = persons(0.2)
    piled = np.concatenate([ratio, np.full(3_000, 1.001)])
    never = np.concatenate([switched, np.zeros(3_000)])
    assert jump_at_norm(piled, never).jump == pytest.approx(jump_at_norm(ratio, switched).jump, abs=1e-9)


def test_a_thin_side_gives_no_jump():
    ratio = np.concatenate([np.full(20, 0.95), np.full(500, 1.05)])
    assert jump_at_norm(ratio, np.zeros(520)) is None
