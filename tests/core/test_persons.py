"""Which numbers are one person, and what is known of him."""

import string
from itertools import permutations

import numpy as np
import polars as pl
import pytest

from assets.core.persons import identify
from tests.core.helpers import core, day

PERMIT = {"v_number": "v-anna", "bsn": "b-anna", "travel_document": "d-anna"}


def identified(*permits: tuple[str, str | None, str | None], alone: tuple[tuple[str, str], ...] = ()) -> dict[str, str]:
    """The person (named by a number) of each number, for permits (V-number, BSN, document)."""
    kinds = ("v_number", "bsn", "document")
    numbers = {(kind, n) for permit in permits for kind, n in zip(kinds, permit, strict=True) if n} | set(alone)
    links = {(p[0], kind, n) for p in permits for kind, n in zip(kinds[1:], p[1:], strict=True) if n}
    frame = pl.DataFrame(
        [(kind, n, n) for kind, n in sorted(numbers)],
        schema=dict.fromkeys(["identifier_kind", "identifier", "person_id"], pl.String),
        orient="row",
    )
    names = ["v_number", "identifier_kind", "identifier"]
    found = identify(frame, pl.DataFrame(sorted(links), schema=dict.fromkeys(names, pl.String), orient="row"))
    return dict(found.select("identifier", "person_id").iter_rows())


def test_a_permit_joins_v_number_bsn_and_document() -> None:
    assert identified(("v1", "b1", "d1")) == {"v1": "v1", "b1": "v1", "d1": "v1"}


def test_documents_and_a_later_bsn_of_one_v_number_are_one_person() -> None:
    assert set(identified(("v1", None, "d1"), ("v1", "b1", "d2")).values()) == {"v1"}


def test_a_new_document_does_not_rename_a_person() -> None:
    assert identified(("v1", "b1", "d1"), ("v1", "b1", "a-new-one"))["b1"] == "v1"


def test_two_v_numbers_with_one_bsn_are_one_person_registered_twice() -> None:
    assert identified(("v1", "b1", None), ("v2", "b1", None)) == {"v1": "v1", "v2": "v1", "b1": "v1"}


def test_a_document_of_two_v_numbers_with_different_bsns_joins_nobody() -> None:
    found = identified(("v1", "b1", "d1"), ("v2", "b2", "d1"))
    assert found == {"v1": "v1", "b1": "v1", "v2": "v2", "b2": "v2", "d1": "d1"}


def test_a_bsn_written_down_at_the_wrong_person_joins_nobody() -> None:
    found = identified(("v1", "b1", None), ("v1", "b2", None), ("v2", "b2", None))
    assert found["v1"] == found["b1"] == "v1"
    assert found["v2"] == "v2"
    assert found["b2"] == "b2"


def test_a_number_shared_by_three_v_numbers_joins_nobody() -> None:
    found = identified(("v1", "b1", "d0"), ("v2", None, "d0"), ("v3", None, "d0"))
    assert found == {"v1": "v1", "b1": "v1", "v2": "v2", "v3": "v3", "d0": "d0"}


def test_a_chain_of_shared_documents_joins_nobody() -> None:
    found = identified(("v1", None, "d1"), ("v2", None, "d1"), ("v2", None, "d2"), ("v3", None, "d2"))
    assert [found[v] for v in ("v1", "v2", "v3")] == ["v1", "v2", "v3"]


def test_a_chain_takes_nothing_from_the_own_numbers_of_its_links() -> None:
    found = identified(
        ("v1", "b1", "d1"), ("v2", None, "d1"), ("v2", None, "d2"), ("v3", None, "d2"), ("v3", None, "d3")
    )
    assert found["b1"] == "v1"
    assert found["d3"] == "v3"


def test_numbers_that_no_permit_names_are_persons_of_their_own() -> None:
    found = identified(("v1", "b1", None), alone=(("bsn", "b9"), ("document", "d9")))
    assert found["b9"] == "b9"
    assert found["d9"] == "d9"


def test_one_text_as_bsn_and_as_document_is_two_numbers() -> None:
    frame = pl.DataFrame(
        {
            "identifier_kind": ["bsn", "document"],
            "identifier": ["same", "same"],
            "person_id": ["by-bsn", "by-document"],
        }
    )
    links = pl.DataFrame(schema=dict.fromkeys(["v_number", "identifier_kind", "identifier"], pl.String))
    assert identify(frame, links)["person_id"].to_list() == ["by-bsn", "by-document"]


