"""Statements of the history of a feed whose identifiers come from its contract, built as syntax trees.

Belongs here: naming a feed's own table and columns. Does not belong here: the rules of the history, which
stand in `sql/feeds/history/*.sql` over two views with fixed names, made here: `history_arriving` (what a
delivery says: key, content, snapshot) and `history_versions` (what the feed holds: the same, with row number
and validity).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from quality.contract import Field, Table
from sql.ddl import column_comment

DELIVERED = "delivered_on"
VALID_FROM = "valid_from_delivery"
VALID_UNTIL = "valid_until_delivery"


def _table(name: str) -> exp.Table:
    schema, _, table = name.rpartition(".")
    return exp.table_(table, db=schema or None, quoted=True)


def _column(name: str, table: str | None = None) -> exp.Column:
    return exp.column(name, table=table, quoted=True)


def _struct(fields: Sequence[Field]) -> exp.Expression:
    """The fields, in the types of the contract, as one value: compared whole, nulls equal to each other."""
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(
                this=exp.to_identifier(f.name, quoted=True),
                expression=exp.cast(_column(f.name), exp.DataType.build(f.duckdb_type, dialect="duckdb")),
            )
            for f in fields
        ]
    )


def _text(field: Field | None) -> exp.Expression:
    """The snapshot value of a row as text; null in a feed that has no snapshots."""
    return exp.cast(_column(field.name) if field else exp.null(), exp.DataType.Type.VARCHAR)


def _temporary_view(name: str, query: exp.Query) -> str:
    return exp.Create(
        this=exp.table_(name),
        kind="VIEW",
        replace=True,
        expression=query,
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
    ).sql(dialect="duckdb")


def arriving_view(table: Table, snapshot: Field | None, accepted: str) -> str:
    """`history_arriving`: the rows of the relation `accepted` as key, content and snapshot."""
    query = exp.select(
        exp.alias_(_struct(table.key), "key"),
        exp.alias_(_struct(table.fields), "content"),
        exp.alias_(_text(snapshot), "snapshot"),
    ).from_(_table(accepted))
    return _temporary_view("history_arriving", query)


def versions_view(table: Table, contract_fields: Sequence[Field], snapshot: Field | None) -> str:
    """`history_versions`: every version that the feed's table holds, with its row number and validity."""
    query = exp.select(
        exp.alias_(exp.column("rowid"), "row_number"),
        exp.alias_(_struct(table.key), "key"),
        exp.alias_(_struct(contract_fields), "content"),
        exp.alias_(_text(snapshot), "snapshot"),
        exp.alias_(_column(VALID_FROM), "valid_from"),
        exp.alias_(_column(VALID_UNTIL), "valid_until"),
    ).from_(_table(table.full_name))
    return _temporary_view("history_versions", query)


def _insert(table: Table, query: exp.Query) -> str:
    target = exp.Schema(
        this=_table(table.full_name),
        expressions=[exp.to_identifier(f.name, quoted=True) for f in table.fields],
    )
    return exp.Insert(this=target, expression=query).sql(dialect="duckdb")


def insert_first(table: Table, contract_fields: Sequence[Field], accepted: str) -> str:
    """Every row of `accepted` as a current version since `$delivered_on`: the load of an empty table."""
    day = exp.cast(exp.Parameter(this=exp.var("delivered_on")), exp.DataType.Type.DATE)
    query = exp.select(*(_column(f.name) for f in contract_fields), day, day.copy(), exp.null())
    return _insert(table, query.from_(_table(accepted)))


def insert_versions(table: Table, contract_fields: Sequence[Field]) -> str:
    """The rows of `history_new_versions` (content, valid_from, valid_until) as versions of the feed."""
    parts = [
        exp.Dot(this=exp.column("content"), expression=exp.to_identifier(f.name, quoted=True)) for f in contract_fields
    ]
    dates = [exp.column("valid_from"), exp.column("valid_from"), exp.column("valid_until")]
    return _insert(table, exp.select(*parts, *dates).from_(exp.table_("history_new_versions")))


def _in_rows(source: str) -> exp.Expression:
    rows = exp.select("row_number").from_(exp.table_(source))
    return exp.In(this=exp.column("rowid"), query=exp.Subquery(this=rows))


def end_versions(table: Table) -> str:
    """The versions in `history_ended` end at `$delivered_on`."""
    return exp.Update(
        this=_table(table.full_name),
        expressions=[
            exp.EQ(
                this=exp.column(VALID_UNTIL, quoted=True),
                expression=exp.Parameter(this=exp.var("delivered_on")),
            )
        ],
        where=exp.Where(this=_in_rows("history_ended")),
    ).sql(dialect="duckdb")


def delete_versions(table: Table) -> str:
    """The versions in `history_ended` go, because their chain was computed anew."""
    return exp.Delete(this=_table(table.full_name), where=exp.Where(this=_in_rows("history_ended"))).sql(
        dialect="duckdb"
    )


def empty_scratch() -> list[str]:
    """Statements that drop what one merge keeps in temporary tables, so that the next has the memory."""
    names = ("compared", "ended", "new_versions", "touched", "said")
    tables = (exp.table_(f"history_{name}") for name in names)
    return [exp.Drop(tables=[table], kind="TABLE", exists=True).sql(dialect="duckdb") for table in tables]


def _comments(shown: Table) -> list[str]:
    def comment(kind: str, target: exp.Expression, text: str) -> str:
        return exp.Comment(this=target, kind=kind, expression=exp.Literal.string(text)).sql(dialect="duckdb")

    columns = [
        comment("COLUMN", exp.column(f.name, table=shown.name, db=shown.schema, quoted=True), column_comment(f))
        for f in shown.fields
    ]
    return [comment("VIEW", _table(shown.full_name), shown.grain), *columns]


def shown_view_statements(shown: Table, stored: Table) -> list[str]:
    """Statements that make the view `shown` of the seen columns of `stored`, in its own schema, commented."""
    schema = exp.Create(this=exp.to_identifier(shown.schema, quoted=True), kind="SCHEMA", exists=True)
    query = exp.select(*(_column(f.name) for f in shown.fields)).from_(_table(stored.full_name))
    view = exp.Create(this=_table(shown.full_name), kind="VIEW", replace=True, expression=query)
    return [schema.sql(dialect="duckdb"), view.sql(dialect="duckdb"), *_comments(shown)]
