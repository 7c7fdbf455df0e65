"""Every reason for which a row is rejected while the rest of its delivery is loaded, in CSV and in Parquet.

One delivery per feed holds a good row and, under keys of their own, rows that are each spoiled in one way.
"""

from __future__ import annotations

import json

import polars as pl
import pytest

from assets.feeds.reasons import Rejected
from tests.feeds.deliveries import (
    NOTICE,
    OFFICER,
    PERMIT,
    POSTING,
    REGISTER,
    SPONSOR,
    VERDICT,
    WAGE,
    deliver,
    load_one,
    night_in,
    table,
    typed,
)

EMPLOYER = {
    "employer_number": "123456789L01",
    "name": "Voorbeeld B.V.",
    "rsin": None,
    "kvk": None,
    "postcode4": None,
    "valid_from": "2020-01-01",
    "valid_until": None,
}
COMPANY = {
    "kvk": "12345678",
    "rsin": None,
    "name": "Voorbeeld B.V.",
    "legal_form": "bv",
    "sbi": "6201",
    "registered_on": "2015-01-01",
    "ended_on": None,
    "end_reason": None,
    "successor_kvk": None,
    "group_id": None,
    "address_id": "X1",
    "postcode4": "3511",
    "employees": "10",
    "turnover_eur": None,
    "equity_eur": None,
}
ADVICE = {
    "advice_id": "R1",
    "application_id": "A000000001",
    "scheme": "startup",
    "company_kvk": None,
    "facilitator_kvk": None,
    "received_on": "2026-01-10",
    "advised_on": "2026-02-10",
    "outcome": "positive",
    "score_personal": "50",
    "score_business_plan": None,
    "score_added_value": None,
    "company_staff": None,
    "is_innovative": "true",
}
A1 = {
    "a1_id": "S1",
    "worker_document": "PL123X",
    "employer_vat": "PL1234567890",
    "issuing_country": "PL",
    "basis": "art12_1",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "issued_on": "2026-01-05",
    "withdrawn_on": None,
}
SIGHTING = {
    "sighting_id": "W1",
    "list": "inspection",
    "random_sample": "true",
    "seen_on": "2026-11-01",
    "worker_document": "PL123X",
    "worker_free_movement": "false",
    "employer_vat": None,
    "client_kvk": None,
    "place_id": None,
    "sbi2": "41",
    "hourly_wage_eur": "15.5",
}
FOREIGN_EMPLOYER = {
    "employer_vat": "PL1234567890",
    "observed_on": "2026-10-01",
    "name": "Przykład",
    "country": "PL",
    "registered_on": "2010-01-01",
    "address_id": None,
    "owner_kvk": None,
    "owner_vat": None,
    "home_staff": "10",
    "posted_staff": None,
    "home_turnover_share": "0.5",
}
WORK_PERMIT = {
    "case_id": "U1",
    "kind": "twv",
    "policy_category": "regular",
    "employer_kvk": "12345678",
    "employer_name": "Voorbeeld B.V.",
    "v_number": None,
    "bsn": None,
    "occupation_isco": None,
    "sbi2": None,
    "salary_month_eur": None,
    "hours_week": None,
    "received_on": "2026-01-10",
    "decided_on": "2026-02-10",
    "outcome": "positive",
    "ground": None,
    "valid_from": "2026-03-01",
    "valid_until": "2027-02-28",
}

GOOD = {
    "ind_permits": PERMIT,
    "ind_sponsor_notices": NOTICE,
    "ind_sponsors": SPONSOR,
    "uwv_wages": WAGE,
    "szw_postings": POSTING,
    "review_verdicts": VERDICT,
    "ind_public_register": REGISTER,
    "kvk_officers": OFFICER,
    "uwv_employers": EMPLOYER,
    "kvk_companies": COMPANY,
    "rvo_advice": ADVICE,
    "svb_a1": A1,
    "nla_sightings": SIGHTING,
    "posting_employers": FOREIGN_EMPLOYER,
    "uwv_work_permits": WORK_PERMIT,
}

