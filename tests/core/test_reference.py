"""The reference tables: what stands in them, and that nothing is lost or made up on the way in."""

from datetime import date

import polars as pl
import pytest

from assets.core.reference import write_indicators, write_published_volumes, write_reference
from quality.contract import feed_contracts, product_tables
from quality.reference import tables
from tests.builders import warehouse_with

ROUTES = """hsm_30_plus, hsm_under_30, hsm_reduced, hsm_no_norm, blue_card, blue_card_reduced, ict_eu, gvva, twv,
twv_seasonal, twv_student, twv_asylum, researcher_801, orientation_year, self_employed, startup, startup_staff,
cross_border_service, posting_third_country, posting_free_movement, asian_catering, learning_work, investor"""


def norm_of(criterion: str, day: date) -> list[float | None]:
    in_force = pl.col("valid_from") <= day, pl.col("valid_until") >= day
    return tables.salary_norms().filter(pl.col("criterion") == criterion, *in_force)["norm_month_eur"].to_list()


@pytest.mark.parametrize("name", tables.READERS)
def test_every_reference_table_fills_its_contract(name):
    warehouse = warehouse_with()
    with warehouse.writing() as session:
        rows = write_reference(session, name)
        stored = session.table(name)
    assert rows == stored.height > 0
    for field in product_tables()[name].fields:
        assert not (field.required and stored[field.name].null_count()), field.name


def test_loading_twice_changes_nothing():
    warehouse = warehouse_with()
    with warehouse.writing() as session:
        write_reference(session, "core.salary_norms")
        once = session.table("core.salary_norms")
        write_reference(session, "core.salary_norms")
        assert session.table("core.salary_norms").equals(once)


def test_the_routes_are_the_twenty_three_of_the_study():
    assert set(tables.routes()["route"]) == {name.strip() for name in ROUTES.split(",")}
    assert tables.routes().height == 23


def test_every_norm_category_of_a_permit_has_a_norm_row():
    categories = feed_contracts()["ind_permits"].table.field("norm_category").closed_list
    assert set(categories or ()) <= set(tables.salary_norms()["criterion"])


def test_the_norm_of_a_category_on_a_day_is_one_amount():
    assert norm_of("hsm_30_plus", date(2024, 12, 31)) == [5331]
    assert norm_of("hsm_30_plus", date(2025, 1, 1)) == [5688]
    assert norm_of("hsm_reduced", date(2026, 7, 1)) == [3122]
    assert norm_of("startup_staff", date(2023, 5, 1)) == [2631]
    assert norm_of("ict", date(2022, 6, 1)) == [4840]


def test_the_blue_card_norm_fell_in_the_middle_of_2024():
    assert norm_of("blue_card", date(2024, 6, 11)) == [6245]
    assert norm_of("blue_card", date(2024, 6, 12)) == [5331]


def test_a_group_without_a_norm_has_one_row_without_an_amount_for_ever():
    assert norm_of("none", date(2013, 1, 1)) == norm_of("none", date(2040, 1, 1)) == [None]


def test_no_norm_is_known_for_2027_and_none_is_invented():
    assert norm_of("hsm_30_plus", date(2027, 1, 1)) == []


def test_the_minimum_hour_is_the_week_of_forty_hours_before_2024_and_the_law_from_then_on():
    hours = {row["valid_from"]: row["minimum_hour_eur"] for row in tables.minimum_wage().iter_rows(named=True)}
    assert hours[date(2023, 7, 1)] == 11.51
    assert hours[date(2024, 1, 1)] == 13.27


def test_the_minimum_wage_that_was_not_found_is_empty():
    last = tables.minimum_wage().row(-1, named=True)
    assert (last["valid_from"], last["minimum_month_eur"], last["confidence"]) == (
        date(2026, 7, 1),
        None,
        "not_found",
    )


def test_an_event_that_touches_no_scheme_has_empty_lists():
    events = {row["event_id"]: row for row in tables.policy_events().iter_rows(named=True)}
    assert events["2017-inspection-report"]["schemes_restricted"] == []
    assert events["2014-asian-covenant"]["schemes_loosened"] == ["asian_catering"]
    assert events["2016-ict-directive"]["schemes_restricted"] == ["hsm", "ict_national"]


def test_the_study_has_forty_one_indicators_of_which_the_named_ones_are_built():
    rows = tables.indicators(frozenset({"H01", "P02"}))
    assert rows.height == 41
    assert rows.filter("is_built")["indicator"].to_list() == ["H01", "P02"]


def test_the_use_of_an_indicator_is_what_its_first_clause_says():
    uses = dict(tables.indicators().select("indicator", "use").iter_rows())
    assert uses["H01"] == "review"
    assert uses["H02"] == "study"
    assert uses["H04"] == "review"
    assert uses["H20"] == uses["P01"] == "both"
    assert uses["P04"] == uses["P14"] == "study"


def test_marking_an_indicator_that_is_not_of_the_study_is_refused():
    warehouse = warehouse_with()
    with warehouse.writing() as session, pytest.raises(ValueError, match="H99"):
        write_indicators(session, frozenset({"H01", "H99"}))


def test_only_the_figures_in_force_are_published_volumes():
    row = {"year": 2023, "scheme": "ict_eu", "metric": "permits_granted", "unit": "permits"}
    warehouse = warehouse_with(
        {
            "raw.public_volumes": [
                {**row, "value": 2700.0, "valid_until_delivery": date(2026, 11, 23)},
                {**row, "value": 2725.0},
            ]
        }
    )
    with warehouse.writing() as session:
        assert write_published_volumes(session) == 1
        assert session.table("core.published_volumes")["value"].to_list() == [2725.0]


def test_published_volumes_of_a_feed_without_rows_are_an_empty_table():
    with warehouse_with().writing() as session:
        assert write_published_volumes(session) == 0
