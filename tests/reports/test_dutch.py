"""Numbers and dates as a Dutch reader writes them."""

from datetime import date

import pytest

from reports import dutch

NO_BREAK = "\u00a0"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"),
        (1234, 0, "1.234"),
        (1234567.5, 1, "1.234.567,5"),
        (0.5, 0, "1"),
        (-1200, 0, "\u22121.200"),
        (-0.2, 0, "0"),
    ],
)
def test_numbers(value, decimals, text):
    assert dutch.number(value, decimals) == text


@pytest.mark.parametrize(("share", "text"), [(0.123, "12,3%"), (1, "100,0%"), (0.0005, "0,1%"), (-0.05, "\u22125,0%")])
def test_shares(share, text):
    assert dutch.percent(share) == text


def test_euros():
    assert dutch.euro(25451) == f"€{NO_BREAK}25.451"


def test_days_and_months():
    assert dutch.day(date(2026, 11, 23)) == f"23{NO_BREAK}november 2026"
    assert dutch.short_day(date(2026, 3, 1)) == f"1{NO_BREAK}mrt{NO_BREAK}2026"
    assert dutch.month(date(2026, 5, 1)) == "mei 2026"


def test_a_list_in_words():
    assert dutch.listing([]) == ""
    assert dutch.listing(["a"]) == "a"
    assert dutch.listing(["a", "b"]) == "a en b"
    assert dutch.listing(["a", "b", "c"]) == "a, b en c"


def test_decimals_of_an_english_source_become_dutch():
    assert dutch.decimals_with_comma("van 5008 naar 5331 (+6.45%), art. 2.1") == "van 5008 naar 5331 (+6,45%), art. 2.1"