def test_the_order_of_rows_does_not_matter() -> None:
    permits = [("v1", "b1", "d1"), ("v2", "b1", None), ("v3", None, "d3")]
    assert len({tuple(sorted(identified(*order).items())) for order in permutations(permits)}) == 1


def test_other_persons_do_not_change_a_person() -> None:
    before = identified(("v5", "b5", "d5"))
    after = identified(("v5", "b5", "d5"), ("v1", "b1", "d1"), ("v9", "b9", "d9"))
    assert before.items() <= after.items()


def test_no_numbers_give_no_persons() -> None:
    assert identified() == {}


def test_a_hundred_thousand_persons_are_identified_without_a_loop() -> None:
    size = 100_000
    names = pl.Series([str(n) for n in range(size)])
    frame = pl.concat(
        pl.DataFrame({"identifier_kind": pl.repeat(kind, size, eager=True), "identifier": kind + names})
        for kind in ("v_number", "bsn", "document")
    ).with_columns(person_id=pl.col("identifier"))
    links = pl.concat(
        pl.DataFrame(
            {"v_number": "v_number" + names, "identifier_kind": pl.repeat(k, size, eager=True), "identifier": k + names}
        )
        for k in ("bsn", "document")
    )
    found = identify(frame, links)
    assert found["person_id"].n_unique() == size
    assert np.all(found.group_by("person_id").len()["len"].to_numpy() == 3)


def test_the_feeds_give_their_numbers_and_only_permits_join_them() -> None:
    made = core(
        {
            "raw.ind_permits": [PERMIT],
            "raw.uwv_wages": [{"bsn": "b-anna"}, {"bsn": "b-other"}],
            "raw.uwv_work_permits": [{"v_number": "v-anna", "bsn": "b-third"}],
            "raw.szw_postings": [{"worker_document": "d-anna"}],
            "raw.svb_a1": [{"worker_document": "d-a1"}],
            "raw.nla_sightings": [{"worker_document": "d-seen"}],
            "raw.ind_sponsor_notices": [{"v_number": "v-noticed"}],
            "raw.kvk_officers": [{"officer_bsn": "b-director"}],
        },
        "person_identifiers",
    )["person_identifiers"]
    person = dict(made.select("identifier", "person_id").iter_rows())
    assert person["v-anna"] == person["b-anna"] == person["d-anna"]
    assert len(set(person.values())) == 6
    assert "b-third" in person
    assert "b-director" not in person


def test_a_person_id_is_letters_and_not_a_number_that_was_delivered() -> None:
    made = core({"raw.ind_permits": [PERMIT]}, "person_identifiers")["person_identifiers"]
    (person,) = set(made["person_id"])
    assert set(person) <= set(string.ascii_lowercase)
    assert len(person) == 32


def test_a_superseded_row_speaks_of_nobody() -> None:
    rows = [{**PERMIT, "valid_until_delivery": day("2024-02-01")}]
    assert core({"raw.ind_permits": rows}, "person_identifiers")["person_identifiers"].is_empty()


def persons(rows: dict) -> pl.DataFrame:  # type: ignore[type-arg] # rows of any feed
    return core(rows, "person_identifiers", "persons")["persons"]


def test_a_person_is_known_from_the_first_record_that_speaks_of_him() -> None:
    made = persons(
        {
            "raw.ind_permits": [{**PERMIT, "received_on": day("2024-03-01"), "birth_month": day("1990-05-01")}],
            "raw.szw_postings": [{"worker_document": "d-anna", "submitted_on": day("2023-06-01")}],
            "raw.uwv_wages": [{"bsn": "b-anna", "period_start": day("2024-04-01")}],
        }
    )
    (row,) = made.to_dicts()
    assert row["first_seen_on"] == day("2023-06-01")
    assert row["birth_month"] == day("1990-05-01")
    assert row["free_movement"] is False
    assert row["identifiers"] == 3
    assert row["is_ambiguous"] is False


@pytest.mark.parametrize(
    ("feed", "row", "seen"),
    [
        ("ind_permits", {"received_on": day("2024-02-03")}, "2024-02-03"),
        ("uwv_work_permits", {"v_number": "v", "received_on": day("2024-02-03")}, "2024-02-03"),
        ("uwv_work_permits", {"bsn": "b", "received_on": day("2024-02-03")}, "2024-02-03"),
        ("ind_sponsor_notices", {"received_on": day("2024-02-03")}, "2024-02-03"),
        ("uwv_wages", {"period_start": day("2024-02-03")}, "2024-02-03"),
        ("szw_postings", {"submitted_on": day("2024-02-03")}, "2024-02-03"),
        ("svb_a1", {"issued_on": day("2024-02-03")}, "2024-02-03"),
        ("nla_sightings", {"seen_on": day("2024-02-03")}, "2024-02-03"),
    ],
)
def test_every_feed_makes_its_persons_known(feed: str, row: dict, seen: str) -> None:  # type: ignore[type-arg] # any feed
    (person,) = persons({f"raw.{feed}": [row]}).to_dicts()
    assert person["first_seen_on"] == day(seen)
    assert person["identifiers"] == 1


