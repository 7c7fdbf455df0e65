"""Weights of cells in moment conditions.

Belongs here: how much a cell counts. Does not belong here: the moments themselves (`additive`, `demand_index`).

Weights are made of the counts before the event only, so that no outcome under the new rule can touch them.
"""

from __future__ import annotations

import numpy as np

from assets.waterbed.panel import FloatArray

#: Relative variance of a cell's sum over the window that no model explains (persistent shocks to the cell). It
#: makes one giant sector count for little more than a large one; unweighted moments let two or three decide.
PERSISTENT_VARIANCE = 0.005
#: Persons added to the count over the window, so that an empty cell has a finite weight.
PSEUDO_COUNT = 5.0


def instrument_weights(flat: FloatArray, window_months: int) -> FloatArray:
    """Inverse variance, up to scale, of the sum of a cell's counts over the window.

    Args:
        flat: (..., K) expected monthly counts before the event.
        window_months: length of the window in months.

    Returns:
        (..., K) weights: 1 / (m + W v m^2), with m the monthly count, W the window and v the variance above.
    """
    monthly = flat + PSEUDO_COUNT / window_months
    return np.asarray(1.0 / (monthly * (1.0 + PERSISTENT_VARIANCE * window_months * monthly)))
