"""Tables from contracts: `create`, `comment` and `delete` statements, built as syntax trees, never as strings.

Belongs here: the few statements whose identifiers come from a contract. Does not belong here: queries, which
stand in files, and values, which are parameters.
"""

from __future__ import annotations

from sqlglot import exp

from quality.contract import Field, Table


def _name(table: Table) -> exp.Table:
    return exp.table_(table.name, db=table.schema, quoted=True)


def _column(field: Field) -> exp.ColumnDef:
    return exp.ColumnDef(
        this=exp.to_identifier(field.name, quoted=True),
        kind=exp.DataType.build(field.duckdb_type, dialect="duckdb"),
    )


def _comment(kind: str, target: exp.Expression, text: str) -> str:
    return exp.Comment(this=target, kind=kind, expression=exp.Literal.string(text)).sql(dialect="duckdb")


def column_comment(field: Field) -> str:
    """The comment of one column: its meaning and, where it has one, its Dutch term."""
    return f"{field.meaning} ({field.dutch_term})" if field.dutch_term else field.meaning


def create_table_statements(table: Table) -> list[str]:
    """Statements that make the schema where it is missing and the table anew, and comment all of it."""
    create = exp.Create(
        this=exp.Schema(this=_name(table), expressions=[_column(f) for f in table.fields]),
        kind="TABLE",
        replace=True,
    )
    schema = exp.Create(this=exp.to_identifier(table.schema, quoted=True), kind="SCHEMA", exists=True)
    comments = [_comment("TABLE", _name(table), table.grain)]
    for field in table.fields:
        column = exp.column(field.name, table=table.name, db=table.schema, quoted=True)
        comments.append(_comment("COLUMN", column, column_comment(field)))
    return [schema.sql(dialect="duckdb"), create.sql(dialect="duckdb"), *comments]


def add_column(table: Table, field: Field) -> str:
    """The statement that adds `field`, empty, to an existing table."""
    return exp.Alter(this=_name(table), kind="TABLE", actions=[_column(field)]).sql(dialect="duckdb")


def delete_statement(table: Table) -> str:
    """The statement that empties `table`."""
    return exp.Delete(this=_name(table)).sql(dialect="duckdb")
