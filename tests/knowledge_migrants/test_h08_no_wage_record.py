"""H08 as a specification: whose silence in the wage returns is a question, and who is left alone.

Bob works for the same sponsor and is paid every month, so that the wage months are delivered and the sponsor is known
to file returns. Anna's permit starts on 1 February 2024; final months run to July 2025.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from assets.core.findings import Findings
from quality.thresholds import thresholds
from tests.knowledge_migrants.world import (
    AS_OF,
    cases,
    changed,
    h08_findings,
    month_starts,
    payroll_number,
    permit,
    wage,
    wages,
)

LIMITS = thresholds("H08", AS_OF)
BOB = permit("A000000009", "bob")
BOB_PAID = wages(person="bob")
ANNA = "A000000001"


def with_bob(permits: list, wage_months: list, **tables: Any) -> Findings:
    return h08_findings([*permits, BOB], [*wage_months, *BOB_PAID], **tables)


def without(rows: list, first: date, last: date) -> list:
    return [row for row in rows if not first <= row["month"] <= last]


def notice(kind: str, event_on: date, until_on: date | None = None) -> dict[str, Any]:
    return {"person_id": "anna", "sponsor_kvk": "00000001", "kind": kind, "event_on": event_on, "until_on": until_on}


def test_a_permit_without_any_wage_at_a_sponsor_that_pays_others_is_a_strong_signal() -> None:
    findings = with_bob([permit()], [])
    assert cases(findings) == {ANNA: "A"}
    signal = findings.signals.row(0, named=True)
    assert signal["magnitude"] == float((date(2025, 7, 31) - date(2024, 2, 1)).days)
    assert (signal["period_start"], signal["period_end"]) == (date(2024, 2, 1), date(2025, 7, 31))
    assert signal["related_ids"] == ["permit:A000000001", "sponsor:00000001"]
    assert 0 < signal["probability"] <= 1
    assert json.loads(signal["evidence"])["variant"] == "never"


def test_a_sponsor_that_pays_nobody_gives_a_moderate_signal() -> None:
    numbers = [payroll_number(), payroll_number("L7", "00000007")]
    elsewhere = wages(person="bob", payer="L7", kvk="00000007", group_id="00000007")
    findings = h08_findings([permit(), permit("A000000009", "bob", "00000007")], elsewhere, payroll_numbers=numbers)
    assert cases(findings) == {ANNA: "B"}


def test_work_from_the_first_month_is_no_signal() -> None:
    assert cases(with_bob([permit()], wages())) == {}


def test_a_gap_of_five_months_at_a_sponsor_that_pays_others_is_a_moderate_signal() -> None:
    findings = with_bob([permit()], without(wages(), date(2024, 10, 1), date(2025, 2, 1)))
    assert cases(findings) == {ANNA: "B"}
    signal = findings.signals.row(0, named=True)
    assert (signal["magnitude"], signal["magnitude_unit"]) == (5.0, "full months without a wage record")
    assert (signal["period_start"], signal["period_end"]) == (date(2024, 10, 1), date(2025, 2, 28))


def test_a_gap_that_maternity_benefit_could_fill_is_technical() -> None:
    assert cases(with_bob([permit()], without(wages(), date(2024, 10, 1), date(2024, 12, 1)))) == {ANNA: "T"}


def test_one_month_without_a_record_is_no_signal() -> None:
    assert cases(with_bob([permit()], without(wages(), date(2024, 10, 1), date(2024, 10, 1)))) == {}


def test_pay_that_stops_for_good_without_notice_is_a_signal() -> None:
    assert cases(with_bob([permit()], wages(last=date(2025, 1, 1)))) == {ANNA: "B"}


def test_a_gap_is_a_question_about_the_permit_in_force_then() -> None:
    renewal = permit("A000000002", application_kind="extension", valid_from=date(2024, 9, 1))
    first = permit(valid_until=date(2024, 8, 31), ends_on=date(2024, 8, 31))
    findings = with_bob([first, renewal], without(wages(), date(2024, 10, 1), date(2025, 2, 1)))
    assert cases(findings) == {"A000000002": "B"}
    assert "permit:A000000001" in findings.signals["related_ids"][0]


# Look-alikes: each is lawful or unproven and gives no signal.


def test_a_late_arrival_within_the_floor_is_no_signal() -> None:
    recent = permit(valid_from=date(2025, 4, 15))
    assert cases(with_bob([recent], [])) == {}


def test_silence_in_the_provisional_months_proves_nothing() -> None:
    assert cases(with_bob([permit()], wages(last=date(2025, 7, 1)))) == {}


def test_a_first_record_after_eleven_months_is_late_and_not_absent() -> None:
    assert cases(with_bob([permit()], wages(first=date(2025, 1, 1)))) == {}


def test_a_first_record_in_a_provisional_month_is_a_record() -> None:
    assert cases(with_bob([permit()], wages(first=date(2025, 9, 1)))) == {}


def test_a_migrant_without_a_number_for_wages_is_not_assessed() -> None:
    bob_only = [{"identifier_kind": "bsn", "identifier": "b", "person_id": "bob"}]
    findings = with_bob([permit()], [], person_identifiers=bob_only)
    assert cases(findings) == {}
    assessed = findings.measures.filter(measure="assessed_share", stratum_kind="all")
    assert assessed["value"].to_list() == [0.5]


def test_a_shared_number_is_not_assessed() -> None:
    assert cases(with_bob([permit()], [], persons=[{"person_id": "anna", "is_ambiguous": True}])) == {}


def test_a_wage_from_a_payer_that_could_not_be_linked_leaves_the_case_open() -> None:
    rows = wages(payer="L2", kvk=None, group_id=None)
    assert cases(with_bob([permit()], rows, payroll_numbers=[payroll_number(), payroll_number("L2", None, None)])) == {}


def test_a_weak_link_to_another_company_leaves_the_case_open() -> None:
    rows = wages(payer="L2", kvk="00000002", group_id="00000002")
    numbers = [payroll_number(), payroll_number("L2", "00000002", 0.8)]
    assert cases(with_bob([permit()], rows, payroll_numbers=numbers)) == {}


def test_pay_by_another_number_of_the_group_is_pay() -> None:
    rows = wages(payer="L2", kvk="00000002", group_id="00000001")
    numbers = [payroll_number(), payroll_number("L2", "00000002", group_id="00000001")]
    assert cases(with_bob([permit()], rows, payroll_numbers=numbers)) == {}


def test_pay_by_the_successor_after_a_change_of_legal_form_is_pay() -> None:
    companies = [{"kvk": "00000001", "group_id": "00000001", "successor_kvk": "00000005"}]
    rows = wages(payer="L5", kvk="00000005", group_id="00000005")
    numbers = [payroll_number(), payroll_number("L5", "00000005")]
    assert cases(with_bob([permit()], rows, payroll_numbers=numbers, companies=companies)) == {}


def test_pay_by_a_certainly_different_company_is_technical_for_this_rule() -> None:
    rows = wages(payer="L9", kvk="00000009", group_id="00000009")
    numbers = [payroll_number(), payroll_number("L9", "00000009")]
    known = [{"kvk": "00000001", "group_id": "00000001"}]
    assert cases(with_bob([permit()], rows, payroll_numbers=numbers, companies=known)) == {ANNA: "T"}


def test_a_sponsor_number_that_is_nobody_s_leaves_a_paid_migrant_open() -> None:
    rows = wages(payer="L9", kvk="00000009", group_id="00000009")
    numbers = [payroll_number(), payroll_number("L9", "00000009")]
    mistyped = permit(sponsor="00000999")
    known = [{"kvk": "00000009", "group_id": "00000009"}]
    assert cases(with_bob([mistyped], rows, payroll_numbers=numbers, companies=known)) == {}


def test_a_hollow_sponsor_without_a_payroll_number_stands_out_by_its_permits() -> None:
    permits, paid = slow_sector(0)
    hollow = [permit(f"A7{n:08d}", f"h{n}", "00000008") for n in range(8)]
    registered = [{"kvk": "00000008", "group_id": "00000008"}]
    assert cases(h08_findings([*permits, *hollow], paid, companies=registered), "sponsor") == {"00000008": "B"}
    assert cases(h08_findings([*permits, *hollow], paid), "sponsor") == {"00000008": "T"}


def test_pay_by_an_unlinked_number_before_the_first_pay_of_the_sponsor_teaches_nothing_about_lateness() -> None:
    """Eve's sponsor had no number that could be linked for a year; that makes no silence of a year usual."""
    moved = wages(person="eve", payer="L9", kvk=None, group_id=None, last=date(2025, 1, 1))
    moved += wages(person="eve", first=date(2025, 2, 1))
    numbers = [payroll_number(), payroll_number("L9", kvk=None, probability=None)]
    people = [permit(), permit("A000000005", "eve")]
    assert cases(with_bob(people, moved, payroll_numbers=numbers)) == {ANNA: "A"}
    evidence = json.loads(with_bob(people, moved, payroll_numbers=numbers).signals.row(0, named=True)["evidence"])
    assert evidence["limit_days"] == 120.0


