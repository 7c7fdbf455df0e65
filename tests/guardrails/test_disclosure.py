"""What may be shown: thresholds, rounding and intervals, on tables small enough to read."""

from datetime import date

import polars as pl
import pytest

from assets.guardrails import disclosure, rounding
from assets.guardrails.flow_disclosure import FLOW_SCHEMA
from assets.guardrails.rules import disclosure_rules, publishable_strata

RULES = disclosure_rules()
YEAR = {"period_start": date(2024, 1, 1), "period_end": date(2024, 12, 31)}


@pytest.mark.parametrize(
    ("value", "nearest", "down", "up"),
    [
        (0, 0, 0, 0),
        (2, 0, 0, 5),
        (2.5, 5, 0, 5),
        (12, 10, 10, 15),
        (13, 15, 10, 15),
        (15, 15, 15, 15),
        (-7, -5, -10, -5),
    ],
)
def test_rounding_goes_to_multiples_of_the_base(value, nearest, down, up):
    assert rounding.round_to(value, 5) == nearest
    assert rounding.round_down(value, 5) == down
    assert rounding.round_up(value, 5) == up


def flow(route, applications, admissions, kind="year", start=YEAR["period_start"], end=YEAR["period_end"], **more):
    row = {
        "period_kind": kind,
        "period_start": start,
        "period_end": end,
        "route": route,
        "name_nl": route,
        "applications": applications,
        "admissions": admissions,
        "employers": 20,
        "without_employer": 0,
    }
    return row | more


def shown_flows(*rows):
    shown = disclosure.protect_flows(pl.DataFrame(list(rows)), RULES)
    return {r["route"]: (r["applications"], r["admissions"], r["is_suppressed"]) for r in shown.to_dicts()}


def test_numbers_and_total_are_rounded_each_by_itself():
    shown = shown_flows(flow("a", 101, 52), flow("b", 201, 102), flow("total", 302, 154))
    assert shown == {"a": (100, 50, False), "b": (200, 100, False), "total": (300, 155, False)}


def test_ten_is_shown_and_nine_is_not():
    shown = shown_flows(flow("a", 10, 10), flow("b", 300, 9), flow("c", 300, 200), flow("d", 300, 200))
    assert shown["a"] == (10, 10, False)
    assert shown["b"] == (300, None, True)


def test_zero_is_hidden_like_any_small_number():
    assert shown_flows(flow("a", 40, 0))["a"] == (40, None, True)


def test_a_route_that_nobody_used_all_year_is_shown_as_zero():
    assert shown_flows(flow("a", 0, 0))["a"] == (0, 0, False)


def test_a_flow_of_two_companies_is_hidden_although_it_is_large():
    assert shown_flows(flow("a", 400, 300, employers=2))["a"] == (None, None, True)


def test_a_flow_whose_companies_are_unknown_is_shown():
    assert shown_flows(flow("a", 400, 300, employers=0, without_employer=400))["a"] == (400, 300, False)


def test_the_only_small_route_of_a_total_takes_another_route_with_it():
    shown = shown_flows(flow("a", 9, 9), flow("b", 40, 30), flow("total", 49, 39))
    assert shown["a"] == (None, None, True)
    assert shown["b"][0] is None


def test_no_rows_give_an_empty_table_with_its_columns():
    empty = pl.DataFrame([flow("a", 1, 1)]).clear()
    assert disclosure.protect_flows(empty, RULES).columns == list(FLOW_SCHEMA)


def measure(stratum, value, n, measure="share_flagged", kind="sector", lo95=None, hi95=None, **more):
    return {
        "indicator": "H01",
        "name_nl": "naam",
        "scheme": "hsm",
        "look_alikes": "",
        "stratum_kind": kind,
        "stratum": stratum,
        "stratum_nl": stratum,
        **YEAR,
        "measure": measure,
        "value": value,
        "lo95": lo95,
        "hi95": hi95,
        "n": n,
        "method": "Wilson",
        "employers": 50 if kind == "sector" else None,
    } | more


