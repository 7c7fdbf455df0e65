"""One form of question about an organisation, whichever indicator asks it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl

from assets.core.group_signals import GroupQuestion, group_signals

LIMITS = {"sponsor_reference_share": 0.1, "sponsor_min_permits": 2.0, "sponsor_fdr": 0.1}
QUESTION = GroupQuestion(
    indicator="H99",
    subject_type="sponsor",
    who="sponsor",
    units="permits",
    record="permit",
    rule="The rule.",
    article="The article.",
    magnitude_unit="share of permits",
    look_alikes=("a: checked",),
    counts={"short_months": "successes"},
    caveats={"could_not_be_checked": "the weather"},
)


def units(flagged: int, grade: str = "A") -> pl.DataFrame:
    """Forty sponsors with five permits each; the first has so many flagged ones, no other has any."""
    rows: list[dict[str, Any]] = []
    for sponsor in range(40):
        for permit in range(5):
            is_flagged = sponsor == 0 and permit < flagged
            rows.append(
                {
                    "unit_id": f"A{sponsor}-{permit}",
                    "group_id": f"G{sponsor}",
                    "subject_id": f"K{sponsor}",
                    "successes": float(is_flagged),
                    "trials": 1.0,
                    "is_flagged": is_flagged,
                    "grade": grade if is_flagged else None,
                    "starts_on": date(2025, 1 + permit, 1) if is_flagged else None,
                    "ends_on": date(2025, 6 + permit, 30) if is_flagged else None,
                }
            )
    return pl.DataFrame(rows)


def test_a_sponsor_of_whom_most_permits_are_flagged_is_asked_about_with_everything_that_was_counted() -> None:
    (signal,) = group_signals(QUESTION, units(4), LIMITS)
    assert (signal.indicator, signal.subject_type, signal.subject_id, signal.grade) == ("H99", "sponsor", "K0", "A")
    assert (signal.period_start, signal.period_end) == (date(2025, 1, 1), date(2025, 9, 30))
    assert signal.probability is not None
    assert 0.9 < signal.probability <= 1.0
    assert signal.related_ids == ["permit:A0-0", "permit:A0-1", "permit:A0-2", "permit:A0-3", "sponsor:K0"]
    evidence = json.loads(json.dumps(signal.evidence))
    assert evidence["sources"] == {"permits": ["A0-0", "A0-1", "A0-2", "A0-3"]}
    assert (evidence["permits"], evidence["flagged_permits"], evidence["short_months"]) == (5, 4, 4.0)
    assert evidence["could_not_be_checked"] == "the weather"
    assert evidence["thresholds"] == LIMITS


def test_one_flagged_permit_is_no_pattern() -> None:
    assert group_signals(QUESTION, units(1), LIMITS) == []


def test_the_grade_is_no_stronger_than_that_of_enough_permits() -> None:
    assert [signal.grade for signal in group_signals(QUESTION, units(4, "B"), LIMITS)] == ["B"]
    assert [signal.grade for signal in group_signals(QUESTION, units(4, "T"), LIMITS)] == ["T"]


def test_other_source_records_than_the_units_can_be_named() -> None:
    (signal,) = group_signals(QUESTION, units(3), LIMITS, records={"G0": ["N1", "N2"]})
    assert signal.related_ids == ["permit:N1", "permit:N2", "sponsor:K0"]
    assert signal.evidence["sources"] == {"permits": ["N1", "N2"]}
