"""Job slots: how long one job was filled by one worker after another, when it is not recorded who replaced whom.

Belongs here: bounds on the length of the longest slot in a cell (one employer, place and task). Does not belong
here: what a cell is, and what makes a signal (`assets.posting.p07_long_posting`).

A worker who starts at most `gap` days after another ended replaces somebody. So does one who starts a few days before
another ends: that is a handover; a longer overlap is no replacement. A worker who comes back within the gap continues
his own stay. As many starts as possible are matched with an end before them:
starts in order of time, each with the end that expires first, which is a maximum matching because the ends that suit a
start form an interval (Glover 1967). The sum of gaps of a matching depends on which ends and starts are matched, not
on who is paired with whom, so the minimum-cost assignment is not unique and only bounds can be given.

Lower bound, the larger of two that hold in every pairing of the matched ends and starts:

* For any two days a <= b, every pairing has the same number m of slots that touch [a, b]: those alive on a (at work,
  or in a gap that is filled later) plus the starts after a that replace nobody. The D worker days in [a, b] are spread
  over m slots, so some slot has at least D / m days. A growing crew raises m, so it never looks like a long slot.
* A worker who replaces somebody adds his days to those of whoever he replaces: his slot is at least his own days plus
  the least that any end within the gap can carry, and so on backwards.

Upper bound. The longest chain of workers that could have followed each other, each used once.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]
#: A stay: number of the worker, first day, last day (days since any origin, both counted).
Stay = tuple[int, int, int]


@dataclass(frozen=True)
class SlotRule:
    """When one worker replaces another, and which days count.

    Attributes:
        gap_days: most days between an end and the start that replaces it.
        handover_days: most days that the two may overlap.
        counts_from: earlier days (days since the origin) count for the upper bound only.
        worth: days that must be possible for the lower bound to be worked out.
    """

    gap_days: int
    handover_days: int = 0
    counts_from: int = -(10**9)
    worth: float = 0.0

    def suits(self, between: int) -> bool:
        """True when a start so many days after an end (negative in an overlap) replaces it."""
        return -self.handover_days <= between <= self.gap_days


@dataclass(frozen=True)
class WorkerSpell:
    """One worker's unbroken presence in a cell: his own breaks of at most the gap are part of it, not of its days."""

    start: int
    end: int
    stays: tuple[tuple[int, int], ...]

    @property
    def days(self) -> int:
        """Days of presence."""
        return sum(b - a + 1 for a, b in self.stays)


@dataclass(frozen=True)
class SlotBounds:
    """Bounds in days on the longest slot of a cell, and where the lower bound is reached."""

    lower: float
    upper: int
    starts_on: int
    ends_on: int
    slots: int
    spells: int


def worker_spells(stays: Sequence[Stay], gap: int) -> list[WorkerSpell]:
    """The stays of each worker joined when at most `gap` days lie between them, ordered by start."""
    spells: list[WorkerSpell] = []
    joined: list[tuple[int, int]] = []
    previous: int | None = None
    for worker, start, end in sorted(stays):
        if worker != previous or start - joined[-1][1] - 1 > gap:
            spells += _spell(joined)
            joined = [(start, end)]
        elif start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
        previous = worker
    spells += _spell(joined)
    return sorted(spells, key=lambda s: (s.start, s.end, s.stays))


def _spell(joined: list[tuple[int, int]]) -> list[WorkerSpell]:
    return [WorkerSpell(joined[0][0], joined[-1][1], tuple(joined))] if joined else []


def replacements(spells: Sequence[WorkerSpell], rule: SlotRule) -> list[tuple[int, int]]:
    """A maximum matching of starts with the ends that suit them, as (day of the end, day of the start)."""
    waiting: list[int] = []
    matched = []
    for start, together in groupby(spells, key=lambda s: s.start):
        newcomers = list(together)
        for _ in newcomers:
            while waiting and start - waiting[0] - 1 > rule.gap_days:
                heapq.heappop(waiting)
            if waiting and rule.suits(start - waiting[0] - 1):
                matched.append((heapq.heappop(waiting), start))
        for newcomer in newcomers:
            heapq.heappush(waiting, newcomer.end)
    return matched


def slot_bounds(stays: Sequence[Stay], rule: SlotRule) -> SlotBounds | None:
    """Bounds on the longest slot of one cell; None when even the upper bound is not above what it must be worth.

    Args:
        stays: worker, first and last day; the order does not matter, overlaps of one worker count once.
        rule: see `SlotRule`; a cell that ended before `counts_from` has no bounds.
    """
    counted = [(w, max(a, rule.counts_from), b) for w, a, b in stays if b >= rule.counts_from]
    if not counted:
        return None
    upper = longest_chain(worker_spells(stays, rule.gap_days), rule)
    if upper <= rule.worth:
        return None
    spells = worker_spells(counted, rule.gap_days)
    matched = replacements(spells, rule)
    average, chain = _largest_average(spells, matched), _least_chain(spells, matched, rule)
    lower, starts, ends, slots = max(average, chain, key=lambda found: found[0])
    return SlotBounds(lower, upper, starts, ends, slots, len(spells))


