"""Every reason for which a delivery is refused whole, with the delivery kept in landing and named in the books."""

from __future__ import annotations

import hashlib
import json
import os

import polars as pl
import pytest

from assets.feeds.manifest import check_version
from assets.feeds.reasons import RefusalError, Refused
from tests.feeds.deliveries import (
    DAY,
    NOTICE,
    SPONSOR,
    columns_of,
    csv_bytes,
    deliver,
    load,
    load_one,
    night_in,
    refused_as,
    rewrite,
    table,
    typed,
    write_manifest,
)

FEED = "ind_sponsor_notices"
NAME = "part-000.csv"


@pytest.fixture
def night(tmp_path):
    return night_in(tmp_path)


@pytest.fixture
def folder(night):
    """A good delivery of one row, to be spoiled."""
    return deliver(night, FEED, [NOTICE])


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "\x00", '{"feed": "ind_sponsor_notices"', '{"a": 1, "a": 2}', "[" * 100_000],
    ids=["empty", "cut", "list", "null", "nul", "unclosed", "doubled", "deep"],
)
def test_a_manifest_that_is_empty_or_broken_is_refused(night, folder, text):
    (folder / "manifest.json").write_text(text)
    assert refused_as(night, FEED, Refused.MANIFEST_UNREADABLE).rows_delivered == 0


def test_a_manifest_that_is_not_utf8_is_refused(night, folder):
    (folder / "manifest.json").write_bytes(b'{"feed": "\xff"}')
    refused_as(night, FEED, Refused.MANIFEST_UNREADABLE)


def test_a_manifest_that_is_a_link_is_refused(night, folder, tmp_path):
    (folder / "manifest.json").rename(tmp_path / "elsewhere.json")
    (folder / "manifest.json").symlink_to(tmp_path / "elsewhere.json")
    refused_as(night, FEED, Refused.MANIFEST_UNREADABLE)


@pytest.mark.parametrize(
    "key", ["feed", "contract_version", "delivered_on", "mode", "period_from", "period_until", "files"]
)
def test_every_key_of_the_manifest_is_required(night, folder, key):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest[key]
    path.write_text(json.dumps(manifest))
    assert key in refused_as(night, FEED, Refused.MANIFEST_INCOMPLETE).reason


@pytest.mark.parametrize(
    "changes",
    [
        {"feed": 1},
        {"mode": None},
        {"stand_in": "yes"},
        {"files": "part-000.csv"},
        {"files": ["part-000.csv"]},
        {"files": [{"name": NAME, "rows": 1}]},
        {"files": [{"name": NAME, "rows": -1, "sha256": "0" * 64}]},
        {"files": [{"name": NAME, "rows": "1", "sha256": "0" * 64}]},
        {"files": [{"name": NAME, "rows": True, "sha256": "0" * 64}]},
        {"files": [{"name": NAME, "rows": 10**30, "sha256": "0" * 64}]},
        {"files": [{"name": NAME, "rows": 1, "sha256": "abc"}]},
        {"files": [{"name": 7, "rows": 1, "sha256": "0" * 64}]},
    ],
    ids=str,
)
def test_a_manifest_with_the_wrong_kind_of_value_is_refused(night, folder, changes):
    rewrite(folder, **changes)
    refused_as(night, FEED, Refused.MANIFEST_INCOMPLETE)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"feed": "ind_permits"}, Refused.OTHER_FEED),
        ({"delivered_on": "2026-11-21"}, Refused.OTHER_DATE),
        ({"delivered_on": "22-11-2026"}, Refused.OTHER_DATE),
        ({"mode": "partial"}, Refused.MODE),
        ({"mode": "\ud800"}, Refused.MODE),
        ({"contract_version": "2.0.0"}, Refused.CONTRACT_VERSION),
        ({"contract_version": "0.9.0"}, Refused.CONTRACT_VERSION),
        ({"contract_version": "1.0.1"}, Refused.CONTRACT_VERSION),
        ({"contract_version": "1.1.0"}, Refused.CONTRACT_VERSION),
        ({"contract_version": "1"}, Refused.CONTRACT_VERSION),
        ({"contract_version": "1.0.0 "}, Refused.CONTRACT_VERSION),
        ({"files": []}, Refused.NO_FILES),
    ],
    ids=str,
)
def test_a_manifest_that_contradicts_its_folder_or_contract_is_refused(night, folder, changes, code):
    rewrite(folder, **changes)
    refused_as(night, FEED, code)


def test_a_delta_of_a_feed_that_delivers_in_full_is_refused(night):
    deliver(night, "ind_sponsors", [SPONSOR], mode="delta")
    refused_as(night, "ind_sponsors", Refused.MODE)


def test_a_full_of_a_feed_that_delivers_deltas_is_accepted(night):
    deliver(night, FEED, [NOTICE], mode="full")
    assert load_one(night, FEED).status == "loaded"


