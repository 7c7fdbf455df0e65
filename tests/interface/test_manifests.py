"""A delivery is taken or refused as a whole: its manifest, its folder and its files before any row is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.interface.deliveries import (
    File,
    Row,
    arrow,
    book,
    books,
    csv_file,
    current,
    day_number,
    deliver,
    deliver_rows,
    landing_state,
    load,
    manifest_of,
    parquet_file,
    raw,
    rejected,
    valid_row,
    write_manifest,
)

DELTA, FULL = "ind_sponsor_notices", "ind_sponsors"

Write = Callable[[Path, str, Row], object]
"""Writes one delivery: data folder, day, and the row in it."""


def _file(row: Row, name: str = "part-000.csv") -> File:
    return csv_file(DELTA, [row], name)


def _changed(**changes: Any) -> Write:
    return lambda data, day, row: deliver(data, DELTA, _file(row), day=day, **changes)


def _without(key: str) -> Write:
    def write(data: Path, day: str, row: Row) -> None:
        manifest = manifest_of(DELTA, [_file(row)], day)
        del manifest[key]
        write_manifest(deliver(data, DELTA, _file(row), day=day), manifest)

    return write


def _file_entry(**changes: Any) -> Write:
    """The entry of the file in the manifest with changes; a key changed to `...` is left out."""

    def write(data: Path, day: str, row: Row) -> None:
        entry = manifest_of(DELTA, [_file(row)], day)["files"][0] | changes
        entry = {key: value for key, value in entry.items() if value is not ...}
        deliver(data, DELTA, _file(row), day=day, files=[entry])

    return write


def _bytes(content: bytes) -> Write:
    return lambda data, day, row: (deliver(data, DELTA, _file(row), day=day) / "manifest.json").write_bytes(content)


def _beside(name: str, content: bytes = b"x") -> Write:
    """A delivery with another file in its folder."""

    def write(data: Path, day: str, row: Row) -> None:
        path = deliver(data, DELTA, _file(row), day=day) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    return write


def _listed_as(name: Callable[[Path], str]) -> Write:
    """A file that the manifest lists by another name, with the file really there."""

    def write(data: Path, day: str, row: Row) -> None:
        file = _file(row)
        folder = deliver(data, DELTA, day=day)
        listed = name(folder)
        target = folder / listed
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
        write_manifest(folder, manifest_of(DELTA, [File(listed, file.content, 1)], day))

    return write


def _linked(data: Path, day: str, row: Row) -> None:
    elsewhere = data / f"elsewhere-{day}.csv"
    elsewhere.write_bytes(_file(row).content)
    folder = deliver(data, DELTA, _file(row), day=day)
    (folder / "part-000.csv").unlink()
    (folder / "part-000.csv").symlink_to(elsewhere)


def _gone(data: Path, day: str, row: Row) -> None:
    (deliver(data, DELTA, _file(row), day=day) / "part-000.csv").unlink()


def _damaged(data: Path, day: str, row: Row) -> None:
    (deliver(data, DELTA, _file(row), day=day) / "part-000.csv").write_bytes(_file(row).content + b"\n")


def _listed_twice(data: Path, day: str, row: Row) -> None:
    deliver(data, DELTA, _file(row), day=day, files=manifest_of(DELTA, [_file(row)] * 2, day)["files"])


def _listed_but_a_folder(data: Path, day: str, row: Row) -> None:
    folder = deliver(data, DELTA, _file(row), day=day)
    (folder / "part-000.csv").unlink()
    (folder / "part-000.csv").mkdir()


def _one_bad_of_two(data: Path, day: str, row: Row) -> None:
    good, bad = _file(row), File("part-001.csv", b"notice_id\nN9\n", 1)
    deliver(data, DELTA, good, bad, day=day)


def _bad_parquet(data: Path, day: str, row: Row) -> None:
    deliver(data, DELTA, File("part-000.parquet", b"PAR1 this is no parquet PAR1", 1), day=day)


def _cut_parquet(data: Path, day: str, row: Row) -> None:
    whole = parquet_file(arrow(DELTA, [row])).content
    deliver(data, DELTA, File("part-000.parquet", whole[: len(whole) // 2], 1), day=day)


def _csv_called_parquet(data: Path, day: str, row: Row) -> None:
    deliver(data, DELTA, _file(row, "part-000.parquet"), day=day)


def _parquet_called_csv(data: Path, day: str, row: Row) -> None:
    deliver(data, DELTA, File("part-000.csv", parquet_file(arrow(DELTA, [row])).content, 1), day=day)


REQUIRED = ("feed", "contract_version", "delivered_on", "mode", "period_from", "period_until", "files")

REFUSED: dict[str, Write] = {
    "an empty manifest": _bytes(b""),
    "a manifest of white space": _bytes(b"  \n"),
    "broken JSON": _bytes(b'{"feed": "ind_sponsor_notices", '),
    "a manifest that is a list": _bytes(b"[]"),
    "a manifest that is null": _bytes(b"null"),
    "a manifest that is a number": _bytes(b"1"),
    "a manifest that is not UTF-8": _bytes(b'{"feed": "\xff\xfe"}'),
    **{f"a manifest without {key}": _without(key) for key in REQUIRED},
    "another feed": _changed(feed="ind_permits"),
    "a feed in another case": _changed(feed="IND_SPONSOR_NOTICES"),
    "a feed that is a number": _changed(feed=1),
    "another date": _changed(delivered_on="2026-01-01"),
    "a date that is not ISO": _changed(delivered_on="01-06-2026"),
    "a date that is no day": _changed(delivered_on="2026-02-30"),
    "an unknown mode": _changed(mode="incremental"),
    "a mode in another case": _changed(mode="DELTA"),
    "a mode that is null": _changed(mode=None),
    "a newer minor version": _changed(contract_version="1.1.0"),
    "a newer patch version": _changed(contract_version="1.0.9"),
    "a newer major version": _changed(contract_version="2.0.0"),
    "an older major version": _changed(contract_version="0.9.0"),
    "a version of one number": _changed(contract_version="1"),
    "a version that is a number": _changed(contract_version=1.0),
    "no version": _changed(contract_version=""),
    "an empty list of files": _changed(files=[]),
    "files that are no list": _changed(files={"name": "part-000.csv"}),
    "files that are names": _changed(files=["part-000.csv"]),
    "a file without its name": _file_entry(name=...),
    "a file without its rows": _file_entry(rows=...),
    "a file without its hash": _file_entry(sha256=...),
    "too many rows": _file_entry(rows=2),
    "too few rows": _file_entry(rows=0),
    "a negative number of rows": _file_entry(rows=-1),
    "rows in words": _file_entry(rows="one"),
    "another hash": _file_entry(sha256="0" * 64),
    "half a hash": _file_entry(sha256="0" * 32),
    "an empty hash": _file_entry(sha256=""),
    "a listed file that is not there": _gone,
    "a listed file that is a folder": _listed_but_a_folder,
    "a file that changed on the way": _damaged,
    "a file that is a link": _linked,
    "a file listed twice": _listed_twice,
    "a file in a folder below": _listed_as(lambda _: "below/part-000.csv"),
    "a file in the folder above": _listed_as(lambda folder: f"../part-of-{folder.name}.csv"),
    "a file by its absolute path": _listed_as(lambda folder: str(folder / "part-000.csv")),
    "a file by a roundabout path": _listed_as(lambda folder: f"../{folder.name}/part-000.csv"),
    "a file of an unknown type": _listed_as(lambda _: "part-000.txt"),
    "a file whose type is in capitals": _listed_as(lambda _: "part-000.CSV"),
    "a compressed file": _listed_as(lambda _: "part-000.csv.gz"),
    "a CSV file that is not listed": _beside("part-001.csv"),
    "a Parquet file that is not listed": _beside("part-001.parquet"),
    "a hidden CSV file that is not listed": _beside(".part-001.csv"),
    "a second file that lacks columns": _one_bad_of_two,
    "a Parquet file that is none": _bad_parquet,
    "half a Parquet file": _cut_parquet,
    "a CSV file called Parquet": _csv_called_parquet,
    "a Parquet file called CSV": _parquet_called_csv,
}


def _two_kinds(data: Path, day: str, row: Row) -> None:
    other = valid_row(DELTA, 5000)
    deliver(data, DELTA, _file(row), parquet_file(arrow(DELTA, [other]), "part-001.parquet"), day=day)


def _with_empty_second_file(data: Path, day: str, row: Row) -> None:
    deliver(data, DELTA, _file(row), csv_file(DELTA, [], "part-001.csv"), day=day)


ACCEPTED: dict[str, Write] = {
    "nothing special": _changed(),
    "the hash in capitals": lambda data, day, row: _file_entry(
        sha256=hashlib.sha256(_file(row).content).hexdigest().upper()
    )(data, day, row),
    "a key that nobody knows": _changed(remark="with regards"),
    "the mark of a stand-in": _changed(stand_in=True),
    "the mark of no stand-in": _changed(stand_in=False),
    "a period in the wrong order": _changed(period_from="2026-12-31", period_until="2026-01-01"),
    "a period far away": _changed(period_from="1950-01-01", period_until="2050-01-01"),
    "full for a feed of deltas": lambda data, day, row: deliver(data, DELTA, _file(row), day=day, mode="full"),
    "a file for the desktop": _beside(".DS_Store"),
    "a file half written": _beside("part-001.parquet.tmp"),
    "a note": _beside("lees mij.txt", b"Groeten"),
    "a file name with spaces": _listed_as(lambda _: "levering van vandaag.csv"),
    "a file name with a star": _listed_as(lambda _: "part[0-9]*.csv"),
    "both kinds of file": _two_kinds,
    "a second file without rows": _with_empty_second_file,
}
WARNED = ("a key that nobody knows", "a file for the desktop", "a file half written", "a note")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One delivery a case: what must be accepted first, then what must be refused."""
    data = tmp_path_factory.mktemp("manifests")
    for number, write in enumerate([*ACCEPTED.values(), *REFUSED.values()]):
        write(data, day_number(number), valid_row(DELTA, number))
    before = landing_state(data)
    load(data, DELTA)
    assert landing_state(data) == before, "landing was touched"
    return data


