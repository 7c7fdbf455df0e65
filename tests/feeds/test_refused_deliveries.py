"""Every reason for which a delivery is refused whole, with the delivery kept in landing and named in the books."""

from __future__ import annotations

import hashlib
import json
import os

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
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


def refused_as(night, code, feed=FEED):
    """The outcome of the only delivery, which must be refused for `code` and leave no row behind."""
    outcome = load_one(night, feed)
    assert (outcome.status, outcome.reason_code) == ("refused", code.value), outcome
    with night.warehouse.reading() as session:
        entry = session.table("meta.deliveries").to_dicts()[-1]
        assert session.count(f"raw.{feed}") == session.count("raw.rejected_rows") == 0
    assert (entry["status"], entry["reason_code"], entry["reason"]) == ("refused", code.value, outcome.reason)
    assert (entry["rows_accepted"], entry["rows_rejected"]) == (0, 0)
    return outcome


def rewrite(folder, **changes):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "\x00", '{"feed": "ind_sponsor_notices"', '{"a": 1, "a": 2}', "[" * 100_000],
    ids=["empty", "cut", "list", "null", "nul", "unclosed", "doubled", "deep"],
)
def test_a_manifest_that_is_empty_or_broken_is_refused(night, folder, text):
    (folder / "manifest.json").write_text(text)
    assert refused_as(night, Refused.MANIFEST_UNREADABLE).rows_delivered == 0


def test_a_manifest_that_is_not_utf8_is_refused(night, folder):
    (folder / "manifest.json").write_bytes(b'{"feed": "\xff"}')
    refused_as(night, Refused.MANIFEST_UNREADABLE)


def test_a_manifest_that_is_a_link_is_refused(night, folder, tmp_path):
    (folder / "manifest.json").rename(tmp_path / "elsewhere.json")
    (folder / "manifest.json").symlink_to(tmp_path / "elsewhere.json")
    refused_as(night, Refused.MANIFEST_UNREADABLE)


@pytest.mark.parametrize(
    "key", ["feed", "contract_version", "delivered_on", "mode", "period_from", "period_until", "files"]
)
def test_every_key_of_the_manifest_is_required(night, folder, key):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest[key]
    path.write_text(json.dumps(manifest))
    assert key in refused_as(night, Refused.MANIFEST_INCOMPLETE).reason


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
    refused_as(night, Refused.MANIFEST_INCOMPLETE)


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
    refused_as(night, code)


def test_a_delta_of_a_feed_that_delivers_in_full_is_refused(night):
    deliver(night, "ind_sponsors", [SPONSOR], mode="delta")
    refused_as(night, Refused.MODE, "ind_sponsors")


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
    refused_as(night, code)


def test_a_listed_file_outside_the_folder_is_not_read_even_when_it_is_there(night, folder):
    outside = folder.parent / "outside.csv"
    outside.write_bytes((folder / NAME).read_bytes())
    digest = hashlib.sha256(outside.read_bytes()).hexdigest()
    rewrite(folder, files=[entry("../outside.csv", 1, digest)])
    (folder / NAME).unlink()
    refused_as(night, Refused.OUTSIDE_FOLDER)


def test_a_listed_file_that_is_a_link_is_refused(night, folder):
    (folder / NAME).rename(folder.parent / "real.csv")
    (folder / NAME).symlink_to(folder.parent / "real.csv")
    refused_as(night, Refused.FILE_LINK)


def test_a_listed_file_that_is_a_folder_or_a_pipe_is_refused(night, folder):
    (folder / NAME).unlink()
    (folder / NAME).mkdir()
    refused_as(night, Refused.NOT_A_FILE)


def test_a_pipe_is_refused_and_never_opened(night, folder):
    (folder / NAME).unlink()
    os.mkfifo(folder / NAME)
    refused_as(night, Refused.NOT_A_FILE)


def test_a_delivery_folder_that_is_a_link_is_refused(night, folder):
    folder.rename(night.data / "elsewhere")
    folder.symlink_to(night.data / "elsewhere")
    refused_as(night, Refused.FOLDER_LINK)


