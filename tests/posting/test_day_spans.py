"""Arithmetic on days as a specification, checked against counting every single day."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.posting.day_spans import busiest_window, merge, subtract

ORIGIN = date(2024, 1, 1)
SCHEMA = {"person_id": pl.String, "starts_on": pl.Date, "ends_on": pl.Date}


def spans(*rows: tuple[str, int, int]) -> pl.DataFrame:
    """Spans by person, first day and last day, counted from 1 January 2024."""
    days = [(who, ORIGIN + timedelta(days=a), ORIGIN + timedelta(days=b)) for who, a, b in rows]
    return pl.DataFrame(days, schema=SCHEMA, orient="row")


some_spans = st.lists(
    st.tuples(st.sampled_from(["anna", "ben"]), st.integers(0, 400), st.integers(0, 150)).map(
        lambda t: (t[0], t[1], t[1] + t[2])
    ),
    max_size=8,
)


def day_set(frame: pl.DataFrame, who: str) -> set[int]:
    found = set()
    for _, a, b in frame.filter(person_id=who).iter_rows():
        found |= set(range((a - ORIGIN).days, (b - ORIGIN).days + 1))
    return found


def test_spans_that_overlap_or_touch_become_one() -> None:
    assert merge(spans(("anna", 0, 4), ("anna", 5, 9), ("anna", 3, 6), ("anna", 11, 12))).equals(
        spans(("anna", 0, 9), ("anna", 11, 12))
    )


def test_days_under_a_permit_are_taken_out_of_the_middle() -> None:
    assert subtract(spans(("anna", 0, 99)), spans(("anna", 40, 59), ("ben", 0, 99))).equals(
        spans(("anna", 0, 39), ("anna", 60, 99))
    )


def test_ninety_days_do_not_pass_the_limit_and_ninety_one_do_on_the_last_day() -> None:
    result = busiest_window(merge(spans(("anna", 0, 89), ("ben", 0, 90))), 180, 90)
    assert result.rows() == [
        ("anna", 90, None, None),
        ("ben", 91, ORIGIN + timedelta(days=90), ORIGIN + timedelta(days=90)),
    ]


def test_two_stays_of_sixty_days_half_a_year_apart_never_meet_in_one_window() -> None:
    assert busiest_window(merge(spans(("anna", 0, 59), ("anna", 180, 239))), 180, 90)["days"].to_list() == [60]


@settings(max_examples=150, deadline=None)
@given(some_spans, some_spans)
def test_union_and_difference_equal_those_of_sets_of_days(left: list, right: list) -> None:
    first, second = spans(*left), spans(*right)
    for who in ("anna", "ben"):
        assert day_set(merge(first), who) == day_set(first, who)
        assert day_set(subtract(first, second), who) == day_set(first, who) - day_set(second, who)


@settings(max_examples=150, deadline=None)
@given(some_spans, st.integers(1, 200), st.integers(0, 120))
def test_the_busiest_window_equals_counting_day_by_day(rows: list, window: int, limit: int) -> None:
    merged = merge(spans(*rows))
    result = {row["person_id"]: row for row in busiest_window(merged, window, limit).iter_rows(named=True)}
    for who in result:
        days = day_set(merged, who)
        counts = {t: sum(t - window < d <= t for d in days) for t in days}
        over = sorted(t for t, count in counts.items() if count > limit)
        assert result[who]["days"] == max(counts.values())
        assert result[who]["passed_on"] == (ORIGIN + timedelta(days=over[0]) if over else None)


@settings(max_examples=50, deadline=None)
@given(some_spans, st.randoms())
def test_the_order_of_rows_changes_nothing(rows: list, random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert merge(spans(*rows)).equals(merge(spans(*shuffled)))
