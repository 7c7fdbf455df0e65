"""Dagster assets of the linked and harmonised records.

Belongs here: wiring. Does not belong here: what a table means (`sql/core/`, `assets.core.persons`,
`assets.core.payrolls`) or reads (`assets.core.tables`).
"""

import dagster as dg

from assets.core.payrolls import write_payroll_numbers
from assets.core.persons import write_person_identifiers
from assets.core.tables import PAYROLL_NUMBERS_READ, PERSON_IDENTIFIERS_READ, TABLES, CoreTable
from assets.feeds.night import Night
from quality.contract import product_tables
from sql import queries


def _keys(names: tuple[str, ...]) -> list[list[str]]:
    return [name.split(".") for name in names]


@dg.asset(
    key=["core", "person_identifiers"],
    deps=_keys(PERSON_IDENTIFIERS_READ),
    group_name="core",
    kinds={"duckdb", "polars"},
    description=product_tables()["core.person_identifiers"].grain,
)
def person_identifiers(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """Numbers of persons, joined through the permit feed."""
    with night.warehouse.writing() as session:
        rows = write_person_identifiers(session)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})


@dg.asset(
    key=["core", "payroll_numbers"],
    deps=_keys(PAYROLL_NUMBERS_READ),
    group_name="core",
    kinds={"duckdb", "polars"},
    description=product_tables()["core.payroll_numbers"].grain,
)
def payroll_numbers(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """Payroll-tax numbers, linked to companies where the link is good enough."""
    with night.warehouse.writing() as session:
        rows = write_payroll_numbers(session, night.as_of)
    return dg.MaterializeResult(metadata={"dagster/row_count": rows})


def _core_asset(table: CoreTable) -> dg.AssetsDefinition:
    @dg.asset(
        key=["core", table.name],
        deps=_keys(table.reads),
        group_name="core",
        kinds={"duckdb"},
        description=f"{product_tables()[table.full_name].grain}: {queries.header(table.query)}",
    )
    def core_table(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
        with night.warehouse.writing() as session:
            rows = table.fill(session, night.as_of)
        return dg.MaterializeResult(metadata={"dagster/row_count": rows})

    return core_table


core_tables = [_core_asset(table) for table in TABLES]
