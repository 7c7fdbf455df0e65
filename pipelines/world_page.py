"""The page of a simulated world: what the world and its truth tell, handed to the reports.

Belongs here: putting the two together. Does not belong here: counting in a world (`assets.standins.portrait`,
`assets.standins.calibration`) and drawing (`reports`).
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl

from assets.standins import portrait
from assets.standins.calibration import calibration
from assets.standins.deliveries.deliver import day_number
from assets.standins.foundations import regions
from assets.standins.foundations.parameters import Parameters, read_parameters
from assets.standins.foundations.version import OtherVersionError, fingerprint
from assets.standins.supply import make_world
from assets.standins.world import World
from quality.reference.tables import read
from reports.world_facts import WorldFacts
from reports.world_page import write_world_page

PAGE = "world.html"


def make_world_page(data: Path) -> Path:
    """Write `truth/world.html` beside the truth of the world in `data`.

    The world (of a world in regions: the first region) is simulated again from its mark, so that what nobody delivers
    can be counted too.

    Args:
        data: a data folder that `supply` filled.

    Raises:
        FileNotFoundError: `data` holds no simulated world.
        OtherVersionError: another version of the stand-ins made it, so that it cannot be simulated again.
    """
    truth = data / "truth"
    mark = json.loads((truth / "world.json").read_text(encoding="utf-8"))
    if mark.get("stand_ins") != fingerprint():
        raise OtherVersionError(
            f"another version of the stand-ins made the world in {data}; make it anew, in another folder, with "
            "waterbed standins"
        )
    as_of = date.fromisoformat(mark["as_of"])
    parameters = read_parameters(mark["scale"], mark["scenario"])
    until = day_number(as_of)
    with regions.region(0, parameters.regions):
        world = make_world(parameters, int(mark["seed"]), max(day_number(parameters["horizon"]), until))
        return _written(data, mark, parameters, world, as_of)


def _written(data: Path, mark: dict[str, str], parameters: Parameters, world: World, as_of: date) -> Path:
    truth, until = data / "truth", day_number(as_of)
    displacement = pl.read_parquet(truth / "displacement.parquet")
    facts = WorldFacts(
        scenario=mark["scenario"],
        about=parameters.scenario,
        scale=mark["scale"],
        persons=parameters.persons,
        seed=int(mark["seed"]),
        as_of=as_of,
        sizes=_sizes(world),
        feeds=delivered(data / "landing"),
        volumes=calibration(world, as_of),
        norm_distances=portrait.norm_distances(world, until),
        shared=portrait.shared(world, until),
        networks=portrait.networks(world, until),
        displacement=displacement,
        event_months=portrait.event_months(displacement, pl.read_parquet(truth / "displacement_moves.parquet")),
        indicators=read("indicators.csv").select(indicator="id", name="name_nl"),
        planted=_planted(pl.read_parquet(truth / "planted.parquet")),
        look_alikes=pl.read_parquet(truth / "look_alikes.parquet")
        .group_by("indicator", "look_alike")
        .agg(cases=pl.len())
        .sort("indicator", "look_alike"),
        fault_rates=pl.read_parquet(truth / "fault_rates.parquet"),
        delivery_faults=pl.read_parquet(truth / "delivery_faults.parquet").drop("rows"),
    )
    return write_world_page(facts, truth / PAGE)


def _sizes(world: World) -> pl.DataFrame:
    counts = {
        "persons": len(world.people),
        "companies": len(world.companies),
        "employers": len(world.employers.table),
        "applications": len(world.permits),
        "stays": len(world.stays),
    }
    return pl.DataFrame({"what": list(counts), "number": list(counts.values())})


def delivered(landing: Path) -> pl.DataFrame:
    """What lies in a landing folder: `feed`, `deliveries`, `rows`, in order of feed."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(landing.glob("*/*/manifest.json"))]
    rows = [(m["feed"], sum(int(file["rows"]) for file in m["files"])) for m in found]
    schema = {"feed": pl.String, "rows": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by("feed").agg(deliveries=pl.len(), rows=pl.col("rows").sum()).sort("feed")


def _planted(table: pl.DataFrame) -> pl.DataFrame:
    return (
        table.group_by("indicator")
        .agg(
            cases=pl.len(),
            weakest=pl.col("strength").min(),
            median=pl.col("strength").median(),
            strongest=pl.col("strength").max(),
        )
        .sort("indicator")
    )
