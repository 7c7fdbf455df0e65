"""The assumptions of a world, read from data.

Belongs here: reading `assumptions/`, laying a scenario over it, and the size of a world. Does not belong here:
what the figures mean to a component; each reads its own block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent.parent
Block = Mapping[str, Any]


@dataclass(frozen=True)
class Parameters:
    """The assumptions of one world.

    Attributes:
        scenario: name of the scenario.
        scale: name of the scale.
        persons: share of the national number of openings and other applicants that is simulated in a region.
        postings: the same share of posted workers.
        companies: share of the national number of companies in a region.
        regions: number of regions; each is simulated by itself, so that a world of several needs the memory of one.
        blocks: every block of the assumption files, with the scenario laid over it.
    """

    scenario: str
    scale: str
    persons: float
    postings: float
    companies: float
    regions: int
    blocks: Block

    def __getitem__(self, block: str) -> Any:
        return self.blocks[block]


def _laid_over(base: Any, change: Any) -> Any:
    if isinstance(base, dict) and isinstance(change, dict):
        return base | {key: _laid_over(base.get(key), value) for key, value in change.items()}
    return change


def _read(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found or {}


def scenarios() -> list[str]:
    """The scenarios that there are, in alphabetical order."""
    return sorted(path.stem for path in (HERE / "scenarios").glob("*.yaml"))


def read_parameters(scale: str, scenario: str) -> Parameters:
    """The assumptions for one scale and scenario; ValueError when either does not exist."""
    blocks: dict[str, Any] = {}
    for path in sorted((HERE / "assumptions").glob("*.yaml")):
        blocks |= _read(path)
    if scenario not in scenarios():
        raise ValueError(f"there is no scenario {scenario!r}; there are: {', '.join(scenarios())}")
    if scale not in blocks["scales"]:
        raise ValueError(f"there is no scale {scale!r}; there are: {', '.join(blocks['scales'])}")
    change = _read(HERE / "scenarios" / f"{scenario}.yaml")
    unknown = sorted(set(change) - set(blocks) - {"about"})
    if unknown:
        raise ValueError(f"scenario {scenario!r} changes blocks that do not exist: {unknown}")
    merged = _laid_over(blocks, {key: value for key, value in change.items() if key != "about"})
    size = merged["scales"][scale]
    persons, postings, companies = (float(size[part]) for part in ("persons", "postings", "companies"))
    return Parameters(scenario, scale, persons, postings, companies, int(size["regions"]), merged)
