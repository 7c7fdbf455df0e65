"""A panel of one event out of literal arrays.

Belongs here: what every such panel has in common. Does not belong here: the arrays of a test, or any assertion.
"""

from dataclasses import replace

import numpy as np

from assets.waterbed.panel import EventPanel


def one_event(restricted, destination, exposure, event_month, controls=None, **others):
    """One destination, every cell a sector of its own, one season, three months of anticipation.

    Args:
        restricted: (K, T) persons a month on the restricted route.
        destination: (K, T) persons a month on the destination.
        exposure: (K,) share that the rule excludes.
        event_month: first month under the rule.
        controls: (C, K, T), none when not given.
        others: fields of the panel that differ from this.
    """
    cells, months = restricted.shape
    controls = np.zeros((0, cells, months)) if controls is None else controls
    given = {
        "clusters": np.arange(cells),
        "season_groups": np.zeros(cells, dtype=np.int64),
        "anticipation_months": 3,
        "first_calendar_month": 0,
        "destination_names": ["gvva"],
        "control_names": ["twv_student", "learning_work"][: len(controls)],
    } | others
    return EventPanel(
        restricted=restricted,
        destinations=destination[None],
        controls=controls,
        exposure=exposure,
        event_month=event_month,
        **given,
    )


def of_cells(panel, kept):
    """The panel with only the cells that `kept` picks."""
    return replace(
        panel,
        restricted=panel.restricted[kept],
        destinations=panel.destinations[:, kept],
        controls=panel.controls[:, kept],
        exposure=panel.exposure[kept],
        clusters=panel.clusters[kept],
        season_groups=panel.season_groups[kept],
    )
