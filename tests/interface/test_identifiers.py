"""Persons: pseudonyms that join what belongs together, and numbers that appear nowhere."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from assets.feeds.reasons import FeedError
from tests.interface.deliveries import (
    DAY,
    Row,
    arrow,
    book,
    deliver,
    deliver_rows,
    load,
    parquet_file,
    raw,
    read,
    rejected,
    table,
    table_names,
    valid_row,
)

PERMITS, NOTICES, WAGES, POSTINGS = "ind_permits", "ind_sponsor_notices", "uwv_wages", "szw_postings"
OFFICERS, SIGHTINGS, A1, CASES, VERDICTS = (
    "kvk_officers",
    "nla_sightings",
    "svb_a1",
    "uwv_work_permits",
    "review_verdicts",
)
#: Numbers that pass the eleven-test and could be of real persons: valid input, never output.
BSN, V_NUMBER, DOCUMENT = "123456782", "2123456789", "NX1234567"
LONG_NUMBER = re.compile(r"(?<![0-9])[0-9]{9,10}(?![0-9])")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person in every feed that names persons, in several spellings."""
    data = tmp_path_factory.mktemp("persons")
    deliver_rows(
        data,
        PERMITS,
        [
            valid_row(PERMITS, 1, v_number=V_NUMBER, bsn=BSN, travel_document=DOCUMENT),
            valid_row(PERMITS, 2, v_number=f" {V_NUMBER} ", bsn=None, travel_document="nx 12-345.67"),
            valid_row(PERMITS, 3, v_number="2987654321", bsn="187654324", travel_document=V_NUMBER),
            valid_row(PERMITS, 4, v_number=f"2{BSN}", bsn=None, travel_document=BSN),
            valid_row(PERMITS, 5, bsn=None, travel_document=None),
        ],
    )
    deliver_rows(data, NOTICES, [valid_row(NOTICES, 1, v_number=V_NUMBER)])
    deliver_rows(data, WAGES, [valid_row(WAGES, 1, bsn=BSN)])
    deliver_rows(
        data,
        OFFICERS,
        [
            valid_row(OFFICERS, 1, officer_bsn=BSN, officer_number=BSN),
            valid_row(OFFICERS, 2, officer_bsn=None, officer_number="f.1-2"),
            valid_row(OFFICERS, 3, officer_bsn=None, officer_number="F12"),
        ],
    )
    deliver_rows(data, SIGHTINGS, [valid_row(SIGHTINGS, 1, worker_document="nx1234567")])
    deliver_rows(data, A1, [valid_row(A1, 1, worker_document="NX 1234567")])
    deliver(data, POSTINGS, parquet_file(arrow(POSTINGS, [valid_row(POSTINGS, 1, worker_document="NX/1234567")])))
    deliver_rows(data, CASES, [valid_row(CASES, 1, v_number=V_NUMBER, bsn=BSN)])
    deliver_rows(data, VERDICTS, [valid_row(VERDICTS, 1, reviewer="R. Jansen"), valid_row(VERDICTS, 2, reviewer="F12")])
    for feed in (PERMITS, NOTICES, WAGES, OFFICERS, SIGHTINGS, A1, POSTINGS, CASES, VERDICTS):
        load(data, feed)
        assert book(data, feed)["rows_rejected"] == 0, rejected(data, feed)
    return data


def _by(data: Path, feed: str, key: str) -> dict[str, Row]:
    return {row[key]: row for row in raw(data, feed)}


def _permits(data: Path) -> list[Row]:
    found = _by(data, PERMITS, "application_id")
    return [found[f"A{number:09d}"] for number in range(1, 6)]