@pytest.mark.parametrize(
    ("delivered", "ours", "is_older"),
    [("1.0.0", "1.0.0", False), ("1.0.0", "1.0.2", False), ("1.1.9", "1.2.0", True), ("1.0.0", "1.2.0", True)],
)
def test_versions_of_the_same_major_up_to_ours_are_known(delivered, ours, is_older):
    assert check_version(delivered, ours) is is_older


@pytest.mark.parametrize("delivered", ["1.2.1", "1.3.0", "2.0.0", "0.2.0", "1.2", "v1.2.0", "", "1.02.0", "1.2.0.0"])
def test_other_versions_are_unknown(delivered):
    with pytest.raises(RefusalError) as refusal:
        check_version(delivered, "1.2.0")
    assert refusal.value.code is Refused.CONTRACT_VERSION


def entry(name, rows=1, sha256="0" * 64):
    return {"name": name, "rows": rows, "sha256": sha256}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../outside.csv", Refused.OUTSIDE_FOLDER),
        ("/etc/passwd", Refused.OUTSIDE_FOLDER),
        ("sub/part.csv", Refused.OUTSIDE_FOLDER),
        ("./part-000.csv", Refused.OUTSIDE_FOLDER),
        ("sub\\part.csv", Refused.OUTSIDE_FOLDER),
        ("..", Refused.OUTSIDE_FOLDER),
        ("", Refused.OUTSIDE_FOLDER),
        ("a\x00.csv", Refused.OUTSIDE_FOLDER),
        ("PART-000.CSV", Refused.FILE_TYPE),
        ("part.xlsx", Refused.FILE_TYPE),
        ("part.csv.gz", Refused.FILE_TYPE),
        ("manifest.json", Refused.FILE_TYPE),
        ("other.csv", Refused.FILE_MISSING),
    ],
)
def test_a_listed_file_must_lie_in_the_folder_under_a_name_that_tells_its_type(night, folder, name, code):
    manifest = json.loads((folder / "manifest.json").read_text())
    rewrite(folder, files=[*manifest["files"], entry(name)])
    refused_as(night, FEED, code)


def test_a_listed_file_outside_the_folder_is_not_read_even_when_it_is_there(night, folder):
    outside = folder.parent / "outside.csv"
    outside.write_bytes((folder / NAME).read_bytes())
    digest = hashlib.sha256(outside.read_bytes()).hexdigest()
    rewrite(folder, files=[entry("../outside.csv", 1, digest)])
    (folder / NAME).unlink()
    refused_as(night, FEED, Refused.OUTSIDE_FOLDER)


def test_a_listed_file_that_is_a_link_is_refused(night, folder):
    (folder / NAME).rename(folder.parent / "real.csv")
    (folder / NAME).symlink_to(folder.parent / "real.csv")
    refused_as(night, FEED, Refused.FILE_LINK)


def test_a_listed_file_that_is_a_folder_or_a_pipe_is_refused(night, folder):
    (folder / NAME).unlink()
    (folder / NAME).mkdir()
    refused_as(night, FEED, Refused.NOT_A_FILE)


def test_a_pipe_is_refused_and_never_opened(night, folder):
    (folder / NAME).unlink()
    os.mkfifo(folder / NAME)
    refused_as(night, FEED, Refused.NOT_A_FILE)


def test_a_delivery_folder_that_is_a_link_is_refused(night, folder):
    folder.rename(night.data / "elsewhere")
    folder.symlink_to(night.data / "elsewhere")
    refused_as(night, FEED, Refused.FOLDER_LINK)


