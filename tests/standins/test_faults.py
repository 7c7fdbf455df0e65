"""Suppliers make faults at a known rate, and every fault has a row of truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from assets.standins.deliveries.delivery_faults import Corrections, arrival, is_lost, merged
from assets.standins.deliveries.value_faults import VALUE_FAULTS, Smudger
from assets.standins.foundations import names
from assets.standins.foundations.parameters import Parameters, read_parameters
from assets.standins.foundations.randomness import Draws
from quality.contract import feed_contracts
from tests.standins.conftest import AS_OF, Delivered
from tests.standins.test_unreal import passes_eleven_test

KINDS = {
    "missing_number", "wrong_number", "stale_name", "spelling", "wrong_postcode", "late_correction", "broken_row",
    "repeated_row", "code_list_change", "duplicate_delivery", "out_of_order", "missing_delivery",
    "held_back_delivery",
}  # fmt: skip


@pytest.fixture(scope="module")
def dirty(scenario_world: Callable[[str], Delivered]) -> Delivered:
    return scenario_world("dirty")


def with_faults(**faults: object) -> Parameters:
    parameters = read_parameters("tiny", "default")
    block = (
        parameters["faults"] | {"values": {}, "missing_one_in": {}, "held_back": {}, "code_list_changes": []} | faults
    )
    return replace(parameters, blocks=parameters.blocks | {"faults": block})


def smudged(column: str, values: list[str | None], **chances: float) -> list[str | None]:
    contract = feed_contracts()["uwv_employers"]
    faults = {fault: {f"uwv_employers.{column}": chance} for fault, chance in chances.items()}
    smudger = Smudger(with_faults(values=faults), Draws(1))
    rows = pl.DataFrame(
        {"employer_number": [f"{n:09d}L01" for n in range(len(values))], column: values},
        schema_overrides={column: pl.String},
    )
    return smudger(contract, date(2026, 1, 5), rows)[column].to_list()


def test_a_dirty_world_knows_every_kind_of_fault(dirty: Delivered) -> None:
    rates = dirty.truth("fault_rates")

    assert set(rates["fault"]) == KINDS
    assert set(rates.filter(pl.col("faults") > 0)["fault"]) == KINDS
    assert rates["rate"].is_between(0, 1).all()


def test_every_fault_that_is_counted_has_its_row(dirty: Delivered) -> None:
    of = ["fault", "feed", "field"]
    rates, rows = dirty.truth("fault_rates"), dirty.truth("value_faults").group_by(of).len()
    values = rates.filter((pl.col("unit") == "value") & (pl.col("faults") > 0)).join(rows, on=of, how="left")
    broken = dirty.truth("faults")["fault"]

    assert (values["faults"] == values["len"]).all()
    counted = dict(rates.group_by("fault").agg(pl.col("faults").sum()).iter_rows())
    copies = dirty.truth("delivery_faults").filter(pl.col("fault") == "duplicate_delivery")
    assert (broken == "repeated_row").sum() >= counted["repeated_row"] > 0
    assert len(copies) == counted["duplicate_delivery"]


def test_what_went_wrong_comes_near_the_stated_rate(dirty: Delivered) -> None:
    rates = dirty.truth("fault_rates").filter((pl.col("unit") == "value") & (pl.col("candidates") > 400))
    spread = (rates["rate"] * (1 - rates["rate"]) / rates["candidates"]).sqrt()

    assert len(rates) >= 8
    # Three deliveries of one register hold the same faults: the effective number is a third.
    assert ((rates["faults"] / rates["candidates"] - rates["rate"]).abs() < 4.5 * 3**0.5 * spread).all()


def test_a_dirty_world_has_more_faults_of_every_kind_than_the_default_one(
    dirty: Delivered, scenario_world: Callable[[str], Delivered]
) -> None:
    of = ["fault", "feed", "field"]
    both = dirty.truth("fault_rates").join(scenario_world("default").truth("fault_rates"), on=of)
    chances = both.filter(~pl.col("fault").is_in(["code_list_change", "duplicate_delivery", "out_of_order"]))

    assert len(chances) > 40
    # A number that is seldom known is known a little more often in the dirty world, so that more can be wrong with it.
    never = (pl.col("fault") == "missing_number") & (pl.col("field") == "kvk")
    assert (chances.filter(~never)["rate"] > chances.filter(~never)["rate_right"]).all()


def test_every_wrong_value_of_the_truth_stands_in_the_delivery_it_names(dirty: Delivered) -> None:
    truth = dirty.truth("value_faults").filter(pl.col("fault") != "late_correction")
    for (feed, field), rows in truth.group_by("feed", "field"):
        key = feed_contracts()[feed].table.key[0].name
        sent = dirty.rows(feed).select("delivered_on", record=key, sent=field)
        told = rows.join(sent, on=["delivered_on", "record"], how="left")

        assert told["sent"].cast(pl.String).eq_missing(told["delivered"]).all(), (feed, field)
        assert told["delivered"].ne_missing(told["true_value"]).all(), (feed, field)


def test_a_late_correction_is_delivered_wrong_and_put_right_on_its_day(dirty: Delivered) -> None:
    truth = dirty.truth("value_faults").filter(pl.col("fault") == "late_correction")
    key = ["employer_number", "bsn", "income_relation", "period_start"]
    sent = dirty.rows("uwv_wages").select(
        "delivered_on",
        record=pl.concat_str([pl.col(c).cast(pl.String) for c in key], separator=" "),
        sent="wage_in_money_eur",
    )
    wrong = truth.join(sent, on=["record", "delivered_on"])
    right = truth.join(sent, left_on=["record", "corrected_on"], right_on=["record", "delivered_on"])

    assert len(truth) > 10
    # A few of the rows were broken by the change of a code list and are no longer among the sound ones.
    assert len(wrong) >= 0.9 * len(truth)
    assert (wrong["sent"].cast(pl.String) == wrong["delivered"]).all()
    assert len(right) > 0
    assert (right["sent"].cast(pl.String) == right["true_value"]).all()


def test_a_lost_month_never_came_and_the_next_delivery_shows_the_gap(dirty: Delivered) -> None:
    lost = dirty.truth("delivery_faults").filter(pl.col("fault") == "missing_delivery")
    days = {
        feed: {path.name for path in (dirty.root / "landing" / feed).iterdir()}
        for feed in lost["feed"].unique().to_list()
    }

    assert "uwv_wages" in days
    assert all(on.isoformat() not in days[feed] for feed, on in lost.select("feed", "delivered_on").iter_rows())
    assert lost.filter(pl.col("feed") == "uwv_wages")["rows"].sum() > 0


def test_one_in_three_months_is_lost_wherever_the_calendar_starts() -> None:
    parameters = with_faults(missing_one_in={"uwv_wages": 3})
    months = [date(2024 + n // 12, n % 12 + 1, 5) for n in range(36)]
    lost = [is_lost(parameters, Draws(4), "uwv_wages", on) for on in months]

    assert [sum(lost[start : start + 3]) for start in range(34)] == [1] * 34


def test_one_in_four_days_is_held_back_wherever_the_calendar_starts_and_never_longer_than_stated() -> None:
    parameters = with_faults(held_back={"szw_postings": {"one_in": 4, "days": [2, 3]}})
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(200)]
    delays = [(arrival(parameters, Draws(4), "szw_postings", on) - on).days for on in days]

    assert [sum(d > 0 for d in delays[start : start + 4]) for start in range(197)] == [1] * 197
    assert set(delays) == {0, 2, 3}
    assert arrival(parameters, Draws(4), "svb_a1", days[0]) == days[0]


def test_a_delay_that_a_new_world_could_not_tell_from_its_first_delivery_is_refused() -> None:
    # A new world looks back on four days of notifications and three weeks of certificates.
    longest = {"szw_postings": 4, "svb_a1": 21}
    for feed, most in longest.items():
        arrival(with_faults(held_back={feed: {"one_in": 2, "days": [1, most]}}), Draws(1), feed, date(2026, 1, 5))

        late = with_faults(held_back={feed: {"one_in": 2, "days": [1, most + 1]}})
        with pytest.raises(ValueError, match="longer than a new world looks back"):
            arrival(late, Draws(1), feed, date(2026, 1, 5))


def test_the_feed_whose_corrections_are_followed_is_never_held_back() -> None:
    with pytest.raises(ValueError, match="cannot be held back"):
        arrival(with_faults(held_back={"uwv_wages": {"one_in": 2, "days": [1, 2]}}), Draws(1), "uwv_wages", AS_OF)


def test_what_a_dirty_world_still_waits_for_is_not_among_its_deliveries(dirty: Delivered) -> None:
    held = dirty.truth("delivery_faults").filter(pl.col("fault") == "held_back_delivery")
    comes = pl.col("detail").str.extract(r"(\d{4}-\d{2}-\d{2})$").str.to_date()
    for feed, on, day in held.select("feed", "delivered_on", comes.alias("comes")).iter_rows():
        assert (dirty.root / "landing" / feed / on.isoformat()).exists() == (day <= AS_OF), (feed, on)


def test_a_record_keeps_its_fault_in_every_delivery() -> None:
    values = [f"{n:04d}" for n in range(1000, 1400)]

    assert smudged("postcode4", values, wrong_postcode=0.3) == smudged("postcode4", values, wrong_postcode=0.3)


def test_postcodes_are_swapped_or_mistyped() -> None:
    assert smudged("postcode4", ["1234", "5671", None], wrong_postcode=1.0) == ["1243", "5617", None]
    assert smudged("postcode4", ["1244"], wrong_postcode=1.0)[0] not in ("1244", None)


def test_wrong_numbers_are_other_numbers_that_are_nobodys() -> None:
    numbers = [f"00{n:06d}" for n in range(101, 301)]
    wrong = smudged("kvk", numbers, wrong_number=1.0)
    rsin = pl.Series(smudged("rsin", ["123456781"] * 200, wrong_number=1.0))

    assert all(a != b and b.startswith("00") and len(b) == 8 for a, b in zip(numbers, wrong, strict=True))
    assert not passes_eleven_test(rsin).any()


def test_missing_comes_before_wrong_so_that_nothing_is_both() -> None:
    assert smudged("kvk", ["00000101"] * 3, missing_number=1.0, wrong_number=1.0) == [None] * 3


def test_every_way_of_spelling_changes_a_name() -> None:
    name = pl.Series(["Velatal Bouw B.V."] * 5 + ["Tarnerix"])

    assert names.misspelled(name, pl.Series([1, 2, 3, 4, 5, 2]).to_numpy()).to_list() == [
        "VELATAL BOUW B.V.", "Velatal Bouw", "Velatal Bouw BV", "Veltal Bouw B.V.", "Velatal  Bouw B.V.", "TARNERIX",
    ]  # fmt: skip


def test_a_stale_name_begins_differently_and_ends_the_same() -> None:
    assert names.former(pl.Series(["Velatal Bouw B.V.", "Onbekend"])).to_list() == ["Fexatal Bouw B.V.", "Onbekend"]


def piece(*rows: tuple[str, int, float]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["bsn", "known_on", "wage_in_money_eur"], orient="row")
    return frame.with_columns(employer_number=pl.lit("1"), income_relation=pl.lit(1), period_start=pl.lit(0))


def corrections(after: int | None, lost: list[int], *rows: tuple[str, int, float]) -> list[tuple]:
    watch = Corrections(rate=0.1, days=[10, 20, 30], lost=lost, after=after)
    list(watch.watch(feed_contracts()["uwv_wages"], [piece(*rows)]))
    day = pl.col("delivered_on", "corrected_on").cast(pl.Int32)
    return watch.truth().with_columns(day).select("delivered_on", "delivered", "corrected_on").rows()


def test_a_correction_has_the_days_of_both_deliveries() -> None:
    assert corrections(None, [], ("a", 12, 80.0), ("a", 25, 100.0)) == [(20, "80.0", 30)]


def test_a_correction_within_one_delivery_is_no_fault() -> None:
    assert corrections(None, [], ("a", 12, 80.0), ("a", 18, 100.0)) == []


def test_a_correction_that_is_still_to_come_has_no_day() -> None:
    assert corrections(None, [], ("a", 12, 80.0), ("a", 99, 100.0)) == [(20, "80.0", None)]


def test_a_correction_that_was_lost_never_came() -> None:
    assert corrections(None, [30], ("a", 12, 80.0), ("a", 25, 100.0)) == [(20, "80.0", None)]


def test_a_correction_of_what_an_earlier_night_delivered_completes_its_row() -> None:
    assert corrections(9, [], ("a", 5, 80.0), ("a", 25, 100.0)) == [(None, "80.0", 30)]

    row = ("late_correction", "uwv_wages", "wage_in_money_eur", None, "a", "80.0", "100.0", None)
    before = pl.DataFrame([row], schema=VALUE_FAULTS, orient="row").with_columns(delivered_on=date(2026, 1, 5))
    after = pl.DataFrame([row], schema=VALUE_FAULTS, orient="row").with_columns(corrected_on=date(2026, 3, 5))
    assert merged(before, after).select("delivered_on", "corrected_on").rows() == [(date(2026, 1, 5), date(2026, 3, 5))]


def test_a_fault_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no faults of values"):
        Smudger(with_faults(values={"typos": {}}), Draws(1))