def test_an_identifier_has_one_pseudonym_in_every_feed_whatever_its_spelling(loaded: Path) -> None:
    first, second, *_ = _permits(loaded)
    assert first["v_number"] == second["v_number"] == raw(loaded, NOTICES)[0]["v_number"]
    assert first["v_number"] == raw(loaded, CASES)[0]["v_number"]
    assert first["bsn"] == raw(loaded, WAGES)[0]["bsn"] == raw(loaded, CASES)[0]["bsn"]
    documents = {raw(loaded, feed)[0]["worker_document"] for feed in (SIGHTINGS, A1, POSTINGS)}
    assert documents == {first["travel_document"]} == {second["travel_document"]}


def test_the_bsn_of_an_officer_is_the_bsn_of_an_employee(loaded: Path) -> None:
    officer = _by(loaded, OFFICERS, "kvk")["30000001"]
    assert officer["officer_bsn"] == _permits(loaded)[0]["bsn"]


def test_kinds_of_identifier_are_kept_apart(loaded: Path) -> None:
    first, _, third, fourth, _ = _permits(loaded)
    officer = _by(loaded, OFFICERS, "kvk")["30000001"]
    assert first["v_number"] != third["travel_document"]
    assert len({first["bsn"], fourth["travel_document"], officer["officer_number"]}) == 3
    assert (
        _by(loaded, VERDICTS, "case_ref")["case_ref 2"]["reviewer"]
        != _by(loaded, OFFICERS, "kvk")["30000003"]["officer_number"]
    )


def test_officer_numbers_are_normalised_too(loaded: Path) -> None:
    officers = _by(loaded, OFFICERS, "kvk")
    assert officers["30000002"]["officer_number"] == officers["30000003"]["officer_number"]


def test_no_identifier_has_no_pseudonym(loaded: Path) -> None:
    last = _permits(loaded)[4]
    assert (last["bsn"], last["travel_document"]) == (None, None)
    assert last["v_number"]


def test_different_persons_have_different_pseudonyms(loaded: Path) -> None:
    assert len({row["v_number"] for row in _permits(loaded)}) == 4


def test_no_identifier_stands_anywhere_in_the_warehouse(loaded: Path) -> None:
    database = loaded / "warehouse.duckdb"
    given = {BSN, V_NUMBER, DOCUMENT, "2987654321", "187654324", f"2{BSN}", "R. Jansen", "nx1234567"}
    for name in table_names(database):
        if not name.startswith(("information_schema", "pg_catalog")):
            text = str(read(database, name).to_dicts())
            assert not [number for number in given if number in text], name
    content = database.read_bytes()
    assert not [number for number in given if number.encode() in content]


def test_columns_for_the_audit_stand_in_a_schema_of_their_own(loaded: Path) -> None:
    assert {"sex", "nationality"} <= set(table(loaded, f"audit.{PERMITS}").columns)
    assert "worker_nationality" in table(loaded, f"audit.{POSTINGS}").columns
    for name in table_names(loaded / "warehouse.duckdb"):
        if name.startswith("raw."):
            assert not {"sex", "nationality", "worker_nationality"} & set(table(loaded, name).columns), name