def _least_chain(
    spells: Sequence[WorkerSpell], matched: Sequence[tuple[int, int]], rule: SlotRule
) -> tuple[float, int, int, int]:
    """The largest total that some slot reaches even if every newcomer replaced whoever had the shortest slot."""
    begun, filled = Counter(s.start for s in spells), Counter(s for _, s in matched)
    starts = np.array([s.start for s in spells], dtype=np.int64)
    ends = np.array([s.end for s in spells], dtype=np.int64)
    least = np.array([s.days for s in spells], dtype=np.int64)
    origin = starts.copy()
    for k in range(1, starts.size):
        if filled[spells[k].start] < begun[spells[k].start]:
            continue
        fitting = np.flatnonzero(_could_be_replaced(starts, ends, k, rule))
        if fitting.size:
            before = int(fitting[np.argmin(least[fitting])])
            least[k] += least[before]
            origin[k] = origin[before]
    top = int(np.argmax(least))
    return float(least[top]), int(origin[top]), int(ends[top]), 1


def _largest_average(spells: Sequence[WorkerSpell], matched: Sequence[tuple[int, int]]) -> tuple[float, int, int, int]:
    """The largest number of worker days for each slot over all windows, with the window and its slots."""
    first = np.unique([s.start for s in spells])
    last = np.unique([s.end for s in spells])
    starts = np.sort([s.start for s in spells])
    ends = np.sort([s.end for s in spells])
    gap_ends = np.sort(np.array([e for e, _ in matched], dtype=np.int64))
    filled = np.sort(np.array([s for _, s in matched], dtype=np.int64))
    stays = [stay for s in spells for stay in s.stays]
    before, until = _days_until(stays, first - 1), _days_until(stays, last)
    at_work = np.searchsorted(starts, first, side="right") - np.searchsorted(ends, first, side="left")
    in_gap = np.searchsorted(gap_ends, first, side="left") - np.searchsorted(filled, first, side="right")
    alive = at_work + in_gap
    begun_first = np.searchsorted(starts, first, side="right") - np.searchsorted(filled, first, side="right")
    begun_last = np.searchsorted(starts, last, side="right") - np.searchsorted(filled, last, side="right")
    best = max(spells, key=lambda s: (s.days, -s.start))
    found = (float(best.days), best.start, best.end, 1)
    for k in range(first.size):
        touching = alive[k] + begun_last - begun_first[k]
        average = np.where(last >= first[k], (until - before[k]) / np.maximum(touching, 1), 0.0)
        top = int(np.argmax(average))
        if average[top] > found[0] + 1e-9:
            found = (float(average[top]), int(first[k]), int(last[top]), int(touching[top]))
    return found


def _days_until(stays: Sequence[tuple[int, int]], days: Days) -> Days:
    """Worker days up to and including each of `days`."""
    starts = np.sort(np.array([a for a, _ in stays], dtype=np.int64))
    ends = np.sort(np.array([b for _, b in stays], dtype=np.int64))
    started, ended = np.searchsorted(starts, days, side="right"), np.searchsorted(ends, days, side="right")
    sum_starts = np.concatenate([[0], np.cumsum(starts)])
    sum_ends = np.concatenate([[0], np.cumsum(ends)])
    return np.asarray((started - ended) * (days + 1) - sum_starts[started] + sum_ends[ended] + ended, dtype=np.int64)


def _could_be_replaced(starts: Days, ends: Days, k: int, rule: SlotRule) -> NDArray[np.bool_]:
    """Which of the spells before spell `k` it could replace; spells are ordered by start."""
    between = starts[k] - ends[:k] - 1
    suits = (between >= -rule.handover_days) & (between <= rule.gap_days) & (starts[:k] < starts[k])
    return np.asarray(suits, dtype=np.bool_)


def longest_chain(spells: Sequence[WorkerSpell], rule: SlotRule) -> int:
    """Most days that workers who could have followed each other add up to."""
    starts = np.array([s.start for s in spells], dtype=np.int64)
    ends = np.array([s.end for s in spells], dtype=np.int64)
    best = np.array([s.days for s in spells], dtype=np.int64)
    for k in range(1, starts.size):
        fitting = best[:k][_could_be_replaced(starts, ends, k, rule)]
        if fitting.size:
            best[k] += fitting.max()
    return int(best.max()) if best.size else 0
