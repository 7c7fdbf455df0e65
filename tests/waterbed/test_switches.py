"""Who changed route: literal stays and refusals in, literal switches out."""

from datetime import date

from assets.waterbed.tables import write_switches
from tests.builders import warehouse_with

AS_OF = date(2026, 1, 1)


def switches(**tables):
    rows = {f"core.{name}": content for name, content in tables.items()}
    routes = [
        {"route": "hsm_30_plus", "counted_in": "ind_permits"},
        {"route": "gvva", "counted_in": "ind_permits"},
        {"route": "twv", "counted_in": "uwv_work_permits"},
    ]
    warehouse = warehouse_with({"core.routes": routes, **rows})
    with warehouse.writing() as session:
        write_switches(session, AS_OF, "run")
        found = session.table("estimates.switches")
    return [
        (r["subject_type"], r["subject_id"], r["from_route"], r["to_route"], r["left_on"], r["entered_on"],
         r["gap_days"], r["after_refusal"])
        for r in found.iter_rows(named=True)
    ]  # fmt: skip


def stay(person, route, starts_on, ends_on, sponsor=None):
    return {"person_id": person, "route": route, "starts_on": starts_on, "ends_on": ends_on, "sponsor_kvk": sponsor}


def test_a_person_who_comes_back_by_another_route_within_a_year_has_switched():
    found = switches(
        permit_spells=[
            stay("anna", "hsm_30_plus", date(2022, 1, 1), date(2023, 1, 10)),
            stay("anna", "gvva", date(2023, 2, 9), date(2024, 2, 9)),
        ]
    )
    assert found == [
        ("person", "anna", "hsm_30_plus", "gvva", date(2023, 1, 10), date(2023, 2, 9), 30, False),
    ]


def test_a_posting_and_a_work_permit_count_as_new_routes_too():
    found = switches(
        permit_spells=[stay("anna", "hsm_30_plus", date(2022, 1, 1), date(2023, 1, 10))],
        postings=[
            {"person_id": "anna", "route": "posting_third_country", "starts_on": date(2023, 3, 1),
             "ends_on": date(2023, 4, 1)}
        ],
    )  # fmt: skip
    assert [(row[3], row[6]) for row in found] == [("posting_third_country", 50)]


def test_after_more_than_a_year_it_is_a_new_start():
    found = switches(
        permit_spells=[
            stay("anna", "hsm_30_plus", date(2021, 1, 1), date(2022, 1, 10)),
            stay("anna", "gvva", date(2023, 2, 9), date(2024, 2, 9)),
        ]
    )
    assert found == []


def test_a_second_stay_on_the_same_route_is_no_switch():
    found = switches(
        permit_spells=[
            stay("anna", "gvva", date(2022, 1, 1), date(2022, 6, 1)),
            stay("anna", "gvva", date(2022, 9, 1), date(2023, 6, 1)),
        ]
    )
    assert found == []


def test_a_refused_person_who_is_admitted_on_another_route_has_switched_after_refusal():
    found = switches(
        permits=[
            {"person_id": "bert", "route": "hsm_30_plus", "decision": "refused", "decided_on": date(2023, 5, 1),
             "received_on": date(2023, 3, 1), "sponsor_kvk": None},
        ],
        permit_spells=[stay("bert", "gvva", date(2023, 8, 1), date(2024, 8, 1))],
    )  # fmt: skip
    assert found == [("person", "bert", "hsm_30_plus", "gvva", date(2023, 5, 1), date(2023, 8, 1), 92, True)]


def test_a_sponsor_that_turns_to_a_route_it_never_used_after_a_refusal_has_switched():
    permits = [
        {"person_id": "p1", "route": "hsm_30_plus", "decision": "refused", "decided_on": date(2023, 5, 1),
         "received_on": date(2023, 3, 1), "sponsor_kvk": "00000001"},
        {"person_id": "p2", "route": "gvva", "decision": "granted", "decided_on": date(2023, 8, 1),
         "received_on": date(2023, 7, 1), "sponsor_kvk": "00000001"},
    ]  # fmt: skip
    assert switches(permits=permits) == [
        ("sponsor", "00000001", "hsm_30_plus", "gvva", date(2023, 5, 1), date(2023, 7, 1), 61, True),
    ]


def test_a_sponsor_that_used_both_routes_all_along_has_not_switched():
    permits = [
        {"person_id": f"p{i}", "route": route, "decision": "granted", "decided_on": day, "received_on": day,
         "sponsor_kvk": "00000001"}
        for i, (route, day) in enumerate(
            [
                ("gvva", date(2022, 1, 5)),
                ("hsm_30_plus", date(2022, 2, 5)),
                ("gvva", date(2023, 1, 5)),
                ("hsm_30_plus", date(2023, 2, 5)),
            ]
        )
    ]  # fmt: skip
    assert switches(permits=permits) == []


def test_a_sponsor_that_gives_up_a_route_for_a_new_one_has_switched_without_refusal():
    permits = [
        {"person_id": "p1", "route": "hsm_30_plus", "decision": "granted", "decided_on": date(2023, 1, 9),
         "received_on": date(2023, 1, 5), "sponsor_kvk": "00000001"},
        {"person_id": "p2", "route": "gvva", "decision": "granted", "decided_on": date(2023, 7, 9),
         "received_on": date(2023, 7, 5), "sponsor_kvk": "00000001"},
    ]  # fmt: skip
    assert switches(permits=permits) == [
        ("sponsor", "00000001", "hsm_30_plus", "gvva", date(2023, 1, 5), date(2023, 7, 5), 181, False),
    ]


def test_nothing_delivered_gives_no_switches():
    assert switches() == []