def _day(case: str) -> str:
    return day_number([*ACCEPTED, *REFUSED].index(case))


@pytest.mark.parametrize("case", ACCEPTED)
def test_a_delivery_is_loaded_with(loaded: Path, case: str) -> None:
    entry = book(loaded, DELTA, _day(case))
    assert (entry["status"], entry["reason"], entry["rows_rejected"]) == ("loaded", None, 0), rejected(loaded, DELTA)
    assert entry["rows_accepted"] == entry["rows_delivered"] == (2 if case == "both kinds of file" else 1)


@pytest.mark.parametrize("case", WARNED)
def test_the_books_warn_of(loaded: Path, case: str) -> None:
    assert book(loaded, DELTA, _day(case))["warnings"]


@pytest.mark.parametrize("case", REFUSED)
def test_a_delivery_is_refused_whole_for(loaded: Path, case: str) -> None:
    entry = book(loaded, DELTA, _day(case))
    assert entry["status"] == "refused"
    assert entry["reason"]
    assert (entry["rows_accepted"], entry["rows_rejected"]) == (0, 0)


def test_no_row_of_a_refused_delivery_is_kept_anywhere(loaded: Path) -> None:
    days = {_day(case) for case in REFUSED}
    assert not days & {str(row["delivered_on"]) for row in raw(loaded, DELTA)}
    assert rejected(loaded, DELTA) == []


