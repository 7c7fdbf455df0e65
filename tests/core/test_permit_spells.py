"""Unbroken stays, admissions and where people came from."""

from typing import Any

import polars as pl

from tests.core.helpers import core, day, one


def spells(*permits: dict[str, Any]) -> pl.DataFrame:
    """Stays made from granted permits of one person, in order of start."""
    granted = [
        {
            "person_id": "anna",
            "route": "hsm_30_plus",
            "sponsor_kvk": "11111111",
            "application_id": f"A{number}",
            "decision": "granted",
            **{k: day(v) if k in ("valid_from", "ends_on") else v for k, v in row.items()},
        }
        for number, row in enumerate(permits, start=1)
    ]
    return core({"core.permits": granted}, "permit_spells")["permit_spells"].sort("starts_on", "route", "sponsor_kvk")


def stay(start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"valid_from": start, "ends_on": end, **more}


def test_permits_that_follow_each_other_are_one_stay() -> None:
    row = one(spells(stay("2024-01-01", "2024-12-31"), stay("2025-01-01", "2026-12-31")))
    assert (row["starts_on"], row["ends_on"], row["permits"]) == (day("2024-01-01"), day("2026-12-31"), 2)
    assert row["application_ids"] == ["A1", "A2"]
    assert row["is_admission"]
    assert row["previous_route"] is None


def test_permits_that_overlap_are_one_stay_that_ends_with_the_longest() -> None:
    row = one(
        spells(stay("2024-01-01", "2026-12-31"), stay("2024-06-01", "2024-12-31"), stay("2026-06-01", "2026-10-01"))
    )
    assert (row["ends_on"], row["permits"]) == (day("2026-12-31"), 3)


def test_one_day_between_two_permits_is_no_gap_and_two_are() -> None:
    assert spells(stay("2024-01-01", "2024-12-30"), stay("2025-01-01", "2025-12-31")).height == 1
    assert spells(stay("2024-01-01", "2024-12-29"), stay("2025-01-01", "2025-12-31")).height == 2


def test_a_return_within_thirty_days_is_a_new_stay_and_no_admission() -> None:
    made = spells(stay("2024-01-01", "2024-12-01"), stay("2024-12-31", "2025-12-31"))
    assert made["is_admission"].to_list() == [True, False]
    assert made["previous_route"].to_list() == [None, "hsm_30_plus"]


def test_a_return_after_thirty_days_is_an_admission() -> None:
    made = spells(stay("2024-01-01", "2024-11-30"), stay("2024-12-31", "2025-12-31"))
    assert made["is_admission"].to_list() == [True, True]


def test_another_sponsor_is_another_stay_and_no_admission() -> None:
    made = spells(stay("2024-01-01", "2024-12-31"), stay("2025-01-01", "2025-12-31", sponsor_kvk="22222222"))
    assert made["sponsor_kvk"].to_list() == ["11111111", "22222222"]
    assert made["is_admission"].to_list() == [True, False]


def test_another_route_is_an_admission_that_knows_where_it_came_from() -> None:
    made = spells(
        stay("2023-01-01", "2023-12-31", route="orientation_year", sponsor_kvk=None),
        stay("2024-02-01", "2024-12-31"),
    )
    assert made["is_admission"].to_list() == [True, True]
    assert made["previous_route"].to_list() == [None, "orientation_year"]


def test_a_route_left_more_than_ninety_days_ago_is_forgotten() -> None:
    near = spells(stay("2023-01-01", "2023-12-31", route="gvva"), stay("2024-03-30", "2024-12-31"))
    far = spells(stay("2023-01-01", "2023-12-31", route="gvva"), stay("2024-03-31", "2024-12-31"))
    assert near["previous_route"].to_list() == [None, "gvva"]
    assert far["previous_route"].to_list() == [None, None]


def test_a_route_that_still_ran_when_the_next_began_is_where_the_person_came_from() -> None:
    made = spells(stay("2023-01-01", "2025-12-31", route="gvva"), stay("2024-03-01", "2024-12-31"))
    assert made["previous_route"].to_list() == [None, "gvva"]


def test_of_several_earlier_stays_the_one_begun_last_counts() -> None:
    made = spells(
        stay("2022-01-01", "2024-01-31", route="gvva"),
        stay("2023-01-01", "2024-01-15", route="orientation_year"),
        stay("2024-02-01", "2024-12-31"),
    )
    assert made["previous_route"].to_list() == [None, "gvva", "orientation_year"]


def test_of_two_stays_begun_on_one_day_neither_came_from_the_other() -> None:
    made = spells(stay("2024-01-01", "2024-06-30", route="gvva"), stay("2024-01-01", "2024-12-31"))
    assert made["previous_route"].to_list() == [None, None]


def test_permits_without_sponsor_form_one_stay() -> None:
    made = spells(
        stay("2024-01-01", "2024-12-31", sponsor_kvk=None), stay("2025-01-01", "2025-12-31", sponsor_kvk=None)
    )
    assert one(made)["permits"] == 2


def test_only_granted_permits_make_a_stay() -> None:
    assert spells(
        stay("2024-01-01", "2024-12-31", decision="refused"),
        stay("2024-01-01", "2024-12-31", decision=None),
        {"valid_from": "2024-01-01"},
    ).is_empty()


def test_a_permit_that_ended_before_it_began_is_no_stay() -> None:
    assert spells(stay("2024-02-01", "2024-01-15")).is_empty()


def test_sector_and_occupation_are_those_of_the_first_permit() -> None:
    row = one(
        spells(
            stay("2024-01-01", "2024-12-31", sbi2="62", occupation_group="25"),
            stay("2025-01-01", "2025-12-31", sbi2="70", occupation_group="12"),
        )
    )
    assert (row["sbi2"], row["occupation_group"]) == ("62", "25")


def test_the_name_of_a_stay_does_not_change_when_it_is_prolonged_or_others_are_added() -> None:
    first = spells(stay("2024-01-01", "2024-12-31"))["spell_id"].to_list()
    prolonged = spells(stay("2024-01-01", "2024-12-31"), stay("2025-01-01", "2026-12-31"))["spell_id"].to_list()
    other = spells(stay("2024-01-01", "2024-12-31"), stay("2023-01-01", "2023-06-01", person_id="ben"))
    assert first == prolonged
    assert first[0] in other["spell_id"].to_list()
    assert other["spell_id"].n_unique() == 2
