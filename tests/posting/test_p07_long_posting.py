"""P07 as a specification: which long jobs are a question to the service provider, and which are left alone.

Three workers follow each other in one job from January 2023 until the summer of 2024 or longer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from assets.core.findings import Findings
from quality.thresholds import thresholds
from tests.posting.world import AS_OF, cases, p07_findings, posting

LIMITS = thresholds("P07", AS_OF)
FIRST = date(2023, 1, 2)
FIRM = "PL0000000001"


def relay(days: Sequence[int], gap: int = 10, first: date = FIRST, name: str = "W", **changes: Any) -> list[dict]:
    """Workers who follow each other in one job, each for so many days, with a gap between them."""
    rows, start = [], first
    for number, length in enumerate(days):
        rows.append(posting(f"N-{name}{number}", f"{name}{number}", days=length, start=start, **changes))
        start += timedelta(days=length + gap)
    return rows


def firms(findings: Findings) -> dict[str, str]:
    return cases(findings, "posting_employer")


def wage_table(hour: float = 10.0) -> list[dict]:
    return [{"valid_from": date(2020, 1, 1), "valid_until": date(2026, 12, 31), "minimum_hour_eur": hour}]


def test_a_job_of_twenty_months_by_three_workers_is_a_signal() -> None:
    findings = p07_findings(relay([200, 200, 200]))
    assert firms(findings) == {FIRM: "B"}
    signal = findings.signals.row(0, named=True)
    assert signal["magnitude"] == 600.0
    assert (signal["period_start"], signal["period_end"]) == (FIRST, FIRST + timedelta(days=619))
    assert signal["related_ids"] == [
        "client:00000001", "notification:N-W0", "notification:N-W1", "notification:N-W2",
        f"posting_employer:{FIRM}", "site:site-1",
    ]  # fmt: skip
    evidence = json.loads(signal["evidence"])
    assert evidence["workers"] == 3
    assert evidence["days_upper"] == 600


def test_thirteen_months_are_technical_because_a_motivated_notice_is_not_known() -> None:
    assert firms(p07_findings(relay([200, 200]))) == {FIRM: "T"}


def test_exactly_twelve_months_are_allowed() -> None:
    assert firms(p07_findings(relay([365]))) == {}
    assert firms(p07_findings(relay([366]))) == {FIRM: "T"}
    assert firms(p07_findings(relay([548]))) == {FIRM: "T"}
    assert firms(p07_findings(relay([549]))) == {FIRM: "B"}


def test_low_pay_and_a_worker_seen_on_site_make_it_strong() -> None:
    rows = relay([200, 200, 200], hourly_wage_eur=12.0)
    seen = {
        "sighting_id": "S1", "person_id": "W1", "seen_on": FIRST + timedelta(days=300), "employer_vat": FIRM,
        "list": "inspection",
    }  # fmt: skip
    assert firms(p07_findings(rows, minimum_wage=wage_table(), sightings=[seen])) == {FIRM: "A"}
    assert firms(p07_findings(rows, minimum_wage=wage_table())) == {FIRM: "B"}


def test_workers_with_free_movement_are_protected_as_well() -> None:
    assert firms(p07_findings(relay([200, 200, 200], worker_free_movement=True))) == {FIRM: "B"}


# Look-alikes: each is lawful or unproven and gives no signal.


def test_crew_growth_is_not_replacement() -> None:
    crew = [posting(f"N{n}", f"w{n}", days=300, start=FIRST + timedelta(days=40 * n)) for n in range(8)]
    assert firms(p07_findings(crew)) == {}


def test_a_handover_of_a_week_is_replacement() -> None:
    assert firms(p07_findings(relay([300, 300], gap=-7))) == {FIRM: "B"}


def test_overlap_is_not_replacement() -> None:
    assert firms(p07_findings(relay([300, 300], gap=-10))) == {}


def test_more_than_sixty_days_between_two_workers_end_the_slot() -> None:
    assert firms(p07_findings(relay([300, 300], gap=60))) == {FIRM: "B"}
    assert firms(p07_findings(relay([300, 300], gap=61))) == {}


def test_another_task_is_another_slot() -> None:
    rows = relay([300, 300])
    rows[1]["occupation_isco"] = "9313"
    assert firms(p07_findings(rows)) == {}


def test_a_detail_of_the_same_task_is_the_same_slot() -> None:
    rows = relay([300, 300])
    rows[1]["occupation_isco"] = "7115"
    assert firms(p07_findings(rows)) == {FIRM: "B"}


def test_an_unknown_task_is_never_a_replacement_but_a_stay_of_ones_own() -> None:
    assert firms(p07_findings(relay([300, 300], occupation_isco=None))) == {}
    assert firms(p07_findings(relay([600], occupation_isco=None))) == {FIRM: "B"}


def test_a_task_that_was_not_stated_among_the_same_tasks_makes_it_technical_at_most() -> None:
    rows = relay([200, 200, 200])
    rows[1]["occupation_isco"] = None
    findings = p07_findings(rows)
    assert firms(findings) == {FIRM: "T"}
    assert json.loads(findings.signals["evidence"][0])["rests_on_an_assumed_task_or_client"]
    rows[2]["occupation_isco"] = "9313"
    assert firms(p07_findings(rows)) == {}


def test_stated_tasks_that_suffice_are_not_weakened_by_one_that_is_missing() -> None:
    rows = [*relay([300, 300]), posting("N9", "w9", days=30, start=FIRST, occupation_isco=None)]
    assert firms(p07_findings(rows)) == {FIRM: "B"}


def test_another_place_is_another_slot() -> None:
    rows = relay([300, 300])
    rows[1]["place_id"] = "site-2"
    assert firms(p07_findings(rows)) == {}


def test_work_for_another_client_at_the_same_place_is_another_slot() -> None:
    rows = relay([300, 300])
    rows[1]["client_kvk"] = "00000002"
    assert firms(p07_findings(rows)) == {}


def test_a_client_that_was_not_stated_among_the_same_clients_makes_it_technical_at_most() -> None:
    rows = relay([200, 200, 200])
    rows[1]["client_kvk"] = None
    assert firms(p07_findings(rows)) == {FIRM: "T"}
    assert firms(p07_findings(relay([200, 200, 200], client_kvk=None))) == {FIRM: "B"}


def test_without_a_building_client_and_postcode_are_the_place() -> None:
    assert firms(p07_findings(relay([300, 300], place_id=None))) == {FIRM: "B"}
    rows = relay([300, 300], place_id=None)
    rows[1]["work_postcode4"] = "3011"
    assert firms(p07_findings(rows)) == {}


def test_without_building_and_client_nothing_can_be_told() -> None:
    findings = p07_findings(relay([300, 300], place_id=None, client_kvk=None))
    assert findings.measures["n"].to_list() == [0]


def test_a_new_contractor_that_takes_the_staff_over_starts_afresh() -> None:
    rows = relay([300, 300])
    rows[1] |= {"employer_vat": "LT0000000002", "person_id": "W0"}
    assert firms(p07_findings(rows)) == {}


@pytest.mark.parametrize("kind", ["annual", "self_employed"])
def test_annual_and_self_employed_notifications_are_left_out(kind: str) -> None:
    assert p07_findings(relay([600], kind=kind)).signals.is_empty()


def test_full_terms_in_fact_paid_are_lawful_however_long() -> None:
    assert firms(p07_findings(relay([300, 300], hourly_wage_eur=14.0), minimum_wage=wage_table())) == {}
    assert firms(p07_findings(relay([300, 300], hourly_wage_eur=13.9), minimum_wage=wage_table())) == {FIRM: "B"}


def test_pay_is_measured_against_domestic_peers_where_there_are_enough() -> None:
    peer = {"occupation_isco": "7112", "sbi2": "41", "workers": 50, "p25_eur": 173.33 * 20}
    peers = [{**peer, "year": year} for year in (2023, 2024)]
    rows = relay([300, 300], hourly_wage_eur=19.0)
    assert firms(p07_findings(rows, peer_wages=peers, minimum_wage=wage_table())) == {FIRM: "B"}
    few = [{**row, "workers": 49} for row in peers]
    assert firms(p07_findings(rows, peer_wages=few, minimum_wage=wage_table())) == {}


def test_pay_of_one_worker_in_five_says_nothing_about_the_slot() -> None:
    rows = relay([150] * 5)
    rows[0]["hourly_wage_eur"] = 30.0
    findings = p07_findings(rows, minimum_wage=wage_table())
    assert firms(findings) == {FIRM: "B"}
    assert json.loads(findings.signals["evidence"][0])["pay"] == "unknown"


def test_days_before_the_rule_applied_do_not_count() -> None:
    assert firms(p07_findings(relay([600], first=date(2019, 7, 1)))) == {}
    assert firms(p07_findings(relay([800], first=date(2019, 7, 1)))) == {FIRM: "T"}


def test_the_future_of_a_running_notification_does_not_count() -> None:
    assert firms(p07_findings(relay([700], first=AS_OF - timedelta(days=300)))) == {}


def test_an_ambiguous_order_counts_only_what_holds_in_every_order() -> None:
    rows = relay([250], name="A") + relay([30, 200], gap=5, name="B", first=FIRST + timedelta(days=230))
    findings = p07_findings(rows)
    assert firms(findings) == {}
    share = findings.measures.filter(measure="open_share", stratum_kind="all")["value"]
    assert share.to_list() == [1.0]


# Names, thresholds, measures.


def test_two_sites_of_one_provider_in_the_same_period_are_two_signals() -> None:
    findings = p07_findings(relay([600], name="A") + relay([600], name="B", place_id="site-2"))
    assert findings.signals.height == 2
    assert findings.signals["signal_id"].n_unique() == 2


@pytest.mark.parametrize(
    ("name", "looser", "stricter"), [("long_days", 274, 456), ("gap_days", 75, 45), ("full_terms_ratio", 1.75, 1.05)]
)
def test_a_quarter_more_or_less_moves_the_flagged_volume_the_expected_way(
    name: str, looser: float, stricter: float
) -> None:
    rows = []
    for number, (days, gap, wage) in enumerate(
        [(150, 10, 10), (200, 10, 10), (250, 10, 10), (250, 50, 10), (250, 70, 10), (250, 10, 12), (250, 10, 16)]
    ):
        rows += relay([days] * 2, gap, name=f"r{number}", place_id=f"s{number}", hourly_wage_eur=float(wage))
    loose, normal, strict = (
        p07_findings(rows, {**LIMITS, name: limit}, minimum_wage=wage_table()).signals.height
        for limit in (looser, LIMITS[name], stricter)
    )
    assert loose > normal > strict


def test_a_longer_extended_limit_makes_more_of_it_technical() -> None:
    rows = relay([600])
    assert firms(p07_findings(rows)) == {FIRM: "B"}
    assert firms(p07_findings(rows, {**LIMITS, "extended_days": 685})) == {FIRM: "T"}


def test_the_order_of_rows_changes_nothing() -> None:
    rows = relay([200, 200, 200]) + relay([300, 300], name="B", place_id="site-2")
    straight, turned = p07_findings(rows), p07_findings(rows[::-1])
    assert straight.signals.equals(turned.signals)
    assert straight.measures.equals(turned.measures)


def test_the_flagged_share_counts_every_cell_and_holds_its_interval() -> None:
    rows = relay([600]) + [posting(f"M{n}", f"m{n}", place_id=f"p{n}") for n in range(9)]
    row = p07_findings(rows).measures.filter(measure="flagged_share", stratum_kind="all").row(0, named=True)
    assert (row["value"], row["n"]) == (0.1, 10)
    assert row["lo95"] < 0.1 < row["hi95"]


def test_without_postings_the_result_says_not_assessed_and_never_zero() -> None:
    findings = p07_findings([])
    assert findings.signals.is_empty()
    assert findings.measures.select("value", "n").rows() == [(None, 0)]