#: What makes the key of the n-th row its own, where a test does not spoil the key itself.
OWN_KEY = {
    "ind_permits": lambda n: {"application_id": f"A{n:09}"},
    "ind_sponsor_notices": lambda n: {"notice_id": f"N{n}"},
    "ind_sponsors": lambda n: {"kvk": f"{n:08}"},
    "uwv_wages": lambda n: {"employer_number": f"{n:09}L01"},
    "szw_postings": lambda n: {"notification_id": f"M{n}"},
    "review_verdicts": lambda n: {"case_ref": f"C{n}"},
    "ind_public_register": lambda n: {"kvk": f"{n:08}"},
    "kvk_officers": lambda n: {"kvk": f"{n:08}"},
    "uwv_employers": lambda n: {"employer_number": f"{n:09}L01"},
    "kvk_companies": lambda n: {"kvk": f"{n:08}"},
    "rvo_advice": lambda n: {"advice_id": f"R{n}"},
    "svb_a1": lambda n: {"a1_id": f"S{n}"},
    "nla_sightings": lambda n: {"sighting_id": f"W{n}"},
    "posting_employers": lambda n: {"employer_vat": f"PL{n:010}"},
    "uwv_work_permits": lambda n: {"case_id": f"U{n}"},
}

R = Rejected
#: (feed, what is changed in a good row, expected reason; None for a row that is accepted)
FORMED = [
    # required, and what counts as missing
    ("ind_permits", {"v_number": None}, R.REQUIRED),
    ("ind_permits", {"scheme": None}, R.REQUIRED),
    ("ind_permits", {"birth_month": None}, R.REQUIRED),
    ("ind_permits", {"free_movement": None}, R.REQUIRED),
    ("ind_sponsors", {"name": "   "}, R.REQUIRED),
    ("kvk_officers", {"officer_number": "  "}, R.REQUIRED),
    ("ind_permits", {"bsn": None, "sponsor_name": "  ", "salary_month_eur": None}, None),
    # pattern
    ("ind_permits", {"application_id": "B000000001"}, R.PATTERN),
    ("ind_permits", {"v_number": "123456789"}, R.PATTERN),
    ("ind_permits", {"bsn": "12345678"}, R.PATTERN),
    ("ind_permits", {"bsn": "123.456.781"}, R.PATTERN),
    ("ind_permits", {"nationality": "in"}, R.PATTERN),
    ("ind_permits", {"sponsor_kvk": "1234567"}, R.PATTERN),
    ("ind_permits", {"sponsor_kvk": " 12345678 "}, None),
    ("kvk_companies", {"sbi": "123456"}, R.PATTERN),
    ("kvk_companies", {"postcode4": "0123"}, R.PATTERN),
    ("kvk_officers", {"officer_number": "--"}, R.PATTERN),
    ("ind_permits", {"travel_document": "..."}, R.PATTERN),
    # closed list
    ("ind_permits", {"scheme": "hsm2"}, R.CLOSED_LIST),
    ("ind_permits", {"sex": "Q"}, R.CLOSED_LIST),
    ("ind_permits", {"scheme": "HSM"}, R.CLOSED_LIST),
    ("uwv_wages", {"income_kind": "12"}, R.CLOSED_LIST),
    ("uwv_wages", {"reduced_income_code": "X"}, R.CLOSED_LIST),
    # range, bounds included
    ("ind_permits", {"salary_month_eur": "-0.01"}, R.RANGE),
    ("ind_permits", {"salary_month_eur": "200000.01"}, R.RANGE),
    ("ind_permits", {"salary_month_eur": "200000"}, None),
    ("ind_permits", {"salary_month_eur": "0"}, None),
    ("uwv_wages", {"hours_paid": "401"}, R.RANGE),
    ("uwv_wages", {"wage_in_money_eur": "-500000"}, None),
    ("szw_postings", {"version": "0"}, R.RANGE),
    ("posting_employers", {"home_turnover_share": "1.01"}, R.RANGE),
    # control characters in a key or a code
    ("ind_sponsor_notices", {"notice_id": "N\x019"}, R.CONTROL_CHARACTER),
    ("ind_permits", {"sponsor_kvk": "1234\x005678"}, R.CONTROL_CHARACTER),
    ("ind_permits", {"scheme": "hsm\x07"}, R.CONTROL_CHARACTER),
    ("ind_permits", {"travel_document": "NX\x1b1234"}, R.CONTROL_CHARACTER),
    ("ind_public_register", {"organisation": "Voor\nbeeld"}, R.CONTROL_CHARACTER),
    ("ind_sponsors", {"name": "Voor\x00beeld\n"}, None),
    # years and months
    ("ind_permits", {"degree_on": "1899-12-31"}, R.YEAR),
    ("ind_permits", {"valid_until": "2101-01-01"}, R.YEAR),
    ("ind_permits", {"degree_on": "1900-01-01"}, None),
    ("ind_permits", {"valid_until": "2100-12-31"}, None),
    ("ind_permits", {"birth_month": "1990-05-02"}, R.FIRST_OF_MONTH),
    ("szw_postings", {"worker_birth_month": "1990-05-31"}, R.FIRST_OF_MONTH),
    # future
    ("ind_permits", {"received_on": "2026-11-23", "decided_on": None}, R.FUTURE_DATE),
    ("ind_permits", {"decided_on": "2026-11-23"}, R.FUTURE_DATE),
    ("ind_permits", {"decided_on": "2026-11-22"}, None),
    ("svb_a1", {"issued_on": "2026-11-23"}, R.FUTURE_DATE),
    ("nla_sightings", {"seen_on": "2027-01-01"}, R.FUTURE_DATE),
    ("szw_postings", {"submitted_on": "2026-11-23"}, R.FUTURE_DATE),
    ("ind_sponsor_notices", {"event_on": "2026-11-23"}, R.FUTURE_DATE),
    ("review_verdicts", {"decided_on": "2026-11-23"}, R.FUTURE_DATE),
    ("szw_postings", {"starts_on": "2027-01-01", "ends_on": "2027-02-01"}, None),
    ("ind_sponsors", {"ended_on": "2027-01-01"}, None),
    # end before start
    ("ind_permits", {"valid_until": "2026-01-31"}, R.END_BEFORE_START),
    ("ind_permits", {"valid_until": "2026-02-01"}, None),
    ("ind_permits", {"ended_on": "2026-01-31"}, R.END_BEFORE_START),
    ("ind_sponsors", {"ended_on": "2019-12-31"}, R.END_BEFORE_START),
    ("kvk_companies", {"ended_on": "2014-12-31"}, R.END_BEFORE_START),
    ("kvk_officers", {"until_on": "2018-12-31"}, R.END_BEFORE_START),
    ("ind_sponsor_notices", {"until_on": "2026-10-31"}, R.END_BEFORE_START),
    ("szw_postings", {"ends_on": "2026-10-04"}, R.END_BEFORE_START),
    ("uwv_wages", {"period_end": "2026-08-31"}, R.END_BEFORE_START),
    ("uwv_employers", {"valid_until": "2019-12-31"}, R.END_BEFORE_START),
    ("svb_a1", {"valid_until": "2025-12-31"}, R.END_BEFORE_START),
    ("uwv_work_permits", {"valid_until": "2026-02-28"}, R.END_BEFORE_START),
    # decision before receipt
    ("ind_permits", {"decided_on": "2026-01-09"}, R.DECISION_BEFORE_RECEIPT),
    ("ind_permits", {"decided_on": "2026-01-10"}, None),
    ("uwv_work_permits", {"decided_on": "2026-01-09"}, R.DECISION_BEFORE_RECEIPT),
    ("rvo_advice", {"advised_on": "2026-01-09"}, R.DECISION_BEFORE_RECEIPT),
    # a decision and what hangs on it
    ("ind_permits", {"decision": None, "valid_until": None}, R.PENDING_WITH_RESULT),
    (
        "ind_permits",
        {"decision": None, "valid_from": None, "valid_until": None, "refusal_ground": "other"},
        R.PENDING_WITH_RESULT,
    ),
    ("ind_permits", {"refusal_ground": "other"}, R.GROUND_WITHOUT_REFUSAL),
    ("ind_permits", {"decision": "refused", "valid_until": None}, R.START_WITHOUT_GRANT),
    ("ind_permits", {"decision": "refused", "valid_from": None, "refusal_ground": "other"}, None),
    ("ind_permits", {"decision": None, "decided_on": None, "valid_from": None, "valid_until": None}, None),
    # verdicts
    ("review_verdicts", {"verdict": "confirmed"}, R.UNEXPLAINED_VERDICT),
    ("review_verdicts", {"verdict": "cleared", "explanation": " "}, R.UNEXPLAINED_VERDICT),
    ("review_verdicts", {"verdict": "cleared", "explanation": "plain"}, None),
    # VAT number and country
    ("szw_postings", {"employer_country": "RO"}, R.VAT_COUNTRY),
    ("szw_postings", {"employer_vat": "NX1234567"}, R.VAT_COUNTRY),
    ("szw_postings", {"employer_vat": "EL123456789", "employer_country": "GR"}, None),
    ("szw_postings", {"employer_vat": "GR123456789", "employer_country": "GR"}, None),
    ("szw_postings", {"employer_vat": "XI123456789", "employer_country": "GB"}, None),
    ("szw_postings", {"employer_vat": "GB123456789", "employer_country": "GB"}, None),
    ("szw_postings", {"employer_vat": "EL123456789", "employer_country": "PL"}, R.VAT_COUNTRY),
    ("posting_employers", {"country": "DE"}, R.VAT_COUNTRY),
    ("svb_a1", {"issuing_country": "DE"}, None),
    # names and unknown keys are no ground
    ("ind_permits", {"sponsor_name": "<script>'; drop table raw"}, None),
    ("ind_permits", {"sponsor_kvk": "00000000"}, None),
    # the key may be null where the contract says so
    ("ind_public_register", {"kvk": None}, None),
]
#: Values that only text can hold.
WRITTEN = [
    ("ind_permits", {"salary_month_eur": "1e3"}, R.TYPE),
    ("ind_permits", {"salary_month_eur": "1,000"}, R.TYPE),
    ("ind_permits", {"salary_month_eur": "6.200,50"}, R.TYPE),
    ("ind_permits", {"salary_month_eur": "NaN"}, R.TYPE),
    ("ind_permits", {"salary_month_eur": "inf"}, R.TYPE),
    ("ind_permits", {"salary_month_eur": "0x10"}, R.TYPE),
    ("ind_permits", {"salary_month_eur": "1_000"}, R.TYPE),
    ("ind_permits", {"salary_month_eur": "€ 6200"}, R.TYPE),
    ("ind_permits", {"salary_month_eur": "NULL"}, R.TYPE),
    ("ind_permits", {"salary_month_eur": " 6200.5 "}, None),
    ("ind_permits", {"salary_month_eur": "9" * 400}, R.TYPE),
    ("uwv_wages", {"hours_paid": "168.0"}, None),
    ("uwv_wages", {"hours_paid": "168.5"}, R.TYPE),
    ("uwv_wages", {"hours_paid": "1e2"}, R.TYPE),
    ("uwv_wages", {"hours_paid": "99999999999999999999"}, R.TYPE),
    ("ind_permits", {"free_movement": "TRUE"}, None),
    ("ind_permits", {"free_movement": "False"}, None),
    ("ind_permits", {"free_movement": "0"}, R.TYPE),
    ("ind_permits", {"free_movement": "yes"}, R.TYPE),
    ("ind_permits", {"degree_on": "22-11-2020"}, R.TYPE),
    ("ind_permits", {"degree_on": "2020-2-3"}, R.TYPE),
    ("ind_permits", {"degree_on": "2021-02-29"}, R.TYPE),
    ("ind_permits", {"degree_on": "20200203"}, R.TYPE),
    ("ind_permits", {"degree_on": "2020-02-03T00:00:00"}, R.TYPE),
    ("ind_permits", {"degree_on": "infinity"}, R.TYPE),
    ("ind_permits", {"degree_on": " 2020-02-03 "}, None),
    ("ind_permits", {"sponsor_name": "NULL"}, None),
]


