"""Parquet as suppliers write it: every type that casts without loss says the same, and every other rejects its row."""

from __future__ import annotations

import decimal
import json
import zoneinfo
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from quality.contract import feed_contracts
from tests.interface.deliveries import (
    DAY,
    File,
    Row,
    arrow,
    book,
    csv_file,
    day_number,
    deliver,
    load,
    parquet_file,
    raw,
    rejected,
    valid_row,
)

NO = object()
"""The row is rejected."""

WAGES, SIGHTINGS, NOTICES = "uwv_wages", "nla_sightings", "ind_sponsor_notices"
KEYS = {WAGES: "employer_number", SIGHTINGS: "sighting_id", NOTICES: "notice_id"}

MIDNIGHT, NOON = datetime(2024, 2, 29), datetime(2024, 2, 29, 12)
AMSTERDAM = zoneinfo.ZoneInfo("Europe/Amsterdam")
DAY_29 = date(2024, 2, 29)


def _decimal(text: str, precision: int, scale: int) -> pa.Array:
    return pa.array([decimal.Decimal(text)], pa.decimal128(precision, scale))


def _one(value: Any, kind: pa.DataType) -> pa.Array:
    return pa.array([value], kind)


INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]

CASES: list[tuple[str, str, str, pa.Array, Any]] = [
    *[(WAGES, "hours_paid", str(kind), _one(100, kind), 100) for kind in INTEGERS],
    (WAGES, "hours_paid", "double, whole", _one(168.0, pa.float64()), 168),
    (WAGES, "hours_paid", "float, whole", _one(168.0, pa.float32()), 168),
    (WAGES, "hours_paid", "double, broken", _one(168.5, pa.float64()), NO),
    (WAGES, "hours_paid", "double, no number", _one(float("nan"), pa.float64()), NO),
    (WAGES, "hours_paid", "double, endless", _one(float("inf"), pa.float64()), NO),
    (WAGES, "hours_paid", "double, enormous", _one(1e300, pa.float64()), NO),
    (WAGES, "hours_paid", "decimal, whole", _decimal("168.00", 7, 2), 168),
    (WAGES, "hours_paid", "decimal without places", _decimal("168", 5, 0), 168),
    (WAGES, "hours_paid", "decimal, broken", _decimal("168.25", 7, 2), NO),
    (WAGES, "hours_paid", "decimal, wide", _decimal("168", 38, 0), 168),
    (WAGES, "hours_paid", "unsigned, enormous", _one(2**64 - 1, pa.uint64()), NO),
    (WAGES, "hours_paid", "text", _one("168", pa.string()), 168),
    (WAGES, "hours_paid", "text with a zero behind the point", _one("168.0", pa.string()), 168),
    (WAGES, "hours_paid", "text with an exponent", _one("1e2", pa.string()), NO),
    (WAGES, "hours_paid", "text with a comma", _one("1,00", pa.string()), NO),
    (WAGES, "hours_paid", "large text", _one("168", pa.large_string()), 168),
    (WAGES, "hours_paid", "dictionary", pa.array(["168"]).dictionary_encode(), 168),
    (WAGES, "hours_paid", "dictionary of integers", pa.array([168]).dictionary_encode(), 168),
    (WAGES, "hours_paid", "boolean", _one(True, pa.bool_()), NO),
    (WAGES, "hours_paid", "date", _one(DAY_29, pa.date32()), NO),
    (WAGES, "hours_paid", "null", _one(None, pa.int64()), NO),
    (WAGES, "hours_paid", "column of nothing", pa.nulls(1), NO),
    (WAGES, "hours_paid", "list", _one([168], pa.list_(pa.int64())), NO),
    *[(WAGES, "wage_in_money_eur", str(kind), _one(100, kind), 100.0) for kind in INTEGERS],
    (WAGES, "wage_in_money_eur", "double", _one(6200.55, pa.float64()), 6200.55),
    (WAGES, "wage_in_money_eur", "float", _one(6200.5, pa.float32()), 6200.5),
    (WAGES, "wage_in_money_eur", "decimal", _decimal("6200.55", 9, 2), 6200.55),
    (WAGES, "wage_in_money_eur", "decimal, wide", _decimal("-6200.5500", 38, 4), -6200.55),
    (WAGES, "wage_in_money_eur", "text", _one("6200.55", pa.string()), 6200.55),
    (WAGES, "wage_in_money_eur", "dictionary", pa.array(["6200.55"]).dictionary_encode(), 6200.55),
    (WAGES, "wage_in_money_eur", "text with a comma", _one("6200,55", pa.string()), NO),
    (WAGES, "wage_in_money_eur", "text with an exponent", _one("6e3", pa.string()), NO),
    (WAGES, "wage_in_money_eur", "text NaN", _one("NaN", pa.string()), NO),
    (WAGES, "wage_in_money_eur", "no number", _one(float("nan"), pa.float64()), NO),
    (WAGES, "wage_in_money_eur", "endless", _one(float("-inf"), pa.float64()), NO),
    (WAGES, "wage_in_money_eur", "out of range", _one(500_000.01, pa.float64()), NO),
    (WAGES, "wage_in_money_eur", "boolean", _one(True, pa.bool_()), NO),
    (WAGES, "wage_in_money_eur", "date", _one(DAY_29, pa.date32()), NO),
    (WAGES, "wage_in_money_eur", "null", _one(None, pa.float64()), NO),
    (WAGES, "holiday_allowance_eur", "null", _one(None, pa.float64()), None),
    (WAGES, "holiday_allowance_eur", "column of nothing", pa.nulls(1), None),
    (WAGES, "holiday_allowance_eur", "empty text", _one("", pa.string()), None),
    (WAGES, "holiday_allowance_eur", "no number", _one(float("nan"), pa.float64()), NO),
    (WAGES, "income_kind", "small integer", _one(15, pa.int8()), 15),
    (WAGES, "income_kind", "double", _one(15.0, pa.float64()), 15),
    (WAGES, "income_kind", "text", _one("15", pa.string()), 15),
    (WAGES, "income_kind", "not listed", _one(12, pa.int8()), NO),
    (WAGES, "cao_code", "integer", _one(1234, pa.int64()), NO),
    (WAGES, "cao_code", "double", _one(1234.0, pa.float64()), NO),
    (WAGES, "cao_code", "null of integers", _one(None, pa.int64()), None),
    (WAGES, "bsn", "integer", _one(123456782, pa.int64()), NO),
    (SIGHTINGS, "random_sample", "true", _one(True, pa.bool_()), True),
    (SIGHTINGS, "random_sample", "false", _one(False, pa.bool_()), False),
    (SIGHTINGS, "random_sample", "text", _one("True", pa.string()), True),
    (SIGHTINGS, "random_sample", "dictionary", pa.array(["FALSE"]).dictionary_encode(), False),
    (SIGHTINGS, "random_sample", "text of a digit", _one("1", pa.string()), NO),
    (SIGHTINGS, "random_sample", "text of a letter", _one("t", pa.string()), NO),
    (SIGHTINGS, "random_sample", "one", _one(1, pa.int8()), NO),
    (SIGHTINGS, "random_sample", "zero", _one(0, pa.int64()), NO),
    (SIGHTINGS, "random_sample", "one as a double", _one(1.0, pa.float64()), NO),
    (SIGHTINGS, "random_sample", "null", _one(None, pa.bool_()), NO),
    (NOTICES, "until_on", "date32", _one(DAY_29, pa.date32()), DAY_29),
    (NOTICES, "until_on", "date64", _one(DAY_29, pa.date64()), DAY_29),
    *[
        (NOTICES, "until_on", f"timestamp {unit} at midnight", _one(MIDNIGHT, pa.timestamp(unit)), DAY_29)
        for unit in ("s", "ms", "us", "ns")
    ],
    *[
        (NOTICES, "until_on", f"timestamp {unit} at noon", _one(NOON, pa.timestamp(unit)), NO)
        for unit in ("s", "ms", "us", "ns")
    ],
    *[
        (NOTICES, "until_on", f"timestamp {unit} with a zone", _one(MIDNIGHT.replace(tzinfo=UTC),
                                                                    pa.timestamp(unit, "UTC")), NO)
        for unit in ("ms", "us", "ns")
    ],
    (NOTICES, "until_on", "timestamp at midnight in Amsterdam",
     _one(MIDNIGHT.replace(tzinfo=AMSTERDAM), pa.timestamp("us", "Europe/Amsterdam")), NO),
    (NOTICES, "until_on", "timestamp a nanosecond after midnight", _one(1_709_164_800_000_000_001,
                                                                       pa.timestamp("ns")), NO),
    (NOTICES, "until_on", "text", _one("2024-02-29", pa.string()), DAY_29),
    (NOTICES, "until_on", "large text", _one("2024-02-29", pa.large_string()), DAY_29),
    (NOTICES, "until_on", "dictionary", pa.array(["2024-02-29"]).dictionary_encode(), DAY_29),
    (NOTICES, "until_on", "text of no day", _one("2023-02-29", pa.string()), NO),
    (NOTICES, "until_on", "Dutch text", _one("29-02-2024", pa.string()), NO),
    (NOTICES, "until_on", "days as an integer", _one(19782, pa.int32()), NO),
    (NOTICES, "until_on", "digits as an integer", _one(20240229, pa.int64()), NO),
    (NOTICES, "until_on", "double", _one(45351.0, pa.float64()), NO),
    (NOTICES, "until_on", "null", _one(None, pa.date32()), None),
    (NOTICES, "until_on", "null timestamp", _one(None, pa.timestamp("ns")), None),
    (NOTICES, "until_on", "before 1900", _one(date(1899, 12, 31), pa.date32()), NO),
    (NOTICES, "until_on", "after 2100", _one(date(2101, 1, 1), pa.date32()), NO),
    (NOTICES, "until_on", "on the last day", _one(date(2100, 12, 31), pa.date32()), date(2100, 12, 31)),
    (SIGHTINGS, "place_id", "text", _one("Jansen", pa.string()), "Jansen"),
    (SIGHTINGS, "place_id", "large text", _one("Jansen", pa.large_string()), "Jansen"),
    (SIGHTINGS, "place_id", "dictionary", pa.array(["Jansen"]).dictionary_encode(), "Jansen"),
    (SIGHTINGS, "place_id", "text view", _one("Jansen", pa.string_view()), "Jansen"),
    (SIGHTINGS, "place_id", "spaces around it", _one("  Jansen ", pa.string()), "Jansen"),
    (SIGHTINGS, "place_id", "only spaces", _one("   ", pa.string()), None),
    (SIGHTINGS, "place_id", "a null byte in it", _one("Jan\x00sen", pa.string()), "Jansen"),
    (SIGHTINGS, "place_id", "integer", _one(123, pa.int64()), NO),
    (SIGHTINGS, "place_id", "double", _one(1.5, pa.float64()), NO),
    (SIGHTINGS, "place_id", "boolean", _one(True, pa.bool_()), NO),
    (SIGHTINGS, "place_id", "column of nothing", pa.nulls(1), None),
    (SIGHTINGS, "client_kvk", "text", _one("01234567", pa.string()), "01234567"),
    (SIGHTINGS, "client_kvk", "dictionary", pa.array(["01234567"]).dictionary_encode(), "01234567"),
    (SIGHTINGS, "client_kvk", "integer", _one(12345678, pa.int64()), NO),
    (SIGHTINGS, "client_kvk", "integer of eight digits in a narrow type", _one(12345678, pa.int32()), NO),
    (SIGHTINGS, "client_kvk", "double", _one(12345678.0, pa.float64()), NO),
    (SIGHTINGS, "client_kvk", "decimal", _decimal("12345678", 8, 0), NO),
    (SIGHTINGS, "client_kvk", "empty text", _one("", pa.string()), None),
    (NOTICES, "v_number", "integer", _one(2_000_000_999, pa.int64()), NO),
    (NOTICES, "v_number", "null", _one(None, pa.string()), NO),
    (NOTICES, "kind", "dictionary", pa.array(["wage_change"]).dictionary_encode(), "wage_change"),
    (NOTICES, "kind", "another case", _one("WAGE_CHANGE", pa.string()), NO),
    (NOTICES, "kind", "integer", _one(1, pa.int8()), NO),
]  # fmt: skip