def test_a_file_listed_twice_is_refused(night, folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    rewrite(folder, files=manifest["files"] * 2)
    refused_as(night, Refused.LISTED_TWICE)


@pytest.mark.parametrize("name", ["extra.csv", "extra.parquet"])
def test_a_data_file_that_is_not_listed_refuses_the_delivery(night, folder, name):
    (folder / name).write_bytes(b"x")
    assert name in refused_as(night, Refused.FILE_UNLISTED).reason


def test_a_link_to_a_data_file_that_is_not_listed_refuses_the_delivery(night, folder):
    (folder / "extra.csv").symlink_to(folder / NAME)
    refused_as(night, Refused.FILE_UNLISTED)


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


def test_content_with_another_hash_is_refused(night, folder):
    (folder / NAME).write_bytes((folder / NAME).read_bytes() + b"\n")
    refused_as(night, Refused.WRONG_HASH)


def test_the_hash_is_compared_without_regard_to_case(night, folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][0]["sha256"] = manifest["files"][0]["sha256"].upper()
    rewrite(folder, files=manifest["files"])
    assert load_one(night, FEED).status == "loaded"


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
@pytest.mark.parametrize("count", [0, 2])
def test_another_number_of_rows_than_the_manifest_says_is_refused(night, as_parquet, count):
    deliver(night, FEED, typed(FEED, [NOTICE]) if as_parquet else [NOTICE], count=count)
    assert refused_as(night, Refused.WRONG_COUNT).rows_delivered == count


def test_one_byte_that_is_not_utf8_refuses_the_delivery_and_names_its_offset(night):
    good = csv_bytes([NOTICE], columns_of(FEED))
    spoiled = good[:-1] + b"\xe9\n"
    deliver(night, FEED, spoiled)
    assert f"offset {len(good) - 1} " in refused_as(night, Refused.NOT_UTF8).reason


def test_the_offset_is_right_beyond_the_first_million_bytes(night):
    header = ",".join(columns_of(FEED)).encode() + b"\n"
    filler = b"x" * ((1 << 20) - len(header) - 1) + "é".encode()  # a letter across the border of two pieces
    deliver(night, FEED, header + filler + b"abc\xff\n")
    assert f"offset {len(header) + len(filler) + 3} " in refused_as(night, Refused.NOT_UTF8).reason


def test_utf16_is_refused_as_not_utf8(night):
    text = csv_bytes([NOTICE], columns_of(FEED)).decode()
    deliver(night, FEED, text.encode("utf-16"), count=1)
    assert "offset 0 " in refused_as(night, Refused.NOT_UTF8).reason


HEADER = ",".join(columns_of(FEED))
LINE = "N1,1234567890,12345678,wage_change,2026-11-01,,2026-11-10"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n{LINE},extra\n",
        f"{HEADER}\n{LINE.rsplit(',', 1)[0]}\n",
        f'{HEADER}\n"{LINE}\n',
        f'{HEADER}\n"N1"x{LINE[2:]}\n',
        f"{HEADER}\n{LINE}\r\n{LINE}\n",
        f"{HEADER}\r{LINE}\r",
        f"{HEADER}\n{LINE}\n   \n",
        f"{HEADER}\n{LINE},\n",
        f"{HEADER}\n{LINE.replace('2026-11-10', '')},\n",
        f"{HEADER}\n{LINE}\r{LINE}\n",
        f'{HEADER}\n"N" 1{LINE[2:]}\n',
    ],
    ids=[
        "too many",
        "too few",
        "open quote",
        "after quote",
        "mixed line ends",
        "old mac",
        "spaces",
        "comma at the end",
        "shifted",
        "carriage return",
        "quote and space",
    ],
)
def test_a_row_that_cannot_be_delimited_makes_the_file_unreadable(night, text):
    deliver(night, FEED, text.encode(), count=1)
    reason = refused_as(night, Refused.UNREADABLE).reason
    assert "1234567890" not in reason


def test_the_reason_names_the_row_that_cannot_be_delimited(night):
    deliver(night, FEED, f'{HEADER}\n"N\n1"{LINE[2:]}\n{LINE},\n'.encode(), count=2)
    assert refused_as(night, Refused.UNREADABLE).reason == "'part-000.csv': row 2 has 8 values, the header has 7"


def test_a_parquet_file_that_is_none_is_unreadable(night):
    deliver(night, FEED, b"PAR1 but not really PAR1", name="part-000.parquet", count=1)
    refused_as(night, Refused.UNREADABLE)


