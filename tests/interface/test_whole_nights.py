"""Whole nights: what stands in the data folder afterwards, what is published, and what the command says of it."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from quality.contract import feed_contracts
from tests.interface.deliveries import (
    AS_OF,
    Row,
    arrow,
    books,
    deliver,
    deliver_rows,
    landing_state,
    load,
    parquet_file,
    raw,
    read,
    rejected,
    table,
    table_names,
    valid_row,
)

BSN, V_NUMBER, DOCUMENT = "123456782", "2123456789", "NX1234567"
#: Another that passes the eleven-test, written where no number of a person belongs.
BSN_IN_PROSE = "111222333"
PROSE = {"ind_permits": "sponsor_name", "review_verdicts": "explanation", "szw_postings": "client_name"}
NEXT = "2026-11-24"

PUBLISHED: dict[str, str] = {
    "meta.deliveries": "feed delivered_on contract_version mode period_from period_until status reason rows_delivered "
    "rows_accepted rows_rejected run_id attempt",
    "meta.runs": "run_id as_of status started_at finished_at code_version rules_version",
    "meta.columns": "",
    "meta.indicators": "",
    "findings.signals": "signal_id indicator lane subject_type subject_id related_ids period_start period_end grade "
    "magnitude magnitude_unit probability evidence look_alikes_checked as_of rules_version run_id",
    "findings.measures": "indicator stratum_kind stratum period_start period_end measure value lo95 hi95 n method "
    "as_of run_id",
    "estimates.displacement": "event_id restricted_route destination_route months_after specification gross_loss rush "
    "net_loss net_loss_lo95 net_loss_hi95 first_stage_t gain gain_lo95 gain_hi95 share share_lo95 share_hi95 "
    "share_constrained p_value p_holm q_bh effective_clusters mde80 breakdown_m verdict reason as_of run_id",
    "estimates.displacement_lags": "",
    "estimates.switches": "",
    "core.routes": "route",
    "core.persons": "person_id",
    "core.permits": "application_id",
}
ROUTES = """hsm_30_plus hsm_under_30 hsm_reduced hsm_no_norm blue_card blue_card_reduced ict_eu gvva twv twv_seasonal
twv_student twv_asylum researcher_801 orientation_year self_employed startup startup_staff cross_border_service
posting_third_country posting_free_movement asian_catering learning_work investor"""


@dataclass(frozen=True)
class Ended:
    """How a night ended and what it said."""

    code: int
    said: str


def night(data: Path, as_of: str = AS_OF) -> Ended:
    """One night by the command, under the usual file mask of a server."""
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import run; run()", "nightly", "--data", data, "--as-of", as_of],
        capture_output=True,
        text=True,
        check=False,
        umask=0o022,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
    )
    return Ended(done.returncode, done.stdout + done.stderr)


def _persons() -> dict[str, Row]:
    """One person in every feed that names persons."""
    return {
        "ind_permits": {"v_number": V_NUMBER, "bsn": BSN, "travel_document": DOCUMENT},
        "ind_sponsor_notices": {"v_number": V_NUMBER},
        "uwv_wages": {"bsn": BSN},
        "uwv_work_permits": {"bsn": BSN, "v_number": None},
        "kvk_officers": {"officer_bsn": BSN},
        "nla_sightings": {"worker_document": "nx 123-4567"},
        "svb_a1": {"worker_document": "NX.1234567"},
        "szw_postings": {"worker_document": "nx1234567"},
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deliveries of every feed: good ones, one with a few rejected rows, a refused one and two that wait."""
    data = tmp_path_factory.mktemp("night")
    for feed in feed_contracts():
        prose = {PROSE[feed]: f"Jansen, bsn {BSN_IN_PROSE}"} if feed in PROSE else {}
        rows = [valid_row(feed, 1, **_persons().get(feed, {})), valid_row(feed, 2, **prose), valid_row(feed, 3)]
        if feed == "ind_permits":
            rows += [valid_row(feed, number) for number in range(10, 40)]
            rows += [valid_row(feed, 90, scheme="no_such_scheme", bsn=BSN, sponsor_name=f"p/a {BSN}")]
            deliver_rows(data, feed, rows, stand_in=True)
        else:
            deliver(data, feed, parquet_file(arrow(feed, rows)), stand_in=True)
    deliver_rows(data, "ind_sponsors", [valid_row("ind_sponsors", 9)], day="2026-11-21", mode="delta")
    deliver_rows(data, "ind_sponsor_notices", [valid_row("ind_sponsor_notices", 9)], day=NEXT)
    (deliver_rows(data, "uwv_wages", [valid_row("uwv_wages", 9)], day="2026-11-21") / "manifest.json").unlink()
    return data


