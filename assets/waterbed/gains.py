"""Persons gained by the destinations in one bin of months: additive, or in two parts.

Belongs here: the moment conditions of gains and their solution. Does not belong here: which form is believed (`form`).

E[Y_gt] = m_t p_gt (1 + theta E_g) + beta N_gt, with N the flow at risk. The additive part, beta sum N, comes up where
flow was lost, whatever the size of the destination was. The proportional part, theta sum m p E, comes up where the
destination has an exposed flow of its own. The additive model knows the first part only: it is precise when it holds
and finds too little when it does not. The two-part model has an instrument for each part, one in proportion to the
flow at risk and one in proportion to the exposed flow of the destination; it holds in both cases and is imprecise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.waterbed.moments import Routes, Sums, divide, month_factors
from assets.waterbed.panel import FloatArray

#: Rounds in which month factors and the two parts are fitted to each other.
ROUNDS = 8
#: A month factor is never taken to fall below this part of what it is without any gain.
LOWEST_FACTOR = 0.05


@dataclass(frozen=True)
class GainSums:
    """Sums over cells of D destinations in one bin, under I instruments: level, slope and, for two parts, own.

    Attributes:
        seen: (I, D, B, months) persons.
        usual: (I, D, B, months) profile.
        proportional: (I, D, B, months) profile times exposure.
        additive: (I, D, B, months) persons at risk on the restricted route.
        exposed: (D, B, months) profile times exposure, summed over all cells without instrument.
        flow: (B,) persons at risk in the bin.
    """

    seen: FloatArray
    usual: FloatArray
    proportional: FloatArray
    additive: FloatArray
    exposed: FloatArray
    flow: FloatArray

    @property
    def per_person(self) -> FloatArray:
        """(B,) one over the flow at risk; zero where there is none."""
        return divide(np.ones_like(self.flow), self.flow)


def gain_sums(sums: Sums, routes: Routes, restricted: Routes, flow: FloatArray, *, are_two_parts: bool) -> GainSums:
    """The sums of all destinations in one bin.

    Args:
        sums: sums over cells in these months.
        routes: the destinations.
        restricted: the restricted route with its month factors.
        flow: (B,) persons at risk in the bin.
        are_two_parts: also sum what only the two-part model asks for.
    """
    exposure = sums.exposure
    instruments = np.stack([routes.level, routes.slope, *([routes.own] if are_two_parts else [])])
    usual = sums.usual(instruments, routes)
    return GainSums(
        seen=sums.counted(instruments, routes),
        usual=usual,
        proportional=sums.usual(instruments * exposure, routes) if are_two_parts else np.zeros_like(usual),
        additive=month_factors(restricted) * sums.usual(instruments * exposure, restricted),
        exposed=sums.all_cells(exposure, routes) if are_two_parts else np.zeros_like(usual[0]),
        flow=flow,
    )


def additive_gain(sums: GainSums) -> FloatArray:
    """(D, B) persons gained when every lost person adds to a destination whatever its size was."""
    ratio = divide(sums.usual[1], sums.usual[0])
    surplus = (sums.seen[1] - ratio * sums.seen[0]).sum(axis=-1)
    dose = (sums.additive[1] - ratio * sums.additive[0]).sum(axis=-1)
    return divide(surplus, dose * sums.per_person)


def two_part_gain(sums: GainSums) -> FloatArray:
    """(2, D, B) additive part and proportional part of the gain."""
    ratio = divide(sums.usual[1:], sums.usual[0])
    surplus = (sums.seen[1:] - ratio * sums.seen[0]).sum(axis=-1)
    additive = (sums.additive[1:] - ratio * sums.additive[0]).sum(axis=-1) * sums.per_person
    own = sums.proportional[1:] - ratio * sums.proportional[0]
    added = sums.additive[0] * sums.per_person[:, None]
    without = divide(sums.seen[0], sums.usual[0])
    factor, first, second = without, np.zeros_like(surplus[0]), np.zeros_like(surplus[0])
    for _ in range(ROUNDS):
        total = np.einsum("dbt,dbt->db", factor, sums.exposed)
        proportional = divide(np.einsum("dbt,idbt->idb", factor, own), total)
        determinant = additive[0] * proportional[1] - additive[1] * proportional[0]
        first = divide(surplus[0] * proportional[1] - surplus[1] * proportional[0], determinant)
        second = divide(additive[0] * surplus[1] - additive[1] * surplus[0], determinant)
        below = sums.usual[0] + divide(second, total)[..., None] * sums.proportional[0]
        factor = np.maximum(divide(sums.seen[0] - first[..., None] * added, below), LOWEST_FACTOR * without)
    return np.stack([first, second])