def test_a_sponsor_without_a_payroll_number_is_technical() -> None:
    embassy = permit(sponsor="00000008")
    assert cases(with_bob([embassy], [])) == {ANNA: "T"}


def test_an_extraterritorial_body_is_not_assessed() -> None:
    assert cases(with_bob([permit(sbi2="99")], [])) == {}


def test_guest_staff_without_a_norm_is_technical() -> None:
    assert cases(with_bob([permit(route="hsm_no_norm", norm_category="none", norm_month_eur=None)], [])) == {ANNA: "T"}


def test_other_routes_are_not_looked_at() -> None:
    for scheme in ("blue_card", "self_employed", "cross_border_service", "ict_eu"):
        findings = with_bob([permit(scheme=scheme, route=scheme)], [])
        assert cases(findings) == {}


@pytest.mark.parametrize("reason", ["notified_end", "left_country", "revoked"])
def test_a_permit_of_which_the_end_is_known_is_left_alone(reason: str) -> None:
    ended = permit(ended_on=date(2024, 12, 1), ends_on=date(2024, 12, 1), end_reason=reason)
    assert cases(with_bob([ended], [])) == {}


def test_a_notified_end_of_the_employment_is_left_alone() -> None:
    assert cases(with_bob([permit()], [], sponsor_notices=[notice("end_of_employment", date(2024, 3, 1))])) == {}
    stopped = wages(last=date(2025, 1, 1))
    told = [notice("end_of_employment", date(2025, 1, 31))]
    assert cases(with_bob([permit()], stopped, sponsor_notices=told)) == {}


