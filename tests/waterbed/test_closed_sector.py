"""A scheme that one sector had to itself: the sector against all others, new companies included."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from assets.waterbed.analysis import analyse
from assets.waterbed.cells import NotEstimableError, build_panel
from assets.waterbed.closed_levels import usual_months
from assets.waterbed.closed_sector import analyse_closed_sector, is_closed_sector
from assets.waterbed.declarations import Design, Windows
from assets.waterbed.results import Subject, displacement_rows
from assets.waterbed.windows import EventWindow
from tests.waterbed.panels import one_event

BEFORE, AFTER, SECTORS = 36, 12, 9
YEAR = [(0, 3), (3, 6), (6, 12)]
LOSS, RUSH, GAIN = slice(0, 3), 3, slice(4, 7)


def closing(scheme=10.0, *, demand=2.0, gained=8.0, elsewhere=1.0, **changes):
    """Sector 0 had the scheme, `scheme` persons a month; its demand grows by `demand` when the scheme closes.

    The destination had one person a month there, and has `gained` more than its demand lets expect; it had thirty in
    every other sector and has `elsewhere` times as many.
    """
    months = BEFORE + AFTER
    after = np.arange(months) >= BEFORE
    restricted = np.zeros((SECTORS, months))
    restricted[0] = np.where(after, 0.0, scheme)
    destination = np.full((SECTORS, months), 30.0) * np.where(after, elsewhere, 1.0)
    destination[0] = np.where(after, demand * elsewhere + gained, 1.0)
    controls = np.full((2, SECTORS, months), 20.0)
    controls[:, 0] = np.where(after, 20.0 * demand, 20.0)
    exposure = np.zeros(SECTORS)
    exposure[0] = 1.0
    return replace(one_event(restricted, destination, exposure, BEFORE, controls, is_closed=True), **changes)


def errors(found):
    return np.sqrt(np.diag(found.covariance))


def test_with_controls_the_loss_is_what_the_demand_of_the_sector_would_have_brought():
    found = analyse_closed_sector(closing(), "C1", YEAR)
    assert found.estimates[LOSS] == pytest.approx([60.0, 60.0, 120.0])
    assert found.estimates[RUSH] == pytest.approx(0.0)
    assert found.estimates[GAIN] == pytest.approx([24.0, 24.0, 48.0])


def test_without_controls_the_scheme_stays_at_its_usual_level():
    found = analyse_closed_sector(closing(), "C0", YEAR)
    assert found.estimates[LOSS].sum() == pytest.approx(120.0)
    # twelve months of 10 persons, where one usual person is expected
    assert found.estimates[GAIN].sum() == pytest.approx(108.0)


def test_what_a_destination_grows_by_everywhere_is_no_gain():
    found = analyse_closed_sector(closing(demand=1.0, gained=0.0, elsewhere=3.0), "C1", YEAR)
    assert found.estimates[GAIN] == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_months_under_a_shock_set_no_usual_level():
    panel = closing()
    shocked = np.zeros(panel.months, dtype=bool)
    shocked[20:33] = True
    dip = np.where(shocked, 0.2, 1.0)
    struck = replace(
        panel, restricted=panel.restricted * dip, destinations=panel.destinations * dip, controls=panel.controls * dip
    )
    told = analyse_closed_sector(replace(struck, shocked=shocked), "C1", YEAR)
    assert told.estimates[LOSS].sum() == pytest.approx(240.0)
    assert analyse_closed_sector(struck, "C0", YEAR).estimates[LOSS].sum() < 80.0


def test_shocked_months_count_where_too_few_others_are_left():
    shocked = np.zeros(BEFORE + AFTER, dtype=bool)
    shocked[6:] = True
    assert usual_months(closing(shocked=shocked)).tolist() == list(range(9, 33))


def test_a_loading_is_found_in_the_years_before():
    panel = closing()
    year = np.arange(panel.months) // 12
    wave = np.array([1.0, 2.0, 1.0, 1.0])[year]
    moved = replace(panel, controls=panel.controls * wave, restricted=panel.restricted * np.sqrt(wave))
    # years up to the first touched month lie three months before the calendar's, for both series alike
    half = analyse_closed_sector(moved, "C2", YEAR).estimates[LOSS].sum()
    none, whole = (analyse_closed_sector(moved, s, YEAR).estimates[LOSS].sum() for s in ("C0", "C1"))
    assert none < half < whole


def test_the_error_of_a_gain_is_as_large_as_other_sectors_miss_the_growth_elsewhere():
    calm = closing(gained=0.0)
    rng = np.random.default_rng(3)
    factor = np.ones((SECTORS, calm.months))
    factor[1:, BEFORE:] = np.exp(rng.normal(0, 0.7, SECTORS - 1))[:, None]
    larger = replace(calm, destinations=calm.destinations * 10.0)
    rough = replace(larger, destinations=larger.destinations * factor)
    steady, wild = (errors(analyse_closed_sector(p, "C0", YEAR))[GAIN].sum() for p in (larger, rough))
    assert wild > 2.0 * steady


def test_the_error_of_a_loss_is_as_large_as_controls_mislead_in_other_sectors():
    calm = closing()
    factor = np.ones((SECTORS, calm.months))
    factor[1:, BEFORE:] = np.array([0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 2.5, 3.0])[:, None]
    misled = replace(calm, controls=calm.controls * factor)
    sure, unsure = (errors(analyse_closed_sector(p, "C1", YEAR))[LOSS].sum() for p in (calm, misled))
    assert unsure > sure + 0.4 * 240.0


def test_a_route_that_nobody_took_before_may_be_taken_as_in_other_sectors_where_nobody_did():
    panel = closing(gained=0.0, demand=1.0)
    new = np.array(panel.destinations)
    new[0, :5, :BEFORE] = 0.0
    new[0, :5, BEFORE:] = np.array([1.0, 0.0, 2.0, 1.0, 3.0])[:, None]
    found = analyse_closed_sector(replace(panel, destinations=new), "C0", YEAR)
    assert found.estimates[GAIN].sum() == pytest.approx(12.0)
    # other such sectors came out at 0, 24, 12 and 36 persons
    assert errors(found)[GAIN].sum() > np.sqrt((0 + 24**2 + 12**2 + 36**2) / 4)


def test_controls_that_disagree_widen_the_interval():
    agreed = closing()
    apart = np.array(agreed.controls)
    apart[0, 0, BEFORE:] = 20.0 * 3.0
    apart[1, 0, BEFORE:] = 20.0 * 1.0
    disagreed = replace(agreed, controls=apart)
    sure, unsure = (analyse_closed_sector(p, "C1", YEAR) for p in (agreed, disagreed))
    assert unsure.estimates[LOSS].sum() == pytest.approx(sure.estimates[LOSS].sum())
    assert errors(unsure)[LOSS].sum() > 1.5 * errors(sure)[LOSS].sum()


def test_an_ended_scheme_has_a_verdict_in_persons_where_its_loss_is_too_unsure_for_a_share():
    calm = closing()
    factor = np.ones((SECTORS, calm.months))
    factor[1:, BEFORE:] = np.array([0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 2.5, 3.0])[:, None]
    analysis = analyse(replace(calm, controls=calm.controls * factor), "C1")
    # the same figures of a route that was restricted and not ended; with too short a past for years before it
    going_on = replace(analysis, panel=replace(analysis.panel, is_closed=False, anticipation_months=13))
    subject = Subject("2022-asian-stop", "asian_catering", date(2026, 11, 23), "run")
    told, gated = (
        next(row for row in displacement_rows(found, subject) if row["destination_route"] == "gvva")
        for found in (analysis, going_on)
    )
    assert told["share"] is None
    assert told["verdict"] == "displacement"
    assert "too unsure" in told["reason"]
    assert gated["verdict"] == "inconclusive"
    assert f"one of {2.8 * gated['gain_error']:.0f} persons would have been found" in gated["reason"]


def test_an_ended_scheme_from_which_nobody_moved_on_has_no_verdict_of_displacement():
    analysis = analyse(closing(gained=0.0), "C1")
    subject = Subject("2022-asian-stop", "asian_catering", date(2026, 11, 23), "run")
    assert {row["verdict"] for row in displacement_rows(analysis, subject)} <= {"none_detected", "inconclusive"}


def test_what_carries_an_estimate_is_the_number_of_sectors_in_which_it_could_be_tried():
    panel = closing()
    few = np.array(panel.destinations)
    few[0, 4:] = 0.0
    assert analyse(panel, "C1").effective_clusters() == pytest.approx(SECTORS - 1)
    assert analyse(replace(panel, destinations=few), "C1").effective_clusters(0) == pytest.approx(3.0)


def test_the_same_panel_gives_the_same_covariance():
    first, second = (analyse_closed_sector(closing(), "C1", YEAR).covariance for _ in range(2))
    assert (first == second).all()


DESIGN = Design("closed", "asian_catering", "scheme_closed", None, ("gvva",), ("twv_student",), "sector")
WINDOW = EventWindow(first=2019 * 12, event=2022 * 12, last=2022 * 12 + 11, anticipation=3, cut_by=None)
LENGTHS = Windows(pre=60, pre_least=24, anticipation=3, post=36, undecided=3)


def flows(sectors):
    """Monthly persons by sector and route, constant over the window."""
    return pl.DataFrame(
        [
            (date(month // 12, month % 12 + 1, 1), route, sector, "Cooks", persons, 12.0 * persons)
            for month in range(WINDOW.first, WINDOW.last + 1)
            for sector, routes in sectors.items()
            for route, persons in routes.items()
        ],
        schema=["month", "route", "sbi2", "occupation_group", "admissions", "person_months"],
        orient="row",
    )


NO_SALARIES = pl.DataFrame(
    schema={"month": pl.Date, "route": pl.String, "sbi2": pl.String, "salary_over_floor": pl.Float64}
)
WITHOUT = {f"{number}": {"gvva": 5.0, "twv_student": 5.0} for number in range(60, 70)}


def test_sectors_that_hardly_used_the_scheme_are_neither_its_own_nor_comparisons():
    found = flows(
        WITHOUT
        | {"56": {"asian_catering": 40.0, "gvva": 1.0, "twv_student": 9.0}, "47": {"asian_catering": 1.0, "gvva": 2.0}}
    )
    panel = build_panel(found, NO_SALARIES, DESIGN, WINDOW, lengths=LENGTHS, rise=None).panel
    assert panel.cells == 11
    assert panel.exposure.tolist() == [1.0, *[0.0] * 10]
    assert is_closed_sector(panel)


def test_a_destination_whose_persons_have_no_known_sector_is_left_out_by_name():
    own = {"56": {"asian_catering": 40.0, "gvva": 1.0, "twv_student": 9.0}, "unknown": {"self_employed": 90.0}}
    design = replace(DESIGN, destinations=("gvva", "self_employed"))
    built = build_panel(flows(WITHOUT | own), NO_SALARIES, design, WINDOW, lengths=LENGTHS, rise=None)
    assert built.panel.destination_names == ["gvva"]
    assert built.left_out == ["self_employed (0 before the event)"]


def test_too_few_sectors_without_the_scheme_are_no_comparison():
    few = {name: WITHOUT[name] for name in list(WITHOUT)[:5]}
    found = flows(few | {"56": {"asian_catering": 40.0, "gvva": 1.0, "twv_student": 9.0}})
    with pytest.raises(NotEstimableError, match="5 sectors did without asian_catering; 8 are the least"):
        build_panel(found, NO_SALARIES, DESIGN, WINDOW, lengths=LENGTHS, rise=None)
