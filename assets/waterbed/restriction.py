"""The restricted route: how much of the flow at risk was lost, and how much came early.

Belongs here: the moment conditions of the loss and of the rush. Does not belong here: where the flow went
(`gains`).

After the event    E[Y_gt] = m_t p_gt (1 - phi E_g)
and before it      E[Y_gt] = m_t p_gt (1 + rho E_g)      in the months of anticipation
so that            N_gt    = m_t p_gt E_g                is the flow at risk.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assets.waterbed.moments import Routes, Setting, Sums, divide, month_factors
from assets.waterbed.panel import FloatArray, IntArray

#: Months before the event that set the level which a closed route would have kept.
USUAL_MONTHS = 24
#: Month factors that move with the share lost make the moment at most so many times less steep than held ones.
LEAST_SLOPE = 0.25


def restriction(setting: Setting, sums: Sums, months: slice) -> tuple[FloatArray, Routes]:
    """Share lost (B,) and month factors of the restricted route in these months."""
    if setting.panel.is_closed:
        return _closure(setting, sums, months)
    return _solve_restriction(sums, setting.routes(setting.restricted, months))


def persons_at_risk(sums: Sums, restricted: Routes) -> FloatArray:
    """(B,) sum of m p E over all cells, with every set's own demand; cells left out are predicted too."""
    return np.asarray((month_factors(restricted) * sums.all_cells(sums.exposure, restricted))[0].sum(axis=1))


def rush(setting: Setting) -> FloatArray:
    """(B,) persons brought forward into the months of anticipation."""
    if not setting.panel.anticipation_months:
        return np.zeros(len(setting.cell_weights))
    months = setting.panel.after(-setting.panel.anticipation_months, 0)
    sums = setting.sums(months)
    phi, restricted = restriction(setting, sums, months)
    return np.asarray(-phi * persons_at_risk(sums, restricted))


def _solve_restriction(sums: Sums, route: Routes, rounds: int = 40) -> tuple[FloatArray, Routes]:
    """Share lost of the flow at risk (B,), and the restricted route with its month factors."""
    exposure = sums.exposure
    instruments = np.stack([route.level, route.slope])
    y0, y1 = sums.counted(instruments, route)[:, 0]
    p0, p1 = sums.usual(instruments, route)[:, 0]
    q0, q1 = sums.usual(instruments * exposure, route)[:, 0]
    phi, left = np.zeros(len(y0)), p0
    for _ in range(rounds):
        factor = y0 / np.maximum(left, 1e-9)
        remaining = p1 - phi[:, None] * q1
        surplus = (factor * remaining - y1).sum(axis=1)
        held = (factor * q1).sum(axis=1)
        # Newton; where exposure hardly differs it would leap, and steps are those of month factors held as they are
        slope = held - (factor * q0 * remaining / np.maximum(left, 1e-9)).sum(axis=1)
        change = divide(surplus, np.maximum(slope, LEAST_SLOPE * held))
        phi = phi + change
        left = p0 - phi[:, None] * q0
        if np.abs(change).max() < 1e-10:
            break
    factor = y0 / np.maximum(left, 1e-9)
    return phi, replace(route, factor=factor[None])


def _closure(setting: Setting, sums: Sums, months: slice) -> tuple[FloatArray, Routes]:
    """The same for a route that closed: the level of a month is that of its calendar month before the event."""
    panel = setting.panel
    usual = usual_month_factors(setting.month_factor, panel.calendar_month, panel.first_touched_month)
    factor = np.tile(usual[panel.calendar_month[months]], (len(setting.cell_weights), 1))
    route = setting.routes(setting.restricted, months)
    seen, profile = (of_all[0] for of_all in sums.everyone(route))
    phi = 1.0 - divide(seen.sum(axis=1), (factor * profile).sum(axis=1))
    return phi, replace(route, factor=factor[None])


def usual_month_factors(month_factor: FloatArray, calendar_month: IntArray, untreated_months: int) -> FloatArray:
    """(12,) mean factor of every calendar month over the last two untreated years."""
    recent = slice(max(untreated_months - USUAL_MONTHS, 0), untreated_months)
    return calendar_means(month_factor[recent], calendar_month[recent])


def calendar_means(values: FloatArray, calendar_month: IntArray) -> FloatArray:
    """(..., 12) mean of every calendar month of series (..., T); the mean of all months where one is missing."""
    whole = values.mean(axis=-1)
    means = [
        values[..., calendar_month == m].mean(axis=-1) if (calendar_month == m).any() else whole for m in range(12)
    ]
    return np.stack(means, axis=-1)


def whole_years(series: FloatArray, untreated_months: int) -> FloatArray:
    """Persons in the whole years up to the first touched month, oldest first."""
    months = untreated_months // 12 * 12
    return np.asarray(series[untreated_months - months : untreated_months].reshape(-1, 12).sum(axis=1))


def closure_level_error(restricted: FloatArray, untreated_months: int, months_after: int) -> float:
    """Relative standard error of the level that a closed route would have kept.

    Read from how much its yearly totals moved before the event, taken as a random walk over the time from the middle
    of the base period to the middle of the window. One when there are fewer than three years.
    """
    yearly = whole_years(restricted.sum(axis=0), untreated_months)
    if len(yearly) < 3:
        return 1.0
    moves = np.diff(np.log(np.maximum(yearly, 1.0)))
    return float(np.sqrt((moves**2).mean() * (USUAL_MONTHS + months_after) / 2.0 / 12.0))
