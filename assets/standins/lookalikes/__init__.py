"""Lawful situations that look like misuse, kept in the truth as such.

Belongs here: naming what the world already holds (facility, four-week payroll, leave) and adding what it lacks. Does
not belong here: misuse.
"""

from __future__ import annotations

from assets.standins.lookalikes import hsm, posting, sponsors
from assets.standins.world import World


def plant_all(world: World) -> None:
    """Add the look-alikes of the scenario before any misuse is planted."""
    if world.parameters["look_alikes"]["level"] <= 0:
        return
    hsm.plant(world)
    sponsors.plant(world)
    posting.plant(world)


def name_all(world: World) -> None:
    """Name the look-alikes that the world holds once everything is planted."""
    hsm.name(world)
    sponsors.name(world)
    posting.name(world)
