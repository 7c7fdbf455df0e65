"""The assets of the core: what they read, and that an empty night comes out right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
import sqlglot
from sqlglot import exp

from assets.core import assets as wiring
from assets.core.reference_assets import reference_tables
from assets.core.tables import PAYROLL_NUMBERS_READ, PERSON_IDENTIFIERS_READ, TABLES
from assets.feeds.night import Night
from quality.contract import feed_contracts, product_tables
from sql.queries import load
from tests.builders import warehouse_with

ASSETS = [wiring.person_identifiers, wiring.payroll_numbers, *wiring.core_tables]
QUERIES = {t.full_name: ((t.query,), t.reads) for t in TABLES} | {
    "core.person_identifiers": (("core/identifiers", "core/identifier_links"), PERSON_IDENTIFIERS_READ),
    "core.payroll_numbers": (("core/payroll_registrations", "core/linkable_companies"), PAYROLL_NUMBERS_READ),
}


def tables_read(queries: Iterable[str]) -> list[str]:
    """The tables with a schema that the queries name."""
    trees = [sqlglot.parse_one(load(query), dialect="duckdb") for query in queries]
    return sorted({f"{t.db}.{t.name}" for tree in trees for t in tree.find_all(exp.Table) if t.db})


@pytest.mark.parametrize("table", sorted(QUERIES))
def test_an_asset_depends_on_what_its_queries_read_and_on_nothing_else(table: str) -> None:
    queries, reads = QUERIES[table]
    assert sorted(reads) == tables_read(queries)
    (asset,) = [a for a in ASSETS if a.key == dg.AssetKey(table.split("."))]
    assert {key.to_user_string().replace("/", ".") for key in asset.asset_deps[asset.key]} == set(reads)


def test_every_core_table_of_the_contract_has_one_asset() -> None:
    made = [asset.key.path[-1] for asset in [*ASSETS, *reference_tables]]
    register = {"published_volumes", "register_entries", "register_spells", "register_movements"}
    wanted = {t.name for t in product_tables().values() if t.schema == "core"} - register
    assert sorted(made) == sorted(wanted)


def night(folder: Path, rows: dict[str, list[dict[str, object]]]) -> Night:
    warehouse_with(rows, folder)
    return Night(folder, date(2024, 6, 1), "run")


@pytest.mark.parametrize("rows", [0, 1])
def test_feeds_without_rows_and_feeds_of_one_row_give_tables_that_come_out_right(tmp_path: Path, rows: int) -> None:
    tonight = night(tmp_path, {f"raw.{feed}": [{}] * rows for feed in feed_contracts()})
    done = dg.materialize([*ASSETS, *reference_tables], resources={"night": tonight})
    assert done.success
    counted = {
        event.asset_key.path[-1]: event.metadata["dagster/row_count"].value
        for event in done.get_asset_materialization_events()
        for event in [event.materialization]
    }
    alone = {"permit_spells", "persons", "person_identifiers", "flows"} | {a.key.path[-1] for a in reference_tables}
    assert {n for name, n in counted.items() if name not in alone} == {rows}


def test_a_second_run_gives_the_same_rows(tmp_path: Path) -> None:
    tonight = night(tmp_path, {f"raw.{feed}": [{}, {}] for feed in feed_contracts()})
    first, second = (core_tables(tonight) for _ in range(2))
    assert first == second


def core_tables(tonight: Night) -> dict[str, list[tuple[object, ...]]]:
    dg.materialize([*ASSETS, *reference_tables], resources={"night": tonight})
    with tonight.warehouse.reading() as session:
        return {name: session.table(name).rows() for name in QUERIES}
