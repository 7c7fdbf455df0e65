"""Events as data: which events are tested, on which route, with which exposure, destinations and controls.

Belongs here: reading and checking `events.yaml`. Does not belong here: reading flows, deciding windows (`windows`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

FILE = Path(__file__).parent / "events.yaml"

CellKind = Literal["occupation_group", "company", "sector"]
ExposureRule = Literal["salary_band", "wage_floor", "scheme_closed"]


@dataclass(frozen=True)
class Windows:
    """Lengths in months; see the head of `events.yaml`."""

    pre: int
    pre_least: int
    anticipation: int
    post: int
    undecided: int


@dataclass(frozen=True)
class Design:
    """How one restricted route is tested.

    Attributes:
        name: name of the design.
        route: the route that the event restricts.
        rule: what makes flow inadmissible.
        criterion: name of the salary norm in `core.salary_norms`; none when the rule needs none.
        destinations: routes where the flow may come up.
        controls: routes that share the demand of a sector but cannot receive the flow.
        cells: what the flow of a sector is divided by. Companies are for schemes of few companies in large sectors;
            their displacement is that by the same company only. Whole sectors are for schemes that a sector had to
            itself: it is held against all others, its new companies included.
    """

    name: str
    route: str
    rule: ExposureRule
    criterion: str | None
    destinations: Sequence[str]
    controls: Sequence[str]
    cells: CellKind = "occupation_group"


@dataclass(frozen=True)
class SeriesBreak:
    """A day on which series change for other reasons than behaviour.

    Attributes:
        event_id: the event.
        routes: series that break.
        sectors: sectors in which they do; all when empty.
    """

    event_id: str
    routes: Sequence[str]
    sectors: Sequence[str]


@dataclass(frozen=True)
class Shock:
    """Months in which no series was what it usually is.

    Attributes:
        event_id: the event that began them.
        until: last day of the shock.
    """

    event_id: str
    until: date


@dataclass(frozen=True)
class Declarations:
    """All that was declared before estimation.

    Attributes:
        declared_on: day of the declaration.
        windows: lengths of windows.
        control_reasons: why each control route cannot receive displaced flow.
        tested: designs by event.
        untested: reason by event.
        small_event_types: types of events that end no other event's window.
        breaks: days that no window crosses.
        shocks: months that no usual level is read from.
    """

    declared_on: date
    windows: Windows
    control_reasons: Mapping[str, str]
    tested: Mapping[str, Sequence[Design]]
    untested: Mapping[str, str]
    small_event_types: Sequence[str]
    breaks: Sequence[SeriesBreak]
    shocks: Sequence[Shock]


@cache
def declarations() -> Declarations:
    """The declarations of this version of the study."""
    return read_declarations(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def read_declarations(document: Mapping[str, Any]) -> Declarations:
    """Check and shape the document of `events.yaml`.

    Raises:
        ValueError: a design without reasoned controls, a route that is both destination and control, an unknown
            rule, or an event that is both tested and untested.
    """
    reasons = {route: str(entry["reason"]) for route, entry in document["controls"].items()}
    designs = {name: _design(name, entry, reasons) for name, entry in document["designs"].items()}
    tested = {event: tuple(designs[name] for name in names) for event, names in document["tested"].items()}
    untested = {event: str(reason) for event, reason in document["untested"].items()}
    if both := sorted(set(tested) & set(untested)):
        raise ValueError(f"events both tested and untested: {both}")
    return Declarations(
        declared_on=document["declared_on"],
        windows=Windows(**document["windows"]),
        control_reasons=reasons,
        tested=tested,
        untested=untested,
        small_event_types=tuple(document["small_event_types"]),
        breaks=tuple(
            SeriesBreak(event, tuple(entry["routes"]), tuple(entry.get("sectors", ())))
            for event, entry in document["breaks"].items()
        ),
        shocks=tuple(Shock(event, entry["until"]) for event, entry in document["shocks"].items()),
    )


def _design(name: str, entry: Mapping[str, Any], reasons: Mapping[str, str]) -> Design:
    design = Design(
        name=name,
        route=entry["route"],
        rule=entry["exposure"]["rule"],
        criterion=entry["exposure"].get("criterion"),
        destinations=tuple(entry["destinations"]),
        controls=tuple(entry["controls"]),
        cells=entry.get("cells", "occupation_group"),
    )
    if design.cells not in get_args(CellKind):
        raise ValueError(f"{name}: unknown cells {design.cells}")
    if design.rule not in get_args(ExposureRule):
        raise ValueError(f"{name}: unknown exposure rule {design.rule}")
    if unreasoned := sorted(set(design.controls) - set(reasons)):
        raise ValueError(f"{name}: controls without a reason: {unreasoned}")
    if overlap := {design.route, *design.destinations} & set(design.controls):
        raise ValueError(f"{name}: a control cannot be touched by the event: {sorted(overlap)}")
    if design.route in design.destinations or len(set(design.destinations)) < len(design.destinations):
        raise ValueError(f"{name}: destinations must differ from the restricted route and from each other")
    return design
