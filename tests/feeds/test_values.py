"""What a delivered value becomes in `raw`: types, spaces, control characters, normal forms."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.feeds.deliveries import (
    DAY,
    NOTICE,
    PERMIT,
    REGISTER,
    SPONSOR,
    VERDICT,
    WAGE,
    columns_of,
    deliver,
    load_one,
    night_in,
    table,
    typed,
    write_manifest,
)


def delivered(folder, feed, data, name="part-000.parquet", count=None):
    """The outcome and the rows of a delivery of one Arrow table or of CSV bytes."""
    night = night_in(folder)
    if isinstance(data, pa.Table):
        home = night.landing / feed / DAY
        home.mkdir(parents=True)
        pq.write_table(data, home / name)
        write_manifest(home, feed, {name: data.num_rows})
    else:
        deliver(night, feed, data, count=count or (None if isinstance(data, bytes) else len(data)))
    return load_one(night, feed), table(night, f"raw.{feed}")


def wages_with(column, array):
    """An Arrow table of good wage rows, one for each element of `array`, which stands in `column`."""
    rows = [{**WAGE, "employer_number": f"{n:09}L01"} for n in range(len(array))]
    frame = typed("uwv_wages", rows).to_arrow()
    return frame.set_column(frame.column_names.index(column), column, array)


UTC = pa.timestamp("us", tz="UTC")
MIDNIGHT, NOON = datetime(2026, 9, 1), datetime(2026, 9, 1, 12)


@pytest.mark.parametrize(
    ("column", "array", "expected"),
    [
        ("hours_paid", pa.array([168], pa.int16()), [168]),
        ("hours_paid", pa.array([40], pa.uint8()), [40]),
        ("hours_paid", pa.array([40], pa.uint64()), [40]),
        ("hours_paid", pa.array([2**63], pa.uint64()), ["type"]),
        ("hours_paid", pa.array([168.0, 168.5], pa.float64()), [168, "type"]),
        ("hours_paid", pa.array([168.0], pa.float32()), [168]),
        ("hours_paid", pa.array([Decimal("168.00"), Decimal("1.50")], pa.decimal128(9, 2)), [168, "type"]),
        ("hours_paid", pa.array(["168", "168.0", "1e2"], pa.string()), [168, 168, "type"]),
        ("hours_paid", pa.array(["168"], pa.large_string()), [168]),
        ("hours_paid", pa.array([True], pa.bool_()), ["type"]),
        ("hours_paid", pa.array([None, 1], pa.int32()), ["required", 1]),
        ("hours_paid", pa.nulls(1), ["required"]),
        ("wage_in_money_eur", pa.array([3750], pa.int32()), [3750.0]),
        ("wage_in_money_eur", pa.array([3750], pa.int64()), [3750.0]),
        ("wage_in_money_eur", pa.array([2**53 + 1], pa.int64()), ["type"]),
        ("wage_in_money_eur", pa.array([Decimal("3750.10")], pa.decimal128(18, 2)), [3750.10]),
        ("wage_in_money_eur", pa.array([0.5], pa.float32()), [0.5]),
        ("wage_in_money_eur", pa.array([float("nan"), float("inf")], pa.float64()), ["type", "type"]),
        ("wage_in_money_eur", pa.array(["3750.10", "3.750,10"]), [3750.10, "type"]),
        ("period_start", pa.array([date(2026, 9, 1)], pa.date64()), [date(2026, 9, 1)]),
        ("period_start", pa.array([MIDNIGHT, NOON], pa.timestamp("us")), [date(2026, 9, 1), "type"]),
        ("period_start", pa.array([MIDNIGHT, NOON], pa.timestamp("ns")), [date(2026, 9, 1), "type"]),
        ("period_start", pa.array([MIDNIGHT], pa.timestamp("ms")), [date(2026, 9, 1)]),
        ("period_start", pa.array([MIDNIGHT], UTC), ["type"]),
        ("period_start", pa.array(["2026-09-01", "1-9-2026"]), [date(2026, 9, 1), "type"]),
        ("period_start", pa.array([20260901], pa.int32()), ["type"]),
        ("cao_code", pa.array(["1234", None]).dictionary_encode(), ["1234", None]),
        ("cao_code", pa.array([b"1234"], pa.binary()), ["1234"]),
        ("cao_code", pa.array(["1234"], pa.large_string()), ["1234"]),
        ("cao_code", pa.array([1234, None], pa.int32()), ["type", None]),
        ("cao_code", pa.array([1234.0], pa.float64()), ["type"]),
        ("cao_code", pa.nulls(1), [None]),
        ("cao_code", pa.array([["1234"]], pa.list_(pa.string())), ["type"]),
        ("cao_code", pa.array([{"a": "1234"}]), ["type"]),
        ("bsn", pa.array([123456781], pa.int64()), ["type"]),
    ],
    ids=lambda value: str(getattr(value, "type", value)),
)
def test_parquet_values_are_read_when_they_cast_without_loss(tmp_path, column, array, expected):
    outcome, rows = delivered(tmp_path, "uwv_wages", wages_with(column, array))
    rejected = table(night_in(tmp_path), "raw.rejected_rows")
    reasons = dict(zip(rejected["row_number"], rejected["reason_code"], strict=True))
    values = dict(zip(rows["employer_number"].str.slice(0, 9).cast(pl.Int64), rows[column], strict=True))
    found = [reasons[n + 1] if n + 1 in reasons else values[n] for n in range(len(array))]
    assert found == expected
    assert outcome.status == "loaded"


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([True, False]), [True, False]),
        (pa.array(["TRUE", "false"]), [True, False]),
        (pa.array([1, 0], pa.int8()), ["type", "type"]),
        (pa.array(["1", "ja"]), ["type", "type"]),
    ],
    ids=str,
)
def test_booleans_are_true_and_false_and_never_numbers(tmp_path, array, expected):
    rows = [{**PERMIT, "application_id": f"A00000000{n}"} for n in range(2)]
    frame = typed("ind_permits", rows).to_arrow()
    frame = frame.set_column(frame.column_names.index("free_movement"), "free_movement", array)
    _, rows = delivered(tmp_path, "ind_permits", frame)
    rejected = table(night_in(tmp_path), "raw.rejected_rows")
    assert (rows["free_movement"].to_list() or rejected["reason_code"].to_list()) == expected


def test_files_of_one_delivery_may_differ_in_their_types(tmp_path):
    night = night_in(tmp_path)
    home = night.landing / "uwv_wages" / DAY
    home.mkdir(parents=True)
    pq.write_table(wages_with("hours_paid", pa.array([1], pa.int64())), home / "a.parquet")
    other = wages_with("hours_paid", pa.array([0, 2], pa.uint8())).slice(1)
    pq.write_table(other, home / "b.parquet")
    write_manifest(home, "uwv_wages", {"a.parquet": 1, "b.parquet": 1})
    outcome = load_one(night, "uwv_wages")
    assert outcome.rows_accepted == 2
    assert sorted(table(night, "raw.uwv_wages")["hours_paid"]) == [1, 2]


HEADER = ",".join(columns_of("ind_sponsors"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"\ufeff{HEADER}\n12345678,2020-01-01,Naam,labour,,\n", "Naam"),
        (f"{HEADER}\r\n12345678,2020-01-01,Naam,labour,,\r\n", "Naam"),
        (f"{HEADER}\n12345678,2020-01-01,Naam,labour,,", "Naam"),
        (f'{HEADER}\n"12345678","2020-01-01","Na, ""am""",labour,"",""\n', 'Na, "am"'),
        (f"{HEADER}\n12345678,2020-01-01,  Naam  ,labour,,\n", "Naam"),
        (f'{HEADER}\n12345678,2020-01-01,"Na\nam",labour,,\n', "Naam"),
        (f"{HEADER}\n12345678,2020-01-01,NULL,labour,,\n", "NULL"),
        (f"{HEADER}\n12345678,2020-01-01,Na\x00am\x1b\x85,labour,,\n", "Naam"),
        (f"{HEADER}\n12345678,2020-01-01,\u202eNaam\u2069\ufffe\uffff,labour,,\n", "Naam"),
        (f"{HEADER}\n12345678,2020-01-01,\u00a0Naam\u2003,labour,,\n", "Naam"),
        (f"{HEADER.replace('name', ' name ')}\n12345678,2020-01-01,Naam,labour,,\n", "Naam"),
        (f'{HEADER.replace("name", chr(34) + "name" + chr(34))}\n12345678,2020-01-01,Naam,labour,,\n', "Naam"),
        (f"{HEADER}\n12345678,2020-01-01,=1+1,labour,,\n", "=1+1"),
        (f"{HEADER}\n12345678,2020-01-01,{'x' * 10_000},labour,,\n", "x" * 10_000),
    ],
    ids=["bom", "crlf", "no last newline", "quotes", "spaces", "newline", "NULL", "controls", "direction",
         "wide spaces", "spaced header", "quoted header", "formula", "long"],
)  # fmt: skip
def test_text_is_read_from_csv_as_it_was_meant(tmp_path, text, name):
    _, rows = delivered(tmp_path, "ind_sponsors", text.encode(), count=1)
    assert rows["name"].to_list() == [name]