@pytest.mark.parametrize("kind", ["unpaid_leave", "parental_leave", "sick_leave"])
def test_notified_leave_explains_a_gap_and_a_silence(kind: str) -> None:
    leave = [notice(kind, date(2024, 9, 20), date(2025, 3, 10))]
    assert (
        cases(with_bob([permit()], without(wages(), date(2024, 10, 1), date(2025, 2, 1)), sponsor_notices=leave)) == {}
    )
    assert cases(with_bob([permit()], [], sponsor_notices=leave)) == {}


def test_an_address_change_explains_nothing() -> None:
    told = [notice("address_change", date(2024, 9, 20))]
    assert cases(with_bob([permit()], [], sponsor_notices=told)) == {ANNA: "A"}


@pytest.mark.parametrize("code", ["K", "O", "S", "Z"])
def test_a_gap_beside_a_month_with_lawfully_lower_income_is_explained(code: str) -> None:
    rows = changed(without(wages(), date(2024, 10, 1), date(2025, 2, 1)), [date(2024, 9, 1)], reduced_income_code=code)
    assert cases(with_bob([permit()], rows)) == {}


def test_months_that_the_supplier_did_not_deliver_are_nobody_s_gap() -> None:
    rows = without(wages() + BOB_PAID, date(2024, 10, 1), date(2025, 2, 1))
    assert cases(h08_findings([permit(), BOB], rows)) == {}


def test_a_month_that_was_delivered_in_part_is_nobody_s_gap() -> None:
    people = [f"p{n}" for n in range(8)]
    permits = [permit(f"A{n:09d}", p) for n, p in enumerate(people)]
    rows = [row for p in people for row in wages(person=p)]
    partly = [r for r in rows if not (date(2024, 10, 1) <= r["month"] <= date(2024, 11, 1) and r["person_id"] > "p1")]
    assert cases(h08_findings(permits, partly)) == {}


