"""No core table is made by comparing every row of one table with every row of another: a nation would take hours."""

import re

import pytest

from quality.contract import feed_contracts, product_tables
from sql.queries import load, names
from tests.builders import warehouse_with

#: How the engine says that it will compare all rows with all rows.
ALL_WITH_ALL = re.compile("BLOCKWISE_NL_JOIN")


@pytest.fixture(scope="module")
def session():
    tables = [*product_tables(), *(f"raw.{feed}" for feed in feed_contracts())]
    with warehouse_with({name: [] for name in tables}).reading() as open_session:
        yield open_session


def plan_of(session, text):
    return "\n".join(row[1] for row in session.connection.execute(f"explain (format json) {text}").fetchall())


@pytest.mark.parametrize("query", [name for name in names("core") if "$" not in load(name)])
def test_a_core_query_joins_on_equality(session, query):
    assert not ALL_WITH_ALL.search(plan_of(session, load(query)))


def test_a_join_with_or_would_be_seen(session):
    careless = "from core.sightings as s join core.postings as p on p.employer_vat = s.employer_vat or p.sbi2 = s.sbi2"
    assert ALL_WITH_ALL.search(plan_of(session, careless))