@pytest.fixture(scope="module")
def first(data: Path) -> tuple[Path, Ended]:
    """The data folder after one night."""
    before = landing_state(data)
    ended = night(data)
    assert landing_state(data) == before, "landing was touched"
    return data, ended


def _current(data: Path) -> Path:
    return data / "published" / "current" / "labour_migration.duckdb"


def test_the_night_is_published_and_says_where(first: tuple[Path, Ended]) -> None:
    _, ended = first
    assert ended.code == 0, ended.said
    assert "labour_migration.duckdb" in ended.said
    assert "index.html" in ended.said or "briefs" in ended.said


def test_current_is_a_relative_link_to_the_folder_of_the_run(first: tuple[Path, Ended]) -> None:
    data, _ = first
    link = data / "published" / "current"
    (run,) = table(data, "meta.runs")["run_id"].to_list()
    assert link.is_symlink()
    assert link.readlink() == Path(run)
    assert _current(data).is_file()
    assert not _current(data).is_symlink()


def test_the_brief_stands_under_the_as_of_date_and_latest_leads_to_it(first: tuple[Path, Ended]) -> None:
    data, _ = first
    assert list((data / "briefs" / AS_OF).glob("*.html"))
    assert (data / "briefs" / "latest").resolve() == (data / "briefs" / AS_OF).resolve()


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_file_has_the_tables_and_columns_that_other_programs_read(
    first: tuple[Path, Ended], name: str
) -> None:
    assert set(PUBLISHED[name].split()) <= set(read(_current(first[0]), name).columns)


def test_signals_have_the_types_that_other_programs_read(first: tuple[Path, Ended]) -> None:
    schema = read(_current(first[0]), "findings.signals").schema
    lists = ("related_ids", "look_alikes_checked")
    days = ("period_start", "period_end", "as_of")
    numbers = ("magnitude", "probability")
    assert {schema[name] for name in lists} == {pl.List(pl.String)}
    assert {schema[name] for name in days} == {pl.Date()}
    assert {schema[name] for name in numbers} == {pl.Float64()}
    assert schema["subject_id"] == pl.String()


def test_the_published_file_holds_no_schema_but_the_named_ones(first: tuple[Path, Ended]) -> None:
    schemas = {name.split(".")[0] for name in table_names(_current(first[0]))} - {"information_schema", "pg_catalog"}
    assert schemas == {"core", "findings", "estimates", "pub", "meta"}


def test_no_published_table_has_a_column_for_the_audit_only(first: tuple[Path, Ended]) -> None:
    audit = {f.name for c in feed_contracts().values() for f in c.table.fields if f.classification == "audit_only"}
    database = _current(first[0])
    found = {name for name in table_names(database) if audit & set(read(database, name).columns)}
    assert not {name for name in found if not name.startswith(("information_schema", "pg_catalog"))}


def test_every_published_column_is_described(first: tuple[Path, Ended]) -> None:
    database = _current(first[0])
    told = {
        tuple(row)
        for row in read(database, "meta.columns").select("schema_name", "table_name", "column_name").iter_rows()
    }
    there = {
        (*name.split("."), column)
        for name in table_names(database)
        if name.startswith(("core.", "findings.", "estimates.", "pub.", "meta."))
        for column in read(database, name).columns
    }
    assert there == told


