"""Pay raised to a norm that moved, from literal counts of salaries."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from assets.waterbed.bunching import bunching, bunching_at
from assets.waterbed.windows import EventWindow, month_number


def counts(excess, sectors=20):
    """Every sector: 20 excluded, 10 just above, 50 well above before; half as many of all after, and some more."""
    before = np.tile([20.0, 10.0, 50.0], (sectors, 1))
    after = np.tile([5.0 + excess, 25.0], (sectors, 1))
    return before, after


def test_what_lies_above_the_norm_beyond_the_usual_proportion_is_the_answer():
    found = bunching(*counts(excess=4.0))
    assert found.excess == pytest.approx(20 * 4.0)
    assert found.excluded == pytest.approx(20 * 10.0)
    assert found.low <= found.excess <= found.high
    assert "80 persons" in found.sentence


def test_a_norm_that_nobody_answered_has_no_excess():
    assert bunching(*counts(excess=0.0)).excess == pytest.approx(0.0)


def test_sectors_that_differ_make_the_interval_wide():
    before, after = counts(excess=0.0)
    after[:, 0] += np.where(np.arange(20) % 2, 6.0, -4.0)
    found = bunching(before, after)
    assert found.low < 0 < found.high
    assert found.high - found.low == pytest.approx(2 * 2.093 * np.sqrt(20 * 25.0 * 20 / 19), rel=0.02)


def test_few_sectors_or_salaries_give_no_answer():
    assert bunching(*counts(excess=4.0, sectors=5)) is None
    assert bunching(np.tile([1.0, 1.0, 1.0], (20, 1)), np.tile([1.0, 1.0], (20, 1))) is None


def test_salaries_are_placed_around_the_new_norm():
    event = month_number(date(2024, 1, 1))
    window = EventWindow(first=event - 60, event=event, last=event + 20, anticipation=3, cut_by=None)
    rows = []
    for sector in range(10):
        # old norm 100, new norm 106: 103 is excluded, 108 just above, 150 well above
        before = [(103, 4), (108, 2), (150, 10)]
        after = [(108, 5), (150, 10)]
        for day, norm, table in ((date(2023, 5, 1), 100.0, before), (date(2024, 5, 1), 106.0, after)):
            rows += [(day, "hsm", f"{sector}", pay / norm) for pay, many in table for _ in range(many)]
        rows.append((date(2023, 12, 1) + timedelta(0), "hsm", f"{sector}", 1.0))  # in the rush: not counted
    salaries = pl.DataFrame(rows, schema=["month", "route", "sbi2", "salary_over_floor"], orient="row")
    found = bunching_at(salaries, "hsm", 1.06, window)
    assert found.excess == pytest.approx(10 * 3.0)
    assert found.excluded == pytest.approx(10 * 4.0)
    assert bunching_at(salaries, "gvva", 1.06, window) is None
