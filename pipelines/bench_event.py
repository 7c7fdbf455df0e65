"""One event of the size that the study expects, against the textbook's answer to the same question.

Belongs here: timing the displacement estimate of one event beside a plain difference-in-differences of the same routes,
both in one run. Does not belong here: whether estimates are right (`waterbed simulate-waterbed`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from assets.waterbed.analysis import analyse
from assets.waterbed.clusters import leave_one_cluster_out
from assets.waterbed.designs.employer_lags import without_means
from assets.waterbed.panel import EventPanel, FloatArray
from assets.waterbed.simulation.worlds import WorldSpec, make_world

#: Times that each is measured, in turn, so that what else the machine does falls on both.
TURNS = 15


def textbook(panel: EventPanel) -> FloatArray:
    """(1 + G, 1 + D) what exposure changes on every route after the event, with every cluster left out once.

    Two-way fixed effects (cells and months), least squares, errors by the jackknife: the least that an honest answer
    takes. It is the floor of the measurement and no estimate of displacement: counts are heavy-tailed and months
    before the event are not told apart.
    """
    counts = np.concatenate([panel.restricted[None], panel.destinations])
    is_after = (np.arange(panel.months) >= panel.event_month).astype(np.float64)
    treatment = panel.exposure[:, None] * is_after
    rows = []
    for weights in leave_one_cluster_out(panel.clusters):
        kept = weights > 0
        dose = without_means(treatment[kept])
        rows.append((without_means(counts[:, kept]) * dose).sum(axis=(1, 2)) / (dose**2).sum())
    return np.stack(rows)


def measure() -> tuple[float, float]:
    """Median seconds of the textbook's answer and of ours, for seven destinations, 88 sectors and 156 months."""
    panel, _ = make_world(WorldSpec(), np.random.default_rng(1))

    def ours(panel: EventPanel) -> None:
        analyse(panel, "C1")

    def seconds(of: Callable[[EventPanel], object]) -> float:
        begun = time.perf_counter()
        of(panel)
        return time.perf_counter() - begun

    ours(panel)
    turns = [(seconds(textbook), seconds(ours)) for _ in range(TURNS)]
    return median(t[0] for t in turns), median(t[1] for t in turns)
