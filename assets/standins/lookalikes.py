"""Lawful situations that look like misuse, kept in the truth as such.

Belongs here: what the world already holds (facility, four-week payroll, leave) and what is added for the purpose.
Does not belong here: misuse.
"""

from __future__ import annotations

from assets.standins.world import World


def plant_all(world: World) -> None:
    """Plant the look-alikes of the scenario, in a fixed order."""
