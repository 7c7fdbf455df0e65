"""What the page of a simulated world knows: plain tables, handed over by whoever knows the world.

Belongs here: their names and columns. Does not belong here: where they come from; the reports cannot see the stand-ins.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import polars as pl

from reports.facts import clean


@dataclass(frozen=True)
class WorldFacts:
    """Everything that the page of a world may say.

    Attributes:
        scenario: name of the scenario.
        about: what the scenario is, in the words of its file.
        scale: name of the scale.
        persons: share of the national number of persons that is simulated.
        seed: seed of the world.
        as_of: last day of delivery.
        sizes: `what` (persons, companies, employers, applications, stays), `number`.
        feeds: `feed`, `deliveries`, `rows`.
        volumes: `figure`, `year`, `period`, `published`, `world`, `ratio`, `band`, `inside`, `explanation`.
        norm_distances: `category`, `above` (lower edge, share of the norm), `applications`.
        shared: `kind` (officer, address, hirer), `sponsors` (5: five or more), `number`.
        networks: `network`, `company`, `kind`, `what`, `planted`: one row per tie.
        displacement: the truth, as `truth/displacement.parquet`.
        event_months: `event_id`, `restricted_route`, `month`, `lost`, `gained`.
        indicators: `indicator`, `name`.
        planted: `indicator`, `cases`, `weakest`, `median`, `strongest`.
        look_alikes: `indicator`, `look_alike`, `cases`.
        fault_rates: `fault`, `feed`, `field`, `unit`, `rate`, `candidates`, `faults`.
        delivery_faults: `fault`, `feed`, `delivered_on`, `detail`.
    """

    scenario: str
    about: str
    scale: str
    persons: float
    seed: int
    as_of: date
    sizes: pl.DataFrame
    feeds: pl.DataFrame
    volumes: pl.DataFrame
    norm_distances: pl.DataFrame
    shared: pl.DataFrame
    networks: pl.DataFrame
    displacement: pl.DataFrame
    event_months: pl.DataFrame
    indicators: pl.DataFrame
    planted: pl.DataFrame
    look_alikes: pl.DataFrame
    fault_rates: pl.DataFrame
    delivery_faults: pl.DataFrame


def cleaned(facts: WorldFacts) -> WorldFacts:
    """The same facts without control characters in their texts."""
    frames: dict[str, Any] = {
        field.name: clean(value)
        for field in fields(facts)
        if isinstance(value := getattr(facts, field.name), pl.DataFrame)
    }
    return replace(facts, **frames)