def outcomes_by_case(folder, cases, as_parquet):
    """The reason of each case: all cases of a feed go into one delivery."""
    night = night_in(folder)
    found = {}
    for feed in {feed for feed, _, _ in cases}:
        numbered = [(n, changes) for n, (name, changes, _) in enumerate(cases, start=1) if name == feed]
        rows = [{**GOOD[feed], **OWN_KEY[feed](n), **changes} for n, changes in numbered]
        deliver(night, feed, typed(feed, rows) if as_parquet else rows)
        outcome = load_one(night, feed)
        assert outcome.status == "loaded", outcome
        assert outcome.rows_delivered == len(rows) == outcome.rows_accepted + outcome.rows_rejected
        rejected = table(night, "raw.rejected_rows").filter(pl.col("feed") == feed)
        reasons = dict(zip(rejected["row_number"], rejected["reason_code"], strict=True))
        found |= {n: reasons.get(position) for position, (n, _) in enumerate(numbered, start=1)}
        assert outcome.rows_rejected == rejected.height
    return [found[n] for n in range(1, len(cases) + 1)]


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
def test_a_row_that_breaks_a_rule_is_rejected_for_that_reason_and_no_other_row_is(tmp_path, as_parquet):
    found = outcomes_by_case(tmp_path, FORMED, as_parquet)
    wrong = [
        (case, reason)
        for case, reason in zip(FORMED, found, strict=True)
        if reason != (case[2].value if case[2] else None)
    ]
    assert wrong == []


