"""Flow by month, route, sector, occupation group and company."""

import random
from typing import Any

import polars as pl
import pytest

from quality.contract import product_tables
from tests.core.helpers import core, day

KEY = [f.name for f in product_tables()["core.flows"].key]


def flows(**tables: list[dict[str, Any]]) -> pl.DataFrame:
    """Flows from literal core tables; stays follow from the permits."""
    given = {f"core.{name}": rows for name, rows in tables.items()}
    return core(given, "routes", "permit_spells", "flows")["flows"]


def permit(number: int, **row: Any) -> dict[str, Any]:
    base = {
        "application_id": f"A{number}",
        "person_id": "anna",
        "route": "hsm_30_plus",
        "application_kind": "first",
        "received_on": day("2024-01-15"),
        "sponsor_kvk": "11111111",
        "sbi2": "62",
        "occupation_group": "25",
    }
    return {**base, **row}


def granted(number: int, start: str, end: str, **row: Any) -> dict[str, Any]:
    until = {"valid_until": day(end), "ends_on": day(end)}
    return permit(number, decision="granted", valid_from=day(start), **{**until, **row})


def totals(frame: pl.DataFrame) -> tuple[int, int, int]:
    return tuple(frame.select(pl.col("applications", "admissions", "refusals").sum()).row(0))  # type: ignore[return-value]


def test_an_admission_is_counted_in_the_month_of_receipt() -> None:
    made = flows(permits=[granted(1, "2024-03-01", "2025-02-28", salary_month_eur=5000.0)])
    (row,) = made.to_dicts()
    assert [row[name] for name in KEY] == [day("2024-01-01"), "hsm_30_plus", "62", "25", "11111111"]
    assert (row["applications"], row["admissions"], row["refusals"]) == (1, 1, 0)
    assert row["person_months"] == pytest.approx(365 / 30.4375)
    assert row["salary_month_eur_mean"] == 5000


def test_a_renewal_and_a_change_of_employer_are_applications_and_no_admissions() -> None:
    made = flows(
        permits=[
            granted(1, "2023-01-01", "2023-12-31"),
            granted(2, "2024-01-01", "2024-12-31", application_kind="extension"),
            granted(3, "2025-01-01", "2025-12-31", application_kind="change_of_employer", sponsor_kvk="22222222"),
        ]
    )
    assert totals(made) == (3, 1, 0)


def test_an_extension_without_a_known_first_permit_is_no_admission() -> None:
    made = flows(permits=[granted(1, "2024-01-01", "2024-12-31", application_kind="extension")])
    assert totals(made) == (1, 0, 0)
    assert made["person_months"].to_list() == [0]


def test_a_change_of_purpose_is_an_admission_on_the_new_route() -> None:
    made = flows(
        permits=[
            granted(1, "2023-01-01", "2023-12-31", route="orientation_year"),
            granted(2, "2024-01-01", "2024-12-31", application_kind="change_of_purpose"),
        ]
    )
    assert dict(made.select("route", "admissions").iter_rows()) == {"hsm_30_plus": 1, "orientation_year": 1}


def test_refused_and_pending_applications_are_no_admissions() -> None:
    made = flows(permits=[permit(1, decision="refused"), permit(2), permit(3, decision="withdrawn")])
    assert totals(made) == (3, 0, 1)


def test_months_of_stay_are_those_granted_not_those_used() -> None:
    made = flows(permits=[granted(1, "2024-01-01", "2024-12-31", ends_on=day("2024-02-01"))])
    assert made["person_months"].to_list() == [pytest.approx(366 / 30.4375)]


def test_what_is_not_known_is_called_unknown() -> None:
    made = flows(permits=[permit(1, sponsor_kvk=None, sbi2=None, occupation_group=None)])
    assert made.select("sbi2", "occupation_group", "company").rows() == [("unknown", "unknown", "unknown")]


def case(number: int, **row: Any) -> dict[str, Any]:
    base = {
        "case_id": f"C{number}",
        "kind": "twv",
        "route": "twv",
        "employer_kvk": "33333333",
        "received_on": day("2024-01-15"),
    }
    return {**base, **row}


def positive(number: int, start: str, end: str, **row: Any) -> dict[str, Any]:
    return case(number, outcome="positive", valid_from=day(start), valid_until=day(end), **row)


