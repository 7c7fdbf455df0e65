"""What Dagster shows of a table's columns: name, type, meaning, taken from its contract.

Belongs here: putting the columns of a contract on the asset of the same name. Does not belong here: the contracts.
"""

import dagster as dg

from quality.contract import Table, feed_contracts, product_tables

COLUMNS = "dagster/column_schema"


def tables_by_name() -> dict[str, Table]:
    """Every table that has a contract, ours and the feeds', by `schema.table`."""
    return {**product_tables(), **{f"raw.{feed}": contract.table for feed, contract in feed_contracts().items()}}


def with_columns(asset: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The asset with the columns of each table that it makes."""
    tables = tables_by_name()

    def described(spec: dg.AssetSpec) -> dg.AssetSpec:
        table = tables.get(".".join(spec.key.path))
        return spec if table is None else spec.merge_attributes(metadata={COLUMNS: column_schema(table)})

    return asset.map_asset_specs(described)


def column_schema(table: Table) -> dg.TableSchema:
    """The columns of a table as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=field.name,
                type=field.duckdb_type,
                description=f"{field.meaning} ({field.dutch_term})" if field.dutch_term else field.meaning,
                constraints=dg.TableColumnConstraints(nullable=not field.required),
            )
            for field in table.fields
        ]
    )
