"""What every component of the world needs: assumptions, randomness, law, and the firms on both sides of the border.

Belongs here: the bundle alone. Does not belong here: making any of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from assets.standins.economy.companies import Companies
from assets.standins.economy.foreign import ForeignEmployers
from assets.standins.foundations.law import Law
from assets.standins.foundations.parameters import Parameters
from assets.standins.foundations.randomness import Draws


@dataclass(frozen=True)
class Setting:
    """The stage on which a world plays.

    Attributes:
        parameters: the assumptions.
        draws: every random quantity.
        law: what held on each date.
        companies: the Dutch entities.
        employers: the foreign posting employers.
    """

    parameters: Parameters
    draws: Draws
    law: Law
    companies: Companies
    employers: ForeignEmployers
