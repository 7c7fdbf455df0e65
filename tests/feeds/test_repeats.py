"""Rows of one delivery that repeat each other."""

from __future__ import annotations

import pytest

from assets.feeds import repeats
from sql.warehouse import Warehouse
from tests.feeds.deliveries import (
    DAY,
    NOTICE,
    OFFICER,
    REGISTER,
    SPONSOR,
    WAGE,
    columns_of,
    csv_bytes,
    deliver,
    load_one,
    night_in,
    table,
    typed,
    write_manifest,
)


def reasons(folder, feed, rows, as_parquet=False):
    """Reason by number of the row, and how many rows were accepted."""
    night = night_in(folder)
    deliver(night, feed, typed(feed, rows) if as_parquet else rows)
    outcome = load_one(night, feed)
    rejected = table(night, "raw.rejected_rows").sort("row_number")
    assert outcome.rows_accepted == table(night, f"raw.{feed}").height
    assert outcome.rows_delivered == outcome.rows_accepted + rejected.height
    return dict(zip(rejected["row_number"], rejected["reason_code"], strict=True))


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
def test_of_identical_rows_the_first_is_kept(tmp_path, as_parquet):
    other = {**NOTICE, "notice_id": "N2"}
    found = reasons(tmp_path, "ind_sponsor_notices", [NOTICE, other, NOTICE, NOTICE], as_parquet)
    assert found == {3: "repeated_row", 4: "repeated_row"}


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
def test_of_a_key_with_different_content_every_row_is_rejected(tmp_path, as_parquet):
    rows = [NOTICE, {**NOTICE, "kind": "sick_leave"}, NOTICE, {**NOTICE, "notice_id": "N2"}]
    found = reasons(tmp_path, "ind_sponsor_notices", rows, as_parquet)
    assert found == {1: "repeated_key", 2: "repeated_key", 3: "repeated_key"}


def test_the_reason_says_which_row_is_repeated(tmp_path):
    night = night_in(tmp_path)
    deliver(night, "ind_sponsor_notices", [NOTICE, NOTICE])
    load_one(night, "ind_sponsor_notices")
    assert table(night, "raw.rejected_rows")["reason"].to_list() == [
        "the row repeats row 1 of part-000.csv exactly: that one is kept"
    ]


def test_repeats_are_found_across_files_and_kinds_of_file(tmp_path):
    night = night_in(tmp_path)
    folder = night.landing / "uwv_wages" / DAY
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(csv_bytes([{**WAGE, "hours_paid": "168.0"}], columns_of("uwv_wages")))
    typed("uwv_wages", [WAGE]).write_parquet(folder / "b.parquet")
    write_manifest(folder, "uwv_wages", {"a.csv": 1, "b.parquet": 1})
    load_one(night, "uwv_wages")
    rejected = table(night, "raw.rejected_rows")
    assert rejected.select("file", "row_number", "reason_code").rows() == [("b.parquet", 1, "repeated_row")]


def test_a_row_rejected_for_another_reason_still_makes_its_key_doubtful(tmp_path):
    rows = [SPONSOR, {**SPONSOR, "category": "x"}]
    assert reasons(tmp_path, "ind_sponsors", rows) == {1: "repeated_key", 2: "closed_list"}


def test_identical_rows_that_break_a_rule_are_rejected_for_that_rule(tmp_path):
    row = {**SPONSOR, "category": "x"}
    assert reasons(tmp_path, "ind_sponsors", [row, row]) == {1: "closed_list", 2: "closed_list"}


def test_rows_without_a_complete_key_do_not_repeat_each_other(tmp_path):
    row = {**SPONSOR, "kvk": None}
    assert reasons(tmp_path, "ind_sponsors", [row, row]) == {1: "required", 2: "required"}


def test_a_null_in_an_optional_key_field_is_a_value_like_any_other(tmp_path):
    row = {**REGISTER, "kvk": None}
    found = reasons(tmp_path, "ind_public_register", [row, row, {**row, "organisation": "Ander"}, REGISTER])
    assert found == {2: "repeated_row"}


def test_two_spellings_of_one_key_are_a_repeated_key(tmp_path):
    rows = [{**REGISTER, "organisation": name} for name in ("Café", "Cafe\u0301", "Cafe")]
    found = reasons(tmp_path, "ind_public_register", rows)
    assert found == {1: "repeated_key", 2: "repeated_key"}


def test_two_spellings_of_one_identifier_in_a_key_are_a_repeated_key(tmp_path):
    rows = [{**OFFICER, "officer_number": number} for number in ("F-1", "f 1", "F2")]
    assert reasons(tmp_path, "kvk_officers", rows) == {1: "repeated_key", 2: "repeated_key"}


def test_spaces_around_a_value_make_no_difference(tmp_path):
    assert reasons(tmp_path, "ind_sponsors", [SPONSOR, {**SPONSOR, "name": " Voorbeeld B.V. "}]) == {2: "repeated_row"}


@pytest.mark.parametrize("part", [10**9, 7, 1])
def test_repeated_values_are_found_whether_sorted_at_once_or_in_parts(tmp_path, monkeypatch, part):
    monkeypatch.setattr(repeats, "PART", part)
    with Warehouse(tmp_path / "w.duckdb").writing() as session:
        numbers = session.connection.sql(
            "select unnest([1, 2, 2, 3, 9, 9, 9, 18446744073709551615, 18446744073709551615])::ubigint as n"
        )
        found = repeats.repeated_values(numbers, "n", at_most=9)
        none = repeats.repeated_values(numbers.limit(2), "n", at_most=2)
        empty = repeats.repeated_values(numbers.limit(0), "n", at_most=0)
    assert found.tolist() == [2, 9, 2**64 - 1]
    assert none.tolist() == empty.tolist() == []