def shown_measures(*rows):
    frame = pl.DataFrame(list(rows), infer_schema_length=None)
    frame = frame.cast({"value": pl.Float64, "lo95": pl.Float64, "hi95": pl.Float64, "employers": pl.Int64})
    shown = disclosure.protect_indicators(frame, publishable_strata(), RULES)
    return {(r["stratum"], r["measure"]): r for r in shown.to_dicts()}


def test_a_share_is_computed_from_rounded_numbers_and_its_interval_only_widens():
    row = shown_measures(measure("62", 23 / 201, 201, lo95=0.08, hi95=0.17))[("62", "share_flagged")]
    assert (row["value"], row["n"]) == (0.125, 200)
    assert row["lo95"] == 0.075
    assert row["hi95"] == 0.175


@pytest.mark.parametrize(
    ("value", "n", "why"),
    [
        (0.5, 99, "too few for a percentage"),
        (0.05, 180, "nine flagged"),
        (0.96, 200, "eight not flagged"),
        (0.0, 500, "none flagged"),
    ],
)
def test_a_share_that_speaks_of_few_is_hidden(value, n, why):
    row = shown_measures(measure("62", value, n))[("62", "share_flagged")]
    assert (row["value"], row["lo95"], row["hi95"], row["is_suppressed"]) == (None, None, None, True), why
    assert row["n"] == rounding.round_to(n, 5)


def test_a_sector_of_nine_companies_gets_no_result_of_its_own():
    row = shown_measures(measure("62", 0.5, 400, employers=9))[("62", "share_flagged")]
    assert row["is_suppressed"]


def test_groups_by_origin_or_single_sponsors_never_come_out():
    assert (
        shown_measures(measure("IN", 0.5, 400, kind="nationality"), measure("12345678", 0.5, 400, kind="sponsor")) == {}
    )


def test_a_group_of_nine_shows_not_even_its_size():
    row = shown_measures(measure("62", 0.5, 9))[("62", "share_flagged")]
    assert (row["value"], row["n"], row["is_suppressed"]) == (None, None, True)


def test_one_hidden_sector_of_a_shown_total_takes_another_with_it():
    shown = shown_measures(
        measure("alle", 38 / 400, 400, kind="all"),
        measure("62", 9 / 200, 200),
        measure("56", 29 / 200, 200),
    )
    assert shown[("62", "share_flagged")]["is_suppressed"]
    assert shown[("56", "share_flagged")]["is_suppressed"]
    assert shown[("alle", "share_flagged")]["value"] == 0.1


def test_one_hidden_sector_among_many_is_hidden_by_their_rounding():
    sectors = [measure(str(n), 40 / 300, 300) for n in range(60, 70)]
    shown = shown_measures(measure("alle", 404 / 3200, 3200, kind="all"), measure("59", 4 / 200, 200), *sectors)
    assert [s for (s, _), r in shown.items() if r["is_suppressed"]] == ["59"]


def test_a_rare_measure_does_not_hide_the_others_of_its_group():
    shown = shown_measures(measure("62", 0.2, 400), measure("62", 0.005, 400, "technical_share"))
    assert not shown[("62", "share_flagged")]["is_suppressed"]
    assert shown[("62", "technical_share")]["is_suppressed"]
    assert shown[("62", "technical_share")]["n"] == 400


def test_a_hidden_grade_cannot_be_read_from_the_flagged_share():
    shown = shown_measures(
        measure("alle", 18 / 1000, 1000, kind="all"),
        measure("A", 6.0, 1000, "signals", "grade", lo95=2.2, hi95=13.1),
        measure("B", 12.0, 1000, "signals", "grade", lo95=6.2, hi95=21.0),
    )
    assert shown[("A", "signals")]["is_suppressed"]
    assert shown[("B", "signals")]["is_suppressed"]


