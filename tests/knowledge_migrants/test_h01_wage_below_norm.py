"""H01 as a specification: who is asked a question about pay below the norm, and who is left alone."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from assets.core.findings import Findings
from quality.thresholds import thresholds
from tests.knowledge_migrants.world import (
    AS_OF,
    NORM,
    cases,
    changed,
    h01_findings,
    last_day,
    month_starts,
    payroll_number,
    permit,
    wage,
    wages,
)

LAST_YEAR = month_starts(date(2024, 8, 1), date(2025, 7, 1))
LIMITS = thresholds("H01", AS_OF)


def value(findings: Findings, measure: str, kind: str = "all") -> float | None:
    return findings.measures.filter(measure=measure, stratum_kind=kind)["value"][0]


def test_pay_at_the_norm_gives_no_signal() -> None:
    findings = h01_findings([permit()], wages(NORM))
    assert cases(findings) == {}
    assert value(findings, "flagged_share") == 0.0


def test_pay_a_fifth_under_the_norm_all_year_is_a_strong_signal() -> None:
    findings = h01_findings([permit()], wages(0.8 * NORM))
    assert cases(findings) == {"A000000001": "A"}
    signal = findings.signals.row(0, named=True)
    assert signal["magnitude"] == pytest.approx(0.2)
    assert signal["probability"] > 0.99
    assert (signal["period_start"], signal["period_end"]) == (date(2024, 8, 1), date(2025, 7, 31))
    assert signal["related_ids"] == ["permit:A000000001", "sponsor:00000001"]


def test_two_and_a_half_per_cent_under_in_three_months_is_a_moderate_signal() -> None:
    findings = h01_findings([permit()], changed(wages(NORM), LAST_YEAR[-3:], eur=0.975 * NORM))
    assert cases(findings) == {"A000000001": "B"}


def test_one_and_a_half_per_cent_under_is_noise() -> None:
    assert cases(h01_findings([permit()], wages(0.985 * NORM))) == {}


def test_two_short_months_are_no_signal() -> None:
    assert cases(h01_findings([permit()], changed(wages(NORM), LAST_YEAR[-2:], eur=0.9 * NORM))) == {}


def test_one_month_short_by_more_than_half_a_monthly_norm_passes_the_cumulative_limit() -> None:
    assert cases(h01_findings([permit()], changed(wages(NORM), LAST_YEAR[-1:], eur=0.35 * NORM))) == {"A000000001": "B"}


def test_dips_that_are_made_good_within_the_year_are_technical() -> None:
    rows = changed(wages(1.03 * NORM), LAST_YEAR[2:9:3], eur=0.95 * NORM)
    assert cases(h01_findings([permit()], rows)) == {"A000000001": "T"}


def test_shortfall_before_the_newest_twelve_months_is_past() -> None:
    old = month_starts(date(2024, 2, 1), date(2024, 7, 1))
    assert cases(h01_findings([permit()], changed(wages(NORM), old, eur=0.7 * NORM))) == {}


def test_the_evidence_names_rule_article_months_and_source_records() -> None:
    evidence = json.loads(h01_findings([permit()], wages(0.8 * NORM)).signals["evidence"][0])
    assert evidence["article"].startswith("BuWav 2022 art. 2.1")
    assert evidence["sources"]["permits"] == ["A000000001"]
    assert len(evidence["months"]) == 12
    assert evidence["months"][0] == {
        "month": "2024-08-01",
        "norm_month_eur": NORM,
        "wage_low_eur": round(0.8 * NORM, 2),
        "wage_high_eur": round(0.8 * NORM, 2),
        "wage_source": "contract",
        "shortfall_share": 0.2,
    }


# Look-alikes: each is lawful and gives no signal.


def test_the_thirty_per_cent_facility_from_month_four_is_no_shortfall() -> None:
    from_may = month_starts(date(2024, 5, 1), date(2025, 10, 1))
    rows = changed(
        wages(NORM, comparable_wage_source="paid"),
        from_may,
        comparable_wage_month_eur=0.7 * NORM,
        paid_wage_month_eur=0.7 * NORM,
        taxable_wage_month_eur=0.7 * NORM,
        facility_wage_month_eur=NORM,
    )
    assert cases(h01_findings([permit()], rows)) == {}


def test_without_contract_wage_only_a_shortfall_beyond_the_facility_is_a_signal() -> None:
    rows = wages(0.6 * NORM, comparable_wage_source="paid", facility_wage_month_eur=0.6 / 0.7 * NORM)
    assert cases(h01_findings([permit()], rows)) == {"A000000001": "A"}


def test_four_week_wages_are_taken_as_core_normalises_them() -> None:
    assert cases(h01_findings([permit()], wages(NORM, period_kind="four_weeks"))) == {}


def test_a_part_first_month_is_left_out() -> None:
    rows = changed(wages(NORM), LAST_YEAR[:4], eur=0.5 * NORM, is_part_period=True)
    assert cases(h01_findings([permit()], rows)) == {}


@pytest.mark.parametrize("code", ["K", "O", "S", "Z"])
def test_months_of_leave_strike_or_sickness_are_left_out(code: str) -> None:
    rows = changed(wages(NORM), LAST_YEAR[:8], eur=0.7 * NORM, reduced_income_code=code)
    assert cases(h01_findings([permit()], rows)) == {}


@pytest.mark.parametrize("kind", ["unpaid_leave", "parental_leave", "sick_leave"])
def test_months_of_notified_leave_are_left_out(kind: str) -> None:
    rows = changed(wages(NORM), LAST_YEAR[:8], eur=0.7 * NORM)
    notice = {
        "person_id": "anna",
        "sponsor_kvk": "00000001",
        "kind": kind,
        "event_on": LAST_YEAR[0],
        "until_on": last_day(LAST_YEAR[7]),
    }
    assert cases(h01_findings([permit()], rows, sponsor_notices=[notice])) == {}


def test_a_notified_lower_wage_is_still_a_lower_wage() -> None:
    notice = {"person_id": "anna", "sponsor_kvk": "00000001", "kind": "wage_change", "event_on": LAST_YEAR[0]}
    assert cases(h01_findings([permit()], wages(0.8 * NORM), sponsor_notices=[notice])) == {"A000000001": "A"}


def test_provisional_months_are_left_out() -> None:
    newest = month_starts(date(2025, 8, 1), date(2025, 10, 1))
    assert cases(h01_findings([permit()], changed(wages(NORM), newest, eur=0.1 * NORM))) == {}


def test_an_incumbent_is_held_to_the_norm_of_his_filing_date() -> None:
    old = permit(norm_on=date(2021, 3, 1), norm_month_eur=4752.0, valid_from=date(2021, 4, 1))
    assert cases(h01_findings([old], wages(4760.0))) == {}


def test_after_the_thirtieth_birthday_with_the_same_employer_the_lower_norm_stays() -> None:
    young = permit(
        route="hsm_under_30", norm_category="hsm_under_30", norm_month_eur=3909.0, birth_month=date(1994, 6, 1)
    )
    assert cases(h01_findings([young], wages(3950.0))) == {}


def test_the_fall_of_the_blue_card_norm_is_no_shortfall() -> None:
    blue = permit(
        scheme="blue_card",
        route="blue_card",
        norm_category="blue_card",
        norm_on=date(2024, 3, 1),
        norm_month_eur=6245.0,
        valid_from=date(2024, 4, 1),
    )
    norm = {
        "criterion": "blue_card",
        "route_variant": "blue_card",
        "valid_from": date(2024, 6, 12),
        "valid_until": date(2024, 12, 31),
        "norm_month_eur": 5331.0,
    }
    later = {**norm, "valid_from": date(2025, 1, 1), "valid_until": date(2025, 12, 31), "norm_month_eur": 5688.0}
    assert cases(h01_findings([blue], wages(5700.0), salary_norms=[norm, later])) == {}
    assert cases(h01_findings([blue], wages(5700.0))) == {"A000000001": "B"}


def test_academics_without_a_norm_are_not_tested() -> None:
    academic = permit(route="hsm_no_norm", norm_category="none", norm_month_eur=None)
    findings = h01_findings([academic], wages(2500.0))
    assert findings.signals.is_empty()
    assert findings.measures["n"].to_list() == [0]


def test_a_fixed_thirteenth_month_that_is_paid_monthly_counts() -> None:
    without_it = NORM / 13 * 12
    rows = wages(
        NORM, comparable_wage_source="paid", comparable_wage_month_eur=without_it, paid_wage_month_eur=without_it
    )
    assert cases(h01_findings([permit()], rows)) == {}


def test_a_yearly_correction_run_that_lowers_one_month_and_raises_the_next_is_no_signal() -> None:
    rows = changed(changed(wages(NORM), LAST_YEAR[4:5], eur=0.5 * NORM), LAST_YEAR[5:6], eur=1.5 * NORM)
    assert cases(h01_findings([permit()], rows)) == {}


def test_a_transfer_to_a_sister_company_with_its_own_number_is_the_sponsors_pay() -> None:
    rows = wages(NORM, last=LAST_YEAR[5]) + wages(NORM, first=LAST_YEAR[6], payer="L2", kvk="00000002")
    numbers = [payroll_number("L1"), payroll_number("L2", "00000002", group_id="00000001")]
    assert cases(h01_findings([permit()], rows, payroll_numbers=numbers)) == {}


def test_wages_of_two_payroll_numbers_of_the_group_are_added_up() -> None:
    rows = wages(0.6 * NORM) + wages(0.4 * NORM, payer="L2", kvk="00000002")
    numbers = [payroll_number("L1"), payroll_number("L2", "00000002", group_id="00000001")]
    assert cases(h01_findings([permit()], rows, payroll_numbers=numbers)) == {}


def test_a_payroll_number_that_could_not_be_linked_gets_the_benefit_of_the_doubt() -> None:
    rows = wages(0.6 * NORM) + wages(0.5 * NORM, payer="L2", kvk=None, group_id=None)
    numbers = [payroll_number("L1"), payroll_number("L2", None, None)]
    assert cases(h01_findings([permit()], rows, payroll_numbers=numbers)) == {}


def test_a_weak_link_alone_makes_no_month_usable() -> None:
    findings = h01_findings([permit()], wages(0.5 * NORM), payroll_numbers=[payroll_number(probability=0.9)])
    assert cases(findings) == {}
    assert (
        findings.measures["method"][0]
        == "Not assessed: there are no usable wage months under these permits by 2025-07-31."
    )


def test_a_side_job_elsewhere_is_not_the_sponsors_pay() -> None:
    rows = wages(0.8 * NORM) + wages(0.5 * NORM, payer="L9", kvk="00000009", group_id="00000009")
    numbers = [payroll_number("L1"), payroll_number("L9", "00000009")]
    assert cases(h01_findings([permit()], rows, payroll_numbers=numbers)) == {"A000000001": "A"}


def test_a_migration_between_payroll_numbers_within_a_month_is_left_out() -> None:
    halves = [
        wage(LAST_YEAR[5], period_end=LAST_YEAR[5].replace(day=15), is_part_period=True),
        wage(LAST_YEAR[5], payer="L2", period_start=LAST_YEAR[5].replace(day=16), is_part_period=True),
    ]
    rows = wages(NORM, last=LAST_YEAR[4]) + halves + wages(NORM, first=LAST_YEAR[6], payer="L2")
    numbers = [payroll_number("L1"), payroll_number("L2")]
    assert cases(h01_findings([permit()], rows, payroll_numbers=numbers)) == {}


def test_pay_by_the_successor_after_a_change_of_legal_form_is_the_sponsors_pay() -> None:
    companies = [
        {"kvk": "00000001", "group_id": "00000001", "successor_kvk": "00000005"},
        {"kvk": "00000005", "group_id": "00000005"},
    ]
    rows = wages(NORM, last=LAST_YEAR[5]) + wages(
        0.8 * NORM, first=LAST_YEAR[6], payer="L5", kvk="00000005", group_id="00000005"
    )
    numbers = [payroll_number("L1"), payroll_number("L5", "00000005")]
    assert cases(h01_findings([permit()], rows, payroll_numbers=numbers, companies=companies)) == {"A000000001": "A"}


def test_months_after_a_notified_end_are_not_tested() -> None:
    notice = {
        "person_id": "anna",
        "sponsor_kvk": "00000001",
        "kind": "end_of_employment",
        "event_on": date(2025, 3, 31),
    }
    rows = changed(wages(NORM), LAST_YEAR[-4:], eur=0.2 * NORM)
    assert cases(h01_findings([permit()], rows, sponsor_notices=[notice])) == {}


def test_months_under_a_later_permit_at_another_sponsor_are_not_tested() -> None:
    other = permit("A000000002", sponsor="00000009", application_kind="change_of_employer", valid_from=date(2025, 4, 1))
    rows = changed(wages(NORM), LAST_YEAR[-4:], eur=0.2 * NORM)
    assert cases(h01_findings([permit(), other], rows)) == {}


def test_a_renewal_is_held_to_its_own_norm_and_the_old_permit_to_the_old() -> None:
    renewal = permit(
        "A000000002",
        application_kind="extension",
        norm_on=date(2025, 1, 5),
        norm_month_eur=5688.0,
        valid_from=date(2025, 2, 1),
    )
    assert cases(h01_findings([permit(), renewal], wages(NORM))) == {"A000000002": "B"}


def test_a_strike_month_and_two_short_months_are_no_signal() -> None:
    rows = changed(wages(NORM), LAST_YEAR[-2:], eur=0.95 * NORM)
    rows = changed(rows, LAST_YEAR[-3:-2], eur=0.8 * NORM, reduced_income_code="S")
    assert cases(h01_findings([permit()], rows)) == {}


# Sponsors, probabilities, measures.


def many(share_short: float, sponsor: str, start: int, permits: int = 6) -> tuple[list, list]:
    """Permits of one sponsor, of which a share is paid 15 % too little."""
    chosen = round(share_short * permits)
    given, paid = [], []
    for number in range(permits):
        person = f"p{start + number}"
        given.append(permit(f"A{start + number:09d}", person, sponsor))
        eur = 0.85 * NORM if number < chosen else 1.1 * NORM
        paid += wages(eur, person=person, payer=f"L{sponsor}", kvk=sponsor, group_id=sponsor)
    return given, paid


def test_a_sponsor_that_underpays_most_of_its_migrants_stands_out_among_others() -> None:
    permits, paid, numbers = [], [], []
    for number in range(12):
        sponsor = f"000001{number:02d}"
        given, wage_rows = many(5 / 6 if number == 0 else 0.0, sponsor, 100 * (number + 1))
        permits, paid = permits + given, paid + wage_rows
        numbers.append(payroll_number(f"L{sponsor}", sponsor))
    findings = h01_findings(permits, paid, payroll_numbers=numbers)
    assert cases(findings, "sponsor") == {"00000100": "A"}
    assert len(cases(findings)) == 5
    sponsor = findings.signals.filter(subject_type="sponsor").row(0, named=True)
    assert sponsor["probability"] > 0.9
    assert "permit:A000000100" in sponsor["related_ids"]


def test_one_flagged_permit_is_no_pattern_of_its_sponsor() -> None:
    assert cases(h01_findings([permit()], wages(0.8 * NORM)), "sponsor") == {}


def test_the_order_of_rows_changes_nothing() -> None:
    given, paid = many(0.5, "00000001", 100)
    numbers = [payroll_number("L00000001")]
    straight = h01_findings(given, paid, payroll_numbers=numbers)
    turned = h01_findings(given[::-1], paid[::-1], payroll_numbers=numbers)
    assert straight.signals.equals(turned.signals)
    assert straight.measures.equals(turned.measures)


ALL_MONTHS = month_starts(date(2024, 2, 1), date(2025, 7, 1))


def spread() -> tuple[list, list]:
    """Permits short by 1.2 to 90 % in zero to thirteen months, the last of them zero to twelve months ago."""
    permits, paid = [], []
    for shortfall in (0.012, 0.016, 0.022, 0.03, 0.2, 0.5, 0.7, 0.9):
        for months in (1, 2, 3, 4, 8):
            for ago in (0, 8, 10):
                person = f"p{shortfall}-{months}-{ago}"
                permits.append(permit(f"A{len(permits):09d}", person))
                chosen = ALL_MONTHS[::-1][ago : ago + months]
                paid += changed(wages(NORM, person=person), chosen, eur=(1 - shortfall) * NORM)
    return permits, paid


@pytest.mark.parametrize(
    ("name", "looser", "stricter"),
    [
        ("shortfall_share", 0.015, 0.025),
        ("short_months", 2, 4),
        ("cumulative_shortfall_share", 0.0375, 0.0625),
        ("window_months", 15, 9),
    ],
)
def test_a_quarter_more_or_less_moves_the_flagged_volume_the_expected_way(
    name: str, looser: float, stricter: float
) -> None:
    permits, paid = spread()
    loose, normal, strict = (
        len(cases(h01_findings(permits, paid, {**LIMITS, name: limit}))) for limit in (looser, LIMITS[name], stricter)
    )
    assert loose > normal > strict


@pytest.mark.parametrize(
    ("name", "stricter"),
    [("strong_shortfall_share", 0.25), ("strong_consecutive_months", 5), ("strong_shortfall_share", 0.6)],
)
def test_a_stricter_strong_limit_gives_fewer_strong_signals(name: str, stricter: float) -> None:
    permits, paid = spread()
    normal, strict = (
        list(cases(h01_findings(permits, paid, {**LIMITS, name: limit})).values()).count("A")
        for limit in (LIMITS[name], stricter)
    )
    assert normal > strict


def test_without_wage_months_the_result_says_not_assessed_and_never_zero() -> None:
    findings = h01_findings([permit()], [])
    assert findings.signals.is_empty()
    assert findings.measures.select("value", "n").rows() == [(None, 0)]


def test_the_flagged_share_carries_an_interval_by_year_route_and_sector() -> None:
    given, paid = many(0.5, "00000001", 100)
    findings = h01_findings(given, paid, payroll_numbers=[payroll_number("L00000001")])
    shares = findings.measures.filter(pl.col("measure") == "flagged_share")
    assert set(shares["stratum_kind"]) == {"all", "year", "route", "sbi2", "size_class"}
    assert ((shares["lo95"] <= shares["value"]) & (shares["value"] <= shares["hi95"])).all()
    assert shares["n"].to_list() == [6] * shares.height
    counts = findings.measures.filter(stratum_kind="grade")
    assert dict(zip(counts["stratum"], counts["value"], strict=True)) == {"A": 4.0, "B": 0.0, "T": 0.0}