def test_a_gap_of_everybody_at_the_sponsor_is_technical() -> None:
    rows = without(wages() + BOB_PAID, date(2024, 10, 1), date(2025, 2, 1))
    elsewhere = [permit(f"A00000007{n}", f"cem{n}", "00000007") for n in range(5)]
    for other in elsewhere:
        rows += wages(person=other["person_id"], payer="L7", kvk="00000007", group_id="00000007")
    numbers = [payroll_number(), payroll_number("L7", "00000007")]
    found = cases(h08_findings([permit(), BOB, *elsewhere], rows, payroll_numbers=numbers))
    assert found == {ANNA: "T", "A000000009": "T"}


def test_a_gap_filled_by_another_company_is_no_silence() -> None:
    between = wages(first=date(2024, 10, 1), last=date(2025, 2, 1), payer="L9", kvk="00000009", group_id="00000009")
    rows = without(wages(), date(2024, 10, 1), date(2025, 2, 1)) + between
    assert cases(with_bob([permit()], rows, payroll_numbers=[payroll_number(), payroll_number("L9", "00000009")])) == {}


def test_a_nil_return_is_no_wage_record() -> None:
    nil = changed(wages(hours_paid=0), month_starts(date(2024, 2, 1), date(2025, 10, 1)), eur=0.0)
    assert cases(with_bob([permit()], nil)) == {ANNA: "A"}


def test_a_permit_from_before_the_first_delivered_month_is_observed_from_there() -> None:
    early = permit(valid_from=date(2020, 1, 1))
    findings = with_bob([early], [])
    assert findings.signals["magnitude"].to_list() == [float((date(2025, 7, 31) - date(2024, 2, 1)).days)]


def test_a_permit_of_another_sponsor_ends_the_duty_of_the_first() -> None:
    moved = permit("A000000002", sponsor="00000007", application_kind="change_of_employer", valid_from=date(2024, 5, 1))
    rows = wages(first=date(2024, 5, 1), payer="L7", kvk="00000007", group_id="00000007")
    numbers = [payroll_number(), payroll_number("L7", "00000007")]
    assert cases(with_bob([permit(), moved], rows, payroll_numbers=numbers)) == {}


# The limit, sponsors, measures.


def slow_sector(first_after: int, people: int = 120) -> tuple[list, list]:
    """Permits of which the first wage comes so many months after the start, all in one sector and year."""
    permits, paid = [], []
    for number in range(people):
        person = f"q{number:03d}"
        permits.append(permit(f"A1{number:08d}", person, "00000001"))
        paid += wages(person=person, first=month_starts(date(2024, 2, 1), date(2025, 7, 1))[first_after])
    return permits, paid


def test_the_limit_is_the_slowest_centile_of_the_same_sector_and_year() -> None:
    permits, paid = slow_sector(10)
    eleven_months = permit(valid_from=date(2024, 9, 15), ends_on=date(2029, 1, 1))
    elsewhere = {**BOB, "sbi2": "70"}
    findings = h08_findings([*permits, eleven_months, elsewhere], [*paid, *BOB_PAID])
    assert cases(findings) == {ANNA: "A"}
    assert json.loads(findings.signals["evidence"][0])["limit_days"] == float(
        (date(2024, 12, 1) - date(2024, 2, 1)).days
    )
    ten_months = permit(valid_from=date(2024, 10, 5), ends_on=date(2029, 1, 1))
    assert cases(h08_findings([*permits, ten_months, elsewhere], [*paid, *BOB_PAID])) == {}


def test_the_more_permits_never_get_a_record_the_likelier_a_silence_is_final() -> None:
    permits, paid = slow_sector(0)
    few = h08_findings([*permits, permit()], paid).signals["probability"][0]
    silent = [permit(f"A2{n:08d}", f"s{n}", f"0000{n:04d}") for n in range(1000, 1030)]
    many = h08_findings([*permits, permit(), *silent], paid).signals
    assert 0 < few < many.filter(subject_id=ANNA)["probability"][0] < 1