def test_a_refused_delivery_tells_its_rows_as_the_manifest_says_them(loaded: Path) -> None:
    by_day = {str(entry["delivered_on"]): entry["rows_delivered"] for entry in books(loaded, DELTA)}
    told = {case: by_day[_day(case)] for case in REFUSED}
    assert told["too many rows"] == 2
    assert told["too few rows"] == 0
    assert told["another hash"] == told["a CSV file that is not listed"] == told["a newer major version"] == 1
    assert told["broken JSON"] == told["an empty manifest"] == 0


def test_a_refused_delivery_keeps_what_its_manifest_says(loaded: Path) -> None:
    entry = book(loaded, DELTA, _day("another hash"))
    assert (entry["contract_version"], entry["mode"]) == ("1.0.0", "delta")
    assert str(entry["period_from"]) == str(entry["period_until"]) == _day("another hash")


def test_every_entry_of_the_books_has_the_columns_that_other_programs_read(loaded: Path) -> None:
    named = {
        *("feed", "delivered_on", "contract_version", "mode", "period_from", "period_until", "status", "reason"),
        *("rows_delivered", "rows_accepted", "rows_rejected", "run_id", "attempt"),
    }
    assert named <= set(books(loaded, DELTA)[0])


def test_a_feed_of_deltas_keeps_every_case_that_was_loaded_after_the_last_full_delivery(loaded: Path) -> None:
    later = list(ACCEPTED)[list(ACCEPTED).index("full for a feed of deltas") :]
    expected = {f"notice_id {[*ACCEPTED].index(case)}" for case in later} | {"notice_id 5000"}
    assert {row["notice_id"] for row in current(loaded, DELTA)} == expected


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A feed of full deliveries: a good one, a delta, and one without rows as CSV and as Parquet."""
    data = tmp_path_factory.mktemp("full")
    deliver_rows(data, FULL, [valid_row(FULL, 1), valid_row(FULL, 2)], day=day_number(1))
    deliver_rows(data, FULL, [valid_row(FULL, 3)], day=day_number(2), mode="delta")
    deliver_rows(data, FULL, [], day=day_number(3))
    deliver(data, FULL, parquet_file(arrow(FULL, [])), day=day_number(4))
    load(data, FULL)
    return data


@pytest.mark.parametrize("number", [2, 3, 4])
def test_a_feed_of_full_deliveries_takes_no_delta_and_none_without_rows(full: Path, number: int) -> None:
    assert book(full, FULL, day_number(number))["status"] == "refused"


def test_a_refused_full_delivery_ends_no_row(full: Path) -> None:
    assert len(current(full, FULL)) == len(raw(full, FULL)) == 2


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_delta_without_rows_is_accepted(tmp_path: Path, kind: str) -> None:
    file = csv_file(DELTA, []) if kind == "csv" else parquet_file(arrow(DELTA, []))
    deliver(tmp_path, DELTA, file)
    load(tmp_path, DELTA)
    entry = book(tmp_path, DELTA)
    assert (entry["status"], entry["rows_delivered"], entry["rows_accepted"]) == ("loaded", 0, 0)


def test_a_delivery_without_a_manifest_waits_and_other_folders_are_no_deliveries(tmp_path: Path) -> None:
    folder = deliver_rows(tmp_path, DELTA, [valid_row(DELTA)])
    (folder / "manifest.json").unlink()
    for name in ("2026-02-30", "2026-6-1", "latest", "20260601", "2026-06-01.tmp"):
        (tmp_path / "landing" / DELTA / name).mkdir()
    (tmp_path / "landing" / DELTA / "2026-06-02").write_text("a file, not a folder")
    (tmp_path / "landing" / "no_such_feed" / "2026-06-01").mkdir(parents=True)
    load(tmp_path, DELTA)
    (entry,) = books(tmp_path, DELTA)
    assert (entry["status"], entry["rows_accepted"]) == ("pending", 0)
    assert entry["reason"]


def test_the_manifest_of_a_refusal_shows_no_long_number(tmp_path: Path) -> None:
    deliver(tmp_path, DELTA, _file(valid_row(DELTA)), mode="2000000001", feed="123456782")
    load(tmp_path, DELTA)
    text = json.dumps(book(tmp_path, DELTA), default=str)
    assert "2000000001" not in text
    assert "123456782" not in text
