"""The register is real: no query may put it beside a stand-in, and only its own queries may read it."""

from pathlib import Path
from typing import get_type_hints

import polars as pl
import pytest
import sqlglot
from sqlglot import exp

import assets
from assets.waterbed.companions.series import register_answers
from sql.queries import load, names

REGISTER = {"raw.ind_public_register", "core.register_entries", "core.register_spells", "core.register_movements"}
#: Our own tables about the register, and bookkeeping that holds no record of anyone.
BESIDE_IT = REGISTER | {"pub.register_snapshots", "pub.register_movements"}


def tables_read(text: str) -> set[str]:
    tree = sqlglot.parse_one(text, dialect="duckdb")
    return {f"{t.db}.{t.name}" for t in tree.find_all(exp.Table) if t.db}


def is_apart(query: str, text: str) -> bool:
    """True when a query that reads the register is named after it and reads nothing else."""
    read = tables_read(text)
    if not read & REGISTER:
        return True
    return query.rpartition("/")[2].startswith("register") and read <= BESIDE_IT


@pytest.mark.parametrize("query", [name for name in names() if "register" in load(name)])
def test_a_query_that_reads_the_register_reads_nothing_else(query):
    assert is_apart(query, load(query))


def test_a_join_of_the_register_with_a_stand_in_would_be_seen():
    join = "select * from core.register_spells join core.permits on sponsor_kvk = kvk"
    assert not is_apart("core/register_spells_of_sponsors", join)
    assert not is_apart("knowledge_migrants/h14", "select count(*) from core.register_spells")
    assert is_apart("core/register_counts", "select count(*) from core.register_spells")


#: Modules that may name a table of the register: its own, and the answer that rests on it alone, labelled real.
OWN = {"core": {"register.py", "reference_assets.py"}, "waterbed": {"companions/tables.py", "companions/all_events.py"}}


@pytest.mark.parametrize("package", ["core", "feeds", "knowledge_migrants", "posting", "standins", "waterbed"])
def test_no_package_that_handles_stand_ins_reads_the_tables_of_the_register(package):
    root = Path(str(assets.__file__)).parent / package
    readers = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if "core.register_" in path.read_text()}
    assert readers <= OWN.get(package, set())


def test_the_answer_on_the_register_is_made_from_the_register_and_the_event_alone():
    frames = {name for name, kind in get_type_hints(register_answers).items() if kind is pl.DataFrame}
    assert frames == {"movements"}
