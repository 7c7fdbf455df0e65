"""The public register: one mini-register per sentence, in words (see `register_words`)."""

from datetime import date

import polars as pl
import pytest

from assets.core.register import Presence, register_entries, renumberings, write_register_entries
from quality.contract import product_tables
from tests.builders import warehouse_with
from tests.core.register_words import build, register


def test_who_is_there_from_the_first_to_the_last_snapshot_neither_came_nor_went():
    found = register("2024-01-01: Acme B.V. 11111111", "2024-02-01: Acme B.V. 11111111")
    spell = found.spell("kvk:11111111")
    assert (spell["entry_kind"], spell["exit_kind"]) == ("present_at_start", "still_present")
    assert (spell["first_seen_on"], spell["last_seen_on"]) == (date(2024, 1, 1), date(2024, 2, 1))
    assert spell["entered_after"] is spell["left_before"] is None
    assert found.movements() == [("01-01", "02-01", 0, 0, 0, 0, True)]


def test_who_came_did_so_after_the_snapshot_before_and_who_went_before_the_snapshot_after():
    found = register(
        "2024-01-01: Acme 11111111, Bolt 22222222",
        "2024-02-01: Acme 11111111, Civa 33333333",
        "2024-07-01: Acme 11111111",
    )
    bolt, civa = found.spell("kvk:22222222"), found.spell("kvk:33333333")
    assert (bolt["exit_kind"], bolt["left_before"]) == ("left", date(2024, 2, 1))
    assert (civa["entry_kind"], civa["entered_after"], civa["left_before"]) == (
        "new",
        date(2024, 1, 1),
        date(2024, 7, 1),
    )
    assert found.movements() == [("01-01", "02-01", 1, 1, 0, 0, True), ("02-01", "07-01", 0, 1, 0, 0, True)]


def test_uneven_intervals_between_snapshots_do_not_break_a_presence():
    found = register("2016-01-01: Acme 11111111", "2024-08-02: Acme 11111111", "2024-08-03: Acme 11111111")
    assert found.kinds("kvk:11111111") == [("present_at_start", "still_present")]


def test_who_stays_away_for_one_snapshot_returns_in_a_second_spell():
    found = register(
        "2024-01-01: Acme 11111111, Huis",
        "2024-02-01: Bolt 22222222, Huis",
        "2024-03-01: Acme 11111111, Bolt 22222222, Huis",
    )
    assert found.kinds("kvk:11111111") == [("present_at_start", "left"), ("return", "still_present")]
    assert [spell["spell_number"] for spell in found.spells("kvk:11111111")] == [1, 2]
    assert found.movements() == [("01-01", "02-01", 1, 1, 0, 0, True), ("02-01", "03-01", 1, 0, 0, 0, True)]


def test_another_name_under_the_same_number_is_a_rename_and_no_entry():
    found = register("2024-01-01: Riscure B.V. 11111111", "2024-02-01: Keysight 11111111")
    spell = found.spell("kvk:11111111")
    assert (spell["names"], spell["name_changes"], spell["organisation"]) == (
        ["Riscure B.V.", "Keysight"],
        1,
        "Keysight",
    )
    assert found.movements() == [("01-01", "02-01", 0, 0, 0, 1, True)]


@pytest.mark.parametrize("later", ["A&amp;S Watson B.V.", "A S Watson", '"A&S" Watson BV', "A & S  WATSON"])
def test_another_spelling_of_the_same_name_is_no_rename(later):
    found = register("2024-01-01: A&S Watson B.V. 11111111", f"2024-02-01: {later} 11111111")
    assert found.spell("kvk:11111111")["name_changes"] == 0
    assert found.movements() == [("01-01", "02-01", 0, 0, 0, 0, True)]


def test_a_name_that_changes_and_changes_back_changed_twice():
    found = register("2024-01-01: Acme 11111111", "2024-02-01: Bolt 11111111", "2024-03-01: Acme 11111111")
    spell = found.spell("kvk:11111111")
    assert (spell["names"], spell["name_changes"]) == (["Acme", "Bolt"], 2)


def test_the_same_name_under_another_number_is_renumbered_and_neither_came_nor_went():
    found = register("2024-01-01: NXP B.V. 11111111", "2024-02-01: NXP 22222222")
    assert found.kinds("kvk:11111111") == [("present_at_start", "renumbered")]
    assert found.kinds("kvk:22222222") == [("renumbered", "still_present")]
    assert found.spell("kvk:11111111")["related_key"] == "kvk:22222222"
    assert found.spell("kvk:22222222")["related_key"] == "kvk:11111111"
    assert found.movements() == [("01-01", "02-01", 0, 0, 1, 0, True)]


