"""Misuse that is planted in the world, one module per group of indicators.

Belongs here: choosing who misuses and how strongly, changing the world accordingly, and keeping the truth. Does not
belong here: detecting any of it.
"""

from __future__ import annotations

from assets.standins.misuse import (
    declared,
    networks,
    pay,
    posted_papers,
    posted_stays,
    posting_firms,
    presence,
    sponsors,
)
from assets.standins.world import World


def plant_all(world: World) -> None:
    """Plant the misuse of the scenario, in a fixed order; nothing at level 0."""
    if world.parameters["misuse"]["level"] <= 0:
        return
    for group in (networks, sponsors, declared, pay, presence, posted_stays, posted_papers, posting_firms):
        group.plant(world)
