"""Job slots as a specification: what is certain about the length of a slot, whoever replaced whom."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from assets.posting.job_slots import SlotRule, WorkerSpell, replacements, slot_bounds, worker_spells

GAP = 60
RULE = SlotRule(GAP, handover_days=7)


def bounds(*stays: tuple[int, int, int]) -> tuple[float, int]:
    found = slot_bounds(stays, RULE)
    assert found is not None
    return found.lower, found.upper


def test_one_worker_is_one_slot() -> None:
    assert bounds((1, 0, 399)) == (400.0, 400)


def test_the_days_of_a_worker_and_his_replacement_are_added_and_the_gap_is_not() -> None:
    assert bounds((1, 0, 199), (2, 210, 409)) == (400.0, 400)


def test_a_start_sixty_days_after_an_end_replaces_and_sixty_one_does_not() -> None:
    assert bounds((1, 0, 199), (2, 260, 459)) == (400.0, 400)
    assert bounds((1, 0, 199), (2, 261, 460)) == (200.0, 200)


def test_an_overlap_of_a_week_is_a_handover_and_a_longer_one_is_not() -> None:
    assert bounds((1, 0, 199), (2, 193, 392)) == (400.0, 400)
    assert bounds((1, 0, 199), (2, 192, 391)) == (200.0, 200)


def test_two_who_start_together_do_not_replace_each_other() -> None:
    assert bounds((1, 0, 3), (2, 0, 199)) == (200.0, 200)


def test_a_crew_of_two_replaced_by_two_gives_each_slot_its_share_whoever_replaced_whom() -> None:
    assert bounds((1, 0, 199), (2, 0, 199), (3, 205, 404), (4, 205, 404)) == (400.0, 400)


def test_unequal_crews_leave_the_length_open_between_the_bounds() -> None:
    assert bounds((1, 0, 99), (2, 0, 199), (3, 205, 404), (4, 110, 199)) == (390.0, 400)


def test_a_growing_crew_is_not_replacement() -> None:
    growing = [(n, 30 * n, 30 * n + 179) for n in range(6)]
    lower, _ = bounds(*growing)
    assert lower <= 180


def test_newcomers_beside_a_leaver_count_once_as_a_replacement() -> None:
    lower, upper = bounds((1, 0, 299), *[(n, 305, 334) for n in range(2, 8)], (9, 340, 640))
    assert upper == 300 + 30 + 301
    assert lower == 331.0


def test_a_worker_who_comes_back_continues_his_own_stay() -> None:
    assert bounds((1, 0, 99), (1, 130, 229)) == (200.0, 200)


def test_a_stand_in_during_the_holiday_of_a_worker_is_a_slot_of_his_own() -> None:
    lower, _ = bounds((1, 0, 99), (2, 100, 129), (1, 130, 229))
    assert lower == 200.0


def test_notifications_of_one_worker_that_overlap_count_once() -> None:
    assert bounds((1, 0, 199), (1, 100, 249)) == (250.0, 250)


def test_days_before_the_law_count_for_the_upper_bound_only() -> None:
    found = slot_bounds([(1, 0, 399)], SlotRule(GAP, counts_from=200))
    assert found is not None
    assert (found.lower, found.upper) == (200.0, 400)
    assert slot_bounds([(1, 0, 99)], SlotRule(GAP, counts_from=200)) is None


crews = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200)), min_size=1, max_size=6)


def as_stays(crew: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    return [(n, a, a + length) for n, (a, length) in enumerate(crew)]


def suits(earlier: WorkerSpell, later: WorkerSpell) -> bool:
    return earlier.start < later.start and RULE.suits(later.start - earlier.end - 1)


def every_longest_slot(spells: list[WorkerSpell], size: int) -> set[int]:
    """The longest slot under every way to pair as many starts as possible with ends."""
    found = set()
    indices = range(len(spells))
    for predecessors in permutations([*indices, *([None] * len(spells))], len(spells)):
        if sum(p is not None for p in predecessors) != size:
            continue
        if all(p is None or suits(spells[p], spells[k]) for k, p in enumerate(predecessors)):
            total: dict[int, int] = {}
            for k in sorted(indices, key=lambda i: spells[i].start):
                p = predecessors[k]
                total[k] = spells[k].days + (total[p] if p is not None else 0)
            found.add(max(total.values()))
    return found


@settings(max_examples=200, deadline=None)
@given(crews)
def test_the_greedy_matching_is_as_large_as_the_best_assignment(crew: list) -> None:
    spells = worker_spells(as_stays(crew), GAP)
    cost = np.array([[-1.0 if suits(a, b) else 0.0 for b in spells] for a in spells])
    rows, columns = linear_sum_assignment(cost)
    assert len(replacements(spells, RULE)) == -cost[rows, columns].sum()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200)), min_size=1, max_size=4))
def test_the_upper_bound_holds_for_every_pairing(crew: list) -> None:
    spells = worker_spells(as_stays(crew), GAP)
    found = slot_bounds(as_stays(crew), RULE)
    assert found is not None
    slots = every_longest_slot(spells, len(replacements(spells, RULE)))
    assert max(slots) <= found.upper
    assert found.lower <= found.upper


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200)), min_size=1, max_size=4))
@example([(0, 0), (1, 0), (2, 0)])
def test_the_lower_bound_holds_for_every_pairing_of_the_matched_starts(crew: list) -> None:
    spells = worker_spells(as_stays(crew), GAP)
    matched = replacements(spells, RULE)
    found = slot_bounds(as_stays(crew), RULE)
    assert found is not None
    assert found.lower <= min(pairings_of(spells, matched)) + 1e-9


def pairings_of(spells: list[WorkerSpell], matched: list[tuple[int, int]]) -> list[int]:
    """The longest slot under every pairing of the matched ends with the matched starts."""
    ends = [e for e, _ in matched]
    starts = sorted(s for _, s in matched)
    found = (
        longest_slot(spells, list(zip(starts, ordered, strict=True)))
        for ordered in permutations(ends)
        if all(RULE.suits(start - end - 1) for start, end in zip(starts, ordered, strict=True))
    )
    return [days for days in found if days is not None]


def longest_slot(spells: list[WorkerSpell], pairs: list[tuple[int, int]]) -> int | None:
    """Days of the longest slot when each start takes over at its end; none where it is the end of a later worker.

    A handover allows a start before the end that it replaces, but nobody takes over from himself or a later comer.
    """
    open_slots: dict[int, list[int]] = {}
    waiting = list(pairs)
    longest = 0
    for spell in spells:
        days = spell.days
        taken = next((pair for pair in waiting if pair[0] == spell.start), None)
        if taken:
            waiting.remove(taken)
            if not open_slots.get(taken[1]):
                return None
            days += open_slots[taken[1]].pop()
        open_slots.setdefault(spell.end, []).append(days)
        longest = max(longest, days)
    return longest


@settings(max_examples=50, deadline=None)
@given(crews, st.randoms())
def test_the_order_of_stays_changes_nothing(crew: list, random: object) -> None:
    shuffled = as_stays(crew)
    random.shuffle(shuffled)
    assert slot_bounds(as_stays(crew), RULE) == slot_bounds(shuffled, RULE)


@pytest.mark.parametrize("size", [2, 5, 20])
def test_a_steady_crew_of_any_size_is_found_as_long_as_it_lasts(size: int) -> None:
    rounds = [(100 * r + k, 150 * r, 150 * r + 139) for r in range(4) for k in range(size)]
    assert bounds(*rounds) == (560.0, 560)