def test_who_comes_back_under_another_number_after_a_while_left_and_was_renumbered():
    found = register(
        "2024-01-01: Montroos Kantoor 11111111, Huis",
        "2024-02-01: Huis, Bolt 33333333",
        "2024-03-01: Montroos Kantoor B.V. 22222222, Huis, Bolt 33333333",
    )
    assert found.kinds("kvk:11111111") == [("present_at_start", "left")]
    assert found.kinds("kvk:22222222") == [("renumbered", "still_present")]
    assert found.spell("kvk:11111111")["related_key"] == "kvk:22222222"
    assert found.movements() == [("01-01", "02-01", 1, 1, 0, 0, True), ("02-01", "03-01", 0, 0, 1, 0, True)]


def test_two_numbers_with_one_name_are_two_organisations():
    found = register(
        "2024-01-01: Works B.V. 11111111, WORKS B.V. 22222222",
        "2024-02-01: Works B.V. 11111111, WORKS B.V. 22222222, Works 33333333",
        "2024-03-01: Works B.V. 11111111",
    )
    assert found.kinds("kvk:33333333") == [("new", "left")]
    assert found.kinds("kvk:22222222") == [("present_at_start", "left")]
    assert found.movements() == [("01-01", "02-01", 1, 0, 0, 0, True), ("02-01", "03-01", 0, 2, 0, 0, True)]


def test_one_exit_makes_at_most_one_renumbered_entry():
    found = register("2024-01-01: Acme 11111111", "2024-02-01: Acme 22222222, Acme B.V. 33333333")
    assert found.kinds("kvk:22222222") == [("renumbered", "still_present")]
    assert found.kinds("kvk:33333333") == [("new", "still_present")]
    assert found.movements() == [("01-01", "02-01", 1, 0, 1, 0, True)]


def test_a_number_that_was_away_and_is_back_hands_nothing_to_a_namesake():
    found = register(
        "2024-01-01: Acme 11111111, Huis 44444444",
        "2024-02-01: Huis 44444444",
        "2024-03-01: Acme 11111111",
        "2024-04-01: Acme 11111111, Acme 22222222",
    )
    assert found.kinds("kvk:22222222") == [("new", "still_present")]
    assert [spell["related_key"] for spell in found.spells("kvk:11111111")] == [None, None]


def test_a_number_that_changes_twice_is_followed_step_by_step():
    found = register("2024-01-01: Acme 11111111", "2024-02-01: Acme 22222222", "2024-03-01: Acme 33333333")
    assert found.kinds("kvk:22222222") == [("renumbered", "renumbered")]
    assert found.spell("kvk:22222222")["related_key"] == "kvk:33333333"
    assert found.spell("kvk:33333333")["related_key"] == "kvk:22222222"


def test_a_number_that_returns_is_a_return_even_when_its_name_stood_elsewhere():
    found = register("2024-01-01: Acme 11111111, Huis", "2024-02-01: Acme 22222222", "2024-03-01: Acme 11111111, Huis")
    assert found.kinds("kvk:11111111") == [("present_at_start", "renumbered"), ("return", "still_present")]
    assert found.kinds("kvk:22222222") == [("renumbered", "left")]


def test_a_body_without_a_number_goes_by_its_name():
    found = register(
        "2024-01-01: Staatstoezicht op de Mijnen, Acme 11111111",
        "2024-02-01: STAATSTOEZICHT OP DE MIJNEN, Acme 11111111",
    )
    spell = found.spell("name:staatstoezichtopdemijnen")
    assert (spell["kvk"], spell["entry_kind"], spell["exit_kind"]) == (None, "present_at_start", "still_present")
    assert found.movements() == [("01-01", "02-01", 0, 0, 0, 0, True)]


def test_bodies_with_eight_zeros_are_as_many_bodies_as_there_are_names():
    found = register(
        "2024-01-01: Consulaat 00000000, Ambassade 00000000, Acme 11111111",
        "2024-02-01: Consulaat 00000000, Acme 11111111",
    )
    assert found.kinds("name:consulaat") == [("present_at_start", "still_present")]
    assert found.kinds("name:ambassade") == [("present_at_start", "left")]
    assert found.entries["kvk"].null_count() == 3


def test_eight_zeros_in_one_snapshot_and_nothing_in_the_next_are_the_same_body():
    found = register("2024-01-01: Consulaat 00000000, Acme 11111111", "2024-02-01: Consulaat, Acme 11111111")
    assert found.kinds("name:consulaat") == [("present_at_start", "still_present")]


def test_a_body_that_gets_a_number_is_renumbered():
    found = register("2024-01-01: Consulaat, Acme 11111111", "2024-02-01: Consulaat 22222222, Acme 11111111")
    assert found.kinds("name:consulaat") == [("present_at_start", "renumbered")]
    assert found.kinds("kvk:22222222") == [("renumbered", "still_present")]


def test_a_body_without_a_number_that_shares_a_name_with_one_that_has_is_another_body():
    found = register("2024-01-01: Acme, Acme 11111111", "2024-02-01: Acme 11111111")
    assert found.kinds("name:acme") == [("present_at_start", "left")]
    assert found.kinds("kvk:11111111") == [("present_at_start", "still_present")]


