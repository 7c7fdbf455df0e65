"""Notified workers, A1s, sightings and notices."""

from typing import Any

import polars as pl

from tests.core.helpers import core, day, one


def postings(*rows: dict[str, Any]) -> pl.DataFrame:
    """Postings of one notification, by document."""
    given = [{"notification_id": "N1", "worker_document": "anna", **row} for row in rows]
    made = core({"raw.szw_postings": given}, "person_identifiers", "postings")
    names = made["person_identifiers"].select("person_id", document="identifier")
    return made["postings"].join(names, on="person_id").sort("notification_id", "document")


def test_the_last_version_stands_and_the_first_tells_when_it_was_filed() -> None:
    row = one(
        postings(
            {"version": 2, "submitted_on": day("2024-02-01"), "ends_on": day("2024-06-30")},
            {"version": 1, "submitted_on": day("2024-01-01"), "ends_on": day("2024-03-31")},
        )
    )
    assert (row["version"], row["versions"]) == (2, 2)
    assert (row["submitted_on"], row["last_submitted_on"]) == (day("2024-01-01"), day("2024-02-01"))
    assert row["ends_on"] == day("2024-06-30")


def test_a_worker_who_was_dropped_keeps_his_own_last_version() -> None:
    made = postings({"version": 1}, {"version": 1, "worker_document": "ben"}, {"version": 2, "worker_document": "ben"})
    assert made.select("document", "version", "versions").rows() == [("anna", 1, 2), ("ben", 2, 2)]


def test_a_worker_who_was_added_counts_from_the_version_that_names_him() -> None:
    made = postings(
        {"version": 1, "submitted_on": day("2024-01-01")},
        {"version": 2, "submitted_on": day("2024-03-01")},
        {"version": 2, "submitted_on": day("2024-03-01"), "worker_document": "ben"},
    )
    assert made["submitted_on"].to_list() == [day("2024-01-01"), day("2024-03-01")]


def test_free_movement_tells_the_route() -> None:
    made = postings({"worker_free_movement": False}, {"worker_document": "ben", "worker_free_movement": True})
    assert made["route"].to_list() == ["posting_third_country", "posting_free_movement"]


def test_first_and_last_day_both_count() -> None:
    assert one(postings({"starts_on": day("2024-01-01"), "ends_on": day("2024-01-31")}))["days"] == 31
    assert one(postings({"starts_on": day("2024-01-01"), "ends_on": day("2024-01-01")}))["days"] == 1


def test_two_documents_of_one_person_in_one_notification_are_one_worker() -> None:
    permits = [{"v_number": "v", "travel_document": d} for d in ("anna-old", "anna-new")]
    notices = [
        {"notification_id": "N1", "version": 1, "worker_document": "anna-old"},
        {"notification_id": "N1", "version": 2, "worker_document": "anna-new"},
    ]
    made = core({"raw.ind_permits": permits, "raw.szw_postings": notices}, "person_identifiers", "postings")
    assert made["postings"]["version"].to_list() == [2]


def test_the_occupation_group_is_the_first_two_digits() -> None:
    assert one(postings({"occupation_isco": "7212"}))["occupation_group"] == "72"


def test_a_posting_a_certificate_and_a_sighting_of_one_document_name_one_person() -> None:
    made = core(
        {
            "raw.szw_postings": [{"worker_document": "anna"}],
            "raw.svb_a1": [{"worker_document": "anna"}],
            "raw.nla_sightings": [{"worker_document": "anna"}],
            "raw.ind_permits": [{"v_number": "v-anna", "travel_document": "anna"}],
            "raw.ind_sponsor_notices": [{"v_number": "v-anna"}],
        },
        "person_identifiers",
        "postings",
        "a1_certificates",
        "sightings",
        "sponsor_notices",
    )
    tables = ("postings", "a1_certificates", "sightings", "sponsor_notices")
    assert len({made[name]["person_id"].item() for name in tables}) == 1
