"""The checks of the reference: each on a table where it must speak, and on the files as they are."""

from datetime import date

import polars as pl
import pytest

from quality import reference_checks as checks
from quality.reference import tables


def norms(*rows: tuple[str, str, str, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "criterion": criterion,
                "route_variant": criterion,
                "valid_from": date.fromisoformat(first),
                "valid_until": date.fromisoformat(last),
                "norm_month_eur": amount,
                "basis": "published",
            }
            for criterion, first, last, amount in rows
        ]
    )


NO_BREAKS = pl.DataFrame(schema={"criterion": pl.String, "break_on": pl.Date})


def test_the_reference_files_pass_every_check():
    assert {name: rows.height for name, rows in checks.reference_offenders().items() if rows.height} == {}


def test_a_norm_that_leaves_a_day_out_is_a_gap_and_one_that_starts_too_early_an_overlap():
    table = norms(
        ("blue_card", "2023-01-01", "2023-12-30", 5867),
        ("blue_card", "2024-01-01", "2024-06-12", 6245),
        ("blue_card", "2024-06-12", "2024-12-31", 5331),
        ("ict", "2024-12-31", "2024-01-01", 5331),
    )
    found = checks.periods_out_of_line(table, by=["criterion"]).sort("criterion", "valid_from")
    assert found.select("criterion", "valid_from", "fault").rows() == [
        ("blue_card", date(2024, 1, 1), "gap"),
        ("blue_card", date(2024, 6, 12), "overlap"),
        ("ict", date(2024, 12, 31), "ends before it starts"),
    ]


def test_the_first_period_of_each_norm_has_nothing_before_it():
    table = norms(("ict", "2017-01-01", "2017-12-31", 4324), ("blue_card", "2014-01-01", "2014-12-31", 4743))
    assert checks.periods_out_of_line(table, by=["criterion"]).is_empty()


def test_a_criterion_with_two_norms_on_one_day_is_reported():
    one = norms(("ict", "2024-01-01", "2024-12-31", 5331))
    other = one.with_columns(route_variant=pl.lit("ict_trainee"), valid_from=date(2024, 12, 31))
    assert checks.criteria_with_two_norms(pl.concat([one, other])).height == 1
    later = other.with_columns(valid_from=date(2025, 1, 1), valid_until=date(2025, 12, 31))
    assert checks.criteria_with_two_norms(pl.concat([one, later])).is_empty()


def test_norms_that_rise_by_different_percentages_are_reported_with_their_day():
    # 5008 to 5331 is 6.4 %, 3672 to 3939 is 7.3 %: a typing mistake for 3909
    table = norms(
        ("hsm_30_plus", "2023-01-01", "2023-12-31", 5008),
        ("hsm_30_plus", "2024-01-01", "2024-12-31", 5331),
        ("hsm_under_30", "2023-01-01", "2023-12-31", 3672),
        ("hsm_under_30", "2024-01-01", "2024-12-31", 3939),
    )
    found = checks.norms_that_move_apart(table, NO_BREAKS)
    assert found.select("valid_from", "criterion").rows() == [
        (date(2024, 1, 1), "hsm_30_plus"),
        (date(2024, 1, 1), "hsm_under_30"),
    ]


def test_a_norm_that_alone_stays_where_it_is_moved_apart_from_the_others():
    table = norms(
        ("hsm_30_plus", "2023-01-01", "2023-12-31", 5008),
        ("hsm_30_plus", "2024-01-01", "2024-12-31", 5331),
        ("hsm_under_30", "2023-01-01", "2024-12-31", 3672),
    )
    assert checks.norms_that_move_apart(table, NO_BREAKS).height == 2


def test_rounding_to_whole_euros_is_no_difference():
    table = norms(
        ("hsm_30_plus", "2023-01-01", "2023-12-31", 5008),
        ("hsm_30_plus", "2024-01-01", "2024-12-31", 5331),
        ("hsm_reduced", "2023-01-01", "2023-12-31", 2631),
        ("hsm_reduced", "2024-01-01", "2024-12-31", 2801),
    )
    assert checks.norms_that_move_apart(table, NO_BREAKS).is_empty()


def test_the_fall_of_the_blue_card_in_2024_is_a_break_only_because_it_is_declared():
    declared, undeclared = tables.norm_breaks(), NO_BREAKS
    assert checks.norms_that_move_apart(tables.salary_norms(), declared).is_empty()
    found = checks.norms_that_move_apart(tables.salary_norms(), undeclared)
    assert found["valid_from"].unique().to_list() == [date(2024, 6, 12)]


@pytest.mark.parametrize("mistake", [-10, -3, 3, 10])
def test_a_typing_mistake_in_any_yearly_amount_of_the_main_norms_shows(mistake: int):
    true = tables.salary_norms()
    main = true.filter(
        pl.col("criterion").is_in(["hsm_30_plus", "hsm_under_30", "hsm_reduced", "blue_card"]),
        pl.col("basis") == "published",
    )
    for criterion, first in main.select("criterion", "valid_from").iter_rows():
        is_row = (pl.col("criterion") == criterion) & (pl.col("valid_from") == first)
        wrong = true.with_columns(
            norm_month_eur=pl.when(is_row).then(pl.col("norm_month_eur") + mistake).otherwise("norm_month_eur")
        )
        assert not checks.norms_that_move_apart(wrong, tables.norm_breaks()).is_empty(), (criterion, first)