def test_a_sponsor_whose_permits_mostly_stay_silent_stands_out() -> None:
    permits, paid, numbers = [], [], []
    for firm in range(12):
        sponsor = f"000002{firm:02d}"
        numbers.append(payroll_number(f"L{firm}", sponsor))
        for worker in range(6):
            person = f"f{firm}-{worker}"
            permits.append(permit(f"A3{firm:04d}{worker:04d}", person, sponsor))
            if firm or not worker:
                paid += wages(person=person, payer=f"L{firm}", kvk=sponsor, group_id=sponsor)
    findings = h08_findings(permits, paid, payroll_numbers=numbers)
    assert cases(findings, "sponsor") == {"00000200": "A"}
    assert len(cases(findings)) == 5


@pytest.mark.parametrize(("name", "looser", "stricter"), [("floor_days", 90, 150), ("gap_months", 1, 3)])
def test_a_quarter_more_or_less_moves_the_flagged_volume_the_expected_way(
    name: str, looser: float, stricter: float
) -> None:
    end = date(2025, 7, 31)
    permits = [permit(f"A4{n:08d}", f"d{n}", valid_from=end - timedelta(days=n)) for n in (80, 100, 130, 170)]
    paid = []
    for months in (1, 2, 3):
        permits.append(permit(f"A5{months:08d}", f"g{months}"))
        gap = month_starts(date(2024, 6, 1), date(2024, 12, 1))[:months]
        paid += without(wages(person=f"g{months}"), gap[0], gap[-1])
    loose, normal, strict = (
        len(cases(h08_findings([*permits, BOB], [*paid, *BOB_PAID], {**LIMITS, name: limit})))
        for limit in (looser, LIMITS[name], stricter)
    )
    assert loose > normal > strict


def test_a_lower_quantile_asks_sooner() -> None:
    permits, paid = slow_sector(0)
    slow = [permit(f"A6{n:08d}", f"t{n}") for n in range(10)]
    slow_paid = [row for n in range(10) for row in wages(person=f"t{n}", first=date(2024, 12, 1))]
    waiting = permit(valid_from=date(2025, 1, 1))
    asked = {
        quantile: cases(h08_findings([*permits, *slow, waiting], [*paid, *slow_paid], {**LIMITS, "quantile": quantile}))
        for quantile in (0.75, 0.99)
    }
    assert asked == {0.75: {ANNA: "A"}, 0.99: {}}


def test_without_wage_months_the_result_says_not_assessed_and_never_zero() -> None:
    findings = h08_findings([permit()], [])
    assert findings.signals.is_empty()
    assert findings.measures.select("value", "n").rows() == [(None, 0)]
    assert findings.measures["method"][0] == "Not assessed: no wage month by 2025-07-31 was delivered in full."


def test_without_permits_the_result_says_not_assessed() -> None:
    assert h08_findings([], BOB_PAID).measures["n"].to_list() == [0]


def test_the_order_of_rows_changes_nothing() -> None:
    permits, paid = slow_sector(3, people=30)
    straight = h08_findings([*permits, permit(), BOB], [*paid, *BOB_PAID])
    turned = h08_findings([BOB, permit(), *permits[::-1]], [*BOB_PAID[::-1], *paid[::-1]])
    assert straight.signals.equals(turned.signals)
    assert straight.measures.equals(turned.measures)


def test_measures_count_assessed_permits_and_hold_their_intervals() -> None:
    measures = with_bob([permit()], []).measures
    flagged = measures.filter(measure="flagged_share", stratum_kind="all").row(0, named=True)
    assert (flagged["value"], flagged["n"]) == (0.5, 2)
    with_value = measures.filter(pl.col("value").is_not_null())
    assert ((with_value["lo95"] <= with_value["value"]) & (with_value["value"] <= with_value["hi95"])).all()


def test_two_half_months_of_one_migration_are_a_record() -> None:
    halves = [wage(date(2024, 10, 1), payer=p, is_part_period=True) for p in ("L1", "L2")]
    rows = without(wages(), date(2024, 10, 1), date(2024, 10, 1)) + halves
    numbers = [payroll_number(), payroll_number("L2")]
    assert cases(with_bob([permit()], rows, payroll_numbers=numbers)) == {}