def _row(number: int) -> Row:
    return valid_row(CASES[number][0], number) | ({"event_on": "1900-01-01"} if CASES[number][0] == NOTICES else {})


def _shares_a_file(number: int, others: list[int]) -> bool:
    """True when the case may stand in a file with the others: their columns differ, and can be left out or fit."""
    return all(CASES[number][1] != CASES[other][1] for other in others) and all(
        not _is_required(CASES[case]) or CASES[case][4] is not NO for case in (number, *others)
    )


def _is_required(case: tuple[str, str, str, pa.Array, Any]) -> bool:
    return feed_contracts()[case[0]].table.field(case[1]).required


def _files(feed: str) -> list[File]:
    """The cases of a feed in few files: one row a case, in which the columns of the other cases are null or fit."""
    shared: list[list[int]] = []
    for number in (number for number, case in enumerate(CASES) if case[0] == feed):
        place = next((others for others in shared if _shares_a_file(number, others)), None)
        shared.append([number]) if place is None else place.append(number)
    return [_file(feed, numbers) for numbers in shared]


def _file(feed: str, numbers: list[int]) -> File:
    replaced = {}
    for number in numbers:
        _, column, _, array, _ = CASES[number]
        other = array if _is_required(CASES[number]) else pa.nulls(1, array.type)
        replaced[column] = pa.concat_arrays([array if n == number else other for n in numbers])
    return parquet_file(arrow(feed, [_row(number) for number in numbers], **replaced), f"{numbers[0]:03d}.parquet")


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Row]]:
    """One delivery a feed, one row a case; by feed the accepted rows by their key."""
    data = tmp_path_factory.mktemp("values")
    found = {}
    for feed, key in KEYS.items():
        deliver(data, feed, *_files(feed))
        load(data, feed)
        assert book(data, feed)["status"] == "loaded", book(data, feed)["reason"]
        assert len(raw(data, feed)) + len(rejected(data, feed)) == sum(case[0] == feed for case in CASES)
        found[feed] = {row[key]: row for row in raw(data, feed)}
        assert "123456782" not in str([row["row_json"] + row["reason"] for row in rejected(data, feed)])
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{case[1]} as {case[2]}" for case in CASES])
def test_a_value_delivered(values: dict[str, dict[str, Row]], number: int) -> None:
    feed, column, _, _, expected = CASES[number]
    found = values[feed].get(_row(number)[KEYS[feed]])
    if expected is NO:
        assert found is None, f"accepted as {found[column]!r}"
    else:
        assert found is not None, "rejected"
        assert (found[column], type(found[column])) == (expected, type(expected))


