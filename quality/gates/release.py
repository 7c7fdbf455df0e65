"""The release gate: what must be true of our own tables before anybody may read them.

Belongs here: keys and required columns of every table of ours, and the list of queries (`sql/checks/`) that each
select the rows that must not exist. Does not belong here: the queries themselves, and running them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from quality.contract import Table, feed_contracts, product_tables
from quality.gates.check import Batch, Check, Severity

#: Days between two deliveries, by the frequency that a contract promises.
DAYS_BETWEEN = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366}
#: Schemas whose tables leave the house.
PUBLISHED = ("core", "findings", "estimates", "pub", "meta")
#: The gate's own table is written after the gate.
NOT_YET_WRITTEN = ("meta.checks", "meta.columns")


@dataclass(frozen=True)
class OffenderQuery:
    """A query that selects the rows that must not exist."""

    query: str
    table: str
    meaning: str
    severity: Severity = "stop"


OFFENDER_QUERIES = (
    OffenderQuery(
        "checks/rejected_over_one_percent",
        "meta.deliveries",
        "More than 1 % of a feed's rows were rejected: send the supplier the reasons in raw.rejected_rows.",
        "warn",
    ),
    OffenderQuery(
        "checks/rejected_over_ten_percent",
        "meta.deliveries",
        "More than 10 % of a feed's rows were rejected: the figures would miss too much. Ask for a new delivery.",
    ),
    OffenderQuery(
        "checks/feed_is_late",
        "meta.deliveries",
        "A feed has not been delivered for twice its rhythm: the brief rests on old data.",
        "warn",
    ),
    OffenderQuery(
        "checks/feed_has_a_gap",
        "meta.deliveries",
        "Between two deliveries of a feed lie days that neither covers: ask the supplier for what is missing.",
        "warn",
    ),
    OffenderQuery(
        "checks/core_lost_rows", "core", "A current raw row has no counterpart in core, or core invented one."
    ),
    OffenderQuery(
        "checks/signals_without_explanation",
        "findings.signals",
        "A signal without look-alikes checked, evidence or period: not fit to be put before a person.",
    ),
    OffenderQuery(
        "checks/signals_of_unknown_subjects",
        "findings.signals",
        "A signal about a permit, company or employer that is not in core.",
    ),
    OffenderQuery(
        "checks/signals_in_the_wrong_lane",
        "findings.signals",
        "A case signal in a run without the review lane.",
    ),
    OffenderQuery(
        "checks/measures_without_interval",
        "findings.measures",
        "A figure without its interval may not be shown.",
    ),
    OffenderQuery(
        "checks/estimates_out_of_order",
        "estimates.displacement",
        "A share of a loss too weak to divide by, an interval without its estimate, or a result without reason.",
    ),
    OffenderQuery(
        "checks/small_cells_in_pub",
        "pub",
        "A count below the disclosure threshold, or an unrounded one, would be published.",
    ),
)


def _offenders(query: exp.Select) -> dict[str, str]:
    """Arguments of an expectation that the query selects no row of the batch."""
    text = query.from_("the_batch").sql(dialect="duckdb")
    return {"unexpected_rows_query": text.replace("the_batch", "{batch}")}


def _table_checks(table: Table) -> Batch:
    """One check on the required columns and one on the key: a query each, however many columns there are."""
    rows = exp.select("*").from_(exp.table_(table.name, db=table.schema, quoted=True))
    required = [exp.column(f.name, quoted=True) for f in table.fields if f.required]
    checks = []
    if required:
        checks.append(
            Check(
                "required columns are there",
                "UnexpectedRowsExpectation",
                _offenders(exp.select(*required).where(exp.or_(*(c.is_(exp.null()) for c in required)))),
                "A required column of our own table is empty: a fault of the query that makes it.",
            )
        )
    if table.key:
        columns = [exp.column(f.name, quoted=True) for f in table.key]
        twice = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
        checks.append(
            Check(
                "one row per key",
                "UnexpectedRowsExpectation",
                _offenders(exp.select(*columns).group_by(*columns).having(twice)),
                "Two rows with one key: a join that multiplies.",
            )
        )
    return Batch(table.full_name, rows.sql(dialect="duckdb"), tuple(checks))


def _rhythm() -> exp.Query:
    """The relation `rhythm(feed, days)`: how old the newest delivery of a stand-in feed may be, twice its frequency.

    Public feeds are taken when somebody fetches them, so nobody is late with them.
    """
    rows = [(c.feed, 2 * DAYS_BETWEEN[c.frequency]) for c in feed_contracts().values() if c.is_stand_in]
    return exp.select("*").from_(exp.values(rows, alias="promised", columns=["feed", "days"]))


def _query(text: str) -> exp.Query:
    query = sqlglot.parse_one(text, dialect="duckdb")
    if not isinstance(query, exp.Query):
        raise ValueError(f"a check selects offending rows; this does not select: {text[:80]}")
    return query


def _as_one_select(text: str, shared: Mapping[str, exp.Query]) -> str:
    """The query as a `select`, which is how Great Expectations wants every batch to begin.

    The relations of `shared` that it names are put before it.
    """
    query = _query(text)
    named = {table.name for table in query.find_all(exp.Table)}
    for name, relation in shared.items():
        if name in named:
            query = query.with_(name, as_=relation)
    return exp.select("*").from_(query.subquery("offenders")).sql(dialect="duckdb")


def release_batches(load: Callable[[str], str]) -> list[Batch]:
    """Every batch of the release gate; `load` gives the text of a query by name."""
    tables = [
        _table_checks(t)
        for t in product_tables().values()
        if t.schema in PUBLISHED and t.full_name not in NOT_YET_WRITTEN
    ]
    shared = {"rhythm": _rhythm(), "rejected_shares": _query(load("meta/rejected_shares"))}
    queries = [
        Batch(
            offender.table,
            _as_one_select(load(offender.query), shared),
            (
                Check(
                    offender.query.removeprefix("checks/").replace("_", " "),
                    "UnexpectedRowsExpectation",
                    {"unexpected_rows_query": "select * from {batch}"},
                    offender.meaning,
                    offender.severity,
                ),
            ),
        )
        for offender in OFFENDER_QUERIES
    ]
    return [b for b in tables if b.checks] + queries