def test_the_newest_word_on_free_movement_stands() -> None:
    made = persons(
        {
            "raw.nla_sightings": [
                {"worker_document": "d", "seen_on": day("2024-01-01"), "worker_free_movement": False},
                {"worker_document": "d", "seen_on": day("2025-01-01"), "worker_free_movement": True},
            ]
        }
    )
    assert made["free_movement"].to_list() == [True]


def test_free_movement_is_empty_where_nothing_tells_it() -> None:
    assert persons({"raw.uwv_wages": [{}]})["free_movement"].to_list() == [None]


def test_persons_whose_number_is_shared_too_widely_are_marked_and_others_are_not() -> None:
    made = core(
        {
            "raw.ind_permits": [
                {"v_number": "v1", "travel_document": "shared"},
                {"v_number": "v2", "travel_document": "shared"},
                {"v_number": "v3", "travel_document": "shared"},
                {"v_number": "v4", "travel_document": "own"},
            ]
        },
        "person_identifiers",
        "persons",
    )
    person = dict(made["person_identifiers"].select("identifier", "person_id").iter_rows())
    ambiguous = set(made["persons"].filter(pl.col("is_ambiguous"))["person_id"])
    assert ambiguous == {person[n] for n in ("v1", "v2", "v3", "shared")}


def ambiguous(postings: list, permits: list = []) -> list[bool]:  # type: ignore[type-arg] # noqa: B006 - read only
    return persons({"raw.szw_postings": postings, "raw.ind_permits": permits})["is_ambiguous"].to_list()


def notified(number: str, birth: str | None, version: int = 1) -> dict[str, object]:
    born = day(birth) if birth else None
    return {"notification_id": number, "version": version, "worker_document": "d-anna", "worker_birth_month": born}


def test_a_document_that_carries_two_months_of_birth_stands_for_more_than_one_person() -> None:
    assert ambiguous([notified("n1", "1980-05-01"), notified("n2", "1991-02-01")]) == [True]
    assert ambiguous([notified("n1", "1980-05-01"), notified("n2", "1980-05-01"), notified("n3", None)]) == [False]


def test_a_document_of_a_permit_that_is_notified_with_another_month_of_birth_is_doubtful_too() -> None:
    permit = {**PERMIT, "birth_month": day("1980-05-01")}
    assert ambiguous([notified("n1", "1991-02-01")], [permit]) == [True]
    assert ambiguous([notified("n1", "1980-05-01")], [permit]) == [False]


def test_a_month_of_birth_that_was_put_right_is_no_contradiction() -> None:
    assert ambiguous([notified("n1", "1980-05-01"), notified("n1", "1991-02-01", version=2)]) == [False]
    earlier = {**PERMIT, "application_id": "A1", "received_on": day("2023-01-05"), "birth_month": day("1980-05-01")}
    later = {**PERMIT, "application_id": "A2", "received_on": day("2024-01-05"), "birth_month": day("1981-05-01")}
    assert ambiguous([], [earlier, later]) == [False]


def test_two_v_numbers_on_one_document_with_two_months_of_birth_are_doubtful() -> None:
    twice = [
        {"v_number": f"v{n}", "bsn": None, "travel_document": "d", "birth_month": day(f"198{n}-05-01")} for n in (1, 2)
    ]
    assert ambiguous([], twice) == [True]


def test_an_officer_is_a_person_only_when_the_study_knows_his_bsn() -> None:
    made = core(
        {
            "raw.ind_permits": [PERMIT],
            "raw.kvk_officers": [
                {"officer_number": "o1", "officer_bsn": "b-anna"},
                {"officer_number": "o2", "officer_bsn": "b-dutch"},
                {"officer_number": "o3"},
            ],
        },
        "person_identifiers",
        "officers",
        "persons",
    )
    anna = made["persons"]["person_id"].item()
    assert dict(made["officers"].select("officer_number", "person_id").iter_rows()) == {
        "o1": anna,
        "o2": None,
        "o3": None,
    }
