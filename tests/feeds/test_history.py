"""The history of a feed, read as a specification: deliveries in, versions out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.feeds.history import create_feed_tables, merge_delivery, shown_table, stored_table
from quality.contract import FeedContract, Field, Table, feed_contracts
from sql.warehouse import Session, Warehouse

D1, D2, D3, D4 = (date(2026, 1, day) for day in (1, 2, 3, 4))


def contract(mode: str = "delta", snapshot: bool = False, audit: bool = False) -> FeedContract:
    """A feed of places and their colour; by year when it comes as dated pictures."""
    fields = [
        Field("place", "string", "Name of the place.", "plaats", True, "internal", 1),
        Field("colour", "string", "Colour of the place.", "kleur", False, "internal"),
    ]
    if snapshot:
        fields.append(Field("year", "integer", "Year of the picture.", "jaar", True, "internal", 2))
    if audit:
        fields.append(Field("origin", "string", "For the fairness audit only.", "", False, "audit_only"))
    table = Table("raw", "places", "one row per place", tuple(fields))
    return FeedContract("places", "1.0.0", "X", mode, True, "daily", "", "", table)  # type: ignore[arg-type]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Warehouse(tmp_path / "warehouse.duckdb").writing() as opened:
        yield opened


def deliver(
    session: Session,
    feed: FeedContract,
    delivered_on: date,
    rows: Sequence[tuple[Any, ...]],
    mode: str = "delta",
) -> None:
    create_feed_tables(session, feed)
    types = {"string": pl.String, "integer": pl.Int64}
    schema = {f.name: types[f.kind] for f in feed.table.fields}
    frame = pl.DataFrame(list(rows), schema=schema, orient="row")
    session.connection.register("accepted_rows", frame.to_arrow())
    merge_delivery(session, feed, "accepted_rows", delivered_on, mode)
    session.connection.unregister("accepted_rows")


def versions(session: Session, table: str = "raw.places") -> list[tuple[Any, ...]]:
    """(columns of the contract, valid from day, valid until day), days of January 2026."""
    frame = session.table(table)
    assert (frame["delivered_on"] == frame["valid_from_delivery"]).all()
    days = [pl.col("valid_from_delivery").dt.day(), pl.col("valid_until_delivery").dt.day()]
    return sorted(frame.drop("delivered_on").with_columns(days).rows(), key=repr)


def test_the_first_delivery_is_current_from_its_day(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red"), ("Breda", None)])
    assert versions(session) == [("Breda", None, 1, None), ("Delft", "red", 1, None)]


def test_a_delta_adds_new_keys_and_supersedes_known_ones_which_stay_with_their_validity(
    session: Session,
) -> None:
    deliver(session, contract(), D1, [("Delft", "red"), ("Breda", "green")])
    deliver(session, contract(), D2, [("Delft", "blue"), ("Ede", "white")])
    assert versions(session) == [
        ("Breda", "green", 1, None),
        ("Delft", "blue", 2, None),
        ("Delft", "red", 1, 2),
        ("Ede", "white", 2, None),
    ]


def test_a_row_identical_to_the_current_one_supersedes_nothing(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", None)])
    deliver(session, contract(), D2, [("Delft", None)])
    assert versions(session) == [("Delft", None, 1, None)]


def test_the_same_delivery_merged_twice_changes_nothing(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red")])
    deliver(session, contract(), D2, [("Delft", "blue"), ("Ede", "white")])
    before, remembered = versions(session), session.table("raw.confirmations").rows()
    deliver(session, contract(), D2, [("Delft", "blue"), ("Ede", "white")])
    deliver(session, contract(), D1, [("Delft", "red")])
    assert versions(session) == before
    assert session.table("raw.confirmations").rows() == remembered


def test_another_delivery_under_the_same_day_takes_its_place(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red")])
    deliver(session, contract(), D1, [("Delft", "blue")])
    assert versions(session) == [("Delft", "blue", 1, None)]


def test_a_late_delta_is_put_in_its_place(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red")])
    deliver(session, contract(), D3, [("Delft", "blue")])
    deliver(session, contract(), D2, [("Delft", "white"), ("Ede", "grey")])
    assert versions(session) == [
        ("Delft", "blue", 3, None),
        ("Delft", "red", 1, 2),
        ("Delft", "white", 2, 3),
        ("Ede", "grey", 2, None),
    ]


def test_a_late_delta_between_a_row_and_its_unchanged_repeat_holds_only_until_the_repeat(
    session: Session,
) -> None:
    deliver(session, contract(), D1, [("Delft", "red")])
    deliver(session, contract(), D3, [("Delft", "red")])
    deliver(session, contract(), D2, [("Delft", "blue")])
    assert versions(session) == [("Delft", "blue", 2, 3), ("Delft", "red", 1, 2), ("Delft", "red", 3, None)]


def test_a_late_delta_that_was_repeated_later_takes_the_beginning_of_that_version(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red")])
    deliver(session, contract(), D3, [("Delft", "blue")])
    deliver(session, contract(), D2, [("Delft", "blue")])
    assert versions(session) == [("Delft", "blue", 2, None), ("Delft", "red", 1, 2)]


def test_a_full_ends_the_keys_that_it_leaves_out(session: Session) -> None:
    feed = contract("full")
    deliver(session, feed, D1, [("Delft", "red"), ("Breda", "green"), ("Ede", "grey")], "full")
    deliver(session, feed, D2, [("Delft", "blue"), ("Ede", "grey")], "full")
    assert versions(session) == [
        ("Breda", "green", 1, 2),
        ("Delft", "blue", 2, None),
        ("Delft", "red", 1, 2),
        ("Ede", "grey", 1, None),
    ]


def test_a_key_that_comes_back_after_an_absence_has_two_versions_with_a_gap(session: Session) -> None:
    feed = contract("full")
    deliver(session, feed, D1, [("Delft", "red"), ("Ede", "grey")], "full")
    deliver(session, feed, D2, [("Ede", "grey")], "full")
    deliver(session, feed, D3, [("Delft", "red"), ("Ede", "grey")], "full")
    assert versions(session) == [("Delft", "red", 1, 2), ("Delft", "red", 3, None), ("Ede", "grey", 1, None)]


def test_a_full_of_a_delta_feed_is_a_reload(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red"), ("Breda", "green")])
    deliver(session, contract(), D2, [("Delft", "red")], "full")
    assert versions(session) == [("Breda", "green", 1, 2), ("Delft", "red", 1, None)]


def test_a_delta_dated_before_a_full_that_was_loaded_first_goes_into_history_only(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red")])
    deliver(session, contract(), D3, [("Delft", "red")], "full")
    deliver(session, contract(), D2, [("Delft", "blue"), ("Ede", "grey")])
    assert versions(session) == [
        ("Delft", "blue", 2, 3),
        ("Delft", "red", 1, 2),
        ("Delft", "red", 3, None),
        ("Ede", "grey", 2, 3),
    ]


def test_a_late_full_ends_only_until_the_next_word_about_a_key(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red"), ("Ede", "grey")])
    deliver(session, contract(), D3, [("Delft", "red")])
    deliver(session, contract(), D2, [("Breda", "green")], "full")
    assert versions(session) == [
        ("Breda", "green", 2, None),
        ("Delft", "red", 1, 2),
        ("Delft", "red", 3, None),
        ("Ede", "grey", 1, 2),
    ]


def test_a_full_without_accepted_rows_ends_everything_and_a_later_delta_starts_anew(session: Session) -> None:
    deliver(session, contract(), D2, [], "full")
    deliver(session, contract(), D1, [("Delft", "red")])
    deliver(session, contract(), D3, [("Ede", "grey")])
    assert versions(session) == [("Delft", "red", 1, 2), ("Ede", "grey", 3, None)]


def test_a_delta_without_rows_changes_nothing(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red")])
    deliver(session, contract(), D2, [])
    assert versions(session) == [("Delft", "red", 1, None)]


def test_a_full_of_dated_pictures_replaces_the_years_that_it_contains_and_no_other(session: Session) -> None:
    feed = contract("full", snapshot=True)
    deliver(session, feed, D1, [("Delft", "red", 2024), ("Delft", "red", 2025), ("Ede", "grey", 2025)], "full")
    deliver(session, feed, D2, [("Delft", "blue", 2025), ("Delft", "blue", 2026)], "full")
    assert versions(session) == [
        ("Delft", "blue", 2025, 2, None),
        ("Delft", "blue", 2026, 2, None),
        ("Delft", "red", 2024, 1, None),
        ("Delft", "red", 2025, 1, 2),
        ("Ede", "grey", 2025, 1, 2),
    ]


def test_a_late_full_of_dated_pictures_leaves_the_other_years_alone(session: Session) -> None:
    feed = contract("full", snapshot=True)
    deliver(session, feed, D1, [("Delft", "red", 2024), ("Delft", "red", 2025)], "full")
    deliver(session, feed, D3, [("Delft", "red", 2025)], "full")
    deliver(session, feed, D2, [("Ede", "grey", 2025)], "full")
    assert versions(session) == [
        ("Delft", "red", 2024, 1, None),
        ("Delft", "red", 2025, 1, 2),
        ("Delft", "red", 2025, 3, None),
        ("Ede", "grey", 2025, 2, 3),
    ]


def test_an_empty_part_of_a_key_is_a_value_of_its_own(session: Session) -> None:
    feed = feed_contracts()["ind_public_register"]
    create_feed_tables(session, feed)
    for delivered_on in (D1, D2):
        rows = [(D1, "Bakkerij", None), (D1, "Bakkerij", "12345678")]
        frame = pl.DataFrame(rows, schema=[f.name for f in feed.table.fields], orient="row")
        session.connection.register("accepted_rows", frame.to_arrow())
        merge_delivery(session, feed, "accepted_rows", delivered_on, "full")
    assert versions(session, "raw.ind_public_register") == [
        (D1, "Bakkerij", "12345678", 1, None),
        (D1, "Bakkerij", None, 1, None),
    ]


def test_another_mode_is_refused_by_name(session: Session) -> None:
    create_feed_tables(session, contract())
    with pytest.raises(ValueError, match="places: a delivery is full or delta, not snapshot"):
        merge_delivery(session, contract(), "accepted_rows", D1, "snapshot")


def test_as_known_on_gives_the_rows_of_a_past_day_of_delivery(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red")])
    deliver(session, contract(), D3, [("Delft", "blue")])
    known = {
        day: session.connection.execute("from raw.as_known_on('places', $day)", {"day": day}).fetchall()
        for day in (date(2025, 12, 31), D1, D2, D3, D4)
    }
    assert known == {
        date(2025, 12, 31): [],
        D1: [("Delft", "red", D1)],
        D2: [("Delft", "red", D1)],
        D3: [("Delft", "blue", D3)],
        D4: [("Delft", "blue", D3)],
    }
    assert session.connection.execute("from raw.current_rows('places')").fetchall() == known[D3]


def test_columns_for_the_audit_only_stand_in_audit_and_not_in_raw(session: Session) -> None:
    feed = contract(audit=True)
    deliver(session, feed, D1, [("Delft", "red", "NL")])
    deliver(session, feed, D2, [("Delft", "red", "BE")])
    assert versions(session, "audit.places") == [
        ("Delft", "red", "BE", 2, None),
        ("Delft", "red", "NL", 1, 2),
    ]
    assert versions(session) == [("Delft", "red", 1, 2), ("Delft", "red", 2, None)]
    assert "origin" not in session.table("raw.places").columns


def test_every_feed_has_its_table_with_a_comment_on_each_column(session: Session) -> None:
    for feed in feed_contracts().values():
        create_feed_tables(session, feed)
        create_feed_tables(session, feed)
        for table in (stored_table(feed), shown_table(feed)):
            found = session.connection.execute(
                "select column_name, comment from duckdb_columns() "
                "where schema_name = $schema and table_name = $name order by column_index",
                {"schema": table.schema, "name": table.name},
            ).fetchall()
            assert [name for name, _ in found] == [f.name for f in table.fields]
            assert all(comment for _, comment in found)


def test_a_column_that_a_newer_contract_adds_is_empty_in_what_was_there(session: Session) -> None:
    deliver(session, contract(), D1, [("Delft", "red")])
    older = contract()
    height = Field("height", "integer", "Height.", "hoogte", False, "internal")
    newer = replace(older, table=replace(older.table, fields=(*older.table.fields, height)))
    deliver(session, newer, D2, [("Delft", "red", 3)])
    rows = session.connection.execute("select place, height from raw.places order by valid_from_delivery").fetchall()
    assert rows == [("Delft", None), ("Delft", 3)]


def test_a_column_that_the_contract_no_longer_has_stops_with_what_to_do(session: Session) -> None:
    older = contract()
    create_feed_tables(session, older)
    newer = replace(older, table=replace(older.table, fields=older.table.fields[:1]))
    with pytest.raises(ValueError, match=r"raw.places has columns .* \(colour\): load the landing folder into a new"):
        create_feed_tables(session, newer)


def test_a_table_in_raw_is_not_kept_when_its_contract_gets_columns_for_the_audit_only(session: Session) -> None:
    create_feed_tables(session, contract())
    with pytest.raises(ValueError, match=r"raw.places is a table, .* load the landing folder into a new warehouse"):
        create_feed_tables(session, contract(audit=True))


def test_nationality_and_sex_are_not_in_the_raw_permits() -> None:
    names = {f.name for f in shown_table(feed_contracts()["ind_permits"]).fields}
    assert not names & {"nationality", "sex"}


def test_the_worked_example_for_analysts_counts_the_applications_pending_on_that_day(session: Session) -> None:
    create_feed_tables(session, feed_contracts()["ind_permits"])
    insert = (
        "insert into audit.ind_permits by name select $number as application_id, 'hsm' as scheme, "
        "$decision as decision, $since::date as delivered_on, $since::date as valid_from_delivery, "
        "$until::date as valid_until_delivery"
    )
    for decision, since, until in ((None, D1, D3), ("granted", D3, None)):
        values = {"number": "A000000001", "decision": decision, "since": since, "until": until}
        session.connection.execute(insert, values)
    assert session.rows("analyst/as_known_on", day=D2) == [("hsm", 1, D1)]
    assert session.rows("analyst/as_known_on", day=D3) == []
