"""The six real snapshots of the public register: what they show, counted by hand beside the tables.

The counts of organisations, arrivals and departures are made here a second time from the bare files with sets of
numbers; the literal figures were checked by reading the lists of changes.
"""

import csv
from datetime import date
from itertools import pairwise

import polars as pl
import pytest

from assets.core.register_names import name_key
from assets.feeds.public_samples import public_samples
from tests.builders import warehouse_with
from tests.core.register_words import Register

FILES = [next(path.glob("*.csv")) for path in public_samples() if path.parent.name == "ind_public_register"]


def lines_of(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return [(row["organisation"], row["kvk"] or None) for row in csv.DictReader(handle)]


@pytest.fixture(scope="module")
def register(tmp_path_factory) -> Register:
    rows = [
        {"snapshot_on": date.fromisoformat(path.stem), "organisation": name, "kvk": number}
        for path in FILES
        for name, number in dict.fromkeys(lines_of(path))
    ]
    return Register(warehouse_with({"raw.ind_public_register": rows}, tmp_path_factory.mktemp("register")))


def test_no_line_is_lost_or_made_up(register):
    per_snapshot = dict(register.entries.group_by("snapshot_on").len().iter_rows())
    assert per_snapshot == {
        date(2016, 7, 26): 4290,
        date(2024, 8, 2): 11381,
        date(2024, 12, 3): 11666,
        date(2025, 1, 8): 11752,
        date(2025, 2, 3): 11834,
        date(2025, 3, 4): 11926,
    }


def test_movements_between_the_snapshots_are_those_counted_by_hand(register):
    assert register.movements() == [
        ("07-26", "08-02", None, None, None, None, False),
        ("08-02", "12-03", 359, 74, 1, 41, True),
        ("12-03", "01-08", 94, 9, 1, 10, True),
        ("01-08", "02-03", 87, 5, 0, 12, True),
        ("02-03", "03-04", 108, 16, 0, 16, True),
    ]


def test_movements_agree_with_sets_of_numbers_taken_from_the_bare_files(register):
    movements = register.all_movements.filter("is_comparable").rows(named=True)
    seen: set[str] = set()
    for (before, after), row in zip(pairwise(FILES[1:]), movements, strict=True):
        then = {number or name for name, number in lines_of(before)}
        now = {number or name for name, number in lines_of(after)}
        seen |= then
        assert (row["present_before"], row["present_after"]) == (len(then), len(now))
        gone, come = then - now, now - then
        names_gone = {name_key(name) for name, number in lines_of(before) if number in gone}
        at_once = sum(number in come and name_key(name) in names_gone for name, number in lines_of(after))
        assert row["left_register"] == len(gone) - at_once
        assert row["entered"] + row["renumbered"] == len(come)


def test_who_was_there_and_who_moved_adds_up_in_every_pair(register):
    spells = register.all_spells
    for row in register.all_movements.filter("is_comparable").iter_rows(named=True):
        at_once = spells.filter(
            pl.col("left_before") == row["snapshot_until"], pl.col("exit_kind") == "renumbered"
        ).height
        arrived = row["entered"] + row["renumbered"]
        assert row["present_before"] + arrived - row["left_register"] - at_once == row["present_after"]


def test_renames_agree_with_names_per_number_taken_from_the_bare_files(register):
    counted = []
    for before, after in pairwise(FILES[1:]):
        then = {number: name for name, number in lines_of(before) if number}
        now = {number: name for name, number in lines_of(after) if number}
        counted.append(sum(name_key(then[n]) != name_key(now[n]) for n in then.keys() & now.keys()))
    assert register.all_movements.filter("is_comparable")["renamed"].to_list() == counted


def test_the_ampersands_of_january_2025_are_no_renames(register):
    changed = register.spell("kvk:" + number_of("A&amp;S System Integrators B.V.", FILES[3]))
    assert changed["names"] == ["A&S System Integrators B.V."]
    assert changed["name_changes"] == 0


def number_of(name, path):
    return next(number for line, number in lines_of(path) if line == name)


def test_nxp_changed_its_number(register):
    old, new = register.spell("kvk:18084885"), register.spell("kvk:17070622")
    assert (old["exit_kind"], old["left_before"], old["related_key"]) == (
        "renumbered",
        date(2024, 12, 3),
        "kvk:17070622",
    )
    assert (new["entry_kind"], new["related_key"]) == ("renumbered", "kvk:18084885")


def test_montroos_left_and_came_back_as_a_company_under_another_number(register):
    assert register.kinds("kvk:35027818") == [("present_at_start", "left")]
    assert register.kinds("kvk:93438273") == [("renumbered", "still_present")]


def test_testingxperts_was_away_for_two_snapshots(register):
    assert register.kinds("kvk:68267711") == [("present_at_start", "left"), ("return", "still_present")]


def test_bodies_without_a_number_stay_who_they_are(register):
    bodies = register.all_spells.filter(pl.col("kvk").is_null())
    assert sorted(bodies["organisation"]) == [
        "Autoriteit Consument en Markt",
        "JETRO Amsterdam",
        "Korea Trade Center, Amsterdam",
        "Staatstoezicht op de Mijnen",
    ]
    assert set(bodies["exit_kind"]) == {"still_present"}


def test_numbers_that_share_a_name_are_not_joined(register):
    for number in ("55808379", "67265502", "14105702", "90348524"):
        assert register.spell(f"kvk:{number}")["related_key"] is None


def test_the_snapshot_of_2016_has_entries_by_name_and_no_spells(register):
    first = register.entries.filter(pl.col("snapshot_on") == date(2016, 7, 26))
    assert first["kvk"].null_count() == first.height == 4290
    assert register.all_spells["first_seen_on"].min() == date(2024, 8, 2)


def test_by_name_alone_less_than_half_of_2016_is_found_again_which_is_why_it_is_not_compared(register):
    names = [
        set(register.entries.filter(pl.col("snapshot_on") == day)["name_key"])
        for day in (date(2016, 7, 26), date(2024, 8, 2))
    ]
    assert (len(names[0]), len(names[0] & names[1])) == (4287, 1886)