def test_removed_control_characters_are_counted_in_the_warnings(tmp_path):
    rows = [{**SPONSOR, "name": "a\x00b"}, {**SPONSOR, "kvk": "12345679", "name": "c\nd"}]
    outcome, _ = delivered(tmp_path, "ind_sponsors", rows)
    assert outcome.warnings == ("name: control characters or direction overrides removed from 2 values",)


@pytest.mark.parametrize(
    ("delivered_name", "kept_name"),
    [
        ("Jansen, bsn 123456782", "Jansen, bsn ***"),
        ("bsn 123.456.782 of 1234.56.782", "bsn *** of ***"),
        ("bsn 123 456 782", "bsn ***"),
        ("V 1234567890", "V ***"),
        ("Jansen 00123456 B.V.", "Jansen 00123456 B.V."),
        ("sinds 2024-12-31 15 uur", "sinds 2024-12-31 15 uur"),
    ],
)
def test_a_number_of_a_person_in_a_name_is_masked_and_shorter_numbers_stay(tmp_path, delivered_name, kept_name):
    _, rows = delivered(tmp_path, "ind_sponsors", [{**SPONSOR, "name": delivered_name}])
    assert rows["name"].to_list() == [kept_name]


def test_masked_numbers_are_counted_in_a_warning(tmp_path):
    names = ["bsn 123456782", "bsn 123456783", "x"]
    rows = [{**SPONSOR, "kvk": f"1234567{n}", "name": name} for n, name in enumerate(names)]
    outcome, _ = delivered(tmp_path, "ind_sponsors", rows)
    assert outcome.warnings == ("name: a number of nine digits or more was masked in 2 values",)


