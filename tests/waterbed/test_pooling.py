"""Several events at once: published means of trials, and the rows of pooled events."""

import numpy as np
import pytest

from assets.waterbed.frames import displacement_frame
from assets.waterbed.pooling import POOLED, pool, pooled_rows

#: Thirteen trials of the BCG vaccine (Colditz et al. 1994): cases and others, vaccinated and not.
BCG = [
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]


def log_risk_ratios():
    sick, well, sick_without, well_without = np.array(BCG, dtype=float).T
    vaccinated, others = sick + well, sick_without + well_without
    effects = np.log(sick / vaccinated) - np.log(sick_without / others)
    return effects, 1 / sick - 1 / vaccinated + 1 / sick_without - 1 / others


def row(event, share, width=0.2, **changes):
    return {
        "event_id": event,
        "restricted_route": "hsm_30_plus",
        "destination_route": "total",
        "months_after": 12,
        "specification": "C1",
        "gross_loss": 110.0,
        "rush": 10.0,
        "net_loss": 100.0,
        "loss_error": 10.0,
        "gain": 100.0 * share,
        "gain_error": 8.0,
        "first_stage_t": 10.0,
        "share": share,
        "share_lo95": share - width,
        "share_hi95": share + width,
        "p_value": 0.01,
        "effective_clusters": 12.0,
        "critical": 2.0,
        "as_of": None,
        "run_id": "run",
    } | changes


def test_the_bcg_trials_have_their_published_mean():
    effects, variances = log_risk_ratios()
    fixed = 1 / variances
    assert (fixed @ effects) / fixed.sum() == pytest.approx(-0.4303, abs=5e-5)
    found = pool(effects, variances)
    assert found.mean == pytest.approx(-0.7150, abs=5e-5)
    assert found.between**2 == pytest.approx(0.3181, abs=5e-5)
    assert found.heterogeneity == pytest.approx(0.9212, abs=5e-5)
    assert (found.low, found.high) == pytest.approx((-1.109, -0.321), abs=1e-3)


def test_events_that_agree_more_than_chance_do_not_narrow_the_interval():
    same = pool(np.full(4, 0.3), np.full(4, 0.04))
    assert same.between == 0.0
    assert same.error == pytest.approx(0.1)


def test_events_that_differ_widen_the_interval():
    assert pool(np.array([0.1, 0.9]), np.array([0.01, 0.01])).error > 0.3


@pytest.mark.parametrize(("estimates", "variances"), [([0.3], [0.1]), ([0.3, 0.2], [0.1, 0.0])])
def test_what_cannot_be_pooled_is_refused(estimates, variances):
    with pytest.raises(ValueError, match=r"pooled|above zero"):
        pool(np.array(estimates), np.array(variances))


def test_pooled_rows_add_up_persons_and_name_their_events():
    (found,) = pooled_rows([row("2024-a", 0.2), row("2025-b", 0.4)])
    assert found["event_id"] == POOLED
    assert found["share"] == pytest.approx(0.3)
    assert found["net_loss"] == 200.0
    assert found["gain"] == pytest.approx(60.0)
    assert "2024-a, 2025-b" in found["reason"]
    assert "2 events" in found["reason"]
    assert displacement_frame([found]).row(0, named=True)["net_loss_hi95"] == pytest.approx(200 + 2 * np.sqrt(200))


def test_one_event_or_events_without_a_share_make_no_pooled_row():
    assert pooled_rows([row("2024-a", 0.2)]) == []
    withheld = row("2025-b", 0.2) | {"share": None, "share_lo95": None, "share_hi95": None}
    assert pooled_rows([row("2024-a", 0.2), withheld]) == []
    assert pooled_rows([row("2024-a", 0.2), row("2025-b", 0.2, restricted_route="gvva")]) == []
    assert pooled_rows([{"event_id": "2020-covid", "destination_route": "total", "verdict": "not_estimable"}]) == []


def test_destinations_are_adjusted_for_each_other_and_the_total_is_not():
    events = [("a", 0.01), ("b", -0.01), ("c", 0.0)]
    rows = [row(name, 0.3, 0.05, destination_route="gvva") for name, _ in events]
    rows += [row(name, share, destination_route="twv") for name, share in events]
    rows += [row(name, 0.3, 0.05) for name, _ in events]
    found = {r["destination_route"]: r for r in pooled_rows(rows)}
    assert found["gvva"]["p_holm"] == pytest.approx(2 * found["gvva"]["p_value"])
    assert found["gvva"]["verdict"] == "displacement"
    assert found["twv"]["verdict"] != "displacement"
    assert found["total"].get("p_holm") is None
