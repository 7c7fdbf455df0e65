"""The regions of a world that is too large to be held in memory at once, and the numbers that belong to each.

A world of several regions is simulated and delivered one region after the other. Each region is a labour market of
its own, of at most national size: the regions share the law and the calendar, and no person or firm. Inside a region
numbers start afresh; what is delivered must be unique, so the numbers of each kind are spread over the regions.

Belongs here: which region is being made, and where its numbers lie. Does not belong here: how numbers are written
(`identifiers`) and what happens in a region.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np

from assets.standins.foundations.randomness import Draws, Ints

#: Most regions that the ranges below have room for.
MOST_REGIONS = 10
#: Seeds of regions are this far apart.
_SEEDS_APART = 1_000_003


@dataclass(frozen=True)
class _Range:
    """Numbers from `start` on, of which each region has `room`."""

    start: int
    room: int


#: The other flow that needs few numbers: who came before the world begins has the rest of its room.
_FEW = 3
#: Persons: candidates, posted workers, other flows (ten kinds), earlier arrivals, planted workers, shared officers,
#: officers, shared and other planted directors. The starts are those of the components that give the numbers.
_PERSONS = (
    _Range(0, 1_600_000),
    _Range(16_000_000, 2_400_000),
    *(_Range(40_000_000 + kind * 4_400_000, 440_000) for kind in range(_FEW)),
    _Range(40_000_000 + _FEW * 4_400_000, 100_000),
    _Range(54_200_000, 340_000),
    *(_Range(40_000_000 + kind * 4_400_000, 440_000) for kind in range(_FEW + 1, 10)),
    _Range(84_000_000, 600_000),
    _Range(90_000_000, 100_000),
    _Range(91_000_000, 490_000),
    _Range(96_000_000, 49_000),
    _Range(96_500_000, 49_000),
    _Range(97_000_000, 290_000),
)
#: Applications: of candidates, cross-border service chosen and planted, of posted workers, of other flows.
_APPLICATIONS = (
    _Range(0, 10_000_000),
    _Range(200_000_000, 3_000_000),
    _Range(230_000_000, 7_000_000),
    _Range(300_000_000, 20_000_000),
    _Range(500_000_000, 44_000_000),
)
_COMPANIES = (_Range(0, 99_000),)
_EMPLOYERS = (_Range(0, 900_000),)


@dataclass(frozen=True)
class _Here:
    number: int = 0
    regions: int = 1


_ALONE = _Here()
_HERE: ContextVar[_Here] = ContextVar("region")


@contextmanager
def region(number: int, regions: int) -> Iterator[None]:
    """Give every identifier that is made inside the block to one region.

    Args:
        number: of the region, from 0.
        regions: that the world has.

    Raises:
        ValueError: there are more regions than numbers are kept for.
    """
    if not 0 <= number < regions <= MOST_REGIONS:
        raise ValueError(f"there is no region {number} in a world of {regions} (at most {MOST_REGIONS})")
    token = _HERE.set(_Here(number, regions))
    try:
        yield
    finally:
        _HERE.reset(token)


def draws_of(seed: int) -> Draws:
    """The randomness of the region that is being made."""
    return Draws(seed + _HERE.get(_ALONE).number * _SEEDS_APART)


def _placed(numbers: Ints, ranges: tuple[_Range, ...]) -> Ints:
    here = _HERE.get(_ALONE)
    if here.regions == 1 or not numbers.size:
        return numbers
    starts = np.array([one.start for one in ranges])
    rooms = np.array([one.room for one in ranges])
    place = np.searchsorted(starts, numbers, side="right") - 1
    inside = numbers - starts[place]
    if (inside >= rooms[place]).any() or numbers.min() < 0:
        out = int(numbers[(inside >= rooms[place]) | (numbers < 0)][0])
        raise ValueError(f"a region holds more than it has numbers for: {out}")
    return np.asarray(numbers + here.number * rooms[place])


def person(numbers: Ints) -> Ints:
    """Numbers of persons, unique over the regions."""
    return _placed(numbers, _PERSONS)


def application(numbers: Ints) -> Ints:
    """Numbers of applications, unique over the regions."""
    return _placed(numbers, _APPLICATIONS)


def company(numbers: Ints) -> Ints:
    """Numbers of Dutch entities, unique over the regions."""
    return _placed(numbers, _COMPANIES)


def employer(numbers: Ints) -> Ints:
    """Numbers of foreign employers, unique over the regions."""
    return _placed(numbers, _EMPLOYERS)


def mark() -> str:
    """What is put before a number without a fixed width: the number of the region, nothing in the first one."""
    number = _HERE.get(_ALONE).number
    return f"{number}-" if number else ""