def test_a_norm_that_must_follow_another_and_differs_is_reported():
    table = norms(
        ("hsm_30_plus", "2017-01-01", "2017-12-31", 4324),
        ("ict", "2017-01-01", "2017-12-31", 4342),
        ("hsm_short_stay_30_plus", "2017-04-01", "2017-12-31", 4324),
    )
    assert checks.linked_norms_that_differ(table)["criterion"].to_list() == ["ict"]


def test_a_linked_norm_that_outlives_the_year_of_the_norm_it_follows_is_reported():
    table = norms(
        ("hsm_30_plus", "2017-01-01", "2017-12-31", 4324),
        ("ict", "2017-01-01", "2018-12-31", 4324),
    )
    assert checks.linked_norms_that_differ(table).height == 1


def test_a_missing_amount_needs_the_word_none_and_the_word_none_a_missing_amount():
    table = norms(("none", "2013-01-01", "9999-12-31", None), ("ict", "2017-01-01", "2017-12-31", 4324))
    assert checks.amounts_against_their_basis(table)["criterion"].to_list() == ["none"]
    said = table.with_columns(basis=pl.lit("none"))
    assert checks.amounts_against_their_basis(said)["criterion"].to_list() == ["ict"]


def wages(*rows: tuple[str, str, float | None, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "valid_from": date.fromisoformat(first),
                "valid_until": date.fromisoformat(last),
                "minimum_month_eur": amount,
                "minimum_hour_eur": amount,
                "confidence": confidence,
            }
            for first, last, amount, confidence in rows
        ],
        schema_overrides={"minimum_month_eur": pl.Float64, "minimum_hour_eur": pl.Float64},
    )


def test_the_minimum_wage_is_one_row_for_every_half_year():
    table = wages(
        ("2024-01-01", "2024-06-30", 2069.40, "high"),
        ("2025-01-01", "2025-06-30", 2191.80, "high"),
        ("2025-07-01", "2025-11-30", 2245.80, "high"),
    )
    found = checks.minimum_wage_out_of_line(table)
    assert found.select("valid_from", "fault").rows() == [
        (date(2025, 7, 1), "not a half year"),
        (date(2025, 1, 1), "gap"),
    ]


def test_a_minimum_wage_may_be_missing_only_where_it_was_not_found():
    table = wages(("2026-01-01", "2026-06-30", None, "high"), ("2026-07-01", "2026-12-31", None, "not_found"))
    found = checks.minimum_wage_out_of_line(table)
    assert found.select("valid_from", "fault").rows() == [(date(2026, 1, 1), "no amount")]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (("2024-x", None, "incentive"), "no date"),
        (("2024-x", date(2023, 1, 1), "incentive"), "named after another year"),
        (("2024-x", date(2024, 1, 1), "miracle"), "unknown kind"),
    ],
)
def test_an_event_has_a_date_a_year_in_its_name_and_a_known_kind(row, fault):
    good = ("2024-good", date(2024, 1, 1), "signal")
    events = pl.DataFrame([good, row], schema=["event_id", "event_on", "break_kind"], orient="row")
    assert checks.events_out_of_line(events).select("event_id", "fault").rows() == [("2024-x", fault)]


def test_two_events_may_not_share_an_identifier():
    row = {"event_id": "2024-x", "event_on": date(2024, 1, 1), "break_kind": "signal"}
    assert checks.events_out_of_line(pl.DataFrame([row, row])).height == 2


def test_a_scheme_that_is_named_but_not_listed_is_reported():
    schemes = pl.DataFrame({"code": ["hsm", "gvva"]})
    events = pl.DataFrame({"event_id": ["a", "b"], "schemes_restricted": [["hsm", "hms"], []]})
    found = checks.unknown_schemes(events, "event_id", "schemes_restricted", schemes)
    assert found.rows() == [("a", "hms")]
    routes = pl.DataFrame({"route": ["x"], "scheme": ["gvwa"]})
    assert checks.unknown_schemes(routes, "route", "scheme", schemes).rows() == [("x", "gvwa")]


def test_a_route_is_counted_in_a_feed_that_exists():
    routes = pl.DataFrame({"route": ["gvva", "twv"], "counted_in": ["ind_permits", "uwv_permits"]})
    assert checks.routes_counted_nowhere(routes, ["ind_permits"])["route"].to_list() == ["twv"]


def test_a_row_without_source_or_confidence_is_reported():
    rows = pl.DataFrame({"source": ["Stcrt.", " ", None, "IND"], "confidence": ["high", "high", "low", None]})
    assert checks.without_source(rows).height == 3


def test_a_key_that_stands_on_two_rows_is_reported():
    assert checks.keys_used_twice(pl.DataFrame({"code": ["hsm", "gvva", "hsm"]}), ["code"]).height == 2
