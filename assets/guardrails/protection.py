"""Secondary suppression: which further cells must be hidden so that no hidden cell can be worked out.

Belongs here: numbers, sums that hold between them, and the attacker's linear program over all that is shown.
Does not belong here: which cells are sensitive in the first place, and how a shown cell is rounded
(`disclosure`).

The attacker knows the rules, every shown number with its rounding, every sum, and which cells were hidden for
being small. For each sensitive cell the program finds the smallest and largest value that fits all of it; when
these are closer together than the cell's width, the smallest shown cell in one of its sums is hidden as well.

Source: Handbook on Statistical Disclosure Control, 2nd edition (2024), chapters on tabular data; the check by
linear programming is its audit of a protected table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, lil_matrix

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: No number of the study comes near this one; a bound that keeps the program finite.
NO_BOUND = 1e8

#: As long as one push of all open cells together settles more of them than this, they are not tried one by one.
FEW_SETTLED = 2


@dataclass(frozen=True)
class Sum:
    """The cell `total` is the sum of the cells `parts` (positions in the table)."""

    total: int
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Cells:
    """The cells of one set of linked tables.

    All arrays have one entry per cell. `value` is the true number; `shown_low`/`shown_high` what a reader knows
    of it when it is shown; `hidden_low`/`hidden_high` when it is hidden; `width` the range that must remain
    possible (0 for a cell that needs no protection). `at_most` holds pairs (small, large) with small <= large;
    hiding the large one hides the small one.
    """

    value: Floats
    hidden: Mask
    width: Floats
    shown_low: Floats
    shown_high: Floats
    hidden_low: Floats
    hidden_high: Floats
    sums: tuple[Sum, ...]
    at_most: tuple[tuple[int, int], ...] = ()

    def low(self) -> Floats:
        """What a reader knows to be the least that each cell can be."""
        return np.where(self.hidden, self.hidden_low, self.shown_low)

    def high(self) -> Floats:
        """What a reader knows to be the most that each cell can be."""
        return np.where(self.hidden, self.hidden_high, self.shown_high)


@dataclass
class _Attack:
    """The reader's knowledge as a linear program, and the values that were found possible so far."""

    cells: Cells
    least: Floats
    most: Floats
    sums: csr_matrix | None
    orders: csr_matrix | None

    @classmethod
    def on(cls, cells: Cells) -> _Attack:
        low, high = cells.low(), cells.high()
        binding = tuple((small, large) for small, large in cells.at_most if high[small] > low[large])
        cells = replace(cells, at_most=binding)
        return cls(cells, cells.value.copy(), cells.value.copy(), _sum_matrix(cells), _order_matrix(cells))

    def push(self, direction: Floats) -> None:
        """Find the possible table furthest in `direction` and remember the values that it shows possible."""
        cells = self.cells
        found = linprog(
            -direction,
            A_eq=self.sums,
            b_eq=np.zeros(len(cells.sums)) if cells.sums else None,
            A_ub=self.orders,
            b_ub=np.zeros(len(cells.at_most)) if cells.at_most else None,
            bounds=np.column_stack([cells.low(), cells.high()]),
            method="highs",
        )
        if found.x is not None:
            self.least = np.minimum(self.least, found.x)
            self.most = np.maximum(self.most, found.x)

    def unsafe(self) -> NDArray[np.intp]:
        """Positions of hidden cells for which too narrow a range is known to be possible so far."""
        narrow = self.most - self.least < self.cells.width - 1e-6
        return np.flatnonzero(narrow & self.cells.hidden & (self.cells.width > 0))


def _sum_matrix(cells: Cells) -> csr_matrix | None:
    if not cells.sums:
        return None
    matrix = lil_matrix((len(cells.sums), len(cells.value)))
    for row, relation in enumerate(cells.sums):
        matrix[row, relation.total] = -1
        for part in relation.parts:
            matrix[row, part] = 1
    return matrix.tocsr()


