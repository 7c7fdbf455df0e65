"""Writing findings as a specification: reruns leave nothing behind, and the review lane decides what is kept."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from assets.core.findings import Findings, not_assessed, write_findings
from assets.core.groups import GroupRule, groups_above
from assets.core.measures import shares, signal_counts
from assets.core.signals import MEASURE_SCHEMA, Context, Signal, signal_frame
from tests.builders import warehouse_with

CONTEXT = Context(date(2025, 11, 23), "run-1", "rules-test", review_lane=True)


def signal(subject: str = "A000000001", indicator: str = "H01", part: str = "") -> Signal:
    return Signal(
        indicator, "permit", subject, date(2025, 1, 1), date(2025, 6, 30), "B", 0.1, "share", 0.9,
        {"rule": "r"}, ["one"], [f"permit:{subject}"], part=part,
    )  # fmt: skip


def findings(*signals: Signal) -> Findings:
    return Findings(signal_frame(signals, CONTEXT), not_assessed("H01", "a test", CONTEXT).measures)


def test_a_rerun_replaces_the_rows_of_its_indicator_and_no_others() -> None:
    other = Findings(signal_frame([signal(indicator="H08")], CONTEXT), pl.DataFrame(schema=MEASURE_SCHEMA))
    warehouse = warehouse_with()
    with warehouse.writing() as session:
        write_findings(session, "H08", other, review_lane=True)
        write_findings(session, "H01", findings(signal("A000000001"), signal("A000000002")), review_lane=True)
        write_findings(session, "H01", findings(signal("A000000003")), review_lane=True)
    with warehouse.reading() as session:
        kept = session.table("findings.signals")
        assert sorted(zip(kept["indicator"], kept["subject_id"], strict=True)) == [
            ("H01", "A000000003"),
            ("H08", "A000000001"),
        ]
        assert session.count("findings.measures") == 1


def test_without_the_review_lane_no_case_is_written_and_measures_are() -> None:
    warehouse = warehouse_with()
    with warehouse.writing() as session:
        assert write_findings(session, "H01", findings(signal()), review_lane=False) == 1
    with warehouse.reading() as session:
        assert (session.count("findings.signals"), session.count("findings.measures")) == (0, 1)


def test_rows_of_another_indicator_are_refused() -> None:
    with warehouse_with().writing() as session, pytest.raises(ValueError, match="H08"):
        write_findings(session, "H01", findings(signal(indicator="H08")), review_lane=True)


def test_a_result_that_could_not_be_had_has_no_value_and_says_why() -> None:
    row = not_assessed("H01", "no wage months were delivered", CONTEXT).measures.row(0, named=True)
    assert (row["value"], row["n"]) == (None, 0)
    assert row["method"] == "Not assessed: no wage months were delivered."


def test_findings_about_two_parts_of_one_subject_have_two_names() -> None:
    frame = signal_frame([signal(part="site-1"), signal(part="site-2"), signal()], CONTEXT)
    assert frame["signal_id"].n_unique() == 3


def test_the_name_of_a_signal_holds_no_digit_and_does_not_depend_on_the_run() -> None:
    first = signal_frame([signal()], CONTEXT)["signal_id"][0]
    second = signal_frame([signal()], Context(date(2026, 1, 1), "run-2", "other"))["signal_id"][0]
    assert first == second
    assert first.isalpha()


def units() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "cluster": ["x", "x", "y", None],
            "on": [date(2024, 3, 1), date(2024, 9, 1), date(2025, 2, 1), date(2025, 2, 2)],
            "sbi2": ["62", "62", "41", None],
            "flagged_share": [True, False, False, False],
        }
    )


def test_shares_are_given_for_all_for_each_year_and_for_each_stratum() -> None:
    rows = shares(units(), "H01", {"flagged_share": "Share."}, ("sbi2",), CONTEXT)
    found = {(r["stratum_kind"], r["stratum"]): (r["value"], r["n"]) for r in rows.iter_rows(named=True)}
    assert found == {
        ("all", "all"): (0.25, 4),
        ("year", "2024"): (0.5, 2),
        ("year", "2025"): (0.0, 2),
        ("sbi2", "62"): (0.5, 2),
        ("sbi2", "41"): (0.0, 1),
        ("sbi2", "unknown"): (0.0, 1),
    }
    assert ((rows["lo95"] <= rows["value"]) & (rows["value"] <= rows["hi95"])).all()
    assert rows.filter(stratum="2024").select("period_start", "period_end").row(0) == (
        date(2024, 1, 1),
        date(2024, 12, 31),
    )


def test_signals_are_counted_by_grade_with_zero_for_a_grade_without_any() -> None:
    rows = signal_counts(signal_frame([signal()], CONTEXT), "H01", 10, CONTEXT)
    assert rows.select("stratum", "value", "n").rows() == [("A", 0.0, 10), ("B", 1.0, 10), ("T", 0.0, 10)]


def test_the_organisation_with_most_flagged_units_names_its_group() -> None:
    frame = pl.DataFrame(
        {
            "unit_id": [f"u{n}" for n in range(40)],
            "group_id": [f"g{n // 4}" for n in range(40)],
            "subject_id": [f"k{n % 3}" if n < 4 else f"k{n}" for n in range(40)],
            "successes": [1.0 if n < 4 else 0.0 for n in range(40)],
            "trials": [1.0] * 40,
            "is_flagged": [n < 4 for n in range(40)],
            "grade": ["A" if n < 4 else None for n in range(40)],
            "starts_on": [date(2025, 1, 1)] * 40,
            "ends_on": [date(2025, 2, 1)] * 40,
        }
    )
    found = groups_above(frame, GroupRule(0.1, 2, 0.1))
    assert found.select("group_id", "subject_id", "flagged", "strong").rows() == [("g0", "k0", 4, 4)]
    assert found["subject_ids"].to_list() == [["k0", "k1", "k2"]]
