"""Every lawful situation that detection has mistaken for misuse occurs, is named in the truth, and looks like it."""

from __future__ import annotations

import polars as pl
import pytest

from tests.standins.conftest import Delivered

#: The suite of look-alikes of the study, and what the truth calls each.
SUITE = {
    "30 % facility starting in month four": "facility_30",
    "four-week payroll": "four_week_payroll",
    "part of the first month": "part_first_month",
    "parental leave": "parental_leave",
    "unpaid leave": "unpaid_leave",
    "sickness at 70 %": "sickness_70_percent",
    "strike": "strike",
    "yearly correction run": "yearly_correction_run",
    "thirteenth month in twelve parts": "thirteenth_month_in_parts",
    "thirteenth month at once": "thirteenth_month_at_once",
    "incumbent on an old norm": "incumbent_on_old_norm",
    "thirtieth birthday with the same employer": "thirtieth_birthday_same_employer",
    "Blue Card norm of June 2024": "blue_card_norm_fall",
    "academic without a norm": "academic_without_norm",
    "payroll number migrated": "payroll_number_migrated",
    "legal form changed": "legal_form_changed",
    "transfer within a group": "group_transfer",
    "acquisition with staff": "acquired_with_staff",
    "employer of record, client pending": "employer_of_record_client_pending",
    "start-up that RVO looked at": "startup_with_view_of_rvo",
    "address in a business centre": "business_centre_address",
    "late arrival": "late_arrival",
    "leave around a birth": "leave_around_birth",
    "certificate of two states": "two_state_certificate",
    "late certificate": "normal_backlog",
    "yearly notification": "yearly_notification",
    "exempt sector": "exempt_sector",
    "shorter stay than notified": "shorter_than_notified",
    "growth of a crew": "crew_growth",
    "change of contractor with staff taken over": "contractor_change_with_staff",
    "posting within a group": "plant_of_the_same_group",
}


@pytest.mark.parametrize("situation", sorted(SUITE))
def test_every_situation_of_the_suite_is_named_in_the_truth(situation: str, small: Delivered) -> None:
    assert SUITE[situation] in set(small.truth("look_alikes")["look_alike"].to_list())


def wages_of(world: Delivered, kind: str) -> pl.DataFrame:
    """Current wage rows of the migrants whose permits the truth names."""
    named = world.truth("look_alikes").filter((pl.col("look_alike") == kind) & (pl.col("subject_type") == "permit"))
    permits = world.current("ind_permits").filter(pl.col("application_id").is_in(named["subject_id"].implode()))
    mine = permits.select("bsn", "valid_from", "valid_until").drop_nulls().unique("bsn")
    return world.current("uwv_wages").join(mine, on="bsn").filter(
        pl.col("period_start").is_between("valid_from", "valid_until")
    )  # fmt: skip


def test_leave_around_a_birth_is_a_gap_of_at_most_four_months_without_a_code(small: Delivered) -> None:
    rows = wages_of(small, "leave_around_birth").sort("bsn", "employer_number", "period_start")
    same = pl.struct("bsn", "employer_number") == pl.struct("bsn", "employer_number").shift(1)
    gap = (pl.col("period_start") - pl.col("period_end").shift(1)).dt.total_days()
    gaps = rows.with_columns(gap=gap, same=same).filter(pl.col("same") & (pl.col("gap") > 40))["gap"]

    assert len(gaps) > 20
    assert gaps.filter(gaps <= 125).len() > 0.7 * len(gaps)


def test_a_yearly_run_corrects_what_was_taxed_and_not_what_was_paid(small: Delivered) -> None:
    key = ["employer_number", "bsn", "income_relation", "period_start"]
    named = wages_of(small, "yearly_correction_run").select("bsn").unique()
    rows = small.current("uwv_wages").join(named, on="bsn")
    open_year = rows.filter(pl.col("period_start").dt.year() == 2026)
    low = open_year.filter(pl.col("taxable_wage_eur") < 0.97 * 0.7 * pl.col("wage_in_money_eur"))

    assert rows.select(key).is_unique().all()
    # This year's run is still to come: what was taxed is low, what was paid is not.
    assert len(low) > 0
    closed = rows.filter(pl.col("period_start").dt.year() == 2024)
    still_low = closed.filter(pl.col("taxable_wage_eur") < 0.97 * 0.7 * pl.col("wage_in_money_eur"))
    assert len(still_low) < 0.02 * len(closed)


def test_after_a_transfer_within_a_group_a_sister_company_pays(small: Delivered) -> None:
    rows = wages_of(small, "group_transfer")
    payers = rows.group_by("bsn").agg(pl.col("employer_number").str.slice(0, 9).n_unique().alias("payers"))

    assert (payers["payers"] >= 2).sum() > 0.6 * len(payers)
