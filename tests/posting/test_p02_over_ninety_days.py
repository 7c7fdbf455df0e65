"""P02 as a specification: which third-country workers are asked about a permit, and who is left alone."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from assets.core.findings import Findings
from quality.thresholds import thresholds
from tests.posting.world import AS_OF, START, cases, p02_findings, posting, sighting

LIMITS = thresholds("P02", AS_OF)


def people(findings: Findings) -> dict[str, str]:
    return cases(findings, "person")


def share(findings: Findings, measure: str) -> float:
    return findings.measures.filter(measure=measure, stratum_kind="all")["value"][0]


def permit(**changes: object) -> dict[str, object]:
    row = {
        "application_id": "A000000001",
        "person_id": "olena",
        "scheme": "cross_border_service",
        "route": "cross_border_service",
        "received_on": START,
        "decided_on": START + timedelta(days=30),
        "decision": "granted",
        "valid_from": START + timedelta(days=30),
        "ends_on": START + timedelta(days=600),
    }
    return {**row, **changes}


def refused(**changes: object) -> dict[str, object]:
    """An application of olena for this permit, refused shortly before she came."""
    row = permit(
        received_on=START - timedelta(days=60), decided_on=START - timedelta(days=20), decision="refused",
        refusal_ground="incomplete", valid_from=None, ends_on=None,
    )  # fmt: skip
    return {**row, **changes}


def present(postings: list, **tables: Any) -> Findings:
    """What P02 finds when each worker was also seen on the last day of each notification."""
    seen = [
        sighting((row["ends_on"] - START).days, f"S-{row['notification_id']}", row["person_id"])
        for row in postings
        if row["ends_on"] <= AS_OF
    ]
    return p02_findings(postings, sightings=seen + tables.pop("sightings", []), **tables)


def test_seen_at_work_on_day_two_hundred_of_a_confirmed_notification_is_a_moderate_signal() -> None:
    findings = present([posting(days=200)])
    assert people(findings) == {"olena": "B"}
    signal = findings.signals.filter(subject_type="person").row(0, named=True)
    assert signal["magnitude"] == 180.0
    assert signal["related_ids"] == [
        "client:00000001", "notification:N1", "posting_employer:PL0000000001", "sighting:S-N1",
    ]  # fmt: skip
    assert (signal["period_start"], signal["period_end"]) == (START, START + timedelta(days=199))
    assert json.loads(signal["evidence"])["first_day_over_the_limit"] == str(START + timedelta(days=90))


def test_a_ground_of_stay_that_no_feed_shows_keeps_a_signal_from_being_strong() -> None:
    signal = present([posting(days=200)]).signals.filter(subject_type="person").row(0, named=True)
    assert signal["grade"] == "B"
    assert signal["probability"] is None
    evidence = json.loads(signal["evidence"])
    assert evidence["decisions_that_speak_against_another_ground_of_stay"] == []
    assert evidence["could_not_be_checked"].startswith("Long-term residence, family of an EU citizen and temporary")
    assert any(text.startswith("other_ground_of_stay: cannot be excluded") for text in signal["look_alikes_checked"])


def test_it_is_strong_when_the_immigration_service_had_just_refused_this_very_permit() -> None:
    findings = present([posting(days=200)], permits=[refused()])
    assert people(findings) == {"olena": "A"}
    evidence = json.loads(findings.signals.filter(subject_type="person")["evidence"][0])
    assert evidence["decisions_that_speak_against_another_ground_of_stay"] == ["permit:A000000001"]


@pytest.mark.parametrize(
    "changes",
    [
        {"received_on": START - timedelta(days=160), "decided_on": START - timedelta(days=90)},
        {"refusal_ground": "other"},
        {"refusal_ground": None},
        {"decision": "withdrawn", "refusal_ground": None},
        {"decision": "not_processed", "refusal_ground": None},
        {"scheme": "hsm", "route": "hsm_30_plus"},
        {"received_on": START + timedelta(days=200), "decided_on": START + timedelta(days=220)},
        {"person_id": "somebody"},
    ],
    ids=["long ago", "ground not named", "no ground", "withdrawn", "not processed", "other permit", "after", "other"],
)
def test_another_decision_does_not_speak_against_another_ground_of_stay(changes: dict[str, object]) -> None:
    assert people(present([posting(days=200)], permits=[refused(**changes)])) == {"olena": "B"}


def test_a_decision_alone_makes_no_signal() -> None:
    assert people(present([posting(days=90)], permits=[refused()])) == {}
    assert people(p02_findings([posting(days=200)], permits=[refused()])) == {"olena": "T"}


def test_ninety_days_are_allowed_and_the_ninety_first_is_not() -> None:
    assert people(present([posting(days=90)])) == {}
    assert people(present([posting(days=91)])) == {"olena": "B"}


def test_seen_after_the_limit_but_perhaps_home_at_weekends_is_moderate() -> None:
    assert people(present([posting(days=126)], permits=[refused()])) == {"olena": "B"}
    assert people(present([posting(days=127)], permits=[refused()])) == {"olena": "A"}


def test_an_arrival_vouched_for_after_an_unbroken_notified_stay_confirms_the_days_between() -> None:
    weekends = [posting(days=100), posting("N2", days=10, start=START + timedelta(days=100))]
    assert people(p02_findings(weekends)) == {"olena": "T"}
    longer = [posting(days=150), posting("N2", days=10, start=START + timedelta(days=150))]
    assert people(p02_findings(longer)) == {"olena": "B"}


def test_stays_at_several_employers_are_added_within_the_window() -> None:
    later = posting("N2", days=70, start=START + timedelta(days=100), employer_vat="LT0000000002")
    findings = present([posting(days=70), later])
    assert people(findings) == {"olena": "B"}
    assert "posting_employer:LT0000000002" in findings.signals.filter(subject_type="person")["related_ids"][0]


def test_overlapping_notifications_do_not_count_a_day_twice() -> None:
    assert people(present([posting(days=80), posting("N2", days=85, employer_vat="LT0000000002")])) == {}


def test_days_between_two_sightings_in_an_unconfirmed_notification_are_confirmed() -> None:
    seen = [sighting(3, "S1"), sighting(140, "S2")]
    assert people(p02_findings([posting(days=200, client_confirmed_on=None)], sightings=seen)) == {"olena": "B"}


def test_a_sighting_for_another_employer_is_presence_all_the_same() -> None:
    seen = [sighting(199, employer_vat="LT0000000002")]
    assert people(p02_findings([posting(days=200)], sightings=seen)) == {"olena": "B"}


# Look-alikes: each is lawful or unproven and gives no signal.


def others(still_there: int, gone: int) -> tuple[list, list]:
    """Workers notified and confirmed for 150 days, all seen on day 10, some of them again on day 110."""
    rows, seen = [], []
    for number in range(still_there + gone):
        worker = f"o{number}"
        rows.append(posting(f"O{number}", worker, days=150, employer_vat="SK0000000009"))
        seen.append(sighting(10, f"E{number}", worker))
        if number < still_there:
            seen.append(sighting(110, f"L{number}", worker))
    return rows, seen


def test_where_those_vouched_for_were_mostly_gone_the_word_of_a_client_counts_for_nothing() -> None:
    rows, seen = others(still_there=2, gone=30)
    findings = p02_findings([*rows, posting(days=200)], sightings=seen)
    assert "olena" not in people(findings)
    trust = findings.measures.filter(measure="still_there_share").row(0, named=True)
    assert trust["lo95"] < 2 / 32 < trust["hi95"] < 0.5
    assert trust["n"] == 33


def test_where_those_vouched_for_were_mostly_still_there_it_counts() -> None:
    rows, seen = others(still_there=40, gone=0)
    findings = p02_findings([*rows, posting(days=200)], sightings=seen)
    assert people(findings)["olena"] == "B"
    signal = findings.signals.filter(subject_id="olena").row(0, named=True)
    assert signal["magnitude_unit"] == "days in 180, vouched for by the client"
    short = p02_findings([*rows, posting(days=120)], sightings=seen)
    assert people(short)["olena"] == "T"


def test_without_sightings_nobody_knows_and_it_is_technical() -> None:
    findings = p02_findings([posting(days=200)])
    assert people(findings) == {"olena": "T"}
    assert share(findings, "flagged_share") == 0.0


def test_an_unconfirmed_notification_is_only_an_upper_bound_and_reported_apart() -> None:
    findings = p02_findings([posting(days=200, client_confirmed_on=None)])
    assert people(findings) == {}
    assert share(findings, "notified_only_share") == 1.0


def test_a_worker_who_was_seen_twice_and_then_no_more_may_have_left() -> None:
    seen = [sighting(3, "S1"), sighting(60, "S2")]
    assert people(p02_findings([posting(days=200)], sightings=seen)) == {}
    rows, more = others(still_there=40, gone=0)
    assert people(p02_findings([*rows, posting(days=200)], sightings=[*more, *seen]))["olena"] == "T"


def test_a_shorter_stay_in_the_last_version_counts_as_that() -> None:
    assert people(present([posting(days=60, version=2, versions=2)])) == {}


def test_a_confirmation_after_the_as_of_date_is_not_known_yet() -> None:
    assert people(present([posting(days=200, client_confirmed_on=AS_OF + timedelta(days=1))])) == {}


def test_two_sightings_far_apart_without_a_notification_between_are_two_days() -> None:
    ended = posting(days=10, client_confirmed_on=None)
    again = posting("N2", days=10, start=START + timedelta(days=140), client_confirmed_on=None)
    assert people(p02_findings([ended, again], sightings=[sighting(3, "S1"), sighting(145, "S2")])) == {}


def test_an_annual_notification_says_nothing_about_presence() -> None:
    findings = present([posting(days=300, kind="annual")])
    assert findings.signals.is_empty()
    assert findings.measures.select("value", "n").rows() == [(None, 0)]
    beside = present([posting(days=300, kind="annual"), posting("N2", days=20)])
    assert people(beside) == {}


def test_a_permit_before_day_ninety_one_covers_the_rest() -> None:
    assert people(present([posting(days=300)], permits=[permit()])) == {}


def test_a_pending_application_covers_while_it_is_pending() -> None:
    asked = permit(
        received_on=START + timedelta(days=60), decided_on=None, decision=None, valid_from=None, ends_on=None
    )
    assert people(present([posting(days=300)], permits=[asked])) == {}


def test_after_a_refusal_the_days_count_again() -> None:
    asked = refused(received_on=START, decided_on=START + timedelta(days=20))
    assert people(present([posting(days=200)], permits=[asked])) == {"olena": "A"}


@pytest.mark.parametrize("route", ["gvva", "hsm", "orientation_year"])
def test_any_other_residence_permit_covers_too(route: str) -> None:
    assert people(present([posting(days=300)], permits=[permit(scheme=route, route=route)])) == {}


def test_a_work_permit_covers_too() -> None:
    case = {
        "case_id": "U1", "person_id": "olena", "kind": "twv", "route": "twv", "outcome": "positive",
        "received_on": START, "decided_on": START, "valid_from": START, "valid_until": START + timedelta(days=365),
    }  # fmt: skip
    assert people(present([posting(days=300)], uwv_cases=[case])) == {}


def test_days_under_a_permit_that_has_ended_are_not_counted_against_the_worker() -> None:
    ended = permit(decided_on=START, valid_from=START, ends_on=START + timedelta(days=100))
    assert people(present([posting(days=150)], permits=[ended])) == {}
    assert people(present([posting(days=300)], permits=[ended])) == {"olena": "A"}


def test_a_permit_that_comes_after_day_ninety_one_does_not_heal_the_days_before() -> None:
    late = permit(received_on=START + timedelta(days=140), decided_on=START + timedelta(days=150),
                  valid_from=START + timedelta(days=150))  # fmt: skip
    findings = present([posting(days=300)], permits=[late], sightings=[sighting(130, "S9")])
    assert people(findings) == {"olena": "B"}
    assert "permit:A000000001" in findings.signals.filter(subject_type="person")["related_ids"][0]


def test_the_future_of_a_running_notification_does_not_count() -> None:
    running = posting(days=200, start=AS_OF - timedelta(days=80))
    today = sighting((AS_OF - START).days)
    assert people(p02_findings([running], sightings=[today])) == {}


def test_workers_with_free_movement_in_any_record_need_no_permit() -> None:
    assert present([posting(days=300, worker_free_movement=True)]).measures["n"].to_list() == [0]
    citizen = {"person_id": "olena", "free_movement": True}
    assert present([posting(days=300)], persons=[citizen]).signals.is_empty()
    earlier = posting("N0", days=10, start=START - timedelta(days=400), worker_free_movement=True)
    assert present([earlier, posting(days=300)]).signals.is_empty()
    seen = sighting(-300, "S0", worker_free_movement=True)
    assert present([posting(days=300)], sightings=[seen]).signals.is_empty()
    resident = permit(valid_from=None, received_on=START - timedelta(days=900), decided_on=None, decision=None)
    resident["decided_on"] = START - timedelta(days=890)
    assert present([posting(days=300)], permits=[{**resident, "free_movement": True}]).signals.is_empty()
    assert people(present([posting(days=300)], permits=[resident])) == {"olena": "B"}


def test_a_shared_document_is_nobody_s_stay() -> None:
    doubtful = {"person_id": "olena", "is_ambiguous": True}
    findings = present([posting(days=300), posting("N2", "ivan", days=20)], persons=[doubtful])
    assert people(findings) == {}
    assert share(findings, "assessed_share") == 0.5


def test_a_permit_of_the_same_client_without_a_document_number_makes_it_technical() -> None:
    unknown = permit(person_id="somebody", workplace_kvk="00000001")
    assert people(present([posting(days=300)], permits=[unknown])) == {"olena": "T"}
    known = {"identifier_kind": "document", "identifier": "d", "person_id": "somebody"}
    assert people(present([posting(days=300)], permits=[unknown], person_identifiers=[known])) == {"olena": "B"}


# Service providers and measures.


def crowd() -> list[dict[str, object]]:
    """Twelve providers with six workers each; at the first one five stay 200 days, elsewhere all stay 60."""
    rows = []
    for firm in range(12):
        for worker in range(6):
            days = 200 if firm == 0 and worker < 5 else 60
            rows.append(
                posting(f"N{firm}-{worker}", f"w{firm}-{worker}", days=days, employer_vat=f"PL00000001{firm:02d}")
            )
    return rows


def test_a_provider_whose_workers_mostly_stay_over_stands_out() -> None:
    findings = present(crowd())
    assert cases(findings, "posting_employer") == {"PL0000000100": "B"}
    signal = findings.signals.filter(subject_type="posting_employer").row(0, named=True)
    notifications = [f"notification:N0-{worker}" for worker in range(5)]
    assert signal["related_ids"] == [*notifications, "posting_employer:PL0000000100"]
    assert signal["probability"] > 0.9


def test_the_probability_of_a_provider_says_that_it_is_not_about_the_right_to_stay() -> None:
    evidence = json.loads(present(crowd()).signals.filter(subject_type="posting_employer")["evidence"][0])
    assert evidence["probability_speaks_about"].endswith("not about their right to stay")
    assert evidence["could_not_be_checked"].startswith("Long-term residence")


def test_the_flagged_share_holds_its_interval_and_counts_every_assessed_worker() -> None:
    findings = present(crowd())
    row = findings.measures.filter(measure="flagged_share", stratum_kind="all").row(0, named=True)
    assert row["value"] == pytest.approx(5 / 72)
    assert row["lo95"] < row["value"] < row["hi95"]
    assert row["n"] == 72


def test_the_order_of_rows_changes_nothing() -> None:
    straight, turned = present(crowd()), present(crowd()[::-1])
    assert straight.signals.equals(turned.signals)
    assert straight.measures.equals(turned.measures)


@pytest.mark.parametrize(("name", "looser", "stricter"), [("days", 67, 113), ("window_days", 225, 135)])
def test_a_quarter_more_or_less_moves_the_flagged_volume_the_expected_way(
    name: str, looser: float, stricter: float
) -> None:
    rows = [posting(f"A{n}", f"a{n}", days=n) for n in range(60, 121, 10)]
    for gap in (60, 90, 110, 160):
        rows.append(posting(f"B{gap}", f"b{gap}", days=50))
        rows.append(posting(f"C{gap}", f"b{gap}", days=50, start=START + timedelta(days=gap)))
    loose, normal, strict = (
        len(people(present(rows, limits={**LIMITS, name: limit}))) for limit in (looser, LIMITS[name], stricter)
    )
    assert loose > normal > strict


def test_without_postings_the_result_says_not_assessed_and_never_zero() -> None:
    findings = p02_findings([])
    assert findings.signals.is_empty()
    assert findings.measures["method"][0].startswith("Not assessed")


def test_the_name_of_a_signal_is_the_same_in_every_run() -> None:
    first, second = present([posting(days=200)]), present([posting(days=200)])
    assert first.signals.height == 1
    assert first.signals["signal_id"].to_list() == second.signals["signal_id"].to_list()
    assert first.signals["as_of"].to_list() == [date(2025, 11, 23)]