SPOILED: list[tuple[str, dict[str, str | None]]] = [
    (PERMITS, {"scheme": "no_such_scheme", "v_number": V_NUMBER, "bsn": BSN, "travel_document": DOCUMENT}),
    (PERMITS, {"v_number": BSN, "bsn": V_NUMBER, "travel_document": "NX 12 34567"}),
    (PERMITS, {"v_number": "2123 456 789", "bsn": "1234.56.782"}),
    (PERMITS, {"v_number": "２１２３４５６７８９"}),
    (PERMITS, {"sponsor_kvk": BSN, "workplace_kvk": V_NUMBER, "workplace_postcode4": BSN}),
    (PERMITS, {"sponsor_name": f"Jansen {BSN}", "scheme": V_NUMBER}),
    (PERMITS, {"sponsor_name": f"bsn:{BSN}.", "application_kind": f"x{BSN}x", "norm_category": DOCUMENT}),
    (PERMITS, {"application_id": BSN, "nationality": BSN, "sex": V_NUMBER, "free_movement": BSN}),
    (PERMITS, {"salary_month_eur": BSN, "hours_week": f"{V_NUMBER}.0", "degree_on": BSN, "received_on": V_NUMBER}),
    (PERMITS, {"decision": f"granted {BSN}", "end_reason": V_NUMBER, "occupation_isco": BSN}),
    (WAGES, {"employer_number": BSN, "bsn": BSN}),
    (WAGES, {"hours_paid": BSN, "bsn": BSN, "income_kind": V_NUMBER}),
    (WAGES, {"wage_in_money_eur": BSN, "period_start": BSN, "cao_code": V_NUMBER}),
    (POSTINGS, {"employer_vat": DOCUMENT, "worker_document": DOCUMENT}),
    (POSTINGS, {"employer_vat": f"PL{BSN}", "kind": DOCUMENT, "client_name": f"p/a {DOCUMENT}",
                "worker_document": DOCUMENT}),
    (POSTINGS, {"client_name": f"Fa. {V_NUMBER}", "place_id": BSN, "starts_on": None}),
    (OFFICERS, {"officer_bsn": "12345678", "officer_number": BSN, "role": BSN}),
    (VERDICTS, {"verdict": "confirmed", "explanation": None, "reviewer": "R. Jansen", "legal_ground": f"bsn {BSN}"}),
    ("uwv_employers", {"rsin": BSN, "kvk": BSN, "name": f"Jansen, {BSN}"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def turned_away(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, Row]]:
    """Rows full of identifiers that are rejected, with the number of the case."""
    data = tmp_path_factory.mktemp("rejected")
    found: list[tuple[int, Row]] = []
    for feed in sorted({case[0] for case in SPOILED}):
        numbers = [number for number, case in enumerate(SPOILED) if case[0] == feed]
        deliver_rows(data, feed, [valid_row(feed, 1 + number, **SPOILED[number][1]) for number in numbers])
        load(data, feed)
        found += [(numbers[row["row_number"] - 1], row) for row in rejected(data, feed)]
    return found


def test_the_spoiled_rows_are_all_rejected(turned_away: list[tuple[int, Row]]) -> None:
    assert sorted(number for number, _ in turned_away) == list(range(len(SPOILED)))


@pytest.mark.parametrize("number", range(len(SPOILED)))
def test_no_identifier_and_no_long_number_stands_in_a_rejected_row_or_its_reason(
    turned_away: list[tuple[int, Row]], number: int
) -> None:
    row = dict(turned_away)[number]
    text = row["row_json"] + row["reason"]
    assert not LONG_NUMBER.search(text), text
    identifiers = [
        DOCUMENT,
        "NX 12 34567",
        "2123 456 789",
        "1234.56.782",
        "２１２３４５６７８９",
        "R. Jansen",
        '12345678"',
    ]
    assert not [one for one in identifiers if one in text], text


@pytest.mark.parametrize("number", range(len(SPOILED)))
def test_direct_identifiers_are_masked_and_not_pseudonymised_in_a_rejected_row(
    turned_away: list[tuple[int, Row]], number: int
) -> None:
    kept = json.loads(dict(turned_away)[number]["row_json"])
    feed, changes = SPOILED[number]
    row = valid_row(feed, 1 + number, **changes)
    identifiers = ("v_number", "bsn", "travel_document", "worker_document", "officer_number", "officer_bsn", "reviewer")
    for name in identifiers:
        if row.get(name):
            assert kept[name] != row[name]
            assert not re.fullmatch("[0-9a-p]{16,64}", str(kept[name])), kept[name]


def test_harmless_values_of_a_rejected_row_are_kept_as_delivered(tmp_path: Path) -> None:
    deliver_rows(tmp_path, PERMITS, [valid_row(PERMITS, 1, scheme="hsmm", sponsor_kvk="30000001", hours_week="38.5")])
    load(tmp_path, PERMITS)
    kept = json.loads(rejected(tmp_path, PERMITS)[0]["row_json"])
    assert (kept["scheme"], kept["sponsor_kvk"], kept["hours_week"]) == ("hsmm", "30000001", "38.5")
    assert (kept["received_on"], kept["sponsor_name"]) == ("2026-01-15", "sponsor_name 1")
    assert kept["refusal_ground"] is None


def _pseudonym(data: Path) -> str:
    return str(raw(data, NOTICES)[0]["v_number"])


def test_the_key_is_made_on_first_use_with_32_random_bytes_that_only_its_owner_may_read(tmp_path: Path) -> None:
    keys = []
    for name in ("a", "b"):
        deliver_rows(tmp_path / name, NOTICES, [valid_row(NOTICES, 1)])
        load(tmp_path / name, NOTICES)
        path = tmp_path / name / "keys" / "pseudonym.key"
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
        assert stat.S_IMODE(path.parent.stat().st_mode) & 0o027 == 0
        assert [p.name for p in path.parent.iterdir()] == ["pseudonym.key"]
        keys.append(path.read_text().strip())
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)
    assert keys[0] != keys[1]
    assert _pseudonym(tmp_path / "a") != _pseudonym(tmp_path / "b")


def test_the_same_key_gives_the_same_pseudonyms_and_another_key_gives_others(tmp_path: Path) -> None:
    for name, key in (("a", "0f" * 32), ("b", "0f" * 32), ("c", "0e" * 32)):
        (tmp_path / name / "keys").mkdir(parents=True)
        (tmp_path / name / "keys" / "pseudonym.key").write_text(key + "\n")
        deliver_rows(tmp_path / name, NOTICES, [valid_row(NOTICES, 1)])
        load(tmp_path / name, NOTICES)
    a, b, c = (_pseudonym(tmp_path / name) for name in "abc")
    assert a == b != c


@pytest.mark.parametrize("what", ["loaded", "refused"])
def test_a_missing_key_stops_the_run_while_a_warehouse_exists(tmp_path: Path, what: str) -> None:
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)], mode="delta" if what == "loaded" else "none")
    load(tmp_path, NOTICES)
    assert book(tmp_path, NOTICES)["status"] == what
    key = tmp_path / "keys" / "pseudonym.key"
    key.chmod(0o600)
    key.unlink()
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 2)], day="2026-11-21")
    with pytest.raises(FeedError, match="key"):
        load(tmp_path, NOTICES, run_id="run-2")
    assert not key.exists()
    assert len(table(tmp_path, "meta.deliveries")) == 1


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "0f" * 16])
def test_a_broken_key_stops_the_run_and_is_not_shown(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "pseudonym.key").write_text(content)
    deliver_rows(tmp_path, NOTICES, [valid_row(NOTICES, 1)])
    with pytest.raises(FeedError) as stopped:
        load(tmp_path, NOTICES)
    assert not content or content not in str(stopped.value)


def test_an_identifier_of_a_form_of_its_own_must_be_delivered_in_that_form(tmp_path: Path) -> None:
    rows = [valid_row(PERMITS, 1, v_number="2123.456.789"), valid_row(PERMITS, 2, bsn="1234 56 782")]
    deliver_rows(tmp_path, PERMITS, rows)
    load(tmp_path, PERMITS)
    assert [row["row_number"] for row in rejected(tmp_path, PERMITS, DAY)] == [1, 2]


def test_a_document_of_punctuation_alone_is_no_identifier(tmp_path: Path) -> None:
    rows = [valid_row(SIGHTINGS, 1, worker_document="---"), valid_row(SIGHTINGS, 2, worker_document="?")]
    deliver_rows(tmp_path, SIGHTINGS, rows)
    load(tmp_path, SIGHTINGS)
    assert [row["row_number"] for row in rejected(tmp_path, SIGHTINGS, DAY)] == [1, 2]