def test_values_in_csv_are_iso_and_plain_or_the_row_is_rejected(tmp_path):
    found = outcomes_by_case(tmp_path, WRITTEN, as_parquet=False)
    wrong = [
        (case, reason)
        for case, reason in zip(WRITTEN, found, strict=True)
        if reason != (case[2].value if case[2] else None)
    ]
    assert wrong == []


def rejected_row(folder, feed, row, as_parquet=False):
    night = night_in(folder)
    deliver(night, feed, typed(feed, [row]) if as_parquet else [row])
    load_one(night, feed)
    (kept,) = table(night, "raw.rejected_rows").to_dicts()
    return kept | {"row": json.loads(kept["row_json"])}


def test_the_reason_names_column_value_and_rule(tmp_path):
    kept = rejected_row(tmp_path, "ind_permits", {**PERMIT, "scheme": "kennis", "hours_week": "99"})
    assert kept["reason_code"] == "closed_list"
    assert kept["reason"].startswith("scheme: 'kennis' is not one of hsm, blue_card")
    assert kept["reason"].endswith("; hours_week: '99' must be at least 0 and at most 80")


def test_the_reason_shows_the_shape_of_a_value_that_might_identify_someone(tmp_path):
    kept = rejected_row(tmp_path, "ind_permits", {**PERMIT, "degree_on": "NX1234567"})
    assert kept["reason"] == (
        "degree_on: something like 'aa#######' (# for a digit, a for a letter) is not a date as YYYY-MM-DD"
    )
    assert kept["row"]["degree_on"] == "***"


