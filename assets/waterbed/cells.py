"""From flows to the panel of one event: cells of sector and occupation group, months around the event.

Belongs here: arranging counts and exposure in arrays, and saying why that cannot be done. Does not belong here:
windows (`windows`), how exposure is shrunk (`exposure`), estimation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from assets.waterbed.declarations import CellKind, Design, Windows
from assets.waterbed.exposure import differs_between_cells, in_band, shrunk_shares
from assets.waterbed.panel import EventPanel, FloatArray, IntArray
from assets.waterbed.windows import EventWindow, month_start

#: Groups that companies are dealt into, for errors, where companies are the cells.
COMPANY_CLUSTERS = 64
#: Fewest companies with flow on the restricted route where companies are the cells.
LEAST_COMPANIES = 40
#: Sector (and company) of flow whose employer is not known; it cannot be held against the loss of any sector.
NO_SECTOR = "unknown"
#: Months before the event whose salaries give the exposure.
EXPOSURE_MONTHS = 24
#: Fewest salaries, and persons on the restricted route before the event, from which anything is estimated.
LEAST_SALARIES = 50
LEAST_PERSONS = 100
#: Fewest persons before the event on a control route, and on a destination in the cells where the restricted route
#: loses; below it the route is left out, by name. A destination that shares no cell with the loss shows nothing.
LEAST_PERSONS_ELSEWHERE = 24
#: Fewest sectors with flow on the restricted route: a jackknife over fewer says little about its own error.
LEAST_SECTORS = 8
#: Part of a closed scheme's flow from which a sector counts as its own; sectors with less, but some, are left out.
OWN_SECTOR_PART = 0.05
#: Untreated months from which seasonal patterns of groups of sectors are told apart.
SEASONAL_MONTHS = 36


class NotEstimableError(ValueError):
    """The data do not carry this estimate; the message says why, in words for a reader."""


@dataclass(frozen=True)
class Rise:
    """What the exposure rule compares: the floor before and after the event, in euro a month.

    Attributes:
        old_month_eur: floor on the day before the event; none for a scheme that closes.
        new_month_eur: floor on the day of the event.
    """

    old_month_eur: float
    new_month_eur: float

    @property
    def ratio(self) -> float:
        """New floor over old floor."""
        return self.new_month_eur / self.old_month_eur


@dataclass(frozen=True)
class BuiltPanel:
    """A panel, and what had to be left out of it.

    Attributes:
        panel: counts of persons.
        person_months: (1 + D,) mean months of stay of an admission before the event, by route; nan when unknown.
        left_out: destinations and controls with too little flow, in words.
        cells: what the flow of a sector is divided by.
    """

    panel: EventPanel
    person_months: FloatArray
    left_out: Sequence[str]
    cells: CellKind


def build_panel(
    flows: pl.DataFrame,
    salaries: pl.DataFrame,
    design: Design,
    window: EventWindow,
    *,
    lengths: Windows,
    rise: Rise | None,
) -> BuiltPanel:
    """The panel of one design in one window.

    Args:
        flows: month, route, sbi2, occupation_group (or company), admissions, person_months.
        salaries: month, route, sbi2, occupation_group, salary_over_floor (salary over the floor that then applied).
        design: the declared design.
        window: months to use.
        lengths: declared lengths.
        rise: old and new floor; none for a scheme that closes.

    Raises:
        NotEstimableError: when the data do not carry the design.
    """
    _check_window(window, lengths)
    routes = [design.route, *design.destinations, *design.controls]
    used = flows.filter(
        pl.col("month").is_between(month_start(window.first), month_start(window.last)),
        pl.col("route").is_in(routes),
    )
    cells = _cells(used, design, window)
    counts = _counts(used, cells, routes, window, design)
    if design.cells == "sector":
        cells, counts = _own_or_without(cells, counts, window)
    elif design.cells == "occupation_group" and design.rule != "scheme_closed":
        cells, counts = _of_the_same_work(cells, counts, window)
    before = counts[:, :, : window.months_before].sum(axis=(1, 2))
    if before[0] < LEAST_PERSONS:
        raise NotEstimableError(
            f"only {before[0]:.0f} admissions on {design.route} before the event; {LEAST_PERSONS} are the least"
        )
    if design.cells == "sector":
        exposure = (counts[0, :, : window.months_before].sum(axis=1) > 0).astype(np.float64)
    else:
        exposure = _exposure(salaries, cells, design, window, rise)
    clusters = _clusters(cells, counts[0].sum(axis=1), design)
    _check_spread(exposure, clusters, counts[0, :, : window.months_before].sum(axis=1), design)
    losing = counts[0, :, : window.months_before].sum(axis=1) * exposure > 0
    beside = counts[:, losing, : window.months_before].sum(axis=(1, 2))
    is_destination = np.arange(len(routes)) <= len(design.destinations)
    # where a scheme closed, a move to another route may show from nothing; where a norm rose, it does not
    seen = np.where(is_destination & (design.rule != "scheme_closed"), beside, before)
    kept = [i for i in range(1, len(routes)) if seen[i] >= LEAST_PERSONS_ELSEWHERE]
    destinations = [i for i in kept if is_destination[i]]
    controls = [i for i in kept if not is_destination[i]]
    if not destinations:
        raise NotEstimableError("no destination has enough admissions before the event to know its usual level")
    has_seasons = window.months_before >= SEASONAL_MONTHS
    groups = (
        np.unique(cells["sbi2"].str.head(1).to_numpy(), return_inverse=True)[1] if has_seasons else np.zeros(len(cells))
    )
    panel = EventPanel(
        restricted=counts[0],
        destinations=counts[destinations],
        controls=counts[controls],
        exposure=exposure,
        clusters=clusters,
        season_groups=groups.astype(np.int64),
        event_month=window.event - window.first,
        anticipation_months=window.anticipation,
        first_calendar_month=window.first % 12,
        destination_names=[routes[i] for i in destinations],
        control_names=[routes[i] for i in controls],
        is_closed=design.rule == "scheme_closed",
    )
    left_out = [
        f"{routes[i]} ({before[i]:.0f} before the event{_elsewhere(before[i], seen[i])})"
        for i in range(1, len(routes))
        if i not in kept
    ]
    durations = _mean_stay(used, [routes[i] for i in [0, *destinations]], window)
    return BuiltPanel(panel=panel, person_months=durations, left_out=left_out, cells=design.cells)


def _elsewhere(before: float, seen: float) -> str:
    """Where the flow of a route was, when it was not where the restricted route loses."""
    return f", of which {seen:.0f} in cells that lose" if seen < before else ""


def _check_window(window: EventWindow, lengths: Windows) -> None:
    if window.months_before < lengths.pre_least:
        raise NotEstimableError(
            f"{max(window.months_before, 0)} months of flows before the event; {lengths.pre_least} are the least"
        )
    if window.months_after < 3:
        cut = f", where {window.cut_by} follows" if window.cut_by else ""
        raise NotEstimableError(f"fewer than three decided months after the event{cut}")


def _cells(used: pl.DataFrame, design: Design, window: EventWindow) -> pl.DataFrame:
    """Cells with any flow before the event, numbered in order of their names; none is of unknown sector."""
    cell = _cell_columns(design)
    before = used.filter(
        pl.col("month") < month_start(window.event - window.anticipation),
        pl.col("admissions") > 0,
        pl.col("sbi2") != NO_SECTOR,
    )
    return before.select(cell).unique().sort(cell).with_row_index("cell")


def _cell_columns(design: Design) -> list[str]:
    """The columns of the flows that tell cells apart."""
    return ["sbi2"] if design.cells == "sector" else ["sbi2", design.cells]


def is_own(used: FloatArray) -> npt.NDArray[np.bool_]:
    """(K,) sectors that a scheme was made for, by the persons who came by it."""
    return np.asarray(used >= max(OWN_SECTOR_PART * used.sum(), 1.0))


def _own_or_without(cells: pl.DataFrame, counts: FloatArray, window: EventWindow) -> tuple[pl.DataFrame, FloatArray]:
    """Sectors that a scheme was made for, and sectors that never used it: those in between are neither."""
    used = counts[0, :, : window.months_before].sum(axis=1)
    kept = (used == 0) | is_own(used)
    return cells.filter(pl.Series(kept)), counts[:, kept]


def _of_the_same_work(cells: pl.DataFrame, counts: FloatArray, window: EventWindow) -> tuple[pl.DataFrame, FloatArray]:
    """Cells of occupation groups that used the restricted route: how other work fares is no comparison.

    A boom of one kind of work moves all its routes and shows in no control route. Held against all other work, it
    would be read as an effect.
    """
    used = cells.with_columns(persons=counts[0, :, : window.months_before].sum(axis=1))
    kept = used.select(pl.col("persons").sum().over("occupation_group") > 0).to_series()
    return cells.filter(kept), counts[:, kept.to_numpy()]


def _clusters(cells: pl.DataFrame, flow: FloatArray, design: Design) -> IntArray:
    """(K,) sector of every cell; where companies are the cells, groups of companies of even flow."""
    if design.cells == "company":
        rank = np.argsort(np.argsort(-flow, kind="stable"), kind="stable")
        return np.asarray(rank % COMPANY_CLUSTERS, dtype=np.int64)
    return np.asarray(np.unique(cells["sbi2"].to_numpy(), return_inverse=True)[1], dtype=np.int64)


def _counts(
    used: pl.DataFrame, cells: pl.DataFrame, routes: Sequence[str], window: EventWindow, design: Design
) -> FloatArray:
    """(R, K, T) admissions."""
    counts = np.zeros((len(routes), cells.height, window.months))
    placed = used.join(cells, on=_cell_columns(design))
    month = placed["month"].dt.year().to_numpy() * 12 + placed["month"].dt.month().to_numpy() - 1 - window.first
    position = {route: i for i, route in enumerate(routes)}
    route = np.array([position[r] for r in placed["route"].to_list()], dtype=np.int64)
    np.add.at(counts, (route, placed["cell"].to_numpy(), month), placed["admissions"].to_numpy())
    return counts


def _exposure(
    salaries: pl.DataFrame, cells: pl.DataFrame, design: Design, window: EventWindow, rise: Rise | None
) -> FloatArray:
    """(K,) share of the cell's salaries that the event made inadmissible."""
    if design.rule == "scheme_closed":
        return np.ones(cells.height)
    if rise is None:
        raise NotEstimableError("the floor before or after the event is not in the reference tables")
    if rise.ratio <= 1.0:
        raise NotEstimableError("the floor did not rise at this event")
    until = window.event - window.anticipation
    seen = salaries.filter(
        pl.col("route") == design.route,
        pl.col("month") >= month_start(until - EXPOSURE_MONTHS),
        pl.col("month") < month_start(until),
        pl.col("salary_over_floor").is_not_null(),
    )
    if seen.height < LEAST_SALARIES:
        raise NotEstimableError(f"{seen.height} declared salaries before the event; {LEAST_SALARIES} are the least")
    banded = seen.with_columns(hit=in_band(seen["salary_over_floor"].to_numpy(), rise.ratio))
    cell = ["sbi2", design.cells]
    by_cell = banded.group_by(cell).agg(hits=pl.col("hit").sum(), trials=pl.len())
    placed = cells.join(by_cell, on=cell, how="left").sort("cell").fill_null(0)
    if not placed["hits"].sum():
        raise NotEstimableError("no salary before the event lay between the old and the new norm")
    hits, trials = (placed[name].cast(pl.Float64).to_numpy() for name in ("hits", "trials"))
    if not differs_between_cells(hits, trials):
        raise NotEstimableError("sectors are not exposed differently beyond chance, so none can serve as comparison")
    return shrunk_shares(hits, trials)


