"""Randomness that depends on who is asked about, not on the order of asking.

Belongs here: draws keyed by the seed, the name of the quantity and the numbers of the things it is drawn for. A
draw is a pure function of its key, so a component that is added, a longer horizon, a piecewise computation or a
world without one event leaves every other draw as it was. Does not belong here: any knowledge of the labour market.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)


def floats(values: ArrayLike) -> Floats:
    """The values as an array of floating-point numbers."""
    return np.asarray(values, dtype=np.float64)


def ints(values: ArrayLike) -> Ints:
    """The values as an array of whole numbers; fractions are cut off."""
    return np.asarray(values).astype(np.int64)


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): a bijection without visible structure."""
    state = (state ^ (state >> np.uint64(30))) * _MIX_A
    state = (state ^ (state >> np.uint64(27))) * _MIX_B
    return state ^ (state >> np.uint64(31))


@dataclass(frozen=True)
class Draws:
    """Every random quantity of one world.

    Attributes:
        seed: the seed of the world; two worlds with one seed share every draw.
    """

    seed: int

    def _bits(self, name: str, ids: tuple[ArrayLike, ...]) -> NDArray[np.uint64]:
        with np.errstate(over="ignore"):
            start = np.uint64((self.seed * 0x5851F42D4C957F2D + crc32(name.encode())) % 2**64)
            state = _mix(np.atleast_1d(np.asarray(start)) + _STEP)
            for part in ids:
                number = np.asarray(part).astype(np.int64, copy=False).astype(np.uint64)
                state = _mix(state ^ (number * _STEP + _MIX_B))
            return state

    def uniform(self, name: str, *ids: ArrayLike) -> Floats:
        """Uniform draws on the open interval (0, 1), one for each combination of `ids` (broadcast together)."""
        bits = self._bits(name, ids) >> np.uint64(11)
        return (bits.astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, name: str, *ids: ArrayLike) -> Floats:
        """Standard normal draws."""
        return np.asarray(ndtri(self.uniform(name, *ids)), dtype=np.float64)

    def gumbel(self, name: str, *ids: ArrayLike) -> Floats:
        """Standard Gumbel draws, whose maximum makes a logit choice."""
        return -np.log(-np.log(self.uniform(name, *ids)))

    def exponential(self, name: str, *ids: ArrayLike) -> Floats:
        """Exponential draws with mean one."""
        return -np.log(self.uniform(name, *ids))

    def integer(self, name: str, low: int, high: int, *ids: ArrayLike) -> Ints:
        """Whole numbers from `low` up to and including `high`."""
        return ints(low + np.floor(self.uniform(name, *ids) * (high - low + 1)))

    def pick(self, name: str, weights: ArrayLike, *ids: ArrayLike) -> Ints:
        """Positions in `weights`, with chances in proportion to them."""
        cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
        spot = self.uniform(name, *ids) * cumulative[-1]
        return ints(np.minimum(np.searchsorted(cumulative, spot, side="right"), len(cumulative) - 1))

    def happens(self, name: str, chance: ArrayLike, *ids: ArrayLike) -> NDArray[np.bool_]:
        """True with the given chance."""
        return np.asarray(self.uniform(name, *ids) < np.asarray(chance))

    def generator(self, name: str, *parts: int) -> np.random.Generator:
        """A generator of its own for a quantity that no formula draws (Poisson counts)."""
        return np.random.default_rng([self.seed, crc32(name.encode()), *parts])