def test_a_number_with_two_lines_is_one_organisation_with_two_names():
    found = register(
        "2024-01-01: Acme 11111111, Bolt 11111111",
        "2024-02-01: Bolt 11111111",
        "2024-03-01: Civa 11111111, Bolt 11111111",
    )
    spell = found.spell("kvk:11111111")
    assert (spell["names"], spell["name_changes"]) == (["Acme", "Bolt", "Civa"], 0)
    assert found.movements() == [("01-01", "02-01", 0, 0, 0, 0, True), ("02-01", "03-01", 0, 0, 0, 0, True)]


def test_a_number_with_two_lines_is_renumbered_by_either_name():
    found = register("2024-01-01: Acme 11111111, Bolt 11111111", "2024-02-01: Bolt 22222222")
    assert found.kinds("kvk:22222222") == [("renumbered", "still_present")]


def test_a_snapshot_without_numbers_makes_no_mass_entry_and_no_mass_exit():
    found = register(
        "2016-07-26: Acme, Bolt, Oud B.V.",
        "2024-08-02: Acme 11111111, Bolt 22222222",
        "2024-12-03: Acme 11111111, Bolt 22222222, Civa 33333333",
    )
    assert set(found.all_spells["organisation_key"]) == {"kvk:11111111", "kvk:22222222", "kvk:33333333"}
    assert found.kinds("kvk:11111111") == [("present_at_start", "still_present")]
    assert found.movements() == [
        ("07-26", "08-02", None, None, None, None, False),
        ("08-02", "12-03", 1, 0, 0, 0, True),
    ]
    assert found.entries.filter(pl.col("snapshot_on") == date(2016, 7, 26))["organisation_key"].to_list() == [
        "name:acme",
        "name:bolt",
        "name:oud",
    ]


def test_a_snapshot_without_numbers_between_two_others_is_stepped_over():
    found = register("2024-01-01: Acme 11111111, Bolt 22222222", "2024-02-01: Acme, Bolt", "2024-03-01: Acme 11111111")
    assert found.kinds("kvk:11111111") == [("present_at_start", "still_present")]
    assert found.spell("kvk:22222222")["left_before"] == date(2024, 3, 1)
    assert found.movements() == [
        ("01-01", "02-01", None, None, None, None, False),
        ("01-01", "03-01", 0, 1, 0, 0, True),
        ("02-01", "03-01", None, None, None, None, False),
    ]


def test_snapshots_that_all_lack_numbers_tell_no_movement():
    found = register("2016-01-01: Acme, Bolt", "2016-02-01: Acme")
    assert found.all_spells.is_empty()
    assert found.movements() == [("01-01", "02-01", None, None, None, None, False)]


def test_a_single_snapshot_has_spells_and_no_movement():
    found = register("2024-01-01: Acme 11111111")
    assert found.kinds("kvk:11111111") == [("present_at_start", "still_present")]
    assert found.movements() == []


def test_a_feed_without_rows_gives_three_empty_tables():
    with warehouse_with().writing() as session:
        build(session)
        for name in ("register_entries", "register_spells", "register_movements"):
            assert session.count(f"core.{name}") == 0


def test_lines_that_a_later_delivery_replaced_do_not_count():
    line = {"snapshot_on": date(2024, 1, 1), "organisation": "Acme", "kvk": "11111111"}
    wrong = {**line, "organisation": "Acne", "valid_until_delivery": date(2024, 2, 1)}
    with warehouse_with({"raw.ind_public_register": [line, wrong]}).writing() as session:
        write_register_entries(session)
        assert session.table("core.register_entries")["organisation"].to_list() == ["Acme"]


def test_the_published_name_is_kept_beside_the_cleaned_one():
    lines = pl.DataFrame({"snapshot_on": [date(2025, 1, 8)], "organisation": ["A&amp;S  B.V."], "kvk": ["11111111"]})
    assert register_entries(lines).rows(named=True) == [
        {
            "snapshot_on": date(2025, 1, 8),
            "organisation": "A&amp;S  B.V.",
            "kvk": "11111111",
            "name_clean": "A&S B.V.",
            "name_key": "as",
            "organisation_key": "kvk:11111111",
        }
    ]


def test_the_order_of_the_rows_decides_nothing():
    presences = [
        Presence("kvk:1", 1, 1, 1, ("acme",), ("acme",)),
        Presence("kvk:2", 1, 1, 2, ("acme",), ("acme",)),
        Presence("kvk:3", 1, 3, 4, ("acme",), ("acme",)),
        Presence("kvk:4", 1, 3, 4, ("acme",), ("acme",)),
    ]
    expected = {presences[2]: presences[1], presences[3]: presences[0]}
    assert renumberings(presences) == renumberings(reversed(presences)) == expected


def test_an_exit_is_never_given_a_reason():
    kinds = product_tables()["core.register_spells"].field("exit_kind").meaning
    assert "never a judgement" in kinds
    found = register("2024-01-01: Acme 11111111, Huis", "2024-02-01: Huis")
    assert set(found.all_spells["exit_kind"]) <= {"left", "renumbered", "still_present"}
