"""From tables to verdicts: every event answered, nothing invented where the data do not carry it."""

from datetime import date
from functools import cache

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.waterbed.declarations import declarations
from assets.waterbed.estimate import estimate_events
from assets.waterbed.frames import DISPLACEMENT_SCHEMA, LAGS_SCHEMA
from assets.waterbed.tables import write_estimates, write_switches
from quality.contract import product_tables
from quality.reference import tables
from tests.builders import warehouse_with
from tests.waterbed.flows import EVENT, inputs, world_inputs

AS_OF = date(2026, 11, 23)


@cache
def world():
    data, truth, _ = world_inputs()
    displacement, lags = estimate_events(data, declarations(), AS_OF, "run")
    return displacement, lags, truth


def of_event(frame, **filters):
    return frame.filter(event_id=EVENT, restricted_route="hsm_30_plus", **filters)


def test_every_event_of_the_reference_file_has_a_verdict_and_a_reason_also_without_any_flow():
    displacement, lags = estimate_events(inputs(), declarations(), AS_OF, "run")
    assert set(displacement["event_id"]) == set(tables.READERS["core.policy_events"]()["event_id"])
    assert set(displacement["verdict"]) == {"not_estimable", "register_move"}
    assert displacement["reason"].str.len_chars().min() > 40
    assert lags.is_empty()


def test_every_reason_names_what_cannot_be_seen():
    displacement, _, _ = world()
    assert displacement["reason"].str.contains("another country").all()


@pytest.mark.parametrize("event_id", ["2014-gvva", "2016-ict-directive", "2022-rtpd", "2020-wagweu-notify"])
def test_a_move_between_registers_is_never_called_displacement(event_id):
    displacement, _, _ = world()
    rows = displacement.filter(event_id=event_id)
    assert rows["verdict"].to_list() == ["register_move"]
    assert rows["share"].to_list() == [None]


def test_a_common_shock_and_an_announcement_are_not_displacement_either():
    displacement, _, _ = world()
    rows = displacement.filter(pl.col("event_id").is_in(["2020-covid", "2025-hsm-letter"]))
    assert set(rows["verdict"]) == {"not_estimable"}


def test_the_rows_are_those_of_the_product_tables():
    assert list(DISPLACEMENT_SCHEMA) == [f.name for f in product_tables()["estimates.displacement"].fields]
    assert list(LAGS_SCHEMA) == [f.name for f in product_tables()["estimates.displacement_lags"].fields]
    displacement, lags, _ = world()
    key = [f.name for f in product_tables()["estimates.displacement"].key]
    assert displacement.select(key).is_duplicated().sum() == 0
    assert lags.select(f.name for f in product_tables()["estimates.displacement_lags"].key).is_duplicated().sum() == 0


def test_a_planted_loss_and_gain_are_inside_their_intervals():
    displacement, _, truth = world()
    rows = of_event(displacement, months_after=6, specification="C1")
    total = rows.filter(destination_route="total").row(0, named=True)
    true_loss = truth.loss_by_month[:6].sum() - truth.rush
    assert total["net_loss_lo95"] <= true_loss <= total["net_loss_hi95"]
    assert total["gain_lo95"] <= truth.gain_by_month[:, :6].sum() <= total["gain_hi95"]
    assert {"total", "net_reduction", "gvva", "posting_third_country"} <= set(rows["destination_route"])


def test_a_window_ends_before_the_next_restriction_of_the_route_and_says_so():
    displacement, _, _ = world()
    rows = of_event(displacement, specification="C1")
    assert sorted(rows["months_after"].unique()) == [3, 6]
    assert rows["reason"].str.contains("2025-norm-index").all()


def test_destinations_without_flow_are_named_and_left_out():
    displacement, _, _ = world()
    rows = of_event(displacement, specification="C1")
    assert "orientation_year" not in set(rows["destination_route"])
    assert rows["reason"].str.contains("orientation_year").all()


def test_without_control_routes_only_the_plain_comparison_is_made():
    data, _, _ = world_inputs(without_routes=("researcher_801", "twv_seasonal", "twv_student"))
    displacement, _ = estimate_events(data, declarations(), AS_OF, "run")
    rows = of_event(displacement)
    assert set(rows.filter(pl.col("verdict") != "not_estimable")["specification"]) == {"C0"}
    assert set(rows.filter(specification="C1")["verdict"]) == {"not_estimable"}


def test_without_salaries_the_bite_of_a_norm_is_unknown():
    data, _, _ = world_inputs()
    displacement, _ = estimate_events(inputs(flows=data.flows), declarations(), AS_OF, "run")
    row = of_event(displacement).row(0, named=True)
    assert row["verdict"] == "not_estimable"
    assert "salaries" in row["reason"]


def test_an_event_after_the_data_waits_for_them():
    data, _, _ = world_inputs()
    displacement, _ = estimate_events(data, declarations(), date(2024, 4, 15), "run")
    row = of_event(displacement).row(0, named=True)
    assert row["verdict"] == "not_estimable"
    assert "after the event" in row["reason"]


def test_one_delivered_row_does_no_harm():
    one = {
        "month": date(2024, 1, 1),
        "route": "hsm_30_plus",
        "sbi2": "62",
        "occupation_group": "25",
        "admissions": 1.0,
        "person_months": 24.0,
    }
    displacement, lags = estimate_events(inputs(flows=[one]), declarations(), AS_OF, "run")
    assert set(displacement["verdict"]) == {"not_estimable", "register_move"}
    assert lags.is_empty()


def test_the_same_inputs_give_the_same_rows():
    data, _, _ = world_inputs()
    assert estimate_events(data, declarations(), AS_OF, "run")[0].equals(world()[0])


