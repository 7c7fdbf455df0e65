"""The engine's part of publication: copy tables of the warehouse into a new file that older clients can open.

Belongs here: attaching, copying, checking a database file. Does not belong here: which tables are published,
folders, links and permissions (`assets.publication.publish`).

A published file is never written again: a writer blocks the readers of other processes, and a log left beside a
replaced file makes it unopenable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from quality.contract import Table
from sql.ddl import create_table_statements
from sql.warehouse import SETTINGS, Session, check_columns

#: The oldest engine that must be able to open what we publish, as the engine names it.
STORAGE_VERSION = "v1.2.0+"


class PublicationError(RuntimeError):
    """What stands in the copy is not what should be published."""


@dataclass(frozen=True)
class Copy:
    """What was written into a new database file: rows by table."""

    path: Path
    rows: Mapping[str, int]


def copy_tables(
    source: Path,
    target: Path,
    tables: Sequence[Table],
    *,
    run_id: str,
    finished_at: datetime,
    instead: Mapping[str, pl.DataFrame] | None = None,
    memory_limit: str = "3GB",
) -> Copy:
    """Write `tables` of the warehouse `source` into the new file `target`, with their comments.

    Args:
        source: the private warehouse; opened for reading.
        target: a file that does not exist yet.
        tables: what to copy, in this order; a table that the warehouse lacks is written empty.
        run_id: the run; its row in `meta.runs` says `succeeded` in the copy.
        finished_at: end of the run by the real clock.
        instead: rows to write in place of the warehouse's, by `schema.table`.
        memory_limit: as DuckDB writes it.

    Raises:
        PublicationError: when `meta.runs` has no row of the run.
        duckdb.Error: when the warehouse cannot be read or the file cannot be written.
    """
    spill = target.parent / "spill"
    config = {**SETTINGS, "memory_limit": memory_limit, "temp_directory": str(spill)}
    connection = duckdb.connect(":memory:", config=config)
    try:
        session = Session(connection)
        session.run("publication/quiet")
        session.run("publication/attach_source", path=str(source))
        session.run("publication/attach_target", path=str(target))
        session.run("publication/use_target")
        connection.begin()
        rows = _copy(session, tables, instead or {})
        if not session.rows("publication/mark_published", run_id=run_id, finished_at=finished_at):
            raise PublicationError(f"meta.runs has no row of run {run_id}: nothing is published")
        connection.commit()
        session.run("publication/checkpoint_target")
        session.run("publication/leave_target")
        session.run("publication/detach_target")
    finally:
        connection.close()
    return Copy(target, rows)


def _copy(session: Session, tables: Sequence[Table], instead: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    present = {name for (name,) in session.rows("publication/source_tables")}
    rows = {}
    for table in tables:
        for statement in create_table_statements(table):
            session.connection.execute(statement)
        names = [f.name for f in table.fields]
        if table.full_name in instead:
            rows[table.full_name] = session.append(table, instead[table.full_name])
        elif table.full_name in present:
            relation = session.connection.table(f"warehouse.{table.full_name}")
            check_columns(table, relation.columns)
            relation.select(*(duckdb.ColumnExpression(n) for n in names)).insert_into(table.full_name)
            rows[table.full_name] = _count(relation)
        else:
            rows[table.full_name] = 0
    return rows


def _count(relation: duckdb.DuckDBPyRelation) -> int:
    [(rows,)] = relation.aggregate("count(*)").fetchall()
    return int(rows)


def check_copy(copy: Copy, run_id: str) -> None:
    """Open the copy as a reader would and compare it with what was written.

    Raises:
        PublicationError: when a log stands beside it, a table has other rows than were written, it can only be
            read by newer engines, a table or column has no comment, or it is not of this run.
    """
    if copy.path.with_name(copy.path.name + ".wal").exists():
        raise PublicationError("a log stands beside the copy: it was not closed")
    connection = duckdb.connect(str(copy.path), read_only=True, config=dict(SETTINGS))
    try:
        session = Session(connection)
        found = {name: _count(connection.table(name)) for name in copy.rows}
        wrong = sorted(name for name, rows in copy.rows.items() if found[name] != rows)
        if wrong:
            raise PublicationError(f"rows differ from the warehouse in {', '.join(wrong)}")
        [(version,)] = session.rows("publication/storage_version")
        if version != STORAGE_VERSION:
            raise PublicationError(f"the copy is of storage version {version}, not {STORAGE_VERSION}")
        if bare := session.rows("publication/uncommented"):
            raise PublicationError(f"without comment: {', '.join(name for (name,) in bare[:5])}")
        if session.rows("publication/release_run") != [(run_id, "succeeded")]:
            raise PublicationError(f"the copy is not of run {run_id}")
    finally:
        connection.close()