def test_the_number_of_a_row_counts_records_and_not_lines(tmp_path):
    rows = [{**VERDICT, "case_ref": "C1", "explanation": "a\nb\nc"}, {**VERDICT, "case_ref": "C2", "verdict": "x"}]
    delivered(tmp_path, "review_verdicts", rows)
    assert table(night_in(tmp_path), "raw.rejected_rows")["row_number"].to_list() == [2]


def test_rows_are_numbered_within_their_file(tmp_path):
    night = night_in(tmp_path)
    home = night.landing / "ind_sponsor_notices" / DAY
    home.mkdir(parents=True)
    for letter in "ab":
        rows = [{**NOTICE, "notice_id": f"{letter}{n}", "kind": "x" if n == 3 else "wage_change"} for n in range(5)]
        typed("ind_sponsor_notices", rows).write_parquet(home / f"{letter}.parquet")
    write_manifest(home, "ind_sponsor_notices", {"a.parquet": 5, "b.parquet": 5})
    load_one(night, "ind_sponsor_notices")
    rejected = table(night, "raw.rejected_rows")
    assert rejected.select("file", "row_number").rows() == [("a.parquet", 4), ("b.parquet", 4)]


def test_rows_of_a_large_csv_file_keep_their_numbers(tmp_path):
    lines = [f"2026-11-01,Naam {n},{'123' if n % 9_973 == 0 else '12345678'}" for n in range(1, 300_001)]
    text = "\n".join(["snapshot_on,organisation,kvk", *lines, ""])
    outcome, _ = delivered(tmp_path, "ind_public_register", text.encode())
    rejected = table(night_in(tmp_path), "raw.rejected_rows")
    assert outcome.rows_delivered == 300_000
    assert rejected["row_number"].to_list() == list(range(9_973, 300_001, 9_973))


def test_a_key_is_kept_in_its_composed_form(tmp_path):
    _, rows = delivered(tmp_path, "ind_public_register", [{**REGISTER, "organisation": "Cafe\u0301"}])
    assert rows["organisation"].to_list() == ["Café"]


def test_columns_hold_the_types_of_the_contract(tmp_path):
    _, rows = delivered(tmp_path, "uwv_wages", [WAGE])
    assert rows.schema["period_start"] == pl.Date
    assert rows.schema["hours_paid"] == pl.Int64
    assert rows.schema["taxable_wage_eur"] == pl.Float64
    assert rows.schema["cao_code"] == pl.String


def test_columns_that_came_later_may_be_missing_from_an_older_minor_version(tmp_path):
    from dataclasses import replace

    from assets.feeds.loading import load_feed
    from quality.contract import feed_contracts

    night = night_in(tmp_path)
    contract = replace(feed_contracts()["ind_sponsors"], version="1.1.0")
    frame = typed("ind_sponsors", [SPONSOR])
    deliver(night, "ind_sponsors", frame.drop("end_reason"), contract_version="1.0.0")
    deliver(night, "ind_sponsors", frame.drop("category"), day="2026-11-21", contract_version="1.0.0")
    deliver(night, "ind_sponsors", frame.drop("end_reason"), day="2026-11-20", contract_version="1.1.0")
    outcomes = load_feed(night, contract, log=lambda _: None)
    assert [(str(o.delivered_on), o.reason_code) for o in outcomes] == [
        ("2026-11-20", "column_missing"),
        ("2026-11-21", "column_missing"),
        ("2026-11-22", None),
    ]
    assert table(night, "raw.ind_sponsors")["end_reason"].to_list() == [None]
