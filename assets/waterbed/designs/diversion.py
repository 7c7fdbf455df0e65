"""Proportional diversion: where lost flow would go if it spread over routes as everybody else does.

Belongs here: the null model of a diversion matrix. Does not belong here: estimated shares.

If a lost person chose among the other routes with the probabilities of everyone who uses them, the displaced share
of a route would be its share in the total of all other routes, and nothing would be known from the event. Estimated
shares are read against it: a route far above it draws the displaced in particular.
"""

from __future__ import annotations

import numpy as np

from assets.waterbed.panel import EventPanel, FloatArray


def proportional_shares(panel: EventPanel, total_share: float) -> FloatArray:
    """(D,) displaced share of every destination if `total_share` spread in proportion to use in exposed cells.

    Args:
        panel: the event; only months before it are used.
        total_share: displaced share of all destinations together.
    """
    before = panel.destinations[:, :, : panel.first_touched_month].mean(axis=2)
    at_risk = panel.exposure * panel.restricted[:, : panel.first_touched_month].mean(axis=1)
    used = before.sum(axis=0)
    choice = np.where(used > 0, before / np.maximum(used, 1e-12), 0.0)
    spread = choice @ at_risk
    return np.asarray(total_share * spread / spread.sum()) if spread.sum() > 0 else np.zeros(len(before))
