"""A night from deliveries to database and brief, as an operator, an analyst and a reader meet it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from pipelines.columns import tables_by_name
from pipelines.definitions import defs
from pipelines.lock import RunLockedError, run_lock
from quality.contract import feed_contracts, product_tables
from tests.pipelines.conftest import AS_OF, Ended, waterbed
from tests.pipelines.kill_study import killed_then_run_again, told
from tests.pipelines.published import DATABASE, content, query, raw

Night = tuple[Path, Ended]


def test_a_night_ends_with_exit_code_0_and_the_two_paths(night: Night) -> None:
    data, ended = night
    assert ended.code == 0, ended.said
    assert str((data / DATABASE).absolute()) in ended.said
    assert str((data / "briefs/latest/index.html").absolute()) in ended.said


def test_the_published_database_tells_of_every_delivery(night: Night) -> None:
    data, _ = night
    rows = query(data, "select feed, status, rows_delivered, rows_accepted, rows_rejected from meta.deliveries")
    assert {row[0] for row in rows} == set(feed_contracts())
    assert all(row[2] == row[3] + row[4] for row in rows if row[1] == "loaded")
    assert all(row[3] == 0 for row in rows if row[1] != "loaded")


def test_the_published_run_is_the_one_that_succeeded(night: Night) -> None:
    data, _ = night
    rows = query(data, "select status, as_of::text, finished_at is not null from meta.runs order by started_at")
    assert rows[-1] == ("succeeded", AS_OF, True)


def test_every_table_of_the_contracts_is_published_with_comments(night: Night) -> None:
    data, _ = night
    there = {
        row[0]: row[1] for row in query(data, "select schema_name || '.' || table_name, comment from duckdb_tables()")
    }
    wanted = {
        t.full_name for t in product_tables().values() if t.schema in ("core", "findings", "estimates", "pub", "meta")
    }
    assert wanted <= set(there)
    assert all(there[name] for name in wanted)
    uncommented = query(
        data, "select table_name, column_name from duckdb_columns() where not internal and comment is null"
    )
    assert uncommented == []


def test_dagster_holds_the_number_of_rows_of_every_table_that_an_asset_made(night: Night) -> None:
    data, _ = night
    tables = set(tables_by_name())
    keys = [spec.key for spec in defs.resolve_all_asset_specs() if ".".join(spec.key.path) in tables]
    with dg.DagsterInstance.from_config(str(data / "dagster")) as instance:
        events = instance.get_latest_materialization_events(keys)
    counted = {key: e.asset_materialization.metadata.get("dagster/row_count") for key, e in events.items() if e}
    assert set(counted) == set(keys)
    assert [key for key, count in counted.items() if count is None] == []


def test_nothing_for_the_audit_alone_is_published(night: Night) -> None:
    data, _ = night
    names = query(data, "select distinct column_name from duckdb_columns() where not internal")
    assert not {"nationality", "sex", "worker_nationality"} & {str(row[0]) for row in names}
    schemas = query(data, "select distinct schema_name from duckdb_tables()")
    assert {"raw", "audit"}.isdisjoint({str(row[0]) for row in schemas})


def test_no_identifier_of_the_deliveries_stands_in_any_file_that_the_night_wrote(night: Night) -> None:
    data, _ = night
    identifiers = set()
    for path in sorted((data / "landing").glob("*/*/*")):
        identifiers |= _identifiers(path)
    assert len(identifiers) > 1000
    for path in sorted(data.rglob("*")):
        if not path.is_file() or path.is_symlink() or "landing" in path.parts:
            continue
        text = path.read_bytes().decode("latin-1")
        found = set(re.findall(r"(?<![0-9A-Z])[A-Z]{0,3}[0-9]{7,10}(?![0-9])", text)) & identifiers
        assert not found, f"{path} holds {len(found)} identifiers"


def _identifiers(path: Path) -> set[str]:
    if path.suffix not in (".csv", ".parquet"):
        return set()
    contract = feed_contracts()[path.parts[-3]]
    fields = [f.name for f in contract.table.fields if f.is_identifier]
    frame = pl.read_csv(path, infer_schema=False) if path.suffix == ".csv" else pl.read_parquet(path)
    return {str(v) for name in fields if name in frame.columns for v in frame[name].drop_nulls().unique()}


def test_rejected_rows_carry_a_reason_that_a_supplier_can_act_on(night: Night) -> None:
    data, _ = night
    rows = raw(data, "select reason_code, reason, row_json::text, row_number from raw.rejected_rows")
    assert rows, "the stand-ins plant dirty rows"
    assert all(len(str(reason)) > 20 and int(str(number)) >= 1 for _, reason, _, number in rows)
    assert not any(re.search(r"(?<!\d)\d{9,10}(?!\d)", str(row)) for _, _, row, _ in rows)


def test_a_second_night_reads_nothing_and_changes_no_row(night: Night, tmp_path: Path) -> None:
    data = tmp_path / "again"
    shutil.copytree(night[0], data, symlinks=True)
    before, counts = content(data), raw(data, "select feed, count(*) from meta.deliveries group by all order by all")
    ended = waterbed("nightly", "--as-of", AS_OF, "--review-lane", data=data)
    assert ended.code == 0, ended.said
    assert content(data) == before
    assert raw(data, "select feed, count(*) from meta.deliveries group by all order by all") == counts


def test_a_second_run_beside_a_running_one_is_refused_with_a_clear_message(fresh: Callable[[str], Path]) -> None:
    data = fresh("locked")
    with run_lock(data):
        ended = waterbed("nightly", "--as-of", AS_OF, data=data)
    assert ended.code == 3
    assert "Another run is at work" in ended.said
    assert not (data / "warehouse.duckdb").exists()


def test_the_lock_is_free_again_after_the_block(tmp_path: Path) -> None:
    with run_lock(tmp_path):
        pass
    with run_lock(tmp_path):
        pass


HOLD_THE_LOCK = """
import sys
from pathlib import Path
from pipelines.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    input()
"""


def test_a_lock_held_by_another_process_names_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RunLockedError, match=str(other.pid)), run_lock(tmp_path):
            pass
        other.communicate("\n")


@pytest.fixture(scope="module")
def stopped(night: Night, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Ended]:
    """A night without the review lane, on a delivery full of bad rows: its folder, what stood before, what it said."""
    data = tmp_path_factory.mktemp("stopped") / "data"
    shutil.copytree(night[0], data, symlinks=True)
    yesterday = (data / "published/current").resolve()
    folder = data / "landing/ind_sponsor_notices/2026-11-24"
    folder.mkdir()
    header = "notice_id,v_number,sponsor_kvk,kind,event_on,until_on,received_on"
    rows = [f"X{i},0000000001,123,gossip,2026-01-01,,2026-01-02" for i in range(20_000)]
    body = "\n".join([header, *rows, ""]).encode()
    (folder / "part.csv").write_bytes(body)
    manifest = {
        "feed": "ind_sponsor_notices",
        "contract_version": "1.0.0",
        "delivered_on": "2026-11-24",
        "mode": "delta",
        "period_from": "2026-11-23",
        "period_until": "2026-11-23",
        "stand_in": True,
        "files": [{"name": "part.csv", "rows": len(rows), "sha256": hashlib.sha256(body).hexdigest()}],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return data, yesterday, waterbed("nightly", "--as-of", "2026-11-24", data=data)


def test_a_failed_release_gate_leaves_yesterdays_publication_in_place_and_says_so(
    stopped: tuple[Path, Path, Ended],
) -> None:
    data, yesterday, ended = stopped
    assert ended.code == 1, ended.said
    assert (data / "published/current").resolve() == yesterday
    assert "rejected over ten percent" in ended.said
    assert "ind_sponsor_notices" in ended.said
    assert raw(data, "select status from meta.runs order by started_at desc limit 1") == [("failed",)]


def test_without_the_review_lane_no_case_signal_is_kept(stopped: tuple[Path, Path, Ended]) -> None:
    data, _, _ = stopped
    assert query(data, "select count(*) > 0 from findings.signals where lane = 'review'") == [(True,)]
    assert raw(data, "select count(*) from findings.signals where lane = 'review'") == [(0,)]
    assert raw(data, "select count(*) > 0 from findings.measures") == [(True,)]


def test_the_doctor_finds_nothing_wrong_with_the_database_of_a_good_night(night: Night) -> None:
    ended = waterbed("doctor", data=night[0])
    assert "key: nothing wrong" in ended.said
    assert "publication: nothing wrong" in ended.said


def test_the_doctor_names_what_is_wrong_with_an_empty_folder(tmp_path: Path) -> None:
    ended = waterbed("doctor", data=tmp_path)
    assert ended.code == 1
    assert "waterbed standins" in ended.said


def test_a_night_that_is_killed_leaves_nothing_that_the_next_night_cannot_mend(night: Night, tmp_path: Path) -> None:
    """One moment, in the middle of the computation; `python -m tests.pipelines.kill_study` does many at random."""
    source = tmp_path / "source"
    shutil.copytree(night[0], source, symlinks=True)
    reference = content(source)
    hit, found = killed_then_run_again(source, tmp_path / "killed", AS_OF, told("core/permits: done"))
    assert hit, "the night ended before it could be killed"
    assert found == reference
    statuses = raw(tmp_path / "killed", "select status from meta.runs order by started_at")
    assert [status for (status,) in statuses] in (["abandoned", "succeeded"], ["succeeded"])
