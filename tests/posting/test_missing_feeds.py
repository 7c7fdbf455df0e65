"""What is not known is no absence: without permits nobody lacks one; after the last delivery nothing is announced."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from assets.core.findings import Findings
from tests.builders import delivered
from tests.posting.test_p07_long_posting import FIRST, relay
from tests.posting.world import AS_OF, START, cases, p02_findings, p07_findings, posting, sighting


def long_stay(but: dict[str, date | None] | None = None) -> Findings:
    """Olena, 200 days, seen on the last of them."""
    return p02_findings([posting(days=200)], sightings=[sighting(199)], deliveries=delivered(AS_OF, but=but))


def test_with_every_feed_the_stay_is_found() -> None:
    assert cases(long_stay(), "person") == {"olena": "B"}


@pytest.mark.parametrize("feed", ["ind_permits", "szw_postings"])
def test_without_permits_or_notifications_the_stay_is_not_assessed_and_the_reason_names_the_feed(feed: str) -> None:
    findings = long_stay({feed: None})
    assert findings.signals.is_empty()
    assert findings.measures["method"].to_list() == [f"Not assessed: {feed} was not delivered."]


def test_without_work_permits_the_stay_is_technical() -> None:
    assert cases(long_stay({"uwv_work_permits": None}), "person") == {"olena": "T"}


@pytest.mark.parametrize("feed", ["ind_permits", "szw_postings", "uwv_work_permits"])
def test_days_after_the_last_delivery_are_not_assessed(feed: str) -> None:
    assert cases(long_stay({feed: START + timedelta(days=89)}), "person") == {}
    stopped = long_stay({feed: START + timedelta(days=130)})
    assert set(cases(stopped, "person")) == {"olena"}
    assert stopped.signals["period_end"].to_list() == [START + timedelta(days=130)]


def test_without_sightings_a_stay_that_the_client_vouched_for_is_technical() -> None:
    findings = p02_findings([posting(days=200)], deliveries=delivered(AS_OF, but={"nla_sightings": None}))
    assert cases(findings, "person") == {"olena": "T"}


def test_not_being_seen_after_the_sightings_ended_says_nothing_about_the_word_of_clients() -> None:
    rows = [posting(f"N{n}", f"w{n}", days=200) for n in range(30)]
    seen = [sighting(5, f"S{n}", f"w{n}") for n in range(30)]
    complete = p02_findings(rows, sightings=seen)
    ended = p02_findings(
        rows, sightings=seen, deliveries=delivered(AS_OF, but={"nla_sightings": START + timedelta(days=60)})
    )
    assert cases(complete, "person") == {}
    assert set(cases(ended, "person").values()) == {"T"}


def test_a_long_job_needs_the_notifications_and_ends_with_them() -> None:
    rows = relay([200, 200, 200])
    assert p07_findings(rows, deliveries=delivered(AS_OF, but={"szw_postings": None})).measures["method"].to_list() == [
        "Not assessed: szw_postings was not delivered."
    ]
    for until, expected in ((FIRST + timedelta(days=374), {}), (FIRST + timedelta(days=480), {"PL0000000001": "T"})):
        findings = p07_findings(rows, deliveries=delivered(AS_OF, but={"szw_postings": until}))
        assert cases(findings, "posting_employer") == expected


def test_two_workers_under_one_mistyped_document_make_no_long_job() -> None:
    rows = [posting("N1", "both", 300, FIRST), posting("N2", "both", 300, FIRST + timedelta(days=280))]
    assert cases(p07_findings(rows), "posting_employer") == {"PL0000000001": "B"}
    doubtful = [{"person_id": "both", "is_ambiguous": True}]
    assert cases(p07_findings(rows, persons=doubtful), "posting_employer") == {}
    one_after_the_other = relay([200, 200, 200])
    doubtful = [{"person_id": "W1", "is_ambiguous": True}]
    assert cases(p07_findings(one_after_the_other, persons=doubtful), "posting_employer") == {"PL0000000001": "B"}


def test_when_every_document_is_doubtful_nobody_is_assessed() -> None:
    doubtful = [{"person_id": "olena", "is_ambiguous": True}]
    findings = p02_findings([posting(days=200)], sightings=[sighting(199)], persons=doubtful)
    assert findings.signals.is_empty()
    assert findings.measures["n"].to_list() == [0]
