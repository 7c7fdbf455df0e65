"""Rules between the fields of a row, repeated rows and repeated keys, and what is not a ground for rejection."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.interface.deliveries import (
    DAY,
    Row,
    arrow,
    book,
    csv_file,
    deliver,
    deliver_rows,
    load,
    parquet_file,
    raw,
    rejected,
    valid_row,
)

PERMITS, NOTICES, REGISTER, SPONSORS = "ind_permits", "ind_sponsor_notices", "ind_public_register", "ind_sponsors"
POSTINGS, EMPLOYERS, VERDICTS, WAGES = "szw_postings", "posting_employers", "review_verdicts", "uwv_wages"
PENDING = {"decision": None, "decided_on": None, "valid_from": None, "valid_until": None}
NEXT_DAY = "2026-11-21"

BROKEN: list[tuple[str, str, dict[str, str | None]]] = [
    (PERMITS, "the end before the start", {"valid_from": "2026-03-01", "valid_until": "2026-02-28"}),
    (PERMITS, "the actual end before the start", {"ended_on": "2026-02-28", "end_reason": "left_country"}),
    (PERMITS, "the decision before the receipt", {"received_on": "2026-02-21", "decided_on": "2026-02-20"}),
    (PERMITS, "no decision and a ground", {**PENDING, "refusal_ground": "other"}),
    (PERMITS, "no decision and a start", {**PENDING, "valid_from": "2026-03-01"}),
    (PERMITS, "a ground with a grant", {"refusal_ground": "other"}),
    (PERMITS, "a ground with a withdrawal", {**PENDING, "decision": "withdrawn", "refusal_ground": "other"}),
    (PERMITS, "a start with a refusal", {"decision": "refused", "refusal_ground": "other"}),
    (PERMITS, "a start with a withdrawal", {"decision": "withdrawn"}),
    (PERMITS, "a birth month that is a day", {"birth_month": "1990-05-02"}),
    (PERMITS, "a birth month at its last day", {"birth_month": "1990-05-31"}),
    (PERMITS, "received after the delivery", {**PENDING, "received_on": NEXT_DAY}),
    (PERMITS, "decided after the delivery", {"decided_on": NEXT_DAY}),
    (PERMITS, "valid until after 2100", {"valid_until": "2101-01-01"}),
    (PERMITS, "born before 1900", {"birth_month": "1899-12-01"}),
    (NOTICES, "the leave ends before it begins", {"event_on": "2026-05-02", "until_on": "2026-05-01"}),
    (NOTICES, "an event after the delivery", {"event_on": NEXT_DAY, "until_on": None}),
    (NOTICES, "received after the delivery", {"received_on": NEXT_DAY}),
    (SPONSORS, "the recognition ends before it begins", {"recognised_on": "2020-01-02", "ended_on": "2020-01-01"}),
    ("kvk_companies", "the company ends before it begins", {"registered_on": "2020-01-02", "ended_on": "2020-01-01"}),
    ("kvk_officers", "the office ends before it begins", {"from_on": "2026-05-02", "until_on": "2026-05-01"}),
    ("nla_sightings", "seen after the delivery", {"seen_on": NEXT_DAY}),
    ("rvo_advice", "received after the delivery", {"received_on": NEXT_DAY, "advised_on": None}),
    ("rvo_advice", "advised before the receipt", {"received_on": "2026-02-21", "advised_on": "2026-02-20"}),
    ("svb_a1", "the end before the start", {"valid_from": "2026-03-02", "valid_until": "2026-03-01"}),
    ("svb_a1", "issued after the delivery", {"issued_on": NEXT_DAY}),
    (POSTINGS, "the end before the start", {"starts_on": "2026-06-01", "ends_on": "2026-05-31"}),
    (POSTINGS, "submitted after the delivery", {"submitted_on": NEXT_DAY}),
    (POSTINGS, "a birth month that is a day", {"worker_birth_month": "1985-07-02"}),
    (POSTINGS, "the VAT number of another country", {"employer_vat": "DE123456789"}),
    (POSTINGS, "a document for a VAT number", {"employer_vat": "XY1234567"}),
    (POSTINGS, "the Greek letters of another country", {"employer_vat": "EL123456789"}),
    (POSTINGS, "the Northern Irish letters of another country", {"employer_vat": "XI123456789"}),
    (EMPLOYERS, "the VAT number of another country", {"employer_vat": "DE123456789"}),
    ("uwv_employers", "the end before the start", {"valid_from": "2026-03-02", "valid_until": "2026-03-01"}),
    (WAGES, "the period ends before it begins", {"period_start": "2026-03-01", "period_end": "2026-02-28"}),
    ("uwv_work_permits", "the end before the start", {"valid_from": "2026-03-02", "valid_until": "2026-03-01"}),
    ("uwv_work_permits", "the decision before the receipt", {"received_on": "2026-02-21", "decided_on": "2026-02-20"}),
    ("uwv_work_permits", "decided after the delivery", {"decided_on": NEXT_DAY}),
    (VERDICTS, "confirmed without explanation", {"verdict": "confirmed", "explanation": None}),
    (VERDICTS, "cleared without explanation", {"verdict": "cleared", "explanation": None}),
    (VERDICTS, "confirmed with an explanation of spaces", {"verdict": "confirmed", "explanation": "   "}),
    (VERDICTS, "decided after the delivery", {"decided_on": NEXT_DAY}),
]

SOUND: list[tuple[str, str, dict[str, str | None]]] = [
    (PERMITS, "still pending", PENDING),
    (PERMITS, "refused without a ground", {**PENDING, "decision": "refused", "decided_on": "2026-02-20"}),
    (PERMITS, "refused with a ground",
     {**PENDING, "decision": "refused", "decided_on": "2026-02-20", "refusal_ground": "other"}),
    (PERMITS, "granted without a start", {"valid_from": None, "valid_until": None}),
    (PERMITS, "one day long", {"valid_from": "2026-03-01", "valid_until": "2026-03-01"}),
    (PERMITS, "decided on the day of receipt", {"received_on": "2026-02-20", "decided_on": "2026-02-20"}),
    (PERMITS, "decided on the day of delivery", {"decided_on": DAY}),
    (PERMITS, "valid from long after the delivery", {"valid_from": "2027-05-01"}),
    (PERMITS, "valid from before the receipt", {"valid_from": "2025-12-01"}),
    (PERMITS, "ended after the last day", {"ended_on": "2030-01-01", "end_reason": "expired"}),
    (PERMITS, "an end without a reason", {"ended_on": "2026-05-01"}),
    (PERMITS, "a workplace that no register knows", {"workplace_kvk": "99999999"}),
    (PERMITS, "a personal name", {"sponsor_name": "J. de Vries"}),
    (PERMITS, "born on the last possible month", {"birth_month": "2100-12-01"}),
    (PERMITS, "born on the first possible month", {"birth_month": "1900-01-01"}),
    (PERMITS, "a number that passes the eleven-test", {"bsn": "123456782"}),
    (PERMITS, "a number that does not", {"bsn": "123456789"}),
    (NOTICES, "an event after the notice", {"event_on": "2026-06-01", "received_on": "2026-05-01", "until_on": None}),
    (NOTICES, "an event on the day of delivery", {"event_on": DAY, "until_on": None}),
    (NOTICES, "a leave that ends in the future", {"until_on": "2027-01-01"}),
    (SPONSORS, "recognised in the future", {"recognised_on": "2027-01-01"}),
    (SPONSORS, "ended in the future", {"ended_on": "2027-01-01", "end_reason": "merger"}),
    ("rvo_advice", "an application that nobody knows", {"application_id": "A999999999"}),
    ("rvo_advice", "advised after the delivery", {"advised_on": NEXT_DAY}),
    ("svb_a1", "withdrawn before the start", {"withdrawn_on": "2026-02-01"}),
    ("svb_a1", "issued after the start", {"issued_on": "2026-04-01"}),
    ("svb_a1", "a VAT number of another country", {"employer_vat": "DE123456789"}),
    (POSTINGS, "a start in the future", {"starts_on": "2027-05-01", "ends_on": "2027-06-01"}),
    (POSTINGS, "notified after the start", {"submitted_on": "2026-05-01", "starts_on": "2026-04-01"}),
    (POSTINGS, "Greece with its own letters", {"employer_vat": "EL123456789", "employer_country": "GR"}),
    (POSTINGS, "Greece with the letters of the country", {"employer_vat": "GR123456789", "employer_country": "GR"}),
    (POSTINGS, "Northern Ireland", {"employer_vat": "XI123456789", "employer_country": "GB"}),
    (POSTINGS, "Northern Ireland as a country of its own", {"employer_vat": "XI123456789", "employer_country": "XI"}),
    (POSTINGS, "Great Britain", {"employer_vat": "GB123456789", "employer_country": "GB"}),
    (EMPLOYERS, "Greece", {"employer_vat": "EL123456789", "country": "GR"}),
    (EMPLOYERS, "observed in the future", {"observed_on": "2027-01-01"}),
    (EMPLOYERS, "an owner in another country", {"owner_vat": "DE123456789"}),
    (REGISTER, "a snapshot in the future", {"snapshot_on": "2027-01-01"}),
    (REGISTER, "no number", {"kvk": None}),
    (REGISTER, "a personal name", {"organisation": "J. de Vries h.o.d.n. De Vries"}),
    (WAGES, "a period of four weeks", {"period_start": "2026-03-23", "period_end": "2026-04-19"}),
    (WAGES, "a period in the future", {"period_start": "2027-01-01", "period_end": "2027-01-31"}),
    (WAGES, "a wage below nothing", {"wage_in_money_eur": "-12.50"}),
    ("uwv_work_permits", "a start without an outcome", {"outcome": None, "decided_on": None}),
    (VERDICTS, "unclear without explanation", {"verdict": "unclear", "explanation": None}),
    (VERDICTS, "confirmed with an explanation", {"verdict": "confirmed", "explanation": "Loon nagegaan."}),
]  # fmt: skip

CASES = [*BROKEN, *SOUND]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Row | None]:
    """One delivery a feed, one row a case; for each case its rejection, or none."""
    data = tmp_path_factory.mktemp("rules")
    found: dict[int, Row | None] = {}
    for feed in sorted({case[0] for case in CASES}):
        numbers = [number for number, case in enumerate(CASES) if case[0] == feed]
        deliver_rows(data, feed, [valid_row(feed, 1 + number, **CASES[number][2]) for number in numbers])
        load(data, feed)
        turned_away = {row["row_number"]: row for row in rejected(data, feed)}
        found |= {number: turned_away.get(place) for place, number in enumerate(numbers, start=1)}
    return found


@pytest.mark.parametrize("number", range(len(BROKEN)), ids=[f"{case[0]}: {case[1]}" for case in BROKEN])
def test_a_row_is_rejected_for(judged: dict[int, Row | None], number: int) -> None:
    found = judged[number]
    assert found is not None
    assert any(column in found["reason"] for column in CASES[number][2]), found["reason"]


@pytest.mark.parametrize("number", range(len(BROKEN), len(CASES)), ids=[f"{case[0]}: {case[1]}" for case in SOUND])
def test_a_row_is_accepted_though(judged: dict[int, Row | None], number: int) -> None:
    assert judged[number] is None


@pytest.mark.parametrize(
    "number", [n for n, case in enumerate(BROKEN) if "employer_vat" in case[2]], ids=lambda n: BROKEN[n][1]
)
def test_a_vat_number_that_does_not_fit_its_country_is_masked_with_the_country(
    judged: dict[int, Row | None], number: int
) -> None:
    feed, _, changes = CASES[number]
    found = judged[number]
    assert found is not None
    row = json.loads(found["row_json"])
    country = "employer_country" if feed == POSTINGS else "country"
    assert changes["employer_vat"] not in found["row_json"] + found["reason"]
    assert row["employer_vat"] != changes["employer_vat"]
    assert row[country] != "PL"


def _loaded(data: Path, feed: str, rows: Sequence[Row]) -> tuple[list[Row], list[int]]:
    """The accepted rows and the numbers of the rejected ones."""
    deliver_rows(data, feed, rows)
    load(data, feed)
    entry, turned_away = book(data, feed), [row["row_number"] for row in rejected(data, feed)]
    assert entry["rows_delivered"] == len(rows) == entry["rows_accepted"] + entry["rows_rejected"]
    assert len(turned_away) == entry["rows_rejected"]
    return raw(data, feed), turned_away


def test_of_rows_that_repeat_each_other_one_is_kept(tmp_path: Path) -> None:
    row = valid_row(NOTICES, 1)
    accepted, turned_away = _loaded(tmp_path, NOTICES, [row, valid_row(NOTICES, 2), row, row])
    assert sorted(r["notice_id"] for r in accepted) == ["notice_id 1", "notice_id 2"]
    assert turned_away == [3, 4]


def test_every_row_of_a_key_with_different_content_is_rejected(tmp_path: Path) -> None:
    row = valid_row(NOTICES, 1)
    rows = [row, row | {"kind": "sick_leave"}, valid_row(NOTICES, 2), row]
    accepted, turned_away = _loaded(tmp_path, NOTICES, rows)
    assert [r["notice_id"] for r in accepted] == ["notice_id 2"]
    assert turned_away == [1, 2, 4]


def test_a_key_that_differs_in_one_of_its_columns_is_another_key(tmp_path: Path) -> None:
    row = valid_row(WAGES, 1)
    rows = [
        row,
        row | {"income_relation": "2"},
        row | {"period_start": "2026-03-02"},
        row | {"bsn": "199999999"},
        row | {"employer_number": "899999999L01"},
    ]
    assert len(_loaded(tmp_path, WAGES, rows)[0]) == 5


def test_keys_that_become_equal_by_normal_form_are_a_repeated_key(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "Café Zoë") for form in ("NFC", "NFD")]
    rows = [valid_row(REGISTER, 1, organisation=name, kvk="30000001") for name in names]
    accepted, turned_away = _loaded(tmp_path, REGISTER, [*rows, valid_row(REGISTER, 2)])
    assert [row["organisation"] for row in accepted] == ["organisation 2"]
    assert turned_away == [1, 2]


def test_keys_that_become_equal_by_trimming_are_a_repeated_key(tmp_path: Path) -> None:
    rows = [valid_row(NOTICES, 1), valid_row(NOTICES, 1, notice_id=" notice_id 1 ", kind="sick_leave")]
    accepted, turned_away = _loaded(tmp_path, NOTICES, rows)
    assert (accepted, turned_away) == ([], [1, 2])


def test_keys_whose_identifiers_become_equal_are_a_repeated_key(tmp_path: Path) -> None:
    row = valid_row(POSTINGS, 1, worker_document="AB 12-34")
    rows = [row, row | {"worker_document": "ab1234"}, row | {"worker_document": "ab1235"}]
    accepted, turned_away = _loaded(tmp_path, POSTINGS, rows)
    assert (len(accepted), turned_away) == (1, [1, 2])


def test_a_register_line_without_a_number_is_a_key_of_its_own_and_may_not_repeat(tmp_path: Path) -> None:
    row = valid_row(REGISTER, 1, organisation="Stichting", kvk=None)
    rows = [row, row | {"kvk": "30000009"}, row, row | {"organisation": "Vereniging"}]
    accepted, turned_away = _loaded(tmp_path, REGISTER, rows)
    assert sorted((r["organisation"], r["kvk"] or "") for r in accepted) == [
        ("Stichting", ""),
        ("Stichting", "30000009"),
        ("Vereniging", ""),
    ]
    assert turned_away == [3]


def test_rows_repeat_across_the_files_of_a_delivery(tmp_path: Path) -> None:
    same, other = valid_row(NOTICES, 1), valid_row(NOTICES, 2)
    deliver(
        tmp_path,
        NOTICES,
        csv_file(NOTICES, [same, other], "a.csv"),
        csv_file(NOTICES, [other | {"kind": "sick_leave"}], "b.csv"),
        parquet_file(arrow(NOTICES, [same]), "c.parquet"),
    )
    load(tmp_path, NOTICES)
    assert [row["notice_id"] for row in raw(tmp_path, NOTICES)] == ["notice_id 1"]
    turned_away = {(row["file"], row["row_number"]) for row in rejected(tmp_path, NOTICES)}
    assert {("a.csv", 2), ("b.csv", 1)} < turned_away
    assert len(turned_away) == 3


def test_a_repeat_is_not_looked_for_across_deliveries(tmp_path: Path) -> None:
    row = valid_row(NOTICES, 1)
    deliver_rows(tmp_path, NOTICES, [row], day="2026-11-18")
    deliver_rows(tmp_path, NOTICES, [row], day="2026-11-19")
    load(tmp_path, NOTICES)
    assert rejected(tmp_path, NOTICES) == []


def test_of_two_rows_with_one_key_the_good_one_is_not_chosen_over_the_bad_one(tmp_path: Path) -> None:
    rows = [valid_row(NOTICES, 1), valid_row(NOTICES, 1, kind="no_such_kind")]
    accepted, turned_away = _loaded(tmp_path, NOTICES, rows)
    assert (accepted, turned_away) == ([], [1, 2])


def test_a_row_with_several_faults_is_rejected_once_and_all_are_told(tmp_path: Path) -> None:
    _loaded(tmp_path, NOTICES, [valid_row(NOTICES, 1, kind="x", sponsor_kvk="1", event_on="gisteren")])
    (row,) = rejected(tmp_path, NOTICES)
    assert all(column in row["reason"] for column in ("kind", "sponsor_kvk", "event_on"))
