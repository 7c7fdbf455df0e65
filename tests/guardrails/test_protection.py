"""A hidden cell stays hidden: the attacker's program, and what is hidden next to defeat it."""

import numpy as np

from assets.guardrails.protection import NO_BOUND, Cells, Sum, protect, unsafe_cells


def exact_cells(value, hidden, sums, width=6.0):
    """Cells shown exactly; hidden ones are below 10 (or at least 10 when their value is)."""
    value = np.array(value, dtype=float)
    small = value < 10
    return Cells(
        value=value,
        hidden=np.array(hidden, dtype=bool),
        width=np.where(np.array(hidden) & small, width, 0.0),
        shown_low=value,
        shown_high=value,
        hidden_low=np.where(small, 0.0, 10.0),
        hidden_high=np.where(small, 9.0, NO_BOUND),
        sums=tuple(sums),
    )


def test_a_single_hidden_cell_of_a_shown_total_can_be_worked_out():
    cells = exact_cells([4, 20, 30, 54], [True, False, False, False], [Sum(3, (0, 1, 2))])
    assert unsafe_cells(cells) == [0]


def test_the_smallest_other_part_is_hidden_with_it():
    cells = exact_cells([4, 20, 30, 54], [True, False, False, False], [Sum(3, (0, 1, 2))])
    assert protect(cells).tolist() == [True, True, False, False]


def test_a_total_is_hidden_when_it_has_no_other_part():
    cells = exact_cells([4, 4], [True, False], [Sum(1, (0,))])
    assert protect(cells).tolist() == [True, True]


def test_two_small_cells_that_must_add_up_to_eighteen_are_not_safe_although_both_are_hidden():
    cells = exact_cells([9, 9, 40, 58], [True, True, False, False], [Sum(3, (0, 1, 2))])
    assert unsafe_cells(cells) == [0, 1]
    assert protect(cells).tolist() == [True, True, True, False]


def test_nothing_else_is_hidden_when_rounding_leaves_enough_doubt():
    cells = exact_cells([4, 20, 30, 54], [True, False, False, False], [Sum(3, (0, 1, 2))])
    loose = Cells(**{**vars(cells), "shown_low": cells.value - 3, "shown_high": cells.value + 3})
    assert protect(loose).tolist() == [True, False, False, False]


def test_a_cell_in_no_sum_needs_no_company():
    assert protect(exact_cells([4, 20], [True, False], [])).tolist() == [True, False]


def test_hiding_a_number_hides_the_smaller_number_that_it_bounds():
    cells = exact_cells([4, 20, 30, 54, 12], [True, False, False, False, False], [Sum(3, (0, 1, 2))])
    assert protect(Cells(**{**vars(cells), "at_most": ((4, 1),)})).tolist() == [True, True, False, False, True]


def test_a_cross_of_two_margins_is_protected_in_both_directions():
    #        rows a, b, c; columns 1, 2, 3; then row totals, column totals, grand total
    inner = [3, 50, 60, 40, 55, 70, 45, 65, 80]
    rows = [Sum(9 + r, tuple(3 * r + c for c in range(3))) for r in range(3)]
    columns = [Sum(12 + c, tuple(3 * r + c for r in range(3))) for c in range(3)]
    margins = [sum(inner[3 * r : 3 * r + 3]) for r in range(3)] + [sum(inner[c::3]) for c in range(3)]
    cells = exact_cells(inner + margins, [True] + [False] * 14, rows + columns)
    hidden = protect(cells)
    assert unsafe_cells(Cells(**{**vars(cells), "hidden": hidden})) == []
    assert hidden.sum() == 4