def test_a_file_listed_twice_is_refused(night, folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    rewrite(folder, files=manifest["files"] * 2)
    refused_as(night, FEED, Refused.LISTED_TWICE)


@pytest.mark.parametrize("name", ["extra.csv", "extra.parquet"])
def test_a_data_file_that_is_not_listed_refuses_the_delivery(night, folder, name):
    (folder / name).write_bytes(b"x")
    assert name in refused_as(night, FEED, Refused.FILE_UNLISTED).reason


def test_a_link_to_a_data_file_that_is_not_listed_refuses_the_delivery(night, folder):
    (folder / "extra.csv").symlink_to(folder / NAME)
    refused_as(night, FEED, Refused.FILE_UNLISTED)


def test_other_foreign_files_are_ignored_with_a_warning(night, folder):
    for name in (".DS_Store", "part-000.csv.tmp", "READ ME.TXT", "OLD.CSV"):
        (folder / name).write_bytes(b"x")
    (folder / "old.csv").mkdir()
    outcome = load_one(night, FEED)
    assert outcome.status == "loaded"
    assert outcome.warnings == (
        "not of the delivery and ignored: '.DS_Store', 'OLD.CSV', 'READ ME.TXT', 'old.csv', 'part-000.csv.tmp'",
    )
    assert table(night, "meta.deliveries")["warnings"].to_list() == [list(outcome.warnings)]


def test_keys_that_nobody_knows_are_ignored_with_a_warning(night, folder):
    rewrite(folder, sender="x", note={"a": 1})
    outcome = load_one(night, FEED)
    assert outcome.status == "loaded"
    assert len(outcome.warnings) == 2


def test_a_period_that_is_no_date_is_only_a_warning(night, folder):
    rewrite(folder, period_from="november", period_until=None)
    outcome = load_one(night, FEED)
    assert (outcome.status, len(outcome.warnings)) == ("loaded", 2)


def test_a_folder_that_changes_while_it_is_read_is_refused_and_nothing_of_it_is_loaded(night, monkeypatch):
    from assets.feeds import loading

    folder = deliver(night, FEED, [NOTICE])

    real = loading.ledger.write_entry
    meddle_once = iter([True])

    def write(*args, **kwargs):
        if next(meddle_once, False):
            (folder / NAME).write_bytes(b"changed")
        return real(*args, **kwargs)

    monkeypatch.setattr(loading.ledger, "write_entry", write)
    outcome = load_one(night, FEED)
    assert (outcome.status, outcome.reason_code) == ("refused", Refused.CHANGED_WHILE_READ.value)
    assert table(night, f"raw.{FEED}").is_empty()


def test_the_rows_of_a_refused_delivery_are_those_of_its_manifest_as_far_as_it_can_be_read(night, folder):
    rewrite(folder, stand_in="yes")
    assert refused_as(night, FEED, Refused.MANIFEST_INCOMPLETE).rows_delivered == 1


def test_a_refused_delivery_that_is_unchanged_is_not_read_again(night, folder):
    rewrite(folder, mode="partial")
    refused_as(night, FEED, Refused.MODE)
    assert load(night, FEED) == []
    assert table(night, "meta.deliveries").height == 1


def test_the_rows_of_a_refused_delivery_are_those_of_its_manifest(night, folder):
    rewrite(folder, mode="partial")
    assert refused_as(night, FEED, Refused.MODE).rows_delivered == 1


def test_a_refused_delivery_stays_in_landing_as_it_was(night, folder):
    rewrite(folder, mode="partial")
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}
    load(night, FEED)
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()} == before


def test_a_refused_delivery_that_is_put_right_is_loaded_as_the_next_attempt(night, folder):
    rewrite(folder, mode="partial")
    load(night, FEED)
    rewrite(folder, mode="delta")
    outcome = load_one(night, FEED)
    assert (outcome.status, outcome.attempt) == ("loaded", 2)
    books = table(night, "meta.deliveries").sort("attempt")
    assert books["status"].to_list() == ["refused", "loaded"]
    assert books["attempt"].to_list() == [1, 2]
    assert load(night, FEED) == []


def test_a_refused_delivery_of_which_a_file_is_removed_is_read_again(night, folder):
    (folder / "extra.csv").write_bytes(b"x")
    refused_as(night, FEED, Refused.FILE_UNLISTED)
    (folder / "extra.csv").unlink()
    assert (load_one(night, FEED).status, table(night, "meta.deliveries").height) == ("loaded", 2)


def test_a_refused_delivery_that_is_only_touched_is_not_read_again(night, folder):
    rewrite(folder, mode="partial")
    load(night, FEED)
    for path in folder.iterdir():
        os.utime(path, ns=(1, 1))
    assert load(night, FEED) == []
    assert table(night, "meta.deliveries").height == 1


def test_a_file_name_that_cannot_be_written_as_text_does_not_stop_the_night(night, folder):
    (folder / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"x")
    outcome = refused_as(night, FEED, Refused.FILE_UNLISTED)
    assert "'caf?.csv'" in outcome.reason


@pytest.mark.parametrize(
    "name", ["part[1].csv", "part*.csv", "part?.csv", "a b.csv", "é'\".csv", "x=1.csv", "{a,b}.csv"]
)
def test_a_file_name_that_means_something_to_a_shell_is_only_a_name(night, name):
    deliver(night, FEED, [NOTICE], name=name)
    assert load_one(night, FEED).status == "loaded"


def test_both_kinds_of_file_may_be_mixed_and_columns_stand_in_any_order(night):
    folder = night.landing / FEED / DAY
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(csv_bytes([NOTICE], list(reversed(columns_of(FEED)))))
    typed(FEED, [{**NOTICE, "notice_id": "N2"}]).write_parquet(folder / "b.parquet")
    frame = pl.DataFrame([{**NOTICE, "notice_id": "N3"}], schema=dict.fromkeys(sorted(columns_of(FEED)), pl.String))
    frame.write_parquet(folder / "c.parquet")
    write_manifest(folder, FEED, {"a.csv": 1, "b.parquet": 1, "c.parquet": 1})
    outcome = load_one(night, FEED)
    assert (outcome.status, outcome.rows_accepted) == ("loaded", 3), outcome
    assert sorted(table(night, f"raw.{FEED}")["notice_id"]) == ["N1", "N2", "N3"]