def test_the_routes_are_the_fixed_ones(first: tuple[Path, Ended]) -> None:
    assert sorted(read(_current(first[0]), "core.routes")["route"]) == sorted(ROUTES.split())


def test_the_run_is_booked_as_succeeded(first: tuple[Path, Ended]) -> None:
    for found in (table(first[0], "meta.runs"), read(_current(first[0]), "meta.runs")):
        (run,) = found.to_dicts()
        assert str(run["as_of"]) == AS_OF
        assert run["status"] == "succeeded"
        assert run["started_at"] <= run["finished_at"]
        assert run["code_version"]
        assert run["rules_version"]


def test_the_published_books_say_what_became_of_every_delivery(first: tuple[Path, Ended]) -> None:
    found = read(_current(first[0]), "meta.deliveries")
    states = {(row["feed"], str(row["delivered_on"])): row["status"] for row in found.iter_rows(named=True)}
    assert states.pop(("ind_sponsors", "2026-11-21")) == "refused"
    assert states.pop(("ind_sponsor_notices", NEXT)) == "pending"
    assert states.pop(("uwv_wages", "2026-11-21")) == "pending"
    assert set(states.values()) == {"loaded"}
    assert {feed for feed, _ in states} == set(feed_contracts())
    for row in found.filter(pl.col("status") == "loaded").iter_rows(named=True):
        assert row["rows_delivered"] == row["rows_accepted"] + row["rows_rejected"]


def test_a_share_of_rejected_rows_under_a_tenth_only_warns(first: tuple[Path, Ended]) -> None:
    (row,) = rejected(first[0], "ind_permits")
    assert row["row_number"] == 34
    warned = table(first[0], "meta.checks").filter(~pl.col("passed"))
    assert warned.filter(pl.col("severity") == "stop").is_empty()
    assert any("reject" in name for name in warned["check_name"].to_list())


def test_a_person_is_one_person_in_every_feed(first: tuple[Path, Ended]) -> None:
    database = _current(first[0])
    keys = {
        "core.permits": ("application_id", "A000000001"),
        "core.sponsor_notices": ("notice_id", "notice_id 1"),
        "core.uwv_cases": ("case_id", "case_id 1"),
        "core.officers": ("kvk", "30000001"),
        "core.sightings": ("sighting_id", "sighting_id 1"),
        "core.a1_certificates": ("a1_id", "a1_id 1"),
        "core.postings": ("notification_id", "notification_id 1"),
        "core.wage_months": ("employer_number", "800000001L01"),
    }
    found = {name: read(database, name).filter(pl.col(key) == value) for name, (key, value) in keys.items()}
    persons = {name: rows["person_id"].to_list() for name, rows in found.items()}
    assert len({person for people in persons.values() for person in people}) == 1, persons
    assert all(persons.values())
    (person,) = set(persons["core.permits"])
    assert read(database, "core.persons").filter(pl.col("person_id") == person).height == 1


def test_other_persons_are_other_persons(first: tuple[Path, Ended]) -> None:
    permits = read(_current(first[0]), "core.permits")
    assert permits["person_id"].n_unique() == permits.height == 33


def test_identifiers_stand_in_no_file_that_the_night_wrote(first: tuple[Path, Ended]) -> None:
    data, ended = first
    given = [BSN, V_NUMBER, DOCUMENT, "nx 123-4567"]
    assert not [number for number in given if number in ended.said]
    for path in sorted(data.rglob("*")):
        if path.is_file() and "landing" not in path.relative_to(data).parts:
            content = path.read_bytes()
            assert not [number for number in given if number.encode() in content], path
    for database in (_current(data), data / "warehouse.duckdb"):
        for name in table_names(database):
            if not name.startswith(("information_schema", "pg_catalog")):
                text = str(read(database, name).to_dicts())
                assert not [number for number in given if number in text], name


def test_the_number_of_a_person_in_prose_is_not_published(first: tuple[Path, Ended]) -> None:
    database = _current(first[0])
    found = {name for name in table_names(database) if BSN_IN_PROSE in str(read(database, name).to_dicts())}
    assert not found


