"""Switching by employers after refusals, and by persons at the norm, where the answer is known."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from assets.waterbed.companions.closures import closure_answers
from assets.waterbed.companions.companies import Histories, company_answers
from assets.waterbed.declarations import declarations
from assets.waterbed.designs.clustered_errors import ClusteredErrors, clustered_least_squares, standard_error
from assets.waterbed.designs.employer_lags import employer_switching
from assets.waterbed.designs.fixed_effects_poisson import fixed_effects_poisson
from assets.waterbed.designs.norm_discontinuity import jump_at_norm
from assets.waterbed.designs.reapplication_hazard import hazard_ratio


def employers(kappa, seed, count=800, months=60):
    """Busy months bring more of everything; `kappa` extra applications follow each refusal over the next months."""
    rng = np.random.default_rng(seed)
    size = rng.gamma(0.8, 1.0, (count, 1))
    busy = np.zeros((count, months))
    for t in range(1, months):
        busy[:, t] = 0.9 * busy[:, t - 1] + rng.normal(0, 0.35, count)
    activity = size * np.exp(busy)
    volume = rng.poisson(activity)
    refusals = rng.binomial(volume, 0.15)
    follow = np.stack([np.convolve(row, np.full(6, kappa / 6))[:months] for row in refusals])
    other = rng.poisson(0.3 * activity + follow)
    return other.astype(float), refusals.astype(float), volume.astype(float)


def test_without_the_volume_busy_employers_look_like_switchers_and_with_it_they_do_not():
    naive = [employer_switching(*employers(0.0, s), has_volume_control=False) for s in range(4)]
    controlled = [employer_switching(*employers(0.0, s)) for s in range(4)]
    assert np.mean([x.extra_applications / x.error for x in naive]) > 2.0
    assert abs(np.mean([x.extra_applications for x in controlled])) < 0.08
    assert np.mean([abs(x.extra_applications / x.error) < 2.5 for x in controlled]) == 1.0


def test_planted_switching_is_found_with_its_size():
    found = [employer_switching(*employers(0.25, s)) for s in range(4)]
    assert np.mean([x.extra_applications for x in found]) == pytest.approx(0.25, abs=0.08)
    assert all(len(x.by_lag) == 13 for x in found)


def test_months_in_which_many_employers_switch_together_make_the_error_larger():
    rng = np.random.default_rng(3)
    months, companies = np.tile(np.arange(40), 300), np.repeat(np.arange(300), 40)
    x = rng.normal(0.0, 1.0, 12_000)
    together = rng.normal(0.0, 0.3, 40)[months]
    found = clustered_least_squares(x * together + rng.normal(0.0, 1.0, 12_000), x[:, None], companies, months)
    one = np.ones(1)
    # a slope of each month's own, of size 0.3 in 40 months, is an error of 0.3 / sqrt(40)
    assert found.careful_error(one) == pytest.approx(0.3 / np.sqrt(40), rel=0.3)
    assert standard_error(found.by_unit, one) < 0.5 * found.careful_error(one)


def test_chance_does_not_make_two_ways_of_clustering_more_precise_than_one():
    errors = ClusteredErrors(np.ones(1), by_both=-np.eye(1), by_unit=4.0 * np.eye(1), by_period=np.eye(1))
    assert errors.careful_error(np.ones(1)) == 2.0


def test_clustering_both_ways_needs_two_units_and_two_periods():
    with pytest.raises(ValueError, match="two units and two periods"):
        clustered_least_squares(np.arange(4.0), np.ones((4, 1)), np.arange(4), np.zeros(4, dtype=int))


def test_too_few_employers_are_refused():
    with pytest.raises(ValueError, match="too few"):
        employer_switching(np.zeros((5, 60)), np.zeros((5, 60)), np.zeros((5, 60)))


def persons(jump, seed=0, count=20_000):
    rng = np.random.default_rng(seed)
    ratio = rng.uniform(0.8, 1.3, count)
    chance = 0.10 + 0.2 * (1.3 - ratio) + np.where(ratio < 1.0, jump, 0.0)
    return ratio, (rng.random(count) < chance).astype(float)


@pytest.mark.parametrize("jump", [0.0, 0.2])
def test_the_jump_at_the_norm_is_found_with_its_size(jump):
    found = jump_at_norm(*persons(jump))
    assert found.jump == pytest.approx(jump, abs=2.5 * found.error)
    assert found.error < 0.03


def test_salaries_raised_to_the_norm_do_not_move_the_jump():
    ratio, switched = persons(0.2)
    piled = np.concatenate([ratio, np.full(3_000, 1.001)])
    never = np.concatenate([switched, np.zeros(3_000)])
    assert jump_at_norm(piled, never).jump == pytest.approx(jump_at_norm(ratio, switched).jump, abs=1e-9)


def test_a_thin_side_gives_no_jump():
    ratio = np.concatenate([np.full(20, 0.95), np.full(500, 1.05)])
    assert jump_at_norm(ratio, np.zeros(520)) is None


def test_counts_in_proportion_to_what_a_unit_usually_does_give_the_planted_effect():
    rng = np.random.default_rng(1)
    x = rng.normal(0, 0.5, (400, 8, 1))
    level = np.exp(rng.normal(0, 1.5, (400, 1)))  # a unit's level follows its regressor, which unit effects allow
    counts = rng.poisson(level * np.exp(0.6 * x[:, :, 0]))
    found = fixed_effects_poisson(counts.astype(float), x)
    error = np.sqrt(found.covariance[0, 0])
    assert found.coefficients[0] == pytest.approx(0.6, abs=3 * error)
    assert found.units == (counts.sum(axis=1) > 0).sum()
    assert found.units < 400


def test_a_regressor_that_never_moves_within_a_unit_is_refused():
    with pytest.raises(ValueError, match="does not move"):
        fixed_effects_poisson(np.ones((5, 4)), np.ones((5, 4, 1)))
    with pytest.raises(ValueError, match="fewer than two"):
        fixed_effects_poisson(np.zeros((5, 4)), np.ones((5, 4, 1)))


def decisions(log_ratio, seed, count=3_000):
    """Months until a first application elsewhere, at two in a hundred a month after a grant."""
    rng = np.random.default_rng(seed)
    refused = rng.random(count) < 0.3
    months = rng.geometric(1 - np.exp(-0.02 * np.exp(log_ratio * refused)))
    seen = rng.integers(1, 30, count)
    return np.minimum(months, seen), (months <= seen).astype(float), refused.astype(float), rng.gamma(1, 1, (count, 1))


@pytest.mark.parametrize("log_ratio", [0.0, 0.7])
def test_the_hazard_after_a_refusal_is_found_with_its_size(log_ratio):
    found = [hazard_ratio(*decisions(log_ratio, seed)) for seed in range(5)]
    assert np.mean([f.log_ratio for f in found]) == pytest.approx(log_ratio, abs=0.15)
    assert all(abs(f.log_ratio - log_ratio) < 3.5 * f.error for f in found)


def test_few_companies_or_few_applications_give_no_hazard():
    months, applied, refused, volume = decisions(0.7, 1)
    assert hazard_ratio(months[:40], applied[:40], refused[:40], volume[:40]) is None
    assert hazard_ratio(months, np.zeros_like(applied), refused, volume) is None


EVENT_ON = date(2022, 1, 1)
DESIGN = next(d for d in declarations().tested["2022-norm-index"] if d.route == "hsm_30_plus")


def month(number):
    return date(number // 12, number % 12 + 1, 1)


def histories(kappa, seed=1):
    """What the companies of `employers` did from 2020 on, as the tables that a night reads."""
    other, refusals, volume = (table.astype(int) for table in employers(kappa, seed, count=500))
    rows = []
    for route, applications, refused in (("gvva", other, 0 * other), (DESIGN.route, volume, refusals)):
        for company, t in zip(*np.nonzero(applications), strict=True):
            number = 2020 * 12 + int(t)
            rows.append((f"{company:08d}", route, month(number), applications[company, t], refused[company, t]))
    names = ["company", "route", "month", "applications", "refusals"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    decided = frame.filter(pl.col("route") == DESIGN.route).select(
        "company", "route", "month", refused="refusals", granted_near=pl.col("applications") - pl.col("refusals")
    )
    ratio, switched = persons(0.2, count=4_000)
    near = pl.DataFrame({"salary_over_norm": ratio, "has_switched": switched > 0}).with_columns(
        route=pl.lit(DESIGN.route), decided_on=pl.lit(date(2022, 6, 1))
    )
    return Histories(frame, decided, near, 2024 * 12 + 11)


def test_a_night_reads_planted_switching_by_companies_and_persons():
    found = {a.companion: a for a in company_answers(EVENT_ON, DESIGN, histories(0.8))}
    assert found["employer_lags"].reading == "supports"
    assert found["employer_lags"].low < 0.8 < found["employer_lags"].high
    assert found["employer_counts"].estimate > 0
    assert found["norm_discontinuity"].reading == "supports"
    assert found["norm_discontinuity"].low < 0.2 < found["norm_discontinuity"].high
    assert found["employer_lags"].n > 450


def test_without_refusals_or_without_months_the_answers_say_so():
    whole = histories(0.0)
    none = replace(whole, months=whole.months.with_columns(refusals=0))
    assert "refusals" in company_answers(EVENT_ON, DESIGN, none)[0].reason
    short = replace(whole, last_month=2022 * 12)
    assert "months around the event" in company_answers(EVENT_ON, DESIGN, short)[0].reason
    empty = Histories(whole.months.clear(), whole.decisions.clear(), whole.near_norm.clear(), whole.last_month)
    assert {a.reading for a in company_answers(EVENT_ON, DESIGN, empty)} == {"not_estimable"}
    floor = declarations().tested["2023-wml-jump"][0]
    assert "no salary norm" in company_answers(EVENT_ON, floor, whole)[3].reason


CLOSED = declarations().tested["2022-asian-stop"][0]


def closing(moved, seed=0):
    """Twelve sectors, of which 56 used the scheme that closed in 2022; its companies bring `moved` a quarter."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(2018 * 12, 2024 * 12):
        for sector in range(50, 62):
            after = sector == 56 and number >= 2022 * 12
            rows.append((month(number), "gvva", str(sector), "unknown", rng.poisson(12 + moved / 3 * after)))
        for company in range(80):
            is_user = company < 30
            after = is_user and number >= 2022 * 12
            rows.append((month(number), "gvva", "56", f"{company:08d}", rng.poisson(0.2 + moved / 90 * after)))
            if is_user and number < 2022 * 12:
                rows.append((month(number), CLOSED.route, "56", f"{company:08d}", 1))
    names = ["month", "route", "sbi2", "company", "admissions"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("admissions").cast(pl.Float64))


def test_what_moved_from_a_closed_scheme_is_found_in_its_sector_and_at_its_companies():
    flows = closing(60)
    sector = flows.group_by("month", "route", "sbi2").agg(pl.col("admissions").sum())
    synthetic, staggered = closure_answers(EVENT_ON, CLOSED, sector, flows, 2023 * 12 + 11)
    # a quarter of the sector's gain is moved / 3 a month without and moved / 3 with a company; eight quarters
    assert synthetic.low < 2 * 60 * 8 < synthetic.high
    assert staggered.low < 60 * 8 < staggered.high
    assert (synthetic.reading, staggered.reading) == ("supports", "supports")


def test_a_rule_that_closed_nothing_has_no_closing_and_an_empty_table_no_users():
    flows = closing(0).clear()
    assert {a.reading for a in closure_answers(EVENT_ON, CLOSED, flows, flows, 2023 * 12)} == {"not_estimable"}
    found = closure_answers(EVENT_ON, DESIGN, flows, flows, 2023 * 12)
    assert all("no scheme closed" in a.reason for a in found)
    assert "quarter after the closing" in closure_answers(EVENT_ON, CLOSED, flows, flows, 2022 * 12)[0].reason
