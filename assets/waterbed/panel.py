"""The panel of one event: monthly counts of every route that the event concerns, by cell.

Belongs here: the arrays that the estimator works on and the checks on their shapes. Does not belong here: how
flows become cells (`cells`), which events there are (`declarations`), or any estimation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
#: Months from the event, first and one past last.
Bin = tuple[int, int]


@dataclass(frozen=True)
class EventPanel:
    """Counts around one dated restriction.

    Shapes: K cells, T months, D destinations, C control routes. All counts are persons a month.

    Attributes:
        restricted: (K, T) admissions on the route that is restricted.
        destinations: (D, K, T) admissions on the routes where the flow may come up.
        controls: (C, K, T) admissions on routes that share the demand of a cell but cannot receive the flow.
        exposure: (K,) share of the cell's flow that the new rule would have excluded, measured before the event.
        clusters: (K,) number of the sector of each cell; errors are clustered on it.
        season_groups: (K,) number of the group of sectors that shares a seasonal pattern.
        event_month: position of the first month under the new rule.
        anticipation_months: months before the event in which applications may have been brought forward.
        first_calendar_month: 0 for January, the calendar month of position 0.
        destination_names: D names.
        control_names: C names.
        is_closed: the route closed for everyone. Then no cell is exposed less than another and the loss is counted
            against the level before the event, with the uncertainty of that level added to its error.
        shocked: (T,) months under a common shock, in which nothing was usual; none when there are no such months.
    """

    restricted: FloatArray
    destinations: FloatArray
    controls: FloatArray
    exposure: FloatArray
    clusters: IntArray
    season_groups: IntArray
    event_month: int
    anticipation_months: int
    first_calendar_month: int
    destination_names: Sequence[str]
    control_names: Sequence[str]
    is_closed: bool = False
    shocked: npt.NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together."""
        cells, months = self.restricted.shape
        if self.destinations.shape[1:] != (cells, months) or self.controls.shape[1:] != (cells, months):
            raise ValueError("destinations and controls must have the cells and months of the restricted route")
        if not (self.exposure.shape == self.clusters.shape == self.season_groups.shape == (cells,)):
            raise ValueError("exposure, clusters and season_groups must have one value a cell")
        if len(self.destination_names) != len(self.destinations) or len(self.control_names) != len(self.controls):
            raise ValueError("every destination and every control needs a name")
        if not 0 < self.event_month - self.anticipation_months < self.event_month < months:
            raise ValueError("the event must lie inside the panel, with months before and after it")

    @property
    def cells(self) -> int:
        """The number of cells, K."""
        return int(self.restricted.shape[0])

    @property
    def months(self) -> int:
        """The number of months, T."""
        return int(self.restricted.shape[1])

    @property
    def calendar_month(self) -> IntArray:
        """(T,) calendar month of every position, 0 for January."""
        return (np.arange(self.months) + self.first_calendar_month) % 12

    @property
    def first_touched_month(self) -> int:
        """The first month that the event may have touched, anticipation included."""
        return self.event_month - self.anticipation_months

    def after(self, low: int, high: int) -> slice:
        """Positions of the months `low` up to `high` after the event."""
        return slice(self.event_month + low, self.event_month + high)

    def with_controls(self, kept: Sequence[int]) -> EventPanel:
        """The same panel with only the control routes at the positions `kept`."""
        return replace(
            self,
            controls=self.controls[list(kept)],
            control_names=[self.control_names[i] for i in kept],
        )
