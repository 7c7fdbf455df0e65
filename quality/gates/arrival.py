"""The arrival gate: what a feed's contract promises, asked again of the rows that reached the database.

Belongs here: deriving checks from a feed contract. Row by row the reader has asked most of it already; the gate
asks the stored table, so that a fault of ours between reading and storing stops the night as a supplier's would.
"""

from __future__ import annotations

from sqlglot import exp

from quality.contract import FeedContract, Field
from quality.gates.check import Batch, Check

#: What a pseudonym looks like: letters only, so that none can be mistaken for a number of a person.
PSEUDONYM = "[a-p]{32}"


#: Stands for the batch while a query is built; Great Expectations wants `{batch}` there.
_BATCH = "rows_of_the_batch"


def _offenders(query: exp.Select) -> dict[str, str]:
    """Arguments of an expectation that no row is selected.

    Great Expectations fills `{batch}` with `str.format`, so every other brace is written twice.
    """
    text = query.from_(_BATCH).sql(dialect="duckdb")
    return {"unexpected_rows_query": text.replace("{", "{{").replace("}", "}}").replace(_BATCH, "{batch}")}


def _pattern_check(field: Field, pattern: str, meaning: str) -> Check:
    column = exp.column(field.name, quoted=True)
    matches = exp.func("regexp_full_match", column, exp.Literal.string(pattern))
    query = exp.select(column).where(exp.and_(column.is_(exp.null()).not_(), matches.not_()))
    return Check(f"{field.name} has its form", "UnexpectedRowsExpectation", _offenders(query), meaning)


def _key_check(key: tuple[Field, ...]) -> Check:
    columns = [exp.column(f.name, quoted=True) for f in key]
    query = (
        exp.select(*columns)
        .group_by(*columns)
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
    )
    return Check(
        "one current row per key",
        "UnexpectedRowsExpectation",
        _offenders(query),
        "Two current versions of one record: the history of the feed is broken. Stop and rebuild raw from landing.",
    )


def _field_checks(field: Field) -> list[Check]:
    checks = []
    if field.required:
        checks.append(
            Check(
                f"{field.name} is there",
                "ExpectColumnValuesToNotBeNull",
                {"column": field.name},
                "A required field is empty although the reader let it through.",
            )
        )
    if field.closed_list:
        checks.append(
            Check(
                f"{field.name} is on its list",
                "ExpectColumnValuesToBeInSet",
                {"column": field.name, "value_set": list(field.closed_list)},
                "A code outside the closed list of the contract: ask the supplier, then bump the contract.",
            )
        )
    if field.minimum is not None or field.maximum is not None:
        checks.append(
            Check(
                f"{field.name} is in range",
                "ExpectColumnValuesToBeBetween",
                {"column": field.name, "min_value": field.minimum, "max_value": field.maximum},
                "A value outside the range of the contract.",
            )
        )
    if field.is_identifier:
        checks.append(
            _pattern_check(field, PSEUDONYM, "An identifier that is no pseudonym: stop at once and delete the run.")
        )
    elif field.pattern:
        checks.append(_pattern_check(field, field.pattern, "A value that does not have the form of the contract."))
    return checks


def arrival_batch(contract: FeedContract) -> Batch:
    """The checks of one feed over its current rows."""
    visible = [f for f in contract.table.fields if f.classification != "audit_only"]
    current = exp.select(*(exp.column(f.name, quoted=True) for f in visible), exp.column("delivered_on"))
    current = current.from_(exp.table_(contract.table.name, db="raw", quoted=True))
    current = current.where(exp.column("valid_until_delivery").is_(exp.null()))
    checks = [check for field in visible for check in _field_checks(field)]
    return Batch(
        table=contract.table.full_name,
        query=current.sql(dialect="duckdb"),
        checks=(_key_check(contract.table.key), *checks),
    )


def accounting_batch() -> Batch:
    """No row of a loaded delivery is lost or invented."""
    delivered, accepted, rejected = (exp.column(c) for c in ("rows_delivered", "rows_accepted", "rows_rejected"))
    query = exp.select("feed", "delivered_on", delivered, accepted, rejected)
    query = query.where(delivered.neq(exp.Add(this=accepted, expression=rejected)))
    loaded = exp.select("*").from_("meta.deliveries").where(exp.column("status").eq("loaded"))
    return Batch(
        table="meta.deliveries",
        query=loaded.sql(dialect="duckdb"),
        checks=(
            Check(
                "rows delivered are accepted or rejected",
                "UnexpectedRowsExpectation",
                _offenders(query),
                "Rows went missing or appeared between the file and raw: a fault of ours, stop the night.",
            ),
        ),
    )