def test_logs_and_briefs_hold_no_number_as_long_as_that_of_a_person(first: tuple[Path, Ended]) -> None:
    data, _ = first
    long_number = re.compile(r"(?<![0-9.a-z])[0-9]{9,10}(?![0-9.])")
    for path in [*(data / "logs").rglob("*"), *(data / "briefs").rglob("*")]:
        if path.is_file():
            assert not long_number.search(path.read_text(encoding="utf-8", errors="replace")), path


def test_files_are_0640_folders_0750_and_the_key_0400(first: tuple[Path, Ended]) -> None:
    data, _ = first
    wrong = {}
    for path in sorted(data.rglob("*")):
        inside = path.relative_to(data).parts
        if path.is_symlink() or inside[0] == "landing":
            continue
        wanted = 0o750 if path.is_dir() else 0o400 if inside[0] == "keys" else 0o640
        if stat.S_IMODE(path.stat().st_mode) != wanted:
            wrong["/".join(inside[:2])] = oct(stat.S_IMODE(path.stat().st_mode))
    assert not wrong


def test_a_csv_meant_for_a_spreadsheet_says_so_and_runs_nothing(first: tuple[Path, Ended]) -> None:
    exports = list((first[0] / "briefs" / AS_OF).rglob("*.csv"))
    sheets = [path for path in exports if path.name.endswith(".excel.csv")]
    assert sheets
    for path in sheets:
        text = path.read_text(encoding="utf-8-sig")
        cells = [cell.strip('"') for line in text.splitlines() for cell in re.split("[;,\t]", line)]
        assert not [cell for cell in cells if re.match(r"[=+@\t\r]|-(?![0-9.,]+$)", cell)], path


@pytest.fixture(scope="module")
def second(first: tuple[Path, Ended]) -> tuple[Path, str, Ended]:
    """The night after: what waited is loaded, and a feed of which a third is rejected stops the publication."""
    data, _ = first
    published = str((data / "published" / "current").readlink())
    feed = "szw_postings"
    rows = [valid_row(feed, 100 + number, kind="x" if number < 4 else "regular") for number in range(12)]
    deliver_rows(data, feed, rows, day=NEXT)
    return data, published, night(data, NEXT)


def test_more_than_a_tenth_of_a_feed_rejected_stops_the_publication(second: tuple[Path, str, Ended]) -> None:
    data, published, ended = second
    assert ended.code != 0
    assert str((data / "published" / "current").readlink()) == published
    assert str((data / "briefs" / "latest").readlink()) == AS_OF
    assert "szw_postings" in ended.said
    assert len(read(_current(data), "meta.runs")) == 1


def test_a_failed_run_is_booked_with_the_reason(second: tuple[Path, str, Ended]) -> None:
    runs = table(second[0], "meta.runs").sort("started_at").to_dicts()
    assert [(str(run["as_of"]), run["status"]) for run in runs] == [(AS_OF, "succeeded"), (NEXT, "failed")]
    assert runs[1]["finished_at"] >= runs[1]["started_at"]
    assert "szw_postings" in (runs[1]["message"] or "")


def test_what_a_failed_night_loaded_stays_loaded(second: tuple[Path, str, Ended]) -> None:
    data, _, _ = second
    assert books(data, "ind_sponsor_notices")[-1]["status"] == "loaded"
    assert len(raw(data, "ind_sponsor_notices")) == 4
    assert len(rejected(data, "szw_postings")) == 4


def test_a_night_without_its_key_stops_with_a_clear_word(tmp_path: Path) -> None:
    deliver_rows(tmp_path, "ind_permits", [valid_row("ind_permits", 1)])
    load(tmp_path, "ind_permits")
    key = tmp_path / "keys" / "pseudonym.key"
    key.chmod(0o600)
    key.unlink()
    ended = night(tmp_path)
    assert ended.code != 0
    assert "key" in ended.said
    assert not key.exists()
    assert not (tmp_path / "published" / "current").exists()
