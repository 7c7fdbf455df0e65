"""Reading what a night left behind, for tests: published tables without what differs between runs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from quality.contract import product_tables

DATABASE = Path("published/current/labour_migration.duckdb")
#: Columns that name a run or a moment; everything else must be equal between equal nights.
OF_THE_RUN = {"run_id", "started_at", "finished_at", "attempt"}
COMPARED = ("core", "findings", "estimates", "pub")


def query(data: Path, sql: str) -> list[tuple[object, ...]]:
    """Ask the published database as an analyst would."""
    with duckdb.connect(str(data / DATABASE), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def raw(data: Path, sql: str) -> list[tuple[object, ...]]:
    """Ask the private warehouse."""
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def content(data: Path) -> dict[str, int]:
    """A fingerprint per published table, blind to the order of rows and to the name of the run."""
    prints = {}
    with duckdb.connect(str(data / DATABASE), read_only=True) as connection:
        for table in product_tables().values():
            if table.schema not in COMPARED:
                continue
            frame: pl.DataFrame = connection.table(table.full_name).pl()
            kept = frame.select([c for c in frame.columns if c not in OF_THE_RUN])
            prints[table.full_name] = sum(kept.hash_rows(seed=1).to_list()) + kept.height if kept.width else kept.height
    return prints
