"""The dictionary that travels with the database: one row of `meta.columns` per published column.

Belongs here: turning table contracts into rows. Does not belong here: a page for people (`quality.dictionary`).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from quality.contract import Table

COLUMN_SCHEMA = {
    "schema_name": pl.String,
    "table_name": pl.String,
    "column_name": pl.String,
    "position": pl.Int64,
    "type": pl.String,
    "meaning": pl.String,
    "dutch_term": pl.String,
    "classification": pl.String,
    "is_key": pl.Boolean,
    "is_required": pl.Boolean,
}


def column_frame(tables: Iterable[Table]) -> pl.DataFrame:
    """One row per column of `tables`, ordered by schema, table and position (from 1)."""
    rows = [
        {
            "schema_name": table.schema,
            "table_name": table.name,
            "column_name": field.name,
            "position": position,
            "type": field.duckdb_type,
            "meaning": field.meaning,
            "dutch_term": field.dutch_term or None,
            "classification": field.classification,
            "is_key": field.key_position is not None,
            "is_required": field.required,
        }
        for table in tables
        for position, field in enumerate(table.fields, start=1)
    ]
    return pl.DataFrame(rows, schema=COLUMN_SCHEMA).sort("schema_name", "table_name", "position")
