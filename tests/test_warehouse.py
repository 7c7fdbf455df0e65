"""The warehouse: what a session promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from quality.contract import Field, Table
from sql.queries import load
from sql.warehouse import Warehouse

NAME = Field("name", "string", "A 'quoted' name; drop table x.", "naam", True, "internal")
SIZE = Field("size", "integer", "Size.", "", False, "internal")


def table(*fields: Field) -> Table:
    return Table("core", "things", "one row per thing", fields)


def test_a_block_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "w.duckdb")
    with warehouse.writing() as session:
        session.append(table(NAME), pl.DataFrame({"name": ["kept"]}))

    def fail_half_way() -> None:
        with warehouse.writing() as session:
            session.append(table(NAME), pl.DataFrame({"name": ["lost"]}))
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail_half_way()
    with warehouse.reading() as session:
        assert session.table("core.things")["name"].to_list() == ["kept"]


def test_a_frame_that_is_not_the_table_is_refused_with_the_columns_named(tmp_path: Path) -> None:
    with (
        Warehouse(tmp_path / "w.duckdb").writing() as session,
        pytest.raises(ValueError, match=r"core\.things: missing columns \['name'\].*\['nome'\]"),
    ):
        session.append(table(NAME), pl.DataFrame({"nome": ["a"]}))


def test_a_kept_table_gets_the_columns_that_its_contract_has_since_got_and_keeps_its_rows(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb").writing() as session:
        session.append(table(NAME), pl.DataFrame({"name": ["old"]}))
        session.append(table(NAME, SIZE), pl.DataFrame({"name": ["new"], "size": [1]}))
        assert session.table("core.things").rows() == [("old", None), ("new", 1)]


def test_a_table_that_is_made_anew_has_only_the_new_rows_and_the_new_columns(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb").writing() as session:
        session.append(table(NAME, SIZE), pl.DataFrame({"name": ["old"], "size": [1]}))
        session.replace(table(NAME), pl.DataFrame({"name": ["new"]}))
        assert session.table("core.things").rows() == [("new",)]


def test_a_comment_is_text_and_never_a_statement(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb").writing() as session:
        session.create(table(NAME))
        comments = session.connection.execute("select comment from duckdb_columns() where table_name = 'things'")
        assert comments.fetchall() == [("A 'quoted' name; drop table x. (naam)",)]


def test_a_query_that_does_not_exist_is_named_with_its_file() -> None:
    with pytest.raises(FileNotFoundError, match=r"sql/core/nothing\.sql"):
        load("core/nothing")


WRITE_BESIDE_SECRETS = """
import sys
import subprocess
import sys
from pathlib import Path
from sql.warehouse import Warehouse
with Warehouse(Path(sys.argv[1])).writing() as session:
    run = session.connection.execute
    run("set threads = 1")
    run(f"create temp table secrets as select ({sys.argv[2]} + 37 * i)::varchar as id "
        "from range(300000) t(i) order by 1")
    run("drop table secrets")
    for number in range(8):
        run(f"create table t{number} as select 'n' || (i % 50) as name, md5(i::varchar) as code, i, i * 1.5 as x "
            f"from range({100 + 777 * number}) t(i)")
"""
#: Three headers and the block of the catalogue, which hold a random identity of the file and of its tables.
BEFORE_DATA = 3 * 4096 + 256 * 1024


def test_what_was_only_in_memory_leaves_no_trace_in_the_file(tmp_path):
    files = []
    for secret in ("600000000", "700000000"):
        path = tmp_path / f"{secret}.duckdb"
        subprocess.run([sys.executable, "-c", WRITE_BESIDE_SECRETS, str(path), secret], check=True)
        files.append(path.read_bytes()[BEFORE_DATA:])
    assert len(files[0]) > 1_000_000
    assert files[0] == files[1]
