"""Publication: a whole file under a new name, and a link that only ever points at a whole file."""

import os
import random
import signal
import stat
import subprocess
import sys
import time

import duckdb
import pytest

from assets.publication import publish as publishing
from assets.publication.publish import publish, remove_old, sweep
from quality.contract import product_tables
from quality.dictionary import published_tables
from sql.publishing import STORAGE_VERSION, PublicationError
from tests.publication.night import a_night, current, run_seen


def read(path, query):
    connection = duckdb.connect(str(path), read_only=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_reader_finds_the_tables_of_the_run_with_their_comments(tmp_path):
    path = publish(a_night(tmp_path))
    assert path == tmp_path / "published" / "run-a" / "labour_migration.duckdb"
    assert read(current(tmp_path), "select count(*) from core.permits") == [(3,)]
    [(comment,)] = read(path, "select comment from duckdb_tables() where table_name = 'permits'")
    assert comment == product_tables()["core.permits"].grain


def test_every_published_table_and_column_is_there_and_in_the_dictionary(tmp_path):
    path = publish(a_night(tmp_path))
    found = read(path, "select schema_name || '.' || table_name from duckdb_tables() order by all")
    assert [name for (name,) in found] == sorted(t.full_name for t in published_tables())
    columns = "select schema_name, table_name, column_name from duckdb_columns() where not internal order by all"
    listed = "select schema_name, table_name, column_name from meta.columns order by all"
    assert read(path, columns) == read(path, listed)


def test_the_dictionary_page_lies_beside_the_database_and_needs_no_script(tmp_path):
    page = publish(a_night(tmp_path)).with_name("dictionary.html")
    assert stat.S_IMODE(page.stat().st_mode) == 0o640
    text = page.read_text(encoding="utf-8")
    assert "core.permits" in text
    assert "<script" not in text


def test_what_is_only_for_the_audit_or_the_private_warehouse_is_not_published(tmp_path):
    schemas = {t.schema for t in published_tables()}
    assert schemas == {"core", "findings", "estimates", "pub", "meta"}
    night = a_night(tmp_path)
    with night.warehouse.writing() as session:
        session.connection.execute("create schema audit; create table audit.persons (nationality text)")
        session.connection.execute("create table core.scratch (bsn text)")
    names = read(publish(night), "select schema_name || '.' || table_name from duckdb_tables()")
    assert ("audit.persons",) not in names
    assert ("core.scratch",) not in names


def test_the_run_has_succeeded_in_the_copy(tmp_path):
    path = publish(a_night(tmp_path))
    assert read(path, "select status, finished_at is not null from meta.runs") == [("succeeded", True)]


def test_earlier_failed_runs_stay_on_record(tmp_path):
    night = a_night(tmp_path)
    with night.warehouse.writing() as session:
        session.connection.execute(
            "insert into meta.runs select * replace ('run-0' as run_id, 'failed' as status) from meta.runs"
        )
    assert read(publish(night), "select run_id, status from meta.runs order by all") == [
        ("run-0", "failed"),
        ("run-a", "succeeded"),
    ]


def test_an_older_client_can_open_the_file(tmp_path):
    path = publish(a_night(tmp_path))
    tags = read(path, "select tags['storage_version'] from duckdb_databases() where not internal")
    assert tags == [(STORAGE_VERSION,)] == [("v1.2.0+",)]


def test_the_link_is_relative_and_nothing_is_left_beside_the_two_files(tmp_path):
    path = publish(a_night(tmp_path))
    assert str((tmp_path / "published" / "current").readlink()) == "run-a"
    assert sorted(p.name for p in path.parent.iterdir()) == ["dictionary.html", "labour_migration.duckdb"]
    assert sorted(p.name for p in (tmp_path / "published").iterdir()) == ["current", "run-a"]


def test_files_and_folders_are_closed_to_others(tmp_path):
    before = os.umask(0)
    try:
        path = publish(a_night(tmp_path))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o750


def test_a_run_without_a_row_in_meta_runs_is_not_published(tmp_path):
    night = a_night(tmp_path)
    with night.warehouse.writing() as session:
        session.connection.execute("delete from meta.runs")
    with pytest.raises(PublicationError, match=r"meta\.runs has no row of run run-a"):
        publish(night)
    assert list((tmp_path / "published").iterdir()) == []


def test_pub_of_another_run_is_not_published(tmp_path):
    night = a_night(tmp_path)
    with night.warehouse.writing() as session:
        session.connection.execute("update pub.release set run_id = 'run-x'")
    with pytest.raises(PublicationError, match="not of run run-a"):
        publish(night)


def _with_wrong_count(original, *args, **kwargs):
    copy = original(*args, **kwargs)
    return type(copy)(copy.path, {**copy.rows, "core.permits": 99})


def test_a_copy_with_other_rows_than_the_warehouse_is_not_published(tmp_path, monkeypatch):
    original = publishing.copy_tables
    monkeypatch.setattr(publishing, "copy_tables", lambda *a, **k: _with_wrong_count(original, *a, **k))
    with pytest.raises(PublicationError, match=r"rows differ from the warehouse in core\.permits"):
        publish(a_night(tmp_path))


@pytest.mark.parametrize("step", ["_build", "check_copy", "_sync", "_take_place", "point_current_at"])
def test_a_publication_that_fails_at_any_step_leaves_yesterdays(tmp_path, monkeypatch, step):
    publish(a_night(tmp_path, "run-a"))

    def full_disk(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    tonight = a_night(tmp_path, "run-b")
    with monkeypatch.context() as patched:
        patched.setattr(publishing, step, full_disk)
        with pytest.raises(OSError, match="No space left"):
            publish(tonight)
    assert read(current(tmp_path), "select run_id from pub.release") == [("run-a",)]
    assert publish(tonight).exists()
    assert run_seen(tmp_path) == "run-b"
    assert sorted(p.name for p in (tmp_path / "published").iterdir()) == ["current", "run-a", "run-b"]


def test_a_run_that_is_published_again_never_takes_the_file_away_from_its_readers(tmp_path):
    night = a_night(tmp_path)
    first = publish(night)
    second = publish(night)
    assert first.exists()
    assert second.parent.name == "run-a-2"
    assert run_seen(tmp_path) == "run-a"


def test_a_reader_with_an_open_handle_keeps_yesterday_and_a_new_connection_sees_today(tmp_path):
    publish(a_night(tmp_path, "run-a"))
    held = duckdb.connect(str(current(tmp_path)), read_only=True)
    publish(a_night(tmp_path, "run-b"))
    assert held.execute("select run_id from pub.release").fetchall() == [("run-a",)]
    assert run_seen(tmp_path) == "run-b"
    held.close()


def test_only_the_newest_are_kept_and_never_is_the_current_one_removed(tmp_path):
    root = tmp_path / "published"
    for number, name in enumerate(["one", "two", "three", "four"]):
        (root / name).mkdir(parents=True)
        (root / name / "labour_migration.duckdb").write_text("")
        os.utime(root / name / "labour_migration.duckdb", (number, number))
    (root / "notes").mkdir()
    (root / "current").symlink_to("one")
    assert [p.name for p in remove_old(root, 2)] == ["two"]
    assert sorted(p.name for p in root.iterdir()) == ["current", "four", "notes", "one", "three"]


def test_what_a_killed_night_left_is_swept(tmp_path):
    (tmp_path / ".build-run-x").mkdir()
    (tmp_path / ".build-run-x" / "labour_migration.duckdb").write_text("half")
    (tmp_path / ".link-run-x").symlink_to("run-x")
    (tmp_path / "run-a").mkdir()
    assert sweep(tmp_path) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["run-a"]


def helper(*arguments, **more):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.publication.night", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def test_readers_never_fail_while_publishers_are_killed_at_random_moments(tmp_path):
    """Two processes read in a loop; publishers publish without pause and are killed; every read is of one run."""
    chance = random.Random(7)
    publish(a_night(tmp_path, "run-0000"))
    readers = [helper("read", tmp_path, 14) for _ in range(2)]
    for kill in range(1, 5):
        publisher = helper("publish", tmp_path, 1000 * kill)
        assert publisher.stdout.readline() == "ready\n", publisher.stderr.read()
        time.sleep(chance.uniform(0.05, 1.6))
        publisher.send_signal(signal.SIGKILL)
        publisher.communicate()
    for reader in readers:
        out, errors = reader.communicate(timeout=60)
        assert reader.returncode == 0, errors
        reads, *seen = out.split()
        assert int(reads) > 10
        assert seen == sorted(seen), "a reader went back in time"
    publish(a_night(tmp_path, "run-9999"))
    assert run_seen(tmp_path) == "run-9999"
    left = [p.name for p in (tmp_path / "published").iterdir() if p.name.startswith(".")]
    assert left == []
