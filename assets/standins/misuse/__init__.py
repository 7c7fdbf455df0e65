"""Misuse that is planted in the world, one module per group of indicators.

Belongs here: choosing who misuses and how strongly, changing the world accordingly, and keeping the truth. Does not
belong here: detecting any of it.
"""

from __future__ import annotations

from assets.standins.misuse import pay, posted_stays, presence
from assets.standins.world import World


def plant_all(world: World) -> None:
    """Plant the misuse of the scenario, in a fixed order; nothing at level 0."""
    if world.parameters["misuse"]["level"] <= 0:
        return
    pay.plant(world)
    presence.plant(world)
    posted_stays.plant(world)