def test_the_rejected_row_is_kept_as_delivered_with_the_file_and_the_number_of_the_row(tmp_path):
    night = night_in(tmp_path)
    deliver(night, "ind_permits", [PERMIT, {**PERMIT, "application_id": "A000000002", "scheme": " x"}])
    load_one(night, "ind_permits")
    (kept,) = table(night, "raw.rejected_rows").to_dicts()
    assert (kept["feed"], str(kept["delivered_on"]), kept["attempt"]) == ("ind_permits", "2026-11-22", 1)
    assert (kept["file"], kept["row_number"], kept["run_id"]) == ("part-000.csv", 2, "run-a")
    row = json.loads(kept["row_json"])
    assert list(row) == list(PERMIT)
    assert row["scheme"] == " x"
    assert row["salary_month_eur"] == "6200.50"
    assert row["refusal_ground"] is None


@pytest.mark.parametrize("as_parquet", [False, True], ids=["csv", "parquet"])
def test_direct_identifiers_and_audit_fields_are_masked_in_a_rejected_row(tmp_path, as_parquet):
    kept = rejected_row(tmp_path, "ind_permits", {**PERMIT, "sponsor_kvk": "1"}, as_parquet)
    hidden = ("v_number", "bsn", "travel_document", "sex", "nationality")
    assert [kept["row"][name] for name in hidden] == ["***"] * 5
    kept = rejected_row(tmp_path / "b", "ind_permits", {**PERMIT, "bsn": None, "sponsor_kvk": "1"}, as_parquet)
    assert kept["row"]["bsn"] is None


