"""What is not known is no absence: feeds that were never delivered, or that ended, give no signal on pay.

Anna is never paid (H08) or paid at four fifths of the norm (H01) from February 2024; Bob is paid what was agreed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assets.core.findings import Findings
from assets.knowledge_migrants.reading import NEEDED
from tests.builders import delivered
from tests.knowledge_migrants.world import AS_OF, NORM, cases, h01_findings, h08_findings, payroll_number, permit, wages

ANNA = "A000000001"
BOB = permit("A000000009", "bob")


def never_paid(but: dict[str, date | None] | None = None, **tables: Any) -> Findings:
    rows = tables.pop("wage_months", wages(person="bob"))
    return h08_findings([permit(), BOB], rows, deliveries=delivered(AS_OF, but=but), **tables)


def paid_too_little(but: dict[str, date | None] | None = None, **tables: Any) -> Findings:
    rows = tables.pop("wage_months", wages(0.8 * NORM)) + wages(person="bob")
    return h01_findings([permit(), BOB], rows, deliveries=delivered(AS_OF, but=but), **tables)


def test_with_every_feed_both_are_found() -> None:
    assert cases(never_paid()) == {ANNA: "A"}
    assert cases(paid_too_little()) == {ANNA: "A"}


@pytest.mark.parametrize("feed", NEEDED)
def test_without_a_feed_that_could_explain_it_neither_is_assessed_and_the_reason_names_the_feed(feed: str) -> None:
    for findings in (never_paid({feed: None}), paid_too_little({feed: None})):
        assert findings.signals.is_empty()
        (row,) = findings.measures.to_dicts()
        assert (row["value"], row["n"]) == (None, 0)
        assert row["method"] == f"Not assessed: {feed} was not delivered."


@pytest.mark.parametrize("feed", ["ind_permits", "ind_sponsor_notices"])
def test_months_after_the_last_permits_or_notices_are_not_assessed(feed: str) -> None:
    stopped = {feed: date(2024, 5, 31)}
    assert cases(never_paid(stopped)) == {}
    late = wages(NORM, last=date(2024, 4, 1)) + wages(0.8 * NORM, first=date(2024, 5, 1))
    assert cases(paid_too_little(wage_months=late)) == {ANNA: "A"}
    assert cases(paid_too_little(stopped, wage_months=late)) == {}


def test_a_notice_may_come_four_weeks_after_the_event_so_the_last_four_weeks_of_notices_do_not_count() -> None:
    first_three = wages(0.8 * NORM, last=date(2024, 4, 1)) + wages(NORM, first=date(2024, 5, 1))
    assert cases(paid_too_little({"ind_sponsor_notices": date(2024, 5, 28)}, wage_months=first_three)) != {}
    assert cases(paid_too_little({"ind_sponsor_notices": date(2024, 5, 27)}, wage_months=first_three)) == {}


def test_when_the_wages_ended_their_last_months_are_still_being_corrected_and_the_rest_stands() -> None:
    until_may = wages(0.8 * NORM, last=date(2024, 5, 1))
    early = paid_too_little({"uwv_wages": date(2024, 5, 28)}, wage_months=until_may)
    assert cases(early) == {}
    assert early.measures.filter(measure="flagged_share", stratum_kind="all")["n"].to_list() == [2]
    ended = never_paid({"uwv_wages": date(2024, 12, 20)}, wage_months=wages(person="bob", last=date(2024, 11, 1)))
    assert ended.signals["period_end"].to_list() == [date(2024, 9, 30)]


def test_wages_of_last_month_s_delivery_are_as_new_as_can_be() -> None:
    assert never_paid({"uwv_wages": date(2025, 10, 31)}).signals.equals(never_paid().signals)


def test_no_signal_on_pay_rests_on_numbers_that_may_belong_to_several_people() -> None:
    doubtful = [{"person_id": "anna", "is_ambiguous": True}, {"person_id": "bob"}]
    assert cases(never_paid(persons=doubtful)) == {}
    findings = paid_too_little(persons=doubtful)
    assert cases(findings) == {}
    shares = findings.measures.filter(measure="assessed_share", stratum_kind="all")
    assert shares["value"].to_list() == [0.5]


def test_when_every_number_is_doubtful_nothing_is_assessed() -> None:
    doubtful = [{"person_id": p, "is_ambiguous": True} for p in ("anna", "bob")]
    for findings in (never_paid(persons=doubtful), paid_too_little(persons=doubtful)):
        assert findings.signals.is_empty()
        assert findings.measures["n"].to_list() == [0]


def test_an_unlinked_world_without_payroll_numbers_asks_nobody() -> None:
    assert cases(paid_too_little(payroll_numbers=[payroll_number(kvk=None, probability=None)])) == {}