def test_work_permits_count_and_take_the_sector_of_the_employer_where_the_request_names_none() -> None:
    made = flows(
        uwv_cases=[positive(1, "2024-02-01", "2024-04-30"), case(2, outcome="negative", sbi2="56")],
        companies=[{"kvk": "33333333", "sbi2": "01"}],
    )
    assert made.select("sbi2", "applications", "admissions", "refusals").rows() == [("01", 1, 1, 0), ("56", 1, 0, 1)]


def test_a_work_permit_of_the_same_person_that_follows_at_once_is_no_admission() -> None:
    made = flows(
        uwv_cases=[
            positive(1, "2024-02-01", "2024-04-30", person_id="anna"),
            positive(2, "2024-05-01", "2024-07-31", person_id="anna"),
            positive(3, "2024-09-01", "2024-10-31", person_id="anna"),
        ]
    )
    assert totals(made) == (3, 2, 0)


def test_work_permits_of_unknown_persons_are_admissions_each() -> None:
    made = flows(uwv_cases=[positive(1, "2024-02-01", "2024-04-30"), positive(2, "2024-05-01", "2024-07-31")])
    assert totals(made) == (2, 2, 0)


def test_nobody_is_counted_in_two_feeds() -> None:
    made = flows(
        permits=[
            granted(n, "2024-01-01", "2024-06-30", route=route) for n, route in enumerate(("twv_seasonal", "gvva"))
        ],
        uwv_cases=[
            positive(1, "2024-01-01", "2024-06-30", route="twv_seasonal"),
            positive(2, "2024-01-01", "2024-06-30", route="gvva", kind="gvva_advice"),
            positive(3, "2024-01-01", "2024-06-30", route="asian_catering"),
        ],
    )
    assert made.select("route", "applications").rows() == [("gvva", 1), ("twv_seasonal", 1)]


def posting(number: int, start: str, end: str, **row: Any) -> dict[str, Any]:
    days = (day(end) - day(start)).days + 1
    base = {
        "notification_id": f"N{number}",
        "person_id": "anna",
        "route": "posting_third_country",
        "client_kvk": "44444444",
        "sbi2": "41",
        "starts_on": day(start),
        "ends_on": day(end),
        "days": days,
        "hourly_wage_eur": 20.0,
    }
    return {**base, **row}


def test_postings_are_counted_in_the_month_of_the_first_day_of_work_without_a_monthly_wage() -> None:
    made = flows(postings=[posting(1, "2024-02-10", "2024-03-10", submitted_on=day("2024-01-05"))])
    (row,) = made.to_dicts()
    assert (row["month"], row["company"], row["sbi2"]) == (day("2024-02-01"), "44444444", "41")
    assert (row["applications"], row["admissions"], row["salary_month_eur_mean"]) == (1, 1, None)
    assert row["person_months"] == pytest.approx(30 / 30.4375)


def test_a_posting_that_goes_on_under_a_new_notification_is_one_admission() -> None:
    made = flows(
        postings=[
            posting(1, "2024-02-01", "2024-03-31"),
            posting(2, "2024-04-15", "2024-05-31"),
            posting(3, "2024-08-01", "2024-08-31"),
        ]
    )
    assert totals(made) == (3, 2, 0)


def test_flows_stand_in_order_of_their_key() -> None:
    rows = [
        permit(n, received_on=day(f"2024-0{m}-01"), route=r)
        for n, (m, r) in enumerate([(3, "gvva"), (1, "twv_seasonal"), (1, "gvva")])
    ]
    made = flows(permits=rows)
    assert made.select(KEY).rows() == made.select(KEY).sort(KEY).rows()
    assert made.height == 3


def test_the_mean_salary_does_not_depend_on_the_order_of_the_rows() -> None:
    """The mean lies exactly between two cents: the error of a sum of doubles, in this order or that, would decide."""
    salaries = [3950.77, 6715.29, 5066.84, 6243.0, 4588.1, 6601.16, 2882.1, 4440.94]
    orders = [random.Random(seed).sample(salaries, len(salaries)) for seed in range(8)]
    rows = [
        permit(10 * month + place, received_on=day(f"2024-0{month}-15"), salary_month_eur=salary)
        for month, order in enumerate(orders, start=1)
        for place, salary in enumerate(order)
    ]
    assert flows(permits=rows)["salary_month_eur_mean"].n_unique() == 1
