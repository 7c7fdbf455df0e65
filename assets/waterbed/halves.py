"""The months before the event in two halves, so that the weights of a cell never meet the noise of its own level.

Belongs here: levels and counts of each half. Does not belong here: the profile (`counterfactual`), the weights
themselves (`weighting`), the moments (`moments`).

A cell that by chance received many persons before the event has a level that is too high, and falls short of it
afterwards. Were its weight made of the same counts, it would be small just then; cells that by chance received few
would count for more, and on average every destination would seem to gain. So the level of one half is only ever
multiplied with weights that are made of the other half (cross-fitting), and the moments of both are added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.panel import FloatArray

#: Fewest months of a half; with fewer before the event, weights are made of all of them.
LEAST_MONTHS = 12


@dataclass(frozen=True)
class Halves:
    """H parts (two, or one where months are few) of the months before the event, of R routes.

    Attributes:
        part: (H, R, K) part of the persons expected in the cell before the event that falls in this half.
        level: (H, R, K) level of the cell in this half, over its level in all of the months.
        flat: (H, R, K) mean monthly count of the cell in the months *outside* this half.
    """

    part: FloatArray
    level: FloatArray
    flat: FloatArray


def halves(counts: FloatArray, expected: FloatArray) -> Halves:
    """The halves of the months before the event.

    Args:
        counts: (R, K, n) persons a month before the event.
        expected: (R, K, n) persons expected by the profile that was fitted on these months.
    """
    months = counts.shape[2]
    if months < 2 * LEAST_MONTHS:
        whole = np.ones((1, *counts.shape[:2]))
        return Halves(part=whole, level=whole, flat=counts.mean(axis=2)[None])
    cut = months // 2
    seen = np.stack([counts[:, :, :cut].sum(axis=2), counts[:, :, cut:].sum(axis=2)])
    usual = np.stack([expected[:, :, :cut].sum(axis=2), expected[:, :, cut:].sum(axis=2)])
    total = usual.sum(axis=0)
    is_known = (usual > 1e-12).all(axis=0)
    part = np.where(is_known, usual / np.where(is_known, total, 1.0), 0.5)
    level = np.where(is_known, seen / np.where(is_known, usual, 1.0), 1.0)
    lengths = np.array([cut, months - cut])[:, None, None]
    return Halves(part=part, level=level, flat=(seen / lengths)[::-1])
