"""Events as data: the declared file fits the reference, and a careless declaration is refused."""

from datetime import date

import polars as pl
import pytest
import yaml

from assets.waterbed.declarations import FILE, declarations, read_declarations
from assets.waterbed.neighbours import inside, restricting
from assets.waterbed.windows import (
    EventWindow,
    after_break,
    event_window,
    month_number,
    month_start,
    shocked_months,
    with_near_base,
)
from quality.reference import tables


def document():
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def test_every_declared_event_and_route_exists():
    declared = declarations()
    events = set(tables.READERS["core.policy_events"]()["event_id"])
    routes = set(tables.READERS["core.routes"]()["route"])
    assert set(declared.tested) | set(declared.untested) | {b.event_id for b in declared.breaks} <= events
    for designs in declared.tested.values():
        for design in designs:
            assert {design.route, *design.destinations, *design.controls} <= routes


def test_every_restricting_change_of_incentive_is_tested_or_refused_with_a_reason():
    events = tables.READERS["core.policy_events"]()
    restricting = {
        row["event_id"]
        for row in events.iter_rows(named=True)
        if row["break_kind"] == "incentive" and row["schemes_restricted"]
    }
    declared = declarations()
    assert restricting - set(declared.tested) - set(declared.untested) == set()


def test_only_changes_of_incentive_are_tested():
    kinds = dict(tables.READERS["core.policy_events"]().select("event_id", "break_kind").rows())
    assert {kinds[event] for event in declarations().tested} == {"incentive"}


def test_every_norm_that_a_design_compares_is_in_the_reference():
    criteria = set(tables.READERS["core.salary_norms"]()["criterion"])
    designs = [d for many in declarations().tested.values() for d in many]
    assert {d.criterion for d in designs if d.rule == "salary_band"} <= criteria


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d["designs"]["norm_rise_ict"].update(controls=["gvva"]), "without a reason"),
        (lambda d: d["designs"]["norm_rise_ict"].update(destinations=["twv_student"]), "cannot be touched"),
        (lambda d: d["designs"]["norm_rise_ict"].update(destinations=["ict_eu"]), "must differ"),
        (lambda d: d["designs"]["norm_rise_ict"]["exposure"].update(rule="guess"), "unknown exposure rule"),
        (lambda d: d["untested"].update({"2024-norm-index": "no"}), "both tested and untested"),
    ],
)
def test_a_careless_declaration_is_refused(change, complaint):
    careless = document()
    change(careless)
    with pytest.raises(ValueError, match=complaint):
        read_declarations(careless)


LENGTHS = declarations().windows
FLOWS = (date(2018, 1, 1), date(2026, 11, 1))


def test_months_are_numbers_that_count():
    assert month_start(month_number(date(2024, 12, 31)) + 1) == date(2025, 1, 1)


def test_a_window_leaves_undecided_months_out():
    window = event_window(date(2025, 6, 1), FLOWS, date(2026, 11, 23), LENGTHS)
    assert month_start(window.last) == date(2026, 7, 1)
    assert window.months_after == 14
    assert window.months_before == 57


def test_a_window_ends_before_the_rush_to_the_next_event():
    window = event_window(
        date(2024, 1, 1), FLOWS, date(2026, 11, 23), LENGTHS, [("later", date(2026, 1, 1)), ("next", date(2025, 1, 1))]
    )
    assert month_start(window.last) == date(2024, 9, 1)
    assert window.cut_by == "next"


def test_a_window_starts_behind_a_break_or_is_given_up():
    window = event_window(date(2024, 1, 1), FLOWS, date(2026, 11, 23), LENGTHS)
    assert month_start(after_break(window, date(2020, 3, 1), LENGTHS).first) == date(2020, 4, 1)
    assert after_break(window, date(2022, 3, 1), LENGTHS) is None
    assert month_start(after_break(window, date(2025, 3, 1), LENGTHS).last) == date(2025, 2, 1)
    assert after_break(window, date(2012, 3, 1), LENGTHS) == window


def neighbouring_events(*rows):
    schema = {"event_id": pl.String, "event_on": pl.Date, "event_type": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_small_indexation_ends_no_window_and_a_larger_rise_does():
    events = neighbouring_events(
        ("2024-norm-index", date(2024, 1, 1), "norm_change"),
        ("2025-norm-index", date(2025, 1, 1), "indexation"),
        ("2026-norm-index", date(2026, 1, 1), "norm_change"),
    )
    found = restricting(events, declarations(), "2024-norm-index", "hsm_30_plus")
    assert found == [("2026-norm-index", date(2026, 1, 1))]


def test_a_second_reform_inside_the_window_is_named_and_its_effect_not_claimed():
    declared = declarations()
    (design,) = [d for d in declared.tested["2024-norm-index"] if d.route == "hsm_30_plus"]
    window = event_window(date(2022, 6, 1), (date(2017, 1, 1), date(2026, 1, 1)), date(2026, 11, 23), LENGTHS)
    events = neighbouring_events(
        ("2022-norm-index", date(2022, 6, 1), "norm_change"),
        ("2023-wml-jump", date(2023, 1, 1), "wage_floor_change"),
        ("2024-norm-index", date(2022, 6, 1), "norm_change"),
    )
    said = inside(events, declared, {"event_id": "2022-norm-index"}, design, window)
    assert any("2024-norm-index" in s and "only the joint effect" in s for s in said)
    assert any("2023-wml-jump restricts gvva in the window" in s for s in said)
    later = neighbouring_events(("2023-wml-jump", date(2030, 1, 1), "wage_floor_change"))
    assert inside(later, declared, {"event_id": "2022-norm-index"}, design, window) == []


@pytest.mark.parametrize(("months_after", "base"), [(6, 24), (12, 24), (20, 40), (36, 57)])
def test_a_level_is_read_from_at_most_twice_the_months_that_follow(months_after, base):
    long = EventWindow(first=1000, event=1060, last=1060 + months_after - 1, anticipation=3, cut_by=None)
    assert with_near_base(long, LENGTHS).months_before == base


def test_the_months_of_a_shock_are_those_between_its_first_and_last_day():
    window = EventWindow(first=2020 * 12, event=2020 * 12 + 4, last=2020 * 12 + 5, anticipation=1, cut_by=None)
    struck = shocked_months(window, [(date(2020, 3, 19), date(2020, 4, 30))])
    assert struck.tolist() == [False, False, True, True, False, False]
    assert not shocked_months(window, []).any()