def test_the_warehouse_is_read_and_written_as_the_contracts_say():
    reference = {
        name: tables.READERS[name]().to_dicts()
        for name in ("core.policy_events", "core.salary_norms", "core.minimum_wage", "core.routes")
    }
    flow = {"month": date(2024, 1, 1), "route": "gvva", "sbi2": "62", "occupation_group": "25", "company": "00000001"}
    warehouse = warehouse_with({**reference, "core.flows": [flow | {"admissions": 3, "person_months": 36.0}]})
    with warehouse.writing() as session:
        displacement, lags = write_estimates(session, AS_OF, "run")
        again, _ = write_estimates(session, AS_OF, "run")
        assert displacement == again == session.count("estimates.displacement")
        assert lags == session.count("estimates.displacement_lags") == 0
        assert write_switches(session, AS_OF, "run") == 0


def test_sectors_that_differ_by_chance_only_are_no_comparison():
    data, _, _ = world_inputs()
    alike = data.salaries.with_columns(
        salary_month_eur=pl.lit(5008.0) * pl.Series([1.02, 1.5] * data.salaries.height).head(data.salaries.height)
    )
    displacement, _ = estimate_events(inputs(data.flows, alike), declarations(), AS_OF, "run")
    row = of_event(displacement).row(0, named=True)
    assert row["verdict"] == "not_estimable"
    assert "beyond chance" in row["reason"]


def test_a_rule_that_hits_a_handful_of_persons_gets_no_share():
    data, _, _ = world_inputs()
    few = data.flows.with_columns(
        admissions=pl.when(pl.col("route") == "hsm_30_plus")
        .then(pl.col("admissions") / 100)
        .otherwise(pl.col("admissions"))
    )
    displacement, _ = estimate_events(inputs(few, data.salaries), declarations(), AS_OF, "run")
    row = of_event(displacement).row(0, named=True)
    assert row["verdict"] == "not_estimable"
    assert "50 are the least" in row["reason"]


def test_an_estimate_that_rests_on_two_sectors_is_refused():
    data, _, panel = world_inputs()
    exposed = (panel.restricted.sum(axis=1) * panel.exposure).argsort()[-2:]
    is_giant = pl.col("sbi2").is_in([f"s{cell}" for cell in exposed])
    giants = data.flows.with_columns(
        admissions=pl.when(is_giant).then(100 * pl.col("admissions")).otherwise(pl.col("admissions") / 1e4)
    )
    displacement, _ = estimate_events(inputs(giants, data.salaries), declarations(), AS_OF, "run")
    row = of_event(displacement).row(0, named=True)
    assert row["verdict"] == "not_estimable"
    assert "effectively" in row["reason"]


def test_person_months_weigh_persons_with_their_stay():
    data, _, _ = world_inputs()
    stay = pl.when(pl.col("route") == "posting_third_country").then(4.0).otherwise(24.0)
    flows = data.flows.with_columns(person_months=pl.col("admissions") * stay)
    displacement, _ = estimate_events(inputs(flows, data.salaries), declarations(), AS_OF, "run")
    rows = of_event(displacement, months_after=6, specification="C1")
    posting = rows.filter(destination_route="posting_third_country").row(0, named=True)
    total = rows.filter(destination_route="total").row(0, named=True)
    assert posting["gain_person_months"] == pytest.approx(4.0 * posting["gain"])
    assert posting["net_loss_person_months"] == pytest.approx(24.0 * posting["net_loss"])
    gains = rows.filter(~pl.col("destination_route").is_in(["total", "net_reduction"]))["gain_person_months"]
    assert gains.sum() == pytest.approx(total["gain_person_months"])


def test_a_destination_that_shares_no_cell_with_the_loss_is_left_out_by_name():
    data, _, _ = world_inputs()
    elsewhere = data.flows.with_columns(
        sbi2=pl.when(pl.col("route") == "self_employed").then(pl.lit("elsewhere")).otherwise("sbi2")
    )
    displacement, _ = estimate_events(inputs(elsewhere, data.salaries), declarations(), AS_OF, "run")
    rows = of_event(displacement, specification="C1")
    assert "self_employed" not in set(rows["destination_route"])
    assert rows["reason"].str.contains(r"self_employed \(\d+ before the event, of which 0 in cells that lose\)").all()


def test_how_work_of_another_kind_fares_is_no_comparison():
    data, _, _ = world_inputs()
    other_work = data.flows.filter(pl.col("route") == "gvva").with_columns(
        occupation_group=pl.lit("75"),
        admissions=pl.when(pl.col("month") >= date(2024, 1, 1)).then(5.0).otherwise(1.0) * pl.col("admissions"),
    )
    with_it = inputs(pl.concat([data.flows, other_work]), data.salaries)
    displacement, _ = estimate_events(with_it, declarations(), AS_OF, "run")
    told = [
        "specification",
        "destination_route",
        "months_after",
        "net_loss",
        "gain",
        "gain_lo95",
        "gain_hi95",
        "verdict",
    ]
    assert_frame_equal(of_event(displacement).select(told), of_event(world()[0]).select(told))


def test_pay_that_was_raised_to_the_norm_is_told_beside_the_loss():
    data, _, _ = world_inputs()
    raised = data.salaries.filter(pl.col("salary_month_eur") > 5_200).with_columns(
        month=pl.lit(date(2024, 3, 1)),
        salary_month_eur=pl.lit(5_400.0),
        norm_month_eur=pl.lit(5_331.0),
    )
    above = raised.with_columns(salary_month_eur=pl.lit(9_000.0))
    salaries = pl.concat([data.salaries, raised.head(400), above.head(400)])
    displacement, _ = estimate_events(inputs(data.flows, salaries), declarations(), AS_OF, "run")
    assert of_event(displacement, specification="C1")["reason"].str.contains("Pay just above the new norm").all()