def _table(number: int) -> pa.Table:
    return arrow(NOTICES, [valid_row(NOTICES, number)])


FILES = {
    "columns in another order": _table(1).select(_table(1).column_names[::-1]),
    "spaces around the names of columns": _table(2).rename_columns([f" {n} " for n in _table(2).column_names]),
    "every text as a dictionary": pa.table(
        {n: c.dictionary_encode() if pa.types.is_string(c.type) else c for n, c in
         zip(_table(3).column_names, _table(3).columns, strict=True)}
    ),
    "every text as a large text": _table(4).cast(
        pa.schema([(f.name, pa.large_string() if pa.types.is_string(f.type) else f.type) for f in _table(4).schema])
    ),
    "every column as text": pa.table(
        {n: pa.array([str(c[0].as_py())]) for n, c in zip(_table(5).column_names, _table(5).columns, strict=True)}
    ),
}  # fmt: skip
REFUSED = {
    "a column too few": _table(6).drop_columns(["until_on"]),
    "a column too many": _table(7).append_column("remark", pa.array(["x"])),
    "a column twice": _table(8).append_column("kind", pa.array(["wage_change"])),
    "a column in another case": _table(9).rename_columns([n.upper() for n in _table(9).column_names]),
    "an index of a data frame": _table(9).append_column("__index_level_0__", pa.array([0])),
    "no columns at all": pa.table({}),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files that can be read in one delivery, each that cannot in its own."""
    data = tmp_path_factory.mktemp("files")
    readable = [parquet_file(table, f"{n}.parquet") for n, table in enumerate(FILES.values())]
    deliver(data, NOTICES, *readable)
    for number, table in enumerate(REFUSED.values()):
        deliver(data, NOTICES, parquet_file(table), day=day_number(number))
    load(data, NOTICES)
    return data


@pytest.mark.parametrize("case", FILES)
def test_a_parquet_file_is_read_with(files: Path, case: str) -> None:
    number = list(FILES).index(case)
    (found,) = [row for row in raw(files, NOTICES) if row["notice_id"] == f"notice_id {number + 1}"]
    assert (found["sponsor_kvk"], found["event_on"]) == (f"3{number + 1:07d}", date(2026, 3, 2))


@pytest.mark.parametrize("case", REFUSED)
def test_a_parquet_file_is_refused_for(files: Path, case: str) -> None:
    entry = book(files, NOTICES, day_number(list(REFUSED).index(case)))
    assert entry["status"] == "refused"
    assert "part-000.parquet" in entry["reason"]


def test_row_numbers_count_from_one_in_each_parquet_file_over_all_its_row_groups(tmp_path: Path) -> None:
    rows = [valid_row(NOTICES, n, kind="x" if n in (1, 4, 7) else "wage_change") for n in range(1, 8)]
    other = [valid_row(NOTICES, 100 + n, kind="x" if n == 2 else "wage_change") for n in range(1, 4)]
    deliver(
        tmp_path,
        NOTICES,
        parquet_file(arrow(NOTICES, rows), "a.parquet", row_group_size=2),
        parquet_file(arrow(NOTICES, other), "b.parquet", row_group_size=1, compression="zstd"),
    )
    load(tmp_path, NOTICES)
    found = [(row["file"], row["row_number"]) for row in rejected(tmp_path, NOTICES)]
    assert found == [("a.parquet", 1), ("a.parquet", 4), ("a.parquet", 7), ("b.parquet", 2)]


def test_a_rejected_parquet_row_is_kept_with_its_values(tmp_path: Path) -> None:
    deliver(tmp_path, WAGES, parquet_file(arrow(WAGES, [valid_row(WAGES, 1, hours_paid="401")])))
    load(tmp_path, WAGES)
    (row,) = rejected(tmp_path, WAGES, DAY)
    found = json.loads(row["row_json"])
    assert str(found["hours_paid"]) == "401"
    assert str(found["period_start"]) == "2026-03-01"


def test_csv_and_parquet_may_be_mixed_and_a_row_may_repeat_across_them(tmp_path: Path) -> None:
    both = valid_row(NOTICES, 1)
    deliver(
        tmp_path,
        NOTICES,
        csv_file(NOTICES, [both, valid_row(NOTICES, 2)]),
        parquet_file(arrow(NOTICES, [both, valid_row(NOTICES, 3)]), "part-001.parquet"),
    )
    load(tmp_path, NOTICES)
    assert sorted(row["notice_id"] for row in raw(tmp_path, NOTICES)) == ["notice_id 1", "notice_id 2", "notice_id 3"]
    assert len(rejected(tmp_path, NOTICES)) == 1


def test_a_parquet_file_with_a_damaged_page_is_refused(tmp_path: Path) -> None:
    rows = [valid_row(NOTICES, n) for n in range(1, 400)]
    whole = bytearray(parquet_file(arrow(NOTICES, rows), compression="zstd").content)
    for place in range(2_000, 2_200):
        whole[place] ^= 0xFF
    deliver(tmp_path, NOTICES, File("part-000.parquet", bytes(whole), len(rows)))
    load(tmp_path, NOTICES)
    assert book(tmp_path, NOTICES)["status"] == "refused"
    assert raw(tmp_path, NOTICES) == []
