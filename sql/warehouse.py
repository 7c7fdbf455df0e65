"""The one place that opens the database: sessions with a transaction, a query by name, a frame in or out.

Belongs here: connections, running the queries of this package, writing frames. Does not belong here: what a
query means (that stands in the `.sql` files) and what a table must look like (`quality.contract`).

DuckDB facts that shaped it: a writer blocks every reader of another process, so a session is short and always
closed; `execute` streams, so results are read to the end at once; extensions are never loaded.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from quality.contract import Table
from sql.ddl import add_column, create_table_statements
from sql.queries import load

#: No query of ours needs the network or an extension, and none may reach for one.
SETTINGS: Mapping[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}


class Session:
    """An open connection inside one transaction; made by `Warehouse`, never by hand."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def run(self, query: str, **parameters: object) -> None:
        """Run the query called `query` (`folder/name` under `sql/`) for its effect."""
        self.connection.execute(load(query), parameters or None).fetchall()

    def rows(self, query: str, **parameters: object) -> list[tuple[Any, ...]]:
        """All rows of the query called `query`."""
        return self.connection.execute(load(query), parameters or None).fetchall()

    def frame(self, query: str, **parameters: object) -> pl.DataFrame:
        """The result of the query called `query` as a frame."""
        found: pl.DataFrame = self.connection.sql(load(query), params=parameters or None).pl()
        return found

    def table(self, name: str) -> pl.DataFrame:
        """A whole table (`schema.name`) as a frame."""
        found: pl.DataFrame = self.connection.table(name).pl()
        return found

    def count(self, name: str) -> int:
        """The number of rows of a table (`schema.name`)."""
        return len(self.connection.table(name))

    def exists(self, name: str) -> bool:
        """True when the table or view `schema.name` is there."""
        schema, table = name.split(".")
        return bool(self.rows("meta/table_exists", schema=schema, table=table)[0][0])

    def create(self, table: Table) -> None:
        """Have `table` with its comments: made when missing, given the columns that its contract has since got.

        Rows that are there stay. Kept tables (bookkeeping) live through many versions of a contract this way;
        tables that are made anew each night come from `replace` and `fill`.
        """
        if not self.exists(table.full_name):
            self._make(table)
            return
        there = set(self.connection.table(table.full_name).columns)
        for field in table.fields:
            if field.name not in there:
                self.connection.execute(add_column(table, field))

    def _make(self, table: Table) -> None:
        for statement in create_table_statements(table):
            self.connection.execute(statement)

    def append(self, table: Table, frame: pl.DataFrame) -> int:
        """Append `frame` to `table`, columns by name, cast to the table's types; returns the rows written.

        Raises:
            ValueError: when the frame lacks a column of the table or has one more.
        """
        check_columns(table, frame.columns)
        self.create(table)
        return self._insert(table, frame)

    def replace(self, table: Table, frame: pl.DataFrame) -> int:
        """Make `table` hold exactly `frame`; returns the rows written. Errors as `append`."""
        check_columns(table, frame.columns)
        self._make(table)
        return self._insert(table, frame)

    def _insert(self, table: Table, frame: pl.DataFrame) -> int:
        if frame.height:
            rows = self.connection.from_arrow(frame.select(f.name for f in table.fields).to_arrow())
            rows.insert_into(table.full_name)
        return frame.height

    def fill(self, table: Table, query: str, **parameters: object) -> int:
        """Make `table` hold exactly the result of `query`, columns by name; returns the rows written.

        Raises:
            ValueError: when the query lacks a column of the table or has one more.
        """
        relation = self.connection.sql(load(query), params=parameters or None)
        check_columns(table, relation.columns)
        self._make(table)
        relation.select(*(duckdb.ColumnExpression(f.name) for f in table.fields)).insert_into(table.full_name)
        return self.count(table.full_name)


def check_columns(table: Table, columns: Sequence[str]) -> None:
    """ValueError naming what is missing or too much when `columns` are not those of `table`."""
    wanted = {f.name for f in table.fields}
    missing, surplus = sorted(wanted - set(columns)), sorted(set(columns) - wanted)
    if missing or surplus:
        raise ValueError(f"{table.full_name}: missing columns {missing}, columns not in its contract {surplus}")


@dataclass(frozen=True)
class Warehouse:
    """The private database of the pipeline: one file, one writer at a time."""

    path: Path
    memory_limit: str = "3GB"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed when the block ends well, rolled back when it does not."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(str(self.path), config=self._config())
        try:
            connection.begin()
            try:
                yield Session(connection)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
        finally:
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only session."""
        connection = duckdb.connect(str(self.path), read_only=True, config=self._config())
        try:
            yield Session(connection)
        finally:
            connection.close()

    def damage(self) -> str | None:
        """Why the file cannot be opened, in the engine's words; None when it can, or is not there yet."""
        if not self.path.exists():
            return None
        try:
            with self.writing():
                return None
        except duckdb.Error as error:
            return str(error).splitlines()[0]

    def sweep(self) -> None:
        """Remove what a killed process spilled to disk; only for who holds the run lock."""
        shutil.rmtree(self._spill, ignore_errors=True)

    @property
    def _spill(self) -> Path:
        return self.path.parent / "spill"

    def _config(self) -> dict[str, Any]:
        return {**SETTINGS, "memory_limit": self.memory_limit, "temp_directory": str(self._spill)}
