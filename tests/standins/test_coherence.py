"""The feeds tell of one world: who occurs in one can be found in the others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import quality.contract
from assets.standins.foundations.parameters import read_parameters
from assets.standins.foundations.randomness import Draws
from assets.standins.stays.decisions import refused_offers
from assets.standins.world import make_setting
from tests.standins.conftest import Delivered

COUNTRIES = Path(quality.contract.__file__).parent / "reference" / "codelists" / "countries_iso_eu_eea.csv"


def strangers(known: pl.Series, seen: pl.Series) -> set[str]:
    return set(seen.drop_nulls().to_list()) - set(known.drop_nulls().to_list())


def known_to_the_registers(world: Delivered) -> pl.Series:
    return pl.concat([world.rows("ind_permits")["bsn"], world.rows("uwv_work_permits")["bsn"]]).drop_nulls()


def first_paid(world: Delivered) -> pl.DataFrame:
    """Everybody who is paid, with the day of the first wage."""
    return world.rows("uwv_wages").group_by("bsn").agg(pl.col("period_start").min().alias("first"))


def test_until_temporary_protection_who_begins_to_work_has_a_permit_or_a_work_permit(world: Delivered) -> None:
    begun = pl.col("first").is_between(pl.date(2013, 2, 1), pl.date(2022, 3, 1), closed="left")
    paid = first_paid(world).filter(begun)["bsn"]

    # UWV does not always note the number of who asks for a work permit: few of the paid are unknown for that reason.
    assert len(paid) > 500
    assert len(strangers(known_to_the_registers(world), paid)) / len(paid) < 0.15


def test_who_came_before_the_registers_begin_is_paid_from_the_first_month_on_and_never_applies(
    world: Delivered,
) -> None:
    """The wage feed is of persons who hold or held a permit: theirs is older than the first known application."""
    everyone = first_paid(world)
    old = strangers(known_to_the_registers(world), everyone.filter(pl.col("first") <= pl.date(2013, 1, 1))["bsn"])
    wages = world.rows("uwv_wages").filter(pl.col("bsn").is_in(list(old)))
    by_year = dict(wages.group_by(pl.col("period_start").dt.year()).agg(pl.col("bsn").n_unique()).iter_rows())

    assert everyone["first"].min() >= date(2012, 12, 31)
    assert len(old) > 150
    assert 0.3 < by_year[2021] / by_year[2013] < 0.7
    assert by_year[2013] > by_year[2017] > by_year[2021] > by_year[2025] > 0


def test_temporary_protection_brings_workers_whom_only_wage_records_know(world: Delivered) -> None:
    known = known_to_the_registers(world).implode()
    new = first_paid(world).filter((pl.col("first") > pl.date(2013, 1, 31)) & ~pl.col("bsn").is_in(known))["bsn"]
    wages = world.rows("uwv_wages").filter(pl.col("bsn").is_in(new.implode()))
    by_year = dict(wages.group_by(pl.col("period_start").dt.year()).agg(pl.col("bsn").n_unique()).iter_rows())

    assert by_year[2023] > 3 * by_year[2021]


def test_every_payroll_number_that_pays_is_known(world: Delivered) -> None:
    assert not strangers(world.rows("uwv_employers")["employer_number"], world.rows("uwv_wages")["employer_number"])


def test_the_truth_holds_the_company_of_every_payroll_number(world: Delivered) -> None:
    assert not strangers(world.truth("links")["employer_number"], world.rows("uwv_employers")["employer_number"])
    assert not strangers(world.rows("kvk_companies")["kvk"], world.truth("links")["kvk"].head(0))


@pytest.mark.parametrize(
    ("feed", "column"),
    [
        ("ind_permits", "sponsor_kvk"),
        ("ind_sponsors", "kvk"),
        ("kvk_officers", "kvk"),
        ("ind_sponsor_notices", "sponsor_kvk"),
    ],
)
def test_every_dutch_company_of_a_feed_is_in_the_trade_register(world: Delivered, feed: str, column: str) -> None:
    assert not strangers(world.rows("kvk_companies")["kvk"], world.rows(feed)[column])


def test_every_notice_is_about_somebody_with_a_permit(world: Delivered) -> None:
    assert not strangers(world.rows("ind_permits")["v_number"], world.rows("ind_sponsor_notices")["v_number"])


def test_every_advice_of_rvo_belongs_to_an_application(world: Delivered) -> None:
    assert not strangers(world.rows("ind_permits")["application_id"], world.rows("rvo_advice")["application_id"])


def test_who_has_a_permit_for_cross_border_service_is_notified_under_the_same_document(world: Delivered) -> None:
    permits = world.rows("ind_permits").filter(pl.col("scheme") == "cross_border_service")

    assert len(permits) > 50
    assert not strangers(world.rows("szw_postings")["worker_document"], permits["travel_document"])


@pytest.mark.parametrize("feed", ["svb_a1", "szw_postings"])
def test_every_foreign_employer_is_known_to_the_home_registers(world: Delivered, feed: str) -> None:
    known = world.rows("posting_employers")["employer_vat"]
    seen = world.rows(feed)["employer_vat"]

    assert len(strangers(known, seen)) < 0.1 * seen.n_unique()


def test_one_document_is_one_person(world: Delivered) -> None:
    permits = world.rows("ind_permits").group_by("travel_document").agg(pl.col("v_number").n_unique())
    posted = world.rows("szw_postings").group_by("worker_document").agg(pl.col("worker_birth_month").n_unique())

    assert permits["v_number"].max() == 1
    assert posted["worker_birth_month"].max() == 1


def test_free_movement_follows_nationality(world: Delivered) -> None:
    countries = pl.read_csv(COUNTRIES)
    free = set(countries.filter(pl.col("EEA_or_CH") == 1)["ISO2"].to_list())
    posted = world.rows("szw_postings")
    permits = world.rows("ind_permits")

    assert (posted["worker_free_movement"] == posted["worker_nationality"].is_in(list(free))).all()
    assert (permits["free_movement"] == permits["nationality"].is_in(list(free))).all()


def with_norm(permits: pl.DataFrame) -> pl.DataFrame:
    """Applications with the norm of their category on the day of filing."""
    norms = pl.read_csv(COUNTRIES.parent.parent / "salary_norms.csv", try_parse_dates=True)
    norms = norms.select(
        "criterion",
        pl.col("valid_from").alias("norm_from"),
        pl.col("valid_to").alias("norm_until"),
        pl.col("gross_monthly_eur_excl_holiday").cast(pl.Float64).alias("norm"),
    )
    known = permits.join(norms, left_on="norm_category", right_on="criterion")
    return known.filter(pl.col("received_on").is_between("norm_from", "norm_until"))


def test_declared_pay_meets_the_norm_of_the_day_of_filing(world: Delivered) -> None:
    permits = world.current("ind_permits").filter(
        (pl.col("decision") == "granted") & pl.col("norm_category").is_in(["hsm_30_plus", "hsm_under_30", "blue_card"])
    )
    permits = with_norm(permits)

    assert len(permits) > 500
    assert (permits["salary_month_eur"] >= permits["norm"] - 0.01).all()


def test_offers_refused_for_the_norm_lie_below_it_save_a_few(small: Delivered) -> None:
    refused = small.current("ind_permits").filter(pl.col("refusal_ground") == "norm_not_met")
    ratio = with_norm(refused).select(pl.col("salary_month_eur") / pl.col("norm")).to_series()

    assert (refused["norm_category"] != "none").all()
    assert len(ratio) > 30
    assert (ratio < 1).mean() > 0.8
    assert ratio.max() < 1.11


def test_many_refused_offers_lie_close_to_the_norm_so_that_a_jump_there_can_be_measured() -> None:
    setting = make_setting(read_parameters("tiny", "default"), Draws(1))
    ratio = refused_offers(setting, np.arange(10_000), np.full(10_000, 4000.0)) / 4000

    assert 0.04 < (ratio > 1).mean() < 0.06
    assert (ratio == 1).sum() == 0
    assert ((ratio < 1) & (ratio > 0.95)).mean() > 0.4
    assert ratio.min() > 0.64
    assert ratio.max() < 1.11
