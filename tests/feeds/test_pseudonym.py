"""Pseudonyms and their key."""

from __future__ import annotations

import hashlib
import hmac
import stat

import pytest

from assets.feeds.pseudonym import (
    KINDS,
    PseudonymKeyError,
    kind_of,
    normalised,
    pseudonym,
    pseudonym_expression,
    pseudonym_key,
)
from assets.feeds.reasons import FeedError
from assets.feeds.relations import constant
from assets.feeds.runs import begin_run
from quality.contract import feed_contracts
from sql.warehouse import Warehouse
from tests.feeds.deliveries import NOTICE, OFFICER, PERMIT, VERDICT, deliver, load, load_one, night_in, table

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("NX 12-34567", "NX1234567"),
        ("nx1234567", "NX1234567"),
        (" 12.34/5_6 ", "123456"),
        ("R. Jánsen", "RJÁNSEN"),
        ("Ja\u0301nsen", "JÁNSEN"),
        ("\u00a0a\tb", "AB"),
    ],
)
def test_spellings_of_one_identifier_come_to_the_same(value, expected):
    assert normalised(value) == expected


def test_a_pseudonym_is_the_keyed_hash_of_kind_and_value_in_letters():
    digest = hmac.new(KEY, b"bsn:123456781", hashlib.sha256).hexdigest()
    expected = "".join("ghijklmnop"[int(c)] if c.isdigit() else c for c in digest[:32])
    assert pseudonym(KEY, "bsn", "123456781") == expected
    assert expected.isalpha()


@pytest.mark.parametrize("value", ["123456781", "NX 12-34567", "r. jánsen", "Łódź-9", "x" * 500, "𝟙2"])
def test_the_engine_computes_the_same_pseudonym(tmp_path, value):
    with Warehouse(tmp_path / "w.duckdb").writing() as session:
        relation = session.connection.sql("select 1").select(pseudonym_expression(KEY, "document", constant(value)))
        assert relation.fetchall() == [(pseudonym(KEY, "document", value),)]


def test_another_key_changes_every_pseudonym_and_another_kind_does_too():
    assert pseudonym(KEY, "bsn", "123456781") != pseudonym(bytes(32), "bsn", "123456781")
    assert pseudonym(KEY, "bsn", "1234567890") != pseudonym(KEY, "v_number", "1234567890")


def test_every_direct_identifier_of_the_contracts_has_a_kind():
    identifiers = {f.name for c in feed_contracts().values() for f in c.table.fields if f.is_identifier}
    assert identifiers == set(KINDS)
    assert KINDS["bsn"] == KINDS["officer_bsn"]
    assert KINDS["travel_document"] == KINDS["worker_document"]
    assert len(set(KINDS.values())) == 5


def test_an_identifier_of_unknown_kind_stops_with_its_name():
    with pytest.raises(FeedError, match="fingerprint"):
        kind_of("fingerprint")


def test_loaded_identifiers_are_pseudonyms_under_their_own_column_names(tmp_path):
    night = night_in(tmp_path)
    deliver(night, "ind_permits", [PERMIT])
    deliver(night, "kvk_officers", [OFFICER])
    deliver(night, "review_verdicts", [VERDICT])
    for feed in ("ind_permits", "kvk_officers", "review_verdicts"):
        load(night, feed)
    key = pseudonym_key(night)
    (permit,) = table(night, "raw.ind_permits").to_dicts()
    (officer,) = table(night, "raw.kvk_officers").to_dicts()
    assert permit["v_number"] == pseudonym(key, "v_number", "1234567890")
    assert permit["bsn"] == pseudonym(key, "bsn", "123456781") == officer["officer_bsn"]
    assert permit["travel_document"] == pseudonym(key, "document", "nx1234567")
    assert officer["officer_number"] == pseudonym(key, "officer_number", "F1")
    assert table(night, "raw.review_verdicts")["reviewer"].to_list() == [pseudonym(key, "reviewer", "RJANSEN")]


def test_an_absent_identifier_stays_absent(tmp_path):
    night = night_in(tmp_path)
    deliver(night, "ind_permits", [{**PERMIT, "bsn": None, "travel_document": "  "}])
    load(night, "ind_permits")
    assert table(night, "raw.ind_permits").select("bsn", "travel_document").rows() == [(None, None)]


def test_the_key_is_made_on_first_use_for_its_owner_only(tmp_path):
    night = night_in(tmp_path)
    key = pseudonym_key(night)
    assert len(key) == 32
    assert night.key_file.read_text() == key.hex()
    assert stat.S_IMODE(night.key_file.stat().st_mode) == 0o400
    assert stat.S_IMODE(night.key_file.parent.stat().st_mode) == 0o750
    assert list(night.key_file.parent.iterdir()) == [night.key_file]
    assert pseudonym_key(night) == key


def test_two_installations_have_two_keys(tmp_path):
    assert pseudonym_key(night_in(tmp_path / "a")) != pseudonym_key(night_in(tmp_path / "b"))


@pytest.mark.parametrize("mode", ["delta", "partial"])
def test_a_missing_key_stops_the_run_when_there_is_a_warehouse_made_with_it(tmp_path, mode):
    night = night_in(tmp_path)
    deliver(night, "ind_sponsor_notices", [NOTICE], mode=mode)
    load_one(night, "ind_sponsor_notices")
    night.key_file.unlink()
    with pytest.raises(PseudonymKeyError, match=r"pseudonym\.key is missing"):
        load(night, "ind_sponsor_notices")
    assert not night.key_file.exists()


def test_another_key_than_the_one_that_made_the_warehouse_stops_the_run(tmp_path):
    night = night_in(tmp_path)
    deliver(night, "ind_sponsor_notices", [NOTICE])
    load_one(night, "ind_sponsor_notices")
    night.key_file.unlink()
    night.key_file.write_text("0f" * 32)
    with pytest.raises(PseudonymKeyError, match="another key"):
        load(night, "ind_sponsor_notices")


def test_a_warehouse_that_holds_no_more_than_the_row_of_the_run_needs_no_old_key(tmp_path):
    night = night_in(tmp_path)
    begin_run(night)
    assert load(night, "ind_sponsor_notices") == []


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "0" * 63])
def test_a_broken_key_stops_the_run(tmp_path, text):
    night = night_in(tmp_path)
    night.key_file.parent.mkdir()
    night.key_file.write_text(text)
    with pytest.raises(PseudonymKeyError, match="64 hexadecimal digits"):
        load(night, "ind_sponsor_notices")


def test_the_errors_of_the_key_do_not_show_it(tmp_path):
    night = night_in(tmp_path)
    night.key_file.parent.mkdir()
    night.key_file.write_text("feedfacecafe")
    with pytest.raises(PseudonymKeyError) as error:
        pseudonym_key(night)
    assert "feedface" not in str(error.value)
