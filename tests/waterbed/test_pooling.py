"""Several events at once: published means of trials, and the rows of pooled events."""

import numpy as np
import pytest

from assets.waterbed.frames import displacement_frame
from assets.waterbed.inference import WEAK_LOSS_T
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
        "gain_loss_covariance": 0.0,
        "degrees": 30.0,
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


def test_one_event_alone_makes_no_pooled_row():
    assert pooled_rows([row("2024-a", 0.2)]) == []
    assert pooled_rows([row("2024-a", 0.2), row("2025-b", 0.2, restricted_route="gvva")]) == []
    assert pooled_rows([{"event_id": "2020-covid", "destination_route": "total", "verdict": "not_estimable"}]) == []


WITHHELD = {"share": None, "share_lo95": None, "share_hi95": None}


def test_where_a_share_is_withheld_the_persons_of_all_events_are_added_up():
    weak = row("2025-b", 0.0, net_loss=20.0, loss_error=10.0) | {"gain": 14.0, "gain_error": 6.0} | WITHHELD
    (found,) = pooled_rows([row("2024-a", 0.3, loss_error=10.0), weak])
    assert (found["net_loss"], found["gain"]) == (120.0, 44.0)
    assert found["share"] == pytest.approx(44 * 120 / (120**2 + 10**2 + 10**2))
    assert found["share_lo95"] < 44 / 120 < found["share_hi95"]
    assert found["gain_error"] == 10.0
    assert found["verdict"] == "displacement"
    assert "not all of which have a share" in found["reason"]


def test_where_the_loss_of_all_together_is_unclear_too_there_is_no_share_but_there_are_persons():
    weak = {"net_loss": 20.0, "loss_error": 10.0, "gain": 40.0, "gain_error": 3.0} | WITHHELD
    (found,) = pooled_rows([row("2024-a", 0.0) | weak, row("2025-b", 0.0) | weak])
    assert found["share"] is None
    assert found["gain"] == 80.0
    assert found["verdict"] == "inconclusive"
    assert "t 2.8, 3.2 is the least" in found["reason"]
    assert displacement_frame([found]).row(0, named=True)["gain_lo95"] == pytest.approx(80 - 2 * np.sqrt(18))


def test_to_pool_only_events_whose_loss_was_found_clear_would_find_too_little():
    rng = np.random.default_rng(3)

    def event(number):
        """A loss of 30 persons with an error of 10, of whom 12 come by another route."""
        loss, gain = rng.normal(30.0, 10.0), rng.normal(12.0, 2.0)
        is_clear = loss / 10.0 >= WEAK_LOSS_T
        share = gain / loss
        told = row(f"event-{number}", share, net_loss=loss, loss_error=10.0) | {"gain": gain, "gain_error": 2.0}
        return told if is_clear else told | WITHHELD

    events = [event(number) for number in range(300)]
    (found,) = pooled_rows(events)
    assert found["share"] == pytest.approx(0.4, abs=0.02)
    (of_clear_ones,) = pooled_rows([e for e in events if e["share"] is not None])
    assert of_clear_ones["share"] < 0.34


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
