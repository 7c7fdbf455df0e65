"""Dagster assets of the reference tables and of the real public register.

Belongs here: wiring. Does not belong here: what the tables hold (`assets.core.reference`,
`assets.core.register`).
"""

import dagster as dg

from assets.core.reference import write_indicators, write_published_volumes, write_reference
from assets.core.register import write_register_entries, write_register_movements, write_register_spells
from assets.feeds.night import Night
from quality.contract import product_tables
from quality.reference.tables import READERS


def _reference_asset(name: str) -> dg.AssetsDefinition:
    schema, table = name.split(".")
    description = f"{product_tables()[name].grain}; from the reference files, each row with its source."

    @dg.asset(key=[schema, table], group_name="reference", kinds={"duckdb"}, description=description)
    def reference_table(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
        with night.warehouse.writing() as session:
            rows = write_reference(session, name)
        return dg.MaterializeResult(metadata={"dagster/row_count": rows})

    return reference_table


reference_tables = [_reference_asset(name) for name in READERS]


def indicators_asset(built: frozenset[str]) -> dg.AssetsDefinition:
    """The asset `meta.indicators`; `built` are the indicators that this version computes."""

    @dg.asset(key=["meta", "indicators"], group_name="reference", kinds={"duckdb"})
    def indicators(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
        """One row per indicator of the study: rule, legal hook, look-alikes, and whether it is computed."""
        with night.warehouse.writing() as session:
            rows = write_indicators(session, built)
        return dg.MaterializeResult(metadata={"dagster/row_count": rows})

    return indicators


@dg.asset(
    key=["core", "published_volumes"],
    deps=[["raw", "public_volumes"]],
    group_name="reference",
    kinds={"duckdb"},
)
def published_volumes(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """One row per published figure (real), with its source and the population that it counts."""
    with night.warehouse.writing() as session:
        rows = write_published_volumes(session)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})


@dg.asset(
    key=["core", "register_entries"],
    deps=[["raw", "ind_public_register"]],
    group_name="public_register",
    kinds={"duckdb"},
)
def register_entries(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """One row per line of the public register at a snapshot, with cleaned and normalised name (real)."""
    with night.warehouse.writing() as session:
        rows = write_register_entries(session)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})


@dg.asset(
    key=["core", "register_spells"],
    deps=[["core", "register_entries"]],
    group_name="public_register",
    kinds={"duckdb"},
)
def register_spells(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """One row per unbroken presence of an organisation in the public register (real)."""
    with night.warehouse.writing() as session:
        rows = write_register_spells(session)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})


@dg.asset(
    key=["core", "register_movements"],
    deps=[["core", "register_entries"], ["core", "register_spells"]],
    group_name="public_register",
    kinds={"duckdb"},
)
def register_movements(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """Who came, went, was renumbered or renamed between consecutive snapshots of the public register (real)."""
    with night.warehouse.writing() as session:
        rows = write_register_movements(session)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})
