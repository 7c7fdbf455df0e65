"""Files and columns as the engine sees them: the one module of the feeds that imports it.

Belongs here: opening a data file as a relation, small names for building expressions, and engine errors without
the values that they quote. Does not belong here: what a column must hold (`rules`), how it is read (`parsing`).

Expressions are built as trees (the engine's Python expressions), never as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import TypeAlias

import duckdb

from assets.feeds.reasons import EngineError, RefusalError, Refused, quoted
from sql.warehouse import SETTINGS, Session

Expression: TypeAlias = duckdb.Expression
Relation: TypeAlias = duckdb.DuckDBPyRelation

#: Columns that every opened file gets beside its own: the file's name and the number of the row in it, from 1.
FILE, ROW = "file of the row", "number of the row"

#: Errors about names, disk and memory: their first line quotes no data. The rest may quote a value or the key.
_WITHOUT_DATA = (duckdb.CatalogException, duckdb.BinderException, duckdb.IOException, duckdb.OutOfMemoryException)

_LINE = re.compile(r"Line: (\d+)")
_GLOB = re.compile(r"([*?\[])")
_FILE_ROW = "file_row_number"


def column(name: str) -> Expression:
    """The column called `name`."""
    return duckdb.ColumnExpression(name)


def constant(value: object) -> Expression:
    """A literal value; None is null."""
    return duckdb.ConstantExpression(value)


def call(function: str, *arguments: object) -> Expression:
    """A function of the engine applied to expressions and literal values."""
    given = (a if isinstance(a, Expression) else constant(a) for a in arguments)
    return duckdb.FunctionExpression(function, *given)


def joined(first: Expression, *others: Expression) -> Expression:
    """Text or bytes put one after the other; null when one of them is."""
    return reduce(lambda left, right: left.concat(right), others, first)


def first_of(*values: object) -> Expression:
    """The first of the values that is not null."""
    return duckdb.coalesce(*(v if isinstance(v, Expression) else constant(v) for v in values))


def function_of(first: str, second: str, body: Callable[[Expression, Expression], Expression]) -> Expression:
    """A function of two named parameters for functions over lists: element and position, or total and element."""
    return duckdb.LambdaExpression((first, second), body(column(first), column(second)))


def filled(text: Expression) -> Expression:
    """The text, null where it is empty."""
    return choose(text != constant(""), text)


def choose(condition: Expression, value: Expression, otherwise: Expression | None = None) -> Expression:
    """`value` where the condition holds, else `otherwise` (null when not given)."""
    other = constant(None) if otherwise is None else otherwise
    return duckdb.CaseExpression(condition, value).otherwise(other)


def any_of(conditions: Sequence[Expression]) -> Expression:
    """True where one of the conditions holds; false for none at all."""
    return reduce(lambda left, right: left | right, conditions, constant(False))


def all_of(conditions: Sequence[Expression]) -> Expression:
    """True where all conditions hold; true for none at all."""
    return reduce(lambda left, right: left & right, conditions, constant(True))


def column_types(relation: Relation) -> dict[str, str]:
    """The engine type of each column of a relation, by name."""
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _pattern(path: Path) -> str:
    """The path as the engine wants it: characters that it would expand are quoted."""
    return _GLOB.sub(r"[\1]", str(path))


def open_parquet(session: Session, path: Path, sources: Mapping[str, str]) -> Relation:
    """A Parquet file as a relation: file name, row number and the columns of `sources` (ours -> the file's)."""
    relation = session.connection.read_parquet(
        _pattern(path), binary_as_string=True, file_row_number=True, hive_partitioning=False
    )
    kept = [column(theirs).alias(ours) for ours, theirs in sources.items()]
    return relation.select(constant(path.name).alias(FILE), (column(_FILE_ROW) + 1).alias(ROW), *kept)


def open_csv(session: Session, path: Path, header: Sequence[str]) -> Relation:
    """A CSV file as a relation of text columns named by `header`, with file name and row number."""
    relation = session.connection.read_csv(
        _pattern(path),
        header=True,
        columns=dict.fromkeys(header, "VARCHAR"),
        auto_detect=False,
        sep=",",
        quotechar='"',
        escapechar='"',
        strict_mode=True,
        compression="none",
        hive_partitioning=False,
    )
    number = duckdb.FunctionExpression("row_number").over()
    return relation.select(constant(path.name).alias(FILE), number.alias(ROW), *map(column, header))


def union(relations: Sequence[Relation]) -> Relation:
    """All rows of relations with the same columns, in order."""
    return reduce(lambda left, right: left.union(right), relations)


def count(relation: Relation) -> int:
    """The number of rows of a relation."""
    return len(relation)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn an engine error while reading `path` into a refusal that quotes no delivered value."""
    try:
        yield
    except duckdb.Error as error:
        line = _LINE.search(str(error))
        where = f", near line {line[1]}" if line else ""
        raise RefusalError(
            Refused.UNREADABLE, f"{quoted(path.name)} cannot be read as {path.suffix[1:]}{where}"
        ) from None


def is_readable(path: Path, header: Sequence[str] = ()) -> bool:
    """True when every value of a data file can be read; a CSV file needs its header. Reads the whole file."""
    with duckdb.connect(config=dict(SETTINGS)) as connection:
        try:
            session = Session(connection)
            relation = (
                open_csv(session, path, header)
                if header
                else connection.read_parquet(_pattern(path), binary_as_string=True, hive_partitioning=False)
            )
            hashes = call("hash", *(column(name) for name in relation.columns))
            relation.aggregate([call("bit_xor", hashes)]).fetchall()
        except duckdb.Error:
            return False
    return True


@contextmanager
def without_values(doing: str) -> Iterator[None]:
    """Turn an engine error into one that says what was being done and quotes no delivered value."""
    try:
        yield
    except duckdb.Error as error:
        detail = f": {str(error).splitlines()[0]}" if isinstance(error, _WITHOUT_DATA) else ""
        raise EngineError(f"{doing}: the engine stopped with {type(error).__name__}{detail}") from None
