"""Requests to UWV: route and person."""

from tests.core.helpers import core

ROUTES = [
    ("twv", "regular", "twv"),
    ("twv", "seasonal", "twv_seasonal"),
    ("twv", "student", "twv_student"),
    ("twv", "asylum_seeker", "twv_asylum"),
    ("twv", "catering", "asian_catering"),
    ("twv", "trainee", "twv"),
    ("twv", "international_trade", "twv"),
    ("twv", "other", "twv"),
    ("gvva_advice", "regular", "gvva"),
    ("gvva_advice", "seasonal", "twv_seasonal"),
    ("gvva_advice", "catering", "asian_catering"),
    ("gvva_advice", "trainee", "learning_work"),
    ("gvva_advice", "student", "gvva"),
    ("gvva_advice", "other", "gvva"),
]


def test_kind_and_category_give_the_route() -> None:
    rows = [{"case_id": f"C{n:02}", "kind": k, "policy_category": c} for n, (k, c, _) in enumerate(ROUTES)]
    made = core({"raw.uwv_work_permits": rows}, "person_identifiers", "uwv_cases")["uwv_cases"]
    assert made.select("kind", "policy_category", "route").rows() == ROUTES


def test_the_v_number_tells_the_person_before_the_bsn_and_joins_them_never() -> None:
    made = core(
        {
            "raw.ind_permits": [{"v_number": "v1", "bsn": "b1"}, {"v_number": "v2", "bsn": "b2"}],
            "raw.uwv_work_permits": [
                {"case_id": "C1", "v_number": "v1", "bsn": "b2"},
                {"case_id": "C2", "bsn": "b2"},
                {"case_id": "C3"},
            ],
        },
        "person_identifiers",
        "uwv_cases",
    )
    person = dict(made["person_identifiers"].select("identifier", "person_id").iter_rows())
    assert made["uwv_cases"]["person_id"].to_list() == [person["v1"], person["v2"], None]
    assert person["v1"] != person["v2"]
