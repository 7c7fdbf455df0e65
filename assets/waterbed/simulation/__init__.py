"""Worlds with a known answer, and how the displacement estimator scores on them.

Belongs here: making worlds, running the estimator on them, scoring. Does not belong here: the estimator itself,
and anything that the nightly run needs.
"""

from assets.waterbed.simulation.scenarios import SCENARIOS
from assets.waterbed.simulation.scores import simulate, summarise

__all__ = ["SCENARIOS", "simulate", "summarise"]
