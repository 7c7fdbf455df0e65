"""Dagster assets of displacement between schemes.

Belongs here: wiring. Does not belong here: estimation (`estimate` and what it calls) and queries (`sql/waterbed/`).
"""

from collections.abc import Iterator

import dagster as dg

from assets.feeds.night import Night
from assets.waterbed.companions.tables import COMPANIONS_READ, write_companions
from assets.waterbed.tables import ESTIMATES_READ, SWITCHES_READ, write_estimates, write_switches

DISPLACEMENT = dg.AssetKey(["estimates", "displacement"])
LAGS = dg.AssetKey(["estimates", "displacement_lags"])


@dg.multi_asset(
    outs={
        "displacement": dg.AssetOut(
            key=DISPLACEMENT,
            group_name="waterbed",
            kinds={"duckdb", "polars"},
            description="Persons lost on a tightened route and gained on others, by event, destination and horizon.",
        ),
        "displacement_lags": dg.AssetOut(
            key=LAGS,
            group_name="waterbed",
            kinds={"duckdb", "polars"},
            description="How fast the flow came up elsewhere: gains by bin of months after the event.",
        ),
    },
    deps=[name.split(".") for name in ESTIMATES_READ],
    name="displacement_estimates",
)
def displacement_estimates(night: dg.ResourceParam[Night]) -> Iterator[dg.MaterializeResult[None]]:
    """Read flows, estimate every event of the reference file, write both tables."""
    with night.warehouse.writing() as session:
        displacement, lags = write_estimates(session, night.as_of, night.run_id)
    yield dg.MaterializeResult(asset_key=DISPLACEMENT, metadata={"dagster/row_count": displacement})
    yield dg.MaterializeResult(asset_key=LAGS, metadata={"dagster/row_count": lags})


@dg.asset(
    key=["estimates", "switches"],
    deps=[name.split(".") for name in SWITCHES_READ],
    group_name="waterbed",
    kinds={"duckdb"},
    description="Persons and sponsors that left one route and entered another.",
)
def switches(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """Read stays and refusals, find changes of route, write them."""
    with night.warehouse.writing() as session:
        rows = write_switches(session, night.as_of, night.run_id)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})


@dg.asset(
    key=["estimates", "companions"],
    deps=[name.split(".") for name in COMPANIONS_READ],
    group_name="waterbed",
    kinds={"duckdb", "polars"},
    description="What stands beside every displacement estimate: placebos, sensitivity, other designs, real series.",
)
def companions(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """Read flows and real series, ask every companion about every event, write the answers."""
    with night.warehouse.writing() as session:
        rows = write_companions(session, night.as_of, night.run_id)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})
