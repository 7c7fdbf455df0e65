"""What sightings teach about notified stays, as a specification."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from assets.posting.presence import StillThere, proved_spans, still_there, vouched_spans

FIRST = date(2025, 1, 6)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def notified(start: int, end: int, confirmed: int | None = None, who: str = "olena") -> dict:
    return {
        "person_id": who,
        "starts_on": day(start),
        "ends_on": day(end),
        "confirmed_on": None if confirmed is None else day(confirmed),
    }


def postings(*rows: dict) -> pl.DataFrame:
    schema = {"person_id": pl.String, "starts_on": pl.Date, "ends_on": pl.Date, "confirmed_on": pl.Date}
    return pl.DataFrame(rows, schema=schema)


def seen(*days: int, who: str = "olena") -> pl.DataFrame:
    return pl.DataFrame(
        {"person_id": [who] * len(days), "seen_on": [day(d) for d in days]},
        schema={"person_id": pl.String, "seen_on": pl.Date},
    )


def as_days(spans: pl.DataFrame) -> list[tuple[int, int]]:
    return sorted(((a - FIRST).days, (b - FIRST).days) for _, a, b in spans.iter_rows())


def test_two_points_in_one_stretch_prove_the_days_between() -> None:
    assert as_days(proved_spans(postings(notified(0, 99)), seen(5, 80))) == [(5, 80)]


def test_notifications_that_touch_are_one_stretch() -> None:
    assert as_days(proved_spans(postings(notified(0, 49), notified(50, 99)), seen(5, 80))) == [(5, 80)]


def test_a_break_between_notifications_separates_the_points() -> None:
    assert as_days(proved_spans(postings(notified(0, 49), notified(60, 99)), seen(5, 80))) == [(5, 5), (80, 80)]


def test_a_confirmation_proves_the_first_day_and_its_own() -> None:
    assert as_days(proved_spans(postings(notified(0, 99, confirmed=4)), seen())) == [(0, 4)]
    assert as_days(proved_spans(postings(notified(0, 99, confirmed=-3)), seen())) == [(0, 0)]
    assert as_days(proved_spans(postings(notified(0, 99, confirmed=120)), seen())) == [(0, 0)]


def test_a_sighting_without_a_notification_proves_its_day() -> None:
    assert as_days(proved_spans(postings(notified(50, 99)), seen(5))) == [(5, 5)]
    assert as_days(proved_spans(postings(), seen(5))) == [(5, 5)]


def test_only_confirmed_notifications_are_vouched_for() -> None:
    found = vouched_spans(postings(notified(0, 99, confirmed=1), notified(200, 299)), seen())
    assert as_days(found) == [(0, 1), (0, 99)]


def test_equal_days_at_the_start_and_beyond_the_limit_are_compared() -> None:
    spans = pl.DataFrame(
        {"person_id": ["a", "b", "c"], "starts_on": [FIRST] * 3, "ends_on": [day(99), day(199), day(79)]}
    )
    sightings = pl.concat([seen(5, 95, who="a"), seen(9, 151, who="b"), seen(10, 70, who="c")])
    assert still_there(spans, sightings, 90, 60) == StillThere(seen_early=2, seen_late=1, workers=2)


def test_a_sighting_on_the_last_allowed_day_is_not_beyond_it() -> None:
    spans = pl.DataFrame({"person_id": ["a"], "starts_on": [FIRST], "ends_on": [day(199)]})
    assert still_there(spans, seen(89, who="a"), 90, 60).seen_late == 0
    assert still_there(spans, seen(90, who="a"), 90, 60).seen_late == 1


def test_the_share_is_read_with_its_uncertainty() -> None:
    assert StillThere(100, 20, 500).quantile(0.5) == pytest.approx(0.2, abs=0.01)
    assert StillThere(100, 20, 500).is_excluded(0.5)
    assert StillThere(100, 95, 500).is_certain(0.5)
    few = StillThere(2, 1, 500)
    assert not few.is_certain(0.5)
    assert not few.is_excluded(0.5)


def test_more_seen_late_than_early_is_everybody() -> None:
    assert StillThere(10, 30, 500).quantile(0.5) == 1.0


def test_without_sightings_nothing_is_known() -> None:
    nothing = StillThere(0, 0, 0)
    assert not nothing.is_certain(0.5)
    assert not nothing.is_excluded(0.5)