def test_counts_of_signals_are_rounded_with_the_interval_of_what_is_shown():
    rows = disclosure.protect_indicators(
        pl.DataFrame([measure("B", 44.0, 1000, "signals", "grade", lo95=32.0, hi95=59.1)]).with_columns(
            pl.col("employers").cast(pl.Int64)
        ),
        publishable_strata(),
        RULES,
    )
    counts, rest = disclosure.signal_counts(rows)
    assert rest.is_empty()
    assert counts.to_dicts() == [
        {"indicator": "H01", "grade": "B", "signals": 45, "lo95": 30.0, "hi95": 65.0, "is_suppressed": False}
    ]


def test_a_result_that_could_not_be_estimated_stays_empty_without_being_called_suppressed():
    row = shown_measures(measure("alle", None, 300, kind="all"))[("alle", "share_flagged")]
    assert (row["value"], row["n"], row["is_suppressed"]) == (None, 300, False)


def test_persons_of_an_estimate_are_rounded_and_its_intervals_only_widen():
    names = ["net_loss", "gain", "share"]
    row = {f"{n}{e}": v for n in names for e, v in (("", 52.4), ("_lo95", 31.0), ("_hi95", 71.2))}
    row |= {"share": 0.314, "share_lo95": 0.127, "share_hi95": None, "share_constrained": 0.314, "mde80": 0.201}
    row |= {"effective_clusters": 11.26}
    shown = disclosure.protect_displacement(pl.DataFrame([row], schema_overrides={"share_hi95": pl.Float64}), RULES)
    assert shown.to_dicts() == [
        {"net_loss": 50.0, "net_loss_lo95": 30.0, "net_loss_hi95": 75.0, "gain": 50.0, "gain_lo95": 30.0}
        | {"gain_hi95": 75.0, "share": 0.31, "share_lo95": 0.12, "share_hi95": None, "share_constrained": 0.31}
        | {"mde80": 0.21, "effective_clusters": 11.3}
    ]


def companion(name, unit, n, counts_units, **figures):
    row = {"companion": name, "unit": unit, "n": n, "counts_units": counts_units, "p_value": 0.04321}
    return row | {"estimate": 52.4, "lo95": 31.0, "hi95": 71.2} | figures


def test_companions_are_rounded_by_their_unit_and_few_companies_are_not_counted():
    shown = disclosure.protect_companions(
        pl.DataFrame(
            [
                companion("rush", "persons", 27, False),
                companion(
                    "employer_lags", "applications per refusal", 7, True, estimate=0.12345, lo95=0.0311, hi95=0.2
                ),
                companion("employer_lags", "applications per refusal", 213, True),
                companion("public_register", "per thousand sponsors a year", 7, False),
            ]
        ),
        RULES,
    ).to_dicts()
    assert [(r["estimate"], r["lo95"], r["hi95"], r["n"]) for r in shown] == [
        (50.0, 30.0, 75.0, 27),
        (0.123, 0.031, 0.2, None),
        (52.4, 31.0, 71.2, 215),
        (52.4, 31.0, 71.2, 7),
    ]
    assert shown[0]["p_value"] == 0.043
    assert "counts_units" not in shown[0]


def test_a_result_of_nothing_looked_at_is_empty_and_not_called_suppressed():
    row = shown_measures(measure("all", None, 0, kind="all"))[("all", "share_flagged")]
    assert (row["value"], row["n"], row["is_suppressed"]) == (None, 0, False)


def test_the_days_of_a_small_group_do_not_show_in_its_period():
    few = {"period_start": date(2024, 5, 17), "period_end": date(2024, 5, 17)}
    whole = {"period_start": date(2024, 2, 3), "period_end": date(2024, 11, 20)}
    shown = shown_measures(
        measure("all", 0.2, 800, kind="all", **whole),
        measure("62", 0.3, 3, **few),
        measure("70", 0.2, 797, **whole),
    )
    hidden, open_ = shown[("62", "share_flagged")], shown[("all", "share_flagged")]
    assert (hidden["period_start"], hidden["period_end"]) == (date(2024, 2, 1), date(2024, 11, 30))
    assert (open_["period_start"], open_["period_end"]) == (date(2024, 2, 1), date(2024, 11, 30))
