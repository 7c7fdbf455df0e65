"""The reasons themselves: each is explained, and each is shown by a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assets.feeds.reasons import Pending, Refused, Rejected, listed, quoted

REASONS = [*Pending, *Refused, *Rejected]


def test_every_reason_has_a_short_name_of_its_own_and_one_sentence():
    assert len({reason.value for reason in REASONS}) == len(REASONS)
    for reason in REASONS:
        assert re.fullmatch("[a-z0-9_]+", reason.value)
        assert reason.value == reason.name.lower()
        assert re.fullmatch(r"[A-Z].+[^.]\.", reason.meaning), reason.meaning


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.value)
def test_every_reason_is_shown_by_a_test(reason):
    here = Path(__file__)
    others = [p.read_text(encoding="utf-8") for p in here.parent.glob("test_*.py") if p != here]
    names = (f"Refused.{reason.name}", f"R.{reason.name}", f'"{reason.value}"')
    assert any(name in text for name in names for text in others)


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ("part-000.csv", "'part-000.csv'"),
        ("a\nb\x1b\u202ec", "'a?b??c'"),
        ("BSN 123456782.csv", "'BSN ***.csv'"),
        ("x" * 100, "'" + "x" * 80 + "...'"),
        ("caf\udce9", "'caf?'"),
        (7, "'7'"),
    ],
)
def test_a_name_that_was_found_is_shown_short_printable_and_without_long_numbers(found, shown):
    assert quoted(found) == shown


def test_of_many_names_the_first_ten_are_shown():
    assert listed(["a", "b"]) == "'a', 'b'"
    assert listed([str(n) for n in range(12)]).endswith("'8', '9' and 2 more")
