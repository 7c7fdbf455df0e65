"""Drawing a firm that exists on a day, by its pull: employers, clients and posting employers alike.

Belongs here: the drawing. Does not belong here: which firms there are (`companies`, `foreign`) and who draws them.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from assets.standins.economy.companies import Companies
from assets.standins.foundations.randomness import Draws, Floats, Ints


class Pool:
    """Firms in order of founding, for drawing one that exists on a day, by its pull.

    Args:
        table: firms with `registered_on` and `pull`; must not be empty for anything to be drawn.
        key: the column that numbers them.
    """

    def __init__(self, table: pl.DataFrame, key: str = "company") -> None:
        ordered = table.sort("registered_on", key)
        self.firms: Ints = ordered[key].to_numpy()
        self._founded = ordered["registered_on"].to_numpy()
        self._running = np.cumsum(ordered["pull"].to_numpy())

    def founded_by(self, on: Ints) -> Ints:
        """How many of the firms were founded by each day."""
        return np.searchsorted(self._founded, on, side="right")

    def drawn(self, on: Ints, spot: Floats) -> Ints:
        """A firm that was founded by each day, or the oldest, by pull; `spot` are draws between zero and one."""
        spot = spot * self._running[np.maximum(self.founded_by(on), 1) - 1]
        return np.asarray(self.firms[np.minimum(np.searchsorted(self._running, spot), len(self.firms) - 1)])


def running_employers(draws: Draws, companies: Companies, pool: Pool, what: str, on: Ints, *keys: ArrayLike) -> Ints:
    """A firm of the pool by its pull; where that closes within a year of the day, any that was founded by then.

    Args:
        draws: the draws of the world.
        companies: of the world.
        pool: firms to draw from.
        what: name of the draw.
        on: the days.
        keys: numbers that key the draws.
    """
    pick = pool.drawn(on, draws.uniform(what, *keys))
    closed = companies.take("ended_on", pick) <= on + 365
    founded = np.maximum(pool.founded_by(on), 1)
    return np.where(closed, pool.firms[(draws.uniform(f"{what}2", *keys) * founded).astype(np.int64)], pick)