def test_a_parquet_file_damaged_in_its_pages_is_unreadable(night):
    rows = [{**NOTICE, "notice_id": f"N{n:06}"} for n in range(20_000)]
    folder = deliver(night, FEED, typed(FEED, rows))
    path = folder / "part-000.parquet"
    content = bytearray(path.read_bytes())
    content[200:4000] = bytes(b ^ 0x5A for b in content[200:4000])
    path.write_bytes(bytes(content))
    write_manifest(folder, FEED, {path.name: len(rows)})
    refused_as(night, Refused.UNREADABLE)


def without(name):
    return [column for column in columns_of(FEED) if column != name]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (without("until_on"), Refused.COLUMN_MISSING),
        (without("kind"), Refused.COLUMN_MISSING),
        ([*columns_of(FEED), "extra"], Refused.COLUMN_UNKNOWN),
        ([*without("kind"), "Kind"], Refused.COLUMN_UNKNOWN),
        ([*columns_of(FEED), "kind"], Refused.COLUMN_DOUBLED),
        ([*columns_of(FEED), " kind "], Refused.COLUMN_DOUBLED),
        (["a", "b"], Refused.COLUMN_MISSING),
    ],
    ids=str,
)
def test_columns_must_be_those_of_the_contract_in_csv(night, header, code):
    line = ",".join(NOTICE.get(name.strip(), "") or "" for name in header)
    deliver(night, FEED, f"{','.join(header)}\n{line}\n".encode())
    refused_as(night, code)


def arrow(header):
    return pa.Table.from_arrays([pa.array([NOTICE.get(n.strip())], pa.string()) for n in header], names=header)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (without("until_on"), Refused.COLUMN_MISSING),
        ([*columns_of(FEED), "extra"], Refused.COLUMN_UNKNOWN),
        ([*without("kind"), "Kind"], Refused.COLUMN_UNKNOWN),
        ([*columns_of(FEED), "kind"], Refused.COLUMN_DOUBLED),
    ],
    ids=str,
)
def test_columns_must_be_those_of_the_contract_in_parquet(night, header, code):
    folder = night.landing / FEED / DAY
    folder.mkdir(parents=True)
    pq.write_table(arrow(header), folder / "part-000.parquet")
    write_manifest(folder, FEED, {"part-000.parquet": 1})
    refused_as(night, code)


def test_a_csv_file_without_a_header_line_does_not_show_its_first_row(night):
    deliver(night, FEED, f"{LINE}\n".encode(), count=0)
    reason = refused_as(night, Refused.COLUMN_MISSING).reason
    assert "is the header line missing?" in reason
    assert "1234567890" not in reason


def test_a_file_of_no_bytes_has_no_columns(night):
    deliver(night, FEED, b"", count=0)
    refused_as(night, Refused.COLUMN_MISSING)


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
def test_a_full_delivery_without_rows_is_refused(night, as_parquet):
    deliver(night, "ind_sponsors", typed("ind_sponsors", [SPONSOR]).clear() if as_parquet else [])
    refused_as(night, Refused.EMPTY_FULL, "ind_sponsors")


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
def test_a_delta_without_rows_is_accepted(night, as_parquet):
    deliver(night, FEED, typed(FEED, [NOTICE]).clear() if as_parquet else [])
    outcome = load_one(night, FEED)
    assert (outcome.status, outcome.rows_delivered, outcome.rows_accepted) == ("loaded", 0, 0)


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
    assert refused_as(night, Refused.MANIFEST_INCOMPLETE).rows_delivered == 1


def test_a_refused_delivery_that_is_unchanged_is_not_read_again(night, folder):
    rewrite(folder, mode="partial")
    refused_as(night, Refused.MODE)
    assert load(night, FEED) == []
    assert table(night, "meta.deliveries").height == 1


def test_the_rows_of_a_refused_delivery_are_those_of_its_manifest(night, folder):
    rewrite(folder, mode="partial")
    assert refused_as(night, Refused.MODE).rows_delivered == 1


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
    refused_as(night, Refused.FILE_UNLISTED)
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
    outcome = refused_as(night, Refused.FILE_UNLISTED)
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
