"""The data files of a delivery as relations: header against contract, count against manifest.

Belongs here: opening files, comparing their columns with the contract, grouping files of one make. Does not
belong here: judging rows (`reading`, `rules`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets.feeds.csv_files import csv_header, require_delimited, require_utf8
from assets.feeds.manifest import ListedFile
from assets.feeds.parsing import Column, read_column
from assets.feeds.reasons import RefusalError, Refused, listed, quoted
from assets.feeds.relations import (
    FILE,
    ROW,
    Relation,
    column,
    column_types,
    constant,
    count,
    is_readable,
    open_csv,
    open_parquet,
    refusing,
    union,
)
from assets.feeds.rules import value_of
from quality.contract import FeedContract, Field
from sql.warehouse import Session

#: Up to so many rows a delivery is copied once rather than read again for every question.
SMALL = 100_000

_MOST_DIGITS_IN_A_NAME = 3


@dataclass(frozen=True)
class Group:
    """Files of one make: their rows as delivered and as values.

    Attributes:
        rows: file, row number, every contract column as delivered, and its value under `value_of(name)`.
        columns: the contract columns in the order of the contract.
        delivered: how many rows there are.
    """

    rows: Relation
    columns: tuple[Column, ...]
    delivered: int


def open_delivery(
    session: Session, contract: FeedContract, folder: Path, files: Sequence[ListedFile], *, may_lack: bool
) -> list[Group]:
    """The files of a delivery, grouped by the types of their columns.

    Args:
        session: the session that the relations live in.
        contract: what the files must hold.
        folder: where they lie.
        files: the files as listed.
        may_lack: True when the delivery is of an older minor version, whose optional columns may be missing.

    Raises:
        RefusalError: when a file cannot be read, its columns are not those of the contract, or its rows are not
            as many as listed.
    """
    by_make: dict[tuple[str, ...], list[tuple[Relation, int]]] = {}
    for file in files:
        relation = _open(session, contract, folder / file.name, may_lack=may_lack)
        with refusing(folder / file.name):
            found = count(relation)
            types = tuple(column_types(relation).values())
        if found != file.rows:
            raise RefusalError(
                Refused.WRONG_COUNT,
                f"{quoted(file.name)} has {found:,} rows, the manifest says {file.rows:,}",
            )
        by_make.setdefault(types, []).append((relation, found))
    groups = [_group(contract, made) for made in by_make.values()]
    if len(groups) == 1 and sum(file.rows for file in files) <= SMALL:
        return [_copied(session, groups[0])]
    return groups


def _copied(session: Session, group: Group) -> Group:
    session.connection.register("delivered_rows", group.rows)
    session.run("feeds/copy_delivered")
    return replace(group, rows=session.connection.table("delivered_copy"))


def require_readable(folder: Path, files: Sequence[ListedFile]) -> None:
    """RefusalError naming the first file that cannot be read to its end; reads all of them."""
    for file in files:
        path = folder / file.name
        header = [name.strip() for name in csv_header(path)] if path.suffix == ".csv" else []
        if not is_readable(path, header):
            raise RefusalError(Refused.UNREADABLE, f"{quoted(file.name)} is damaged: it cannot be read to its end")


def _group(contract: FeedContract, made: Sequence[tuple[Relation, int]]) -> Group:
    delivered = union([relation for relation, _ in made])
    types = column_types(delivered)
    columns = tuple(read_column(field, types[field.name]) for field in contract.table.fields)
    values = [col.value.alias(value_of(col.name)) for col in columns]
    names = [column(name) for name in (FILE, ROW, *(col.name for col in columns))]
    return Group(delivered.select(*names, *values), columns, sum(rows for _, rows in made))


def _open(session: Session, contract: FeedContract, path: Path, *, may_lack: bool) -> Relation:
    """One file with exactly the contract's columns, as delivered; missing ones, where allowed, as nulls."""
    fields = contract.table.fields
    if path.suffix == ".csv":
        require_utf8(path)
        header = csv_header(path)
        match_columns(path.name, header, fields, may_lack=may_lack)
        require_delimited(path, len(header))
        with refusing(path):
            relation = open_csv(session, path, [name.strip() for name in header])
    else:
        names = parquet_columns(path)
        sources = match_columns(path.name, names, fields, may_lack=may_lack)
        with refusing(path):
            relation = open_parquet(session, path, sources)
    there = set(relation.columns)
    kept = [column(f.name) if f.name in there else constant(None).cast("VARCHAR").alias(f.name) for f in fields]
    return relation.select(column(FILE), column(ROW), *kept)


def parquet_columns(path: Path) -> list[str]:
    """The names of the columns of a Parquet file, doubled ones included; RefusalError when it is not one."""
    try:
        with pq.ParquetFile(path) as file:
            return list(file.schema_arrow.names)
    except (pa.ArrowException, OSError, ValueError):
        raise RefusalError(Refused.UNREADABLE, f"{quoted(path.name)} cannot be read as parquet") from None


def match_columns(file: str, names: Sequence[str], fields: Sequence[Field], *, may_lack: bool) -> Mapping[str, str]:
    """The file's own name of each contract column that it has.

    Names match after trimming spaces; case counts.

    Raises:
        RefusalError: when a column is missing, unknown or doubled.
    """
    trimmed = [name.strip() for name in names]
    known = {f.name for f in fields}
    if not known & set(trimmed):
        raise RefusalError(
            Refused.COLUMN_MISSING, f"{quoted(file)} has no column of the contract; is the header line missing?"
        )
    doubled = [name for name, n in Counter(trimmed).items() if n > 1]
    if doubled:
        raise RefusalError(Refused.COLUMN_DOUBLED, f"{quoted(file)} has a column twice: {_names(doubled)}")
    unknown = [name for name in trimmed if name not in known]
    if unknown:
        raise RefusalError(
            Refused.COLUMN_UNKNOWN, f"{quoted(file)} has columns that the contract does not know: {_names(unknown)}"
        )
    missing = [f.name for f in fields if f.name not in trimmed and not (may_lack and not f.required)]
    if missing:
        raise RefusalError(Refused.COLUMN_MISSING, f"{quoted(file)} lacks columns: {_names(missing)}")
    return {ours: theirs for ours, theirs in zip(trimmed, names, strict=True) if ours in known}


def _names(found: Sequence[str]) -> str:
    """Column names as found; what looks like data rather than a name is not shown."""
    is_name = [sum(c.isdigit() for c in name) <= _MOST_DIGITS_IN_A_NAME for name in found]
    return listed([name if fits else "not a name" for name, fits in zip(found, is_name, strict=True)])