def test_long_numbers_are_masked_in_every_other_field_of_a_rejected_row(tmp_path):
    row = {**PERMIT, "sponsor_name": "BSN 123456782 of 123 456 782, tel 0612345678", "hours_week": "123456782"}
    kept = rejected_row(tmp_path, "ind_permits", row)
    assert kept["row"]["sponsor_name"] == "BSN *** of ***, tel ***"
    assert kept["row"]["hours_week"] == "***"
    assert kept["row"]["application_id"] == "A***"
    assert kept["row"]["sponsor_kvk"] == "12345678"
    assert "123456782" not in kept["reason"]


def test_an_identifier_of_the_row_is_masked_in_its_other_fields_too(tmp_path):
    row = {**PERMIT, "travel_document": "NXAB-77", "sponsor_name": "Firm of NXAB-77", "scheme": "x"}
    assert rejected_row(tmp_path, "ind_permits", row)["row"]["sponsor_name"] == "Firm of ***"


def test_an_identifier_of_the_row_is_masked_in_another_spelling_of_it(tmp_path):
    row = {**PERMIT, "travel_document": "NXAB77", "sponsor_name": "Firm of nx-ab 7.7 (NXAB 77)", "scheme": "x"}
    assert rejected_row(tmp_path, "ind_permits", row)["row"]["sponsor_name"] == "Firm of *** (***)"


def test_a_spaced_number_of_a_person_in_the_wrong_column_is_masked(tmp_path):
    row = {**PERMIT, "hours_week": "123 456 782"}
    assert rejected_row(tmp_path, "ind_permits", row)["row"]["hours_week"] == "***"


def test_a_vat_number_that_does_not_fit_its_country_is_masked_and_so_is_the_country(tmp_path):
    kept = rejected_row(tmp_path, "szw_postings", {**POSTING, "employer_vat": "NX1234567"})
    assert kept["reason_code"] == "vat_country"
    assert (kept["row"]["employer_vat"], kept["row"]["employer_country"]) == ("***", "***")
    assert "NX1234567" not in kept["reason"]
    assert "PL" not in kept["reason"]


def test_a_vat_number_without_its_form_is_masked_when_it_does_not_fit_its_country(tmp_path):
    kept = rejected_row(tmp_path, "szw_postings", {**POSTING, "employer_vat": "1234567"})
    assert kept["reason_code"] == "pattern"
    assert kept["row"]["employer_vat"] == "***"


def test_a_vat_number_that_fits_is_shown_in_a_row_rejected_for_something_else(tmp_path):
    row = {**POSTING, "employer_vat": "PL12345678", "kind": "x"}
    kept = rejected_row(tmp_path, "szw_postings", row)
    assert kept["row"]["employer_vat"] == "PL12345678"


def test_control_characters_do_not_stand_in_a_kept_row(tmp_path):
    kept = rejected_row(tmp_path, "ind_permits", {**PERMIT, "sponsor_name": "a\x00b\x1bc", "scheme": "x\x01y"})
    assert kept["row"]["sponsor_name"] == "a\ufffdb\ufffdc"
    assert "\x01" not in kept["reason"]