def _check_spread(exposure: FloatArray, clusters: IntArray, flow: FloatArray, design: Design) -> None:
    if design.cells == "company":
        if (active := int((flow > 0).sum())) < LEAST_COMPANIES:
            raise NotEstimableError(
                f"the route {design.route} was used by {active} companies; fewer than {LEAST_COMPANIES} show no error"
            )
        return
    if design.cells == "sector":
        if (others := int((flow == 0).sum())) < LEAST_SECTORS:
            raise NotEstimableError(f"{others} sectors did without {design.route}; {LEAST_SECTORS} are the least")
        return
    if (active := len(np.unique(clusters[flow > 0]))) < LEAST_SECTORS:
        raise NotEstimableError(
            f"the route {design.route} is used in {active} sectors; fewer than {LEAST_SECTORS} show no error"
        )
    if design.rule != "scheme_closed" and np.ptp(exposure[flow > 0]) < 1e-6:
        raise NotEstimableError("every sector is exposed alike, so none can serve as comparison")


def _mean_stay(used: pl.DataFrame, routes: Sequence[str], window: EventWindow) -> FloatArray:
    """(R,) mean months of stay of an admission before the event; nan where there is none."""
    before = used.filter(pl.col("month") < month_start(window.event - window.anticipation))
    # in the order of the rows: fractions added up in any order differ in their last digit from run to run
    sums = before.group_by("route", maintain_order=True).agg(pl.col("admissions", "person_months").sum())
    means = {r: m / a if a else float("nan") for r, a, m in sums.select("route", "admissions", "person_months").rows()}
    return np.array([means.get(route, float("nan")) for route in routes])
