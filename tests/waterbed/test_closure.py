"""A scheme that closes for everyone: the loss is counted against its usual level, the gains by company."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from assets.waterbed.declarations import declarations
from assets.waterbed.estimate import estimate_events
from assets.waterbed.restriction import closure_level_error, usual_month_factors
from tests.waterbed.flows import COMPANY_FLOWS_SCHEMA, inputs, world_inputs

AS_OF = date(2026, 11, 23)
COMPANIES = 600


def catering(share, seed=3):
    """Monthly flows of 600 restaurants, 2016 to 2025; closed from January 2022, `share` moves to gvva."""
    rng = np.random.default_rng(seed)
    months, event = 120, 72
    usual = rng.gamma(0.7, 0.5, COMPANIES) * (rng.random(COMPANIES) < 0.6)
    single = rng.gamma(0.7, 0.3, COMPANIES)
    other = rng.gamma(0.7, 0.6, COMPANIES)
    closed = rng.poisson(usual[:, None], (COMPANIES, months))
    closed[:, event:] = 0
    gain = np.zeros((COMPANIES, months))
    gain[:, event:] = share * usual[:, None]
    counts = {
        "asian_catering": closed,
        "gvva": rng.poisson(single[:, None] + gain),
        "twv": rng.poisson(other[:, None], (COMPANIES, months)),
    }
    rows = []
    for route, table in counts.items():
        company, month = np.nonzero(table)
        rows.append(
            pl.DataFrame(
                {
                    "month": [date(2016 + m // 12, m % 12 + 1, 1) for m in month],
                    "route": [route] * len(month),
                    "sbi2": ["56"] * len(month),
                    "company": [f"{c:08d}" for c in company],
                    "admissions": table[company, month].astype(float),
                    "person_months": 24.0 * table[company, month],
                },
                schema=COMPANY_FLOWS_SCHEMA,
            )
        )
    loss = float(usual.sum()) * 36
    return pl.concat(rows), loss


def estimated(share):
    flows, loss = catering(share)
    base, _, _ = world_inputs()  # the sector tables of another event; they set the months for which there are flows
    data = inputs(base.flows, None, flows.to_dicts())
    # no sector in these flows did without the scheme, so that its companies are held against each other
    found, _ = estimate_events(data, declarations(), AS_OF, "run")
    rows = found.filter(event_id="2022-asian-stop", specification="C0")
    return {row["destination_route"]: row for row in rows.filter(months_after=36).iter_rows(named=True)}, loss


def test_what_a_closed_scheme_lost_and_where_it_went():
    rows, loss = estimated(0.4)
    assert rows["total"]["gross_loss"] == pytest.approx(loss, rel=0.1)
    assert rows["gvva"]["share"] == pytest.approx(0.4, abs=0.1)
    assert rows["gvva"]["share_lo95"] <= 0.4 <= rows["gvva"]["share_hi95"]
    assert rows["gvva"]["verdict"] == "displacement"
    assert abs(rows["twv"]["share"]) < 0.05
    assert "other companies" in rows["gvva"]["reason"]


def test_a_closed_scheme_from_which_nobody_moved_on():
    rows, _ = estimated(0.0)
    assert abs(rows["gvva"]["share"]) < 0.1
    assert rows["gvva"]["verdict"] in {"none_detected", "inconclusive"}


def test_the_level_of_a_closed_route_is_as_sure_as_its_years_were_steady():
    steady = np.full((1, 60), 100.0)
    wild = np.repeat([[20.0, 100.0, 30.0, 90.0, 10.0]], 12, axis=1).reshape(1, 60)
    assert closure_level_error(steady, 60, 36) == pytest.approx(0.0)
    assert closure_level_error(wild, 60, 36) > 0.5
    assert closure_level_error(steady, 30, 36) == 1.0


def test_the_usual_level_of_a_month_is_that_of_its_calendar_month():
    factors = np.tile(np.arange(12.0), 3)
    usual = usual_month_factors(factors, np.arange(36) % 12, 36)
    np.testing.assert_allclose(usual, np.arange(12.0))
