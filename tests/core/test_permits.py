"""Permits: route, salary norm, last day and sponsor."""

from datetime import date
from typing import Any

import pytest

from tests.core.helpers import core, day, one

MADE = ("salary_norms", "person_identifiers", "companies", "permits")


def permit(companies: tuple[dict[str, Any], ...] = (), **row: Any) -> dict[str, Any]:
    """The permit made from one partial row."""
    return one(core({"raw.ind_permits": [row], "raw.kvk_companies": list(companies)}, *MADE)["permits"])


ROUTES = [
    ("hsm", "hsm_30_plus", "hsm_30_plus"),
    ("hsm", "hsm_under_30", "hsm_under_30"),
    ("hsm", "hsm_reduced", "hsm_reduced"),
    ("hsm", "none", "hsm_no_norm"),
    ("blue_card", "blue_card", "blue_card"),
    ("blue_card", "blue_card_reduced", "blue_card_reduced"),
    ("blue_card", "hsm_30_plus", "blue_card"),
    ("ict_eu", "ict", "ict_eu"),
    ("gvva", "none", "gvva"),
    ("twv_seasonal", "none", "twv_seasonal"),
    ("researcher_801", "none", "researcher_801"),
    ("orientation_year", "none", "orientation_year"),
    ("self_employed", "none", "self_employed"),
    ("startup", "none", "startup"),
    ("startup_staff", "startup_staff", "startup_staff"),
    ("cross_border_service", "none", "cross_border_service"),
    ("learning_work", "none", "learning_work"),
    ("asian_catering", "none", "asian_catering"),
    ("investor", "none", "investor"),
]


def test_scheme_and_norm_give_the_route() -> None:
    rows = [{"scheme": scheme, "norm_category": norm} for scheme, norm, _ in ROUTES]
    made = core({"raw.ind_permits": rows}, *MADE)["permits"]
    assert made.select("scheme", "norm_category", "route").rows() == ROUTES


@pytest.mark.parametrize(("birth", "route"), [("1995-06-01", "hsm_under_30"), ("1990-06-01", "hsm_30_plus")])
def test_a_knowledge_migrant_under_the_norm_of_another_scheme_keeps_the_route_of_his_age(
    birth: str, route: str
) -> None:
    row = permit(scheme="hsm", norm_category="blue_card", birth_month=day(birth), received_on=day("2024-03-01"))
    assert row["route"] == route
    assert row["norm_category"] == "blue_card"
    assert row["norm_month_eur"] == 6245


NORMS = [
    ("hsm_30_plus", "2025-12-31", 5688),
    ("hsm_30_plus", "2026-01-01", 5942),
    ("hsm_under_30", "2026-01-01", 4357),
    ("hsm_reduced", "2026-01-01", 3122),
    ("blue_card", "2024-06-11", 6245),
    ("blue_card", "2024-06-12", 5331),
    ("blue_card_reduced", "2024-06-12", 4265),
    ("none", "2026-01-01", None),
    ("hsm_30_plus", "2012-12-31", None),
]


def test_the_norm_is_that_of_the_day_of_filing() -> None:
    rows = [{"norm_category": norm, "received_on": day(received)} for norm, received, _ in NORMS]
    made = core({"raw.ind_permits": rows}, *MADE)["permits"]
    assert made["norm_on"].to_list() == [day(received) for _, received, _ in NORMS]
    assert made["norm_month_eur"].to_list() == [norm for _, _, norm in NORMS]


def test_an_extension_takes_the_norm_of_its_own_filing() -> None:
    row = permit(
        norm_category="hsm_30_plus",
        application_kind="extension",
        received_on=day("2025-12-20"),
        valid_from=day("2026-02-01"),
        valid_until=day("2027-02-01"),
    )
    assert row["norm_month_eur"] == 5688


def test_a_change_of_employer_takes_the_norm_of_the_start_of_the_contract() -> None:
    row = permit(
        norm_category="hsm_30_plus",
        application_kind="change_of_employer",
        received_on=day("2025-12-20"),
        valid_from=day("2026-02-01"),
        valid_until=day("2027-02-01"),
    )
    assert row["norm_on"] == day("2026-02-01")
    assert row["norm_month_eur"] == 5942


def test_a_pending_change_of_employer_takes_the_norm_of_its_filing() -> None:
    row = permit(norm_category="hsm_30_plus", application_kind="change_of_employer", received_on=day("2025-12-20"))
    assert row["norm_on"] == day("2025-12-20")
    assert row["norm_month_eur"] == 5688


@pytest.mark.parametrize(("received", "norm"), [("2026-05-31", 4357), ("2026-06-30", 4357), ("2026-07-01", 5942)])
def test_a_transfer_within_a_group_has_a_lower_norm_until_the_month_of_thirty_has_passed(
    received: str, norm: float
) -> None:
    row = permit(scheme="ict_eu", norm_category="ict", birth_month=day("1996-06-01"), received_on=day(received))
    assert row["norm_month_eur"] == norm


@pytest.mark.parametrize(
    ("ended", "until", "last"),
    [
        (None, "2026-05-01", "2026-05-01"),
        ("2025-03-04", "2026-05-01", "2025-03-04"),
        ("2026-06-01", "2026-05-01", "2026-05-01"),
        (None, None, None),
    ],
)
def test_the_last_day_is_the_earlier_of_end_and_validity(
    ended: str | None, until: str | None, last: str | None
) -> None:
    row = permit(ended_on=ended and day(ended), valid_until=until and day(until))
    assert row["ends_on"] == (last and day(last))


def test_the_sponsor_gives_group_and_sector() -> None:
    company = {"kvk": "12345678", "group_id": "G1", "sbi": "62010"}
    row = permit((company,), sponsor_kvk="12345678", occupation_isco="2512")
    assert (row["sponsor_group_id"], row["sbi2"], row["occupation_group"]) == ("G1", "62", "25")


def test_a_sponsor_without_group_is_its_own_group() -> None:
    assert permit(({"kvk": "12345678"},), sponsor_kvk="12345678")["sponsor_group_id"] == "12345678"


def test_a_sponsor_that_the_trade_register_does_not_know_keeps_its_number() -> None:
    row = permit(sponsor_kvk="87654321")
    assert (row["sponsor_group_id"], row["sbi2"]) == ("87654321", None)


def test_only_the_newest_version_of_an_application_stands() -> None:
    rows = [
        {"application_id": "A000000001", "salary_month_eur": 5000.0, "valid_until_delivery": date(2024, 2, 1)},
        {"application_id": "A000000001", "salary_month_eur": 6000.0},
    ]
    assert one(core({"raw.ind_permits": rows}, *MADE)["permits"])["salary_month_eur"] == 6000


def test_permits_stand_in_order_of_their_number() -> None:
    rows = [{"application_id": f"A00000000{n}"} for n in (3, 1, 2)]
    made = core({"raw.ind_permits": rows}, *MADE)["permits"]
    assert made["application_id"].to_list() == ["A000000001", "A000000002", "A000000003"]