def _order_matrix(cells: Cells) -> csr_matrix | None:
    if not cells.at_most:
        return None
    matrix = lil_matrix((len(cells.at_most), len(cells.value)))
    for row, (small, large) in enumerate(cells.at_most):
        matrix[row, small] = 1
        matrix[row, large] = -1
    return matrix.tocsr()


def unsafe_cells(cells: Cells) -> list[int]:
    """Positions of the hidden cells that a reader can work out to within less than their width.

    A cell is settled as soon as any possible table puts it far enough from where another one did. Open cells are
    pushed together, each towards its roomier side, until that settles few; the rest is tried one by one.
    """
    attack = _Attack.on(cells)
    random = np.random.default_rng(0)
    is_low = cells.value - cells.low() <= cells.high() - cells.value
    side = np.where(is_low, 1.0, -1.0)
    for sign in (1.0, -1.0):
        settled = FEW_SETTLED + 1
        while settled > FEW_SETTLED and len(left := attack.unsafe()):
            direction = np.zeros(len(cells.value))
            direction[left] = sign * side[left] * random.uniform(0.5, 1.0, size=len(left))
            attack.push(direction)
            settled = len(left) - len(attack.unsafe())
    exposed = []
    for position in attack.unsafe():
        for sign in (side[position], -side[position]):
            if position in attack.unsafe():
                direction = np.zeros(len(cells.value))
                direction[position] = sign
                attack.push(direction)
        if position in attack.unsafe():
            exposed.append(int(position))
    return exposed


def _sums_around(cells: Cells, exposed: Sequence[int]) -> list[list[Sum]]:
    """The sums of the exposed cells, then those of the hidden cells in these, and so on outward."""
    seen_cells, seen_sums = set(exposed), set()
    rings: list[list[Sum]] = []
    while True:
        ring = [
            i
            for i, relation in enumerate(cells.sums)
            if i not in seen_sums and seen_cells & {relation.total, *relation.parts}
        ]
        if not ring:
            return rings
        rings.append([cells.sums[i] for i in ring])
        seen_sums |= set(ring)
        members = {m for i in ring for m in (cells.sums[i].total, *cells.sums[i].parts)}
        seen_cells |= {m for m in members if cells.hidden[m]}


def _hidden_in(cells: Cells, relation: Sum) -> int:
    return int(cells.hidden[relation.total]) + int(cells.hidden[list(relation.parts)].sum())


def _next_to_hide(cells: Cells, exposed: Sequence[int]) -> int | None:
    """The shown cell to hide next.

    A sum with one hidden cell gives that cell away, so a companion in the nearest such sum comes first; among
    its cells one that leaves no other sum with a single hidden cell, parts before totals, small before large.
    """
    rings = _sums_around(cells, exposed)
    lonely = [[s for s in ring if _hidden_in(cells, s) == 1] for ring in rings]
    for relations in [*lonely, *rings]:
        candidates: dict[int, bool] = {}
        for relation in relations:
            for position in (relation.total, *relation.parts):
                if not cells.hidden[position]:
                    candidates[position] = candidates.get(position, False) or position == relation.total
        if candidates:
            return min(candidates, key=lambda c: (candidates[c], _left_alone(cells, c), cells.value[c], c))
    return None


def _left_alone(cells: Cells, position: int) -> int:
    """The number of sums in which `position` would be the only hidden cell."""
    return sum(_hidden_in(cells, s) == 0 for s in cells.sums if position == s.total or position in s.parts)


def _hide(cells: Cells, position: int) -> Cells:
    hidden = cells.hidden.copy()
    hidden[position] = True
    for small, large in cells.at_most:
        if large == position:
            hidden[small] = True
    return replace(cells, hidden=hidden)


def protect(cells: Cells) -> Mask:
    """Which cells must be hidden, the given ones included, so that none of them can be worked out.

    Returns:
        One boolean per cell. When all cells of a sum are hidden and a range is still too narrow, nothing more
        can be done and the cells stay hidden.
    """
    if not (cells.hidden & (cells.width > 0)).any():
        return cells.hidden
    while exposed := unsafe_cells(cells):
        position = _next_to_hide(cells, exposed)
        if position is None:
            break
        cells = _hide(cells, position)
    return cells.hidden
