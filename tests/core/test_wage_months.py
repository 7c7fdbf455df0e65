"""Wage returns made comparable."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from assets.core.facility import facility_parameters
from tests.core.helpers import AS_OF, core, day, one

NUMBER = "123456789L01"


def wages(
    *rows: dict[str, Any], other: tuple[dict[str, Any], ...] = (), as_of: date = AS_OF, **tables: Any
) -> pl.DataFrame:
    """Wage months of one income relation, in order; `other` are returns of others, and are left out."""
    own = [{"bsn": "anna", "employer_number": NUMBER, **dated(row)} for row in rows]
    feeds = {"raw.uwv_wages": [*own, *map(dated, other)], **tables}
    made = core(feeds, "person_identifiers", "wage_months", as_of=as_of)
    person = made["person_identifiers"].filter(pl.col("identifier") == "anna")["person_id"].item()
    return made["wage_months"].filter(pl.col("person_id") == person).sort("month")


def dated(row: dict[str, Any]) -> dict[str, Any]:
    return {k: day(v) if k.startswith("period_") else v for k, v in row.items()}


def period(start: str, end: str, wage: float = 3000.0, **more: Any) -> dict[str, Any]:
    amounts = {"contract_wage_eur": wage, "wage_in_money_eur": wage, "taxable_wage_eur": wage, "hours_paid": 160}
    return {"period_start": start, "period_end": end, **amounts, **more}


JANUARY = ("2024-01-01", "2024-01-31")
FEBRUARY = ("2024-02-01", "2024-02-29")
MARCH = ("2024-03-01", "2024-03-31")


def test_a_calendar_month_is_taken_as_it_is() -> None:
    row = one(wages(period(*JANUARY)))
    assert row["month"] == day("2024-01-01")
    assert (row["period_start"], row["period_end"]) == (day("2024-01-01"), day("2024-01-31"))
    assert (row["period_kind"], row["periods"], row["covered_share"]) == ("month", 1, 1)
    assert row["comparable_wage_month_eur"] == 3000
    assert row["comparable_wage_source"] == "contract"
    assert row["hours_paid"] == 160


def test_four_weeks_are_worth_twelve_thirteenths_of_a_month() -> None:
    row = one(wages(period("2024-01-22", "2024-02-18")))
    assert row["month"] == day("2024-02-01")
    assert (row["period_kind"], row["covered_share"]) == ("four_weeks", 1)
    assert row["comparable_wage_month_eur"] == 3250


@pytest.mark.parametrize(("start", "month"), [("2024-01-18", "2024-01-01"), ("2024-01-19", "2024-02-01")])
def test_a_period_belongs_to_the_month_of_its_middle_day(start: str, month: str) -> None:
    first = day(start)
    made = wages({**period(start, start), "period_end": first.fromordinal(first.toordinal() + 27).isoformat()})
    assert one(made)["month"] == day(month)


def test_two_four_week_periods_in_one_month_are_averaged() -> None:
    row = one(wages(period("2023-12-19", "2024-01-15", 3000.0), period("2024-01-16", "2024-02-12", 3120.0)))
    assert (row["period_kind"], row["periods"], row["covered_share"]) == ("four_weeks", 2, 1)
    assert row["comparable_wage_month_eur"] == 3315
    assert (row["period_start"], row["period_end"]) == (day("2023-12-19"), day("2024-02-12"))
    assert row["hours_paid"] == 320


def test_thirteen_periods_a_year_give_the_wage_of_the_year() -> None:
    start = day("2024-01-01").toordinal()
    rows = [
        period(date.fromordinal(start + 28 * n).isoformat(), date.fromordinal(start + 28 * n + 27).isoformat())
        for n in range(13)
    ]
    made = wages(*rows)
    assert made["periods"].sum() == 13
    assert made["comparable_wage_month_eur"].unique().to_list() == [3250]
    assert made["period_kind"].unique().to_list() == ["four_weeks"]


def test_a_part_of_a_month_is_scaled_to_the_whole() -> None:
    row = one(wages(period("2024-01-17", "2024-01-31", 1500.0)))
    assert row["period_kind"] == "part"
    assert row["covered_share"] == pytest.approx(15 / 31)
    assert row["comparable_wage_month_eur"] == 3100
    assert row["is_part_period"]


def test_a_part_at_a_four_weekly_payroll_is_a_part_of_four_weeks() -> None:
    made = wages(period("2024-01-15", "2024-01-28", 1500.0), period("2024-01-29", "2024-02-25"))
    assert made["period_kind"].to_list() == ["part", "four_weeks"]
    assert made["covered_share"].to_list() == [0.5, 1]
    assert made["comparable_wage_month_eur"].to_list() == [3250, 3250]


def test_a_part_across_two_months_is_a_part_of_four_weeks() -> None:
    row = one(wages(period("2024-01-29", "2024-02-11", 1500.0)))
    assert (row["period_kind"], row["covered_share"]) == ("part", 0.5)
    assert row["comparable_wage_month_eur"] == 3250


def test_a_lone_part_follows_the_other_workers_of_its_payroll_number() -> None:
    part = period("2024-01-15", "2024-01-28", 1500.0)
    colleague = period("2024-01-29", "2024-02-25", bsn="ben", employer_number=NUMBER)
    stranger = period("2024-01-29", "2024-02-25", bsn="ben", employer_number="999999999L01")
    assert one(wages(part, other=(colleague,)))["comparable_wage_month_eur"] == 3250
    assert one(wages(part, other=(stranger,)))["comparable_wage_month_eur"] == pytest.approx(1500 * 31 / 14, abs=0.01)


def test_february_of_a_common_year_is_a_month_at_a_monthly_payroll() -> None:
    made = wages(period("2021-01-01", "2021-01-31"), period("2021-02-01", "2021-02-28"))
    assert made["period_kind"].to_list() == ["month", "month"]
    assert made["comparable_wage_month_eur"].to_list() == [3000, 3000]


def test_february_of_a_common_year_is_four_weeks_at_a_four_weekly_payroll() -> None:
    made = wages(period("2021-01-04", "2021-01-31"), period("2021-02-01", "2021-02-28"))
    assert made["period_kind"].to_list() == ["four_weeks", "four_weeks"]
    assert made["comparable_wage_month_eur"].to_list() == [3250, 3250]


def test_parts_that_fill_a_month_give_one_full_month() -> None:
    row = one(wages(period("2024-01-01", "2024-01-15", 1500.0), period("2024-01-16", "2024-01-31", 1600.0)))
    assert (row["period_kind"], row["periods"], row["covered_share"]) == ("part", 2, 1)
    assert row["comparable_wage_month_eur"] == 3100


def test_a_period_longer_than_a_month_is_scaled_down() -> None:
    row = one(wages(period("2024-01-01", "2024-12-31", 36600.0)))
    assert (row["period_kind"], row["covered_share"]) == ("other", 1)
    assert row["comparable_wage_month_eur"] == pytest.approx(36600 / 366 * 30.4375, abs=0.01)


def test_without_contract_wage_the_paid_wage_less_holiday_allowance_and_extras_counts() -> None:
    row = one(
        wages(
            period(
                *JANUARY,
                contract_wage_eur=None,
                wage_in_money_eur=5000.0,
                taxable_wage_eur=4600.0,
                holiday_allowance_eur=1200.0,
                extra_wage_eur=300.0,
            )
        )
    )
    assert row["comparable_wage_month_eur"] == 3500
    assert row["comparable_wage_source"] == "paid"
    assert row["paid_wage_month_eur"] == 3500
    assert row["taxable_wage_month_eur"] == 3100


def test_a_contract_wage_stands_beside_another_paid_wage() -> None:
    row = one(wages(period(*JANUARY, contract_wage_eur=4000.0, wage_in_money_eur=3600.0)))
    assert (row["comparable_wage_month_eur"], row["paid_wage_month_eur"]) == (4000, 3600)


def test_the_facility_wage_undoes_thirty_percent_of_untaxed_pay() -> None:
    row = one(wages(period(*JANUARY, 3500.0, taxable_wage_eur=3500.0)))
    assert row["facility_wage_month_eur"] == 5000


def test_the_facility_wage_is_never_below_the_comparable_wage() -> None:
    row = one(wages(period(*JANUARY, 5000.0, taxable_wage_eur=1000.0)))
    assert row["facility_wage_month_eur"] == 5000


def test_from_2027_the_facility_leaves_out_twenty_seven_percent() -> None:
    row = one(wages(period("2027-01-01", "2027-01-31", 3650.0, taxable_wage_eur=3650.0), as_of=day("2027-06-01")))
    assert row["facility_wage_month_eur"] == 5000


def test_the_shares_of_the_facility_follow_each_other_without_gap() -> None:
    given: Any = facility_parameters()
    for until, start in zip(given["facility_until"], given["facility_from"][1:], strict=False):
        assert (start - until).days == 1
    assert all(0 < share < 1 for share in given["facility_share"])


def test_the_first_period_of_a_relation_is_marked_and_the_next_is_not() -> None:
    made = wages(period(*JANUARY), period(*FEBRUARY), period(*MARCH))
    assert made["is_part_period"].to_list() == [True, False, False]
    assert made["covered_share"].to_list() == [1, 1, 1]


def test_the_last_period_is_marked_once_others_are_paid_longer() -> None:
    longer = period("2024-05-01", "2024-05-31", bsn="ben")
    made = wages(period(*JANUARY), period(*FEBRUARY), period(*MARCH), other=(longer,))
    assert made["is_part_period"].to_list() == [True, False, True]


def test_the_three_months_before_the_as_of_date_are_provisional() -> None:
    months = [period(f"2024-{m:02}-01", f"2024-{m:02}-28") for m in range(1, 7)]
    made = wages(*months, as_of=day("2024-06-15"))
    assert made["is_provisional"].to_list() == [False, False, True, True, True, True]


def test_a_code_for_lawfully_lower_income_is_kept() -> None:
    made = wages(period(*JANUARY, reduced_income_code="Z"), period(*FEBRUARY))
    assert made["reduced_income_code"].to_list() == ["Z", None]


def test_of_two_periods_in_a_month_the_later_tells_kind_and_hours_and_any_code_counts() -> None:
    row = one(
        wages(
            period("2024-01-01", "2024-01-15", contract_hours_week=40.0, work_relation=7, reduced_income_code="O"),
            period("2024-01-16", "2024-01-31", contract_hours_week=32.0, work_relation=1),
        )
    )
    assert (row["contract_hours_week"], row["work_relation"], row["reduced_income_code"]) == (32, 1, "O")


def test_two_income_relations_with_one_payer_stay_apart() -> None:
    made = wages(period(*JANUARY), period(*JANUARY, 500.0, income_relation=2))
    assert made["comparable_wage_month_eur"].to_list() == [3000, 500]


def test_a_correction_replaces_what_it_corrects() -> None:
    old = {**period(*JANUARY, 9000.0), "valid_until_delivery": day("2024-05-01")}
    assert one(wages(old, period(*JANUARY)))["comparable_wage_month_eur"] == 3000


def test_the_payroll_number_tells_company_and_group() -> None:
    linked = {"employer_number": NUMBER, "kvk": "12345678", "group_id": "G1", "link_method": "rsin"}
    made = wages(period(*JANUARY), **{"core.payroll_numbers": [linked]})
    assert (one(made)["kvk"], one(made)["group_id"]) == ("12345678", "G1")


def test_a_wage_of_an_unknown_payroll_number_is_kept_without_company() -> None:
    assert one(wages(period(*JANUARY)))["kvk"] is None


def test_two_bsns_of_one_person_give_one_row_a_month() -> None:
    permits = [{"v_number": "v", "bsn": "anna"}, {"v_number": "v", "bsn": "anna-typo"}]
    made = wages(period(*JANUARY, 3000.0), period(*JANUARY, 200.0, bsn="anna-typo"), **{"raw.ind_permits": permits})
    assert one(made)["periods"] == 2
