"""What indicators may read as a specification: core tables only, and no field that says where somebody comes from."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from sql import queries

FOLDERS = ("knowledge_migrants", "posting")
#: Nationality, origin, sex, name, age, home, language, and where an employer is from.
FORBIDDEN = {
    "nationality", "worker_nationality", "sex", "birth_month", "worker_birth_month", "birth_country", "name",
    "sponsor_name", "employer_name", "client_name", "worker_name", "employer_country", "issuing_country", "country",
    "officer_number", "officer_birth_country", "address_id", "home_postcode4", "explanation", "verdict",
}  # fmt: skip
QUERIES = [name for folder in FOLDERS for name in queries.names(folder)]


def statements(query: str) -> list[exp.Expression]:
    return [s for s in sqlglot.parse(queries.load(query), dialect="duckdb") if s is not None]


def schemas_read(text: str) -> set[str]:
    parsed = sqlglot.parse(text, dialect="duckdb")
    return {t.db for s in parsed if s for t in s.find_all(exp.Table) if t.db}


def columns_read(text: str) -> set[str]:
    parsed = sqlglot.parse(text, dialect="duckdb")
    return {c.name for s in parsed if s for c in s.find_all(exp.Column)}


def takes_all_of_core(text: str) -> bool:
    """True when a select takes every column of a core table, so that nobody can see which it reads."""
    for statement in sqlglot.parse(text, dialect="duckdb"):
        for select in statement.find_all(exp.Select) if statement else []:
            source = select.args.get("from_") or select.args.get("from")
            reads_core = source is not None and source.find(exp.Table) and source.find(exp.Table).db == "core"
            if reads_core and any(isinstance(e, exp.Star) for e in select.expressions):
                return True
    return False


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_an_indicator_reads_core_only(query: str) -> None:
    assert schemas_read(queries.load(query)) <= {"core"}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_an_indicator_reads_no_forbidden_field(query: str) -> None:
    assert not columns_read(queries.load(query)) & FORBIDDEN
    assert not takes_all_of_core(queries.load(query))


@pytest.mark.parametrize(
    ("text", "is_caught"),
    [
        ("select nationality from core.permits", True),
        ("select p.birth_month from core.permits as p", True),
        ("select * from core.permits", True),
        ("select person_id from core.permits", False),
    ],
)
def test_a_forbidden_field_would_be_caught(text: str, is_caught: bool) -> None:
    assert (bool(columns_read(text) & FORBIDDEN) or takes_all_of_core(text)) == is_caught
    assert schemas_read("select 1 from audit.persons") == {"audit"}


def test_there_are_queries_to_look_at() -> None:
    assert len(QUERIES) > 10
