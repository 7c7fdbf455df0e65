"""Great Expectations on DuckDB: a dialect under which the two understand each other.

Belongs here: the one subclass that makes it work. Great Expectations reads a cursor after its connection has
rolled back, which the stock dialect turns into an IndexError; without transaction calls the cursor stays whole.
The connection is read-only, so there is nothing to commit or roll back.
"""

from __future__ import annotations

import duckdb_engine
from sqlalchemy.dialects import registry

NAME = "duckdb.readonly"


class ReadOnlyDialect(duckdb_engine.Dialect):  # type: ignore[misc]
    """DuckDB without transaction calls."""

    name = "duckdb"
    supports_statement_cache = False

    def do_begin(self, connection: object) -> None:
        """Nothing to begin."""

    def do_commit(self, connection: object) -> None:
        """Nothing to commit."""

    def do_rollback(self, connection: object) -> None:
        """Nothing to roll back; see the module's docstring."""


def register() -> None:
    """Make `duckdb+readonly://` known to SQLAlchemy."""
    registry.register(NAME, __name__, ReadOnlyDialect.__name__)
    registry.register("duckdb", __name__, ReadOnlyDialect.__name__)
