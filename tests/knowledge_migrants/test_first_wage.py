"""Time to the first wage record as a specification, on curves that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from assets.knowledge_migrants.first_wage import Curve, curve_for, curves


def curve(days: list[float], has_record: list[bool]) -> Curve:
    return Curve.of(np.array(days), np.array(has_record))


def test_without_censoring_the_quantile_is_that_of_the_days() -> None:
    found = curve([float(d) for d in range(1, 101)], [True] * 100)
    assert found.plateau == 0.0
    assert (found.quantile(0.5), found.quantile(0.99)) == (50.0, 99.0)


def test_a_permit_still_waiting_counts_as_long_as_it_was_seen() -> None:
    found = curve([10, 20, 30, 40], [True, False, True, True])
    # Kaplan-Meier: 3/4 after 10, 3/4 * 1/2 after 30, 0 after 40.
    assert found.reached.tolist() == pytest.approx([0.25, 0.625, 1.0])


def test_permits_that_never_get_a_record_do_not_stretch_the_quantile() -> None:
    found = curve([float(d) for d in range(1, 101)] + [900.0] * 10, [True] * 100 + [False] * 10)
    assert found.plateau == pytest.approx(10 / 110)
    assert found.quantile(0.99) == 99.0


def test_a_longer_silence_is_likelier_to_be_final_and_never_certain() -> None:
    found = curve([float(d) for d in range(1, 101)] + [900.0] * 10, [True] * 100 + [False] * 10)
    early, late, very_late = found.never(10), found.never(95), found.never(2000)
    assert early < late < very_late < 1
    # Two groups: 1/11 never, 10/11 with one more record still possible out of 101.
    assert very_late == pytest.approx((1 / 11) / (1 / 11 + 10 / 11 / 101))


def test_a_sector_with_few_records_uses_its_year_and_a_year_with_few_uses_all() -> None:
    frame = pl.DataFrame(
        {
            "sbi2": ["62"] * 100 + ["41"] * 5 + ["62"] * 5,
            "year": ["2024"] * 105 + ["2025"] * 5,
            "days": [float(d) for d in range(110)],
            "has_record": [True] * 110,
        }
    )
    found = curves(frame, 100)
    names = {
        pair: (curve_for(found, *pair) or ("", None))[0] for pair in [("62", "2024"), ("41", "2024"), ("62", "2025")]
    }
    assert names == {("62", "2024"): "62 x 2024", ("41", "2024"): "2024", ("62", "2025"): "all"}


def test_without_any_record_there_is_no_curve() -> None:
    frame = pl.DataFrame({"sbi2": ["62"], "year": ["2024"], "days": [9.0], "has_record": [False]})
    assert curve_for(curves(frame, 100), "62", "2024") is None
