"""The estimator on simulated worlds, in a short form that can fail; the long form is `waterbed simulate-waterbed`."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from assets.waterbed.analysis import analyse
from assets.waterbed.inference import WEAK_LOSS_T
from assets.waterbed.loadings import cross_products
from assets.waterbed.results import Subject, displacement_rows, lag_rows
from assets.waterbed.simulation import SCENARIOS, simulate, summarise
from assets.waterbed.simulation.worlds import make_world
from assets.waterbed.uncertainty import Fit
from tests.waterbed.panels import of_cells

SEED = 20_261_123
WORLDS = 24


def total(scenario, worlds=WORLDS, specification="C1"):
    scores = simulate(worlds, scenario, SEED, (specification,))
    row = summarise(scores).filter(
        pl.col("destination_route") == "total", pl.col("from_month") == 0, pl.col("until_month") == 36
    )
    return row.row(0, named=True), scores


def rows_of(scenario, specification="C1", world=0, **changes):
    panel, truth = make_world(replace(SCENARIOS[scenario], **changes), np.random.default_rng([SEED, world]))
    analysis = analyse(panel, specification, 36)
    subject = Subject("event", "restricted", None, "run")
    rows = displacement_rows(analysis, subject, with_breakdown=False)
    return analysis, truth, {r["destination_route"]: r for r in rows if r["months_after"] == 36}


def test_in_the_base_world_the_total_share_is_found():
    row, _ = total("base")
    assert abs(row["bias"]) < 0.06
    assert row["rmse"] < 0.15
    assert row["coverage"] >= 0.85
    assert row["rejected"] >= 0.75
    assert abs(row["loss_bias"]) < 0.08


def test_in_a_null_world_nothing_is_found():
    row, scores = total("null")
    assert abs(row["bias"]) < 0.05
    assert row["rejected"] <= 0.20
    assert row["family_wise"] <= 0.25
    assert scores.filter(pl.col("verdict") == "displacement").height <= 0.1 * scores.height


def test_in_a_confounded_null_world_the_controls_save_the_estimate():
    without, _ = total("confounded_null", specification="C0")
    with_controls, _ = total("confounded_null")
    assert without["rejected"] > 0.4, "the world is not confounded enough to prove anything"
    assert with_controls["rejected"] <= 0.25
    assert abs(with_controls["bias"]) < 0.5 * abs(without["bias"])


@pytest.mark.parametrize(
    ("scenario", "is_proportional"), [("base", False), ("null", False), ("confounded", False), ("multiplicative", True)]
)
def test_the_two_part_form_of_gains_is_taken_where_gains_are_proportional_and_nowhere_else(scenario, is_proportional):
    weights = [rows_of(scenario, world=w)[0].flexible_weight for w in range(4)]
    assert min(weights) > 0.9 if is_proportional else max(weights) < 0.1


def test_a_negative_share_is_kept_and_the_constrained_one_stands_beside_it():
    found = [rows_of("null", world=w)[2] for w in range(6)]
    shares = [row for rows in found for name, row in rows.items() if name not in {"total", "net_reduction"}]
    negative = [row for row in shares if row["share"] is not None and row["share"] < 0]
    assert negative
    assert all(row["share_constrained"] >= 0 for row in negative)
    assert all(row["share"] is not None for row in shares if row["share_constrained"] is not None)


def test_a_weak_loss_gives_persons_but_no_share():
    weak = [rows_of("weak", world=w, lost_share=0.05)[2]["total"] for w in range(8)]
    gated = [row for row in weak if row["first_stage_t"] < WEAK_LOSS_T]
    assert gated
    for row in gated:
        assert row["share"] is None
        assert row["share_lo95"] is None
        assert row["share_constrained"] is None
        assert row["mde80"] is None
        assert row["verdict"] == "inconclusive"
        assert np.isfinite(row["gain"])


def test_no_share_is_printed_anywhere_when_the_loss_is_weak():
    scores = simulate(6, "weak", SEED, ("C0", "C1"))
    assert (
        scores.filter(pl.col("first_stage_t") < WEAK_LOSS_T)["share"].null_count()
        == scores.filter(pl.col("first_stage_t") < WEAK_LOSS_T).height
    )


def test_shares_sum_to_the_total_and_the_total_agrees_with_the_summed_gain():
    analysis, _, rows = rows_of("base")
    destinations = [r for name, r in rows.items() if name not in {"total", "net_reduction"}]
    assert sum(r["gain"] for r in destinations) == pytest.approx(rows["total"]["gain"])
    assert sum(r["share"] for r in destinations) == pytest.approx(rows["total"]["share"])
    assert rows["net_reduction"]["share"] == pytest.approx(1 - rows["total"]["share"])
    assert rows["net_reduction"]["gain"] == pytest.approx(rows["total"]["net_loss"] - rows["total"]["gain"])
    assert rows["total"]["net_loss"] == pytest.approx(rows["total"]["gross_loss"] - rows["total"]["rush"])
    lags = lag_rows(analysis, Subject("event", "restricted", None, "run"))
    assert sum(r["gain"] for r in lags if r["destination_route"] == "total") == pytest.approx(rows["total"]["gain"])


def test_doubling_all_counts_doubles_persons_and_leaves_shares_nearly_alone():
    panel, _ = make_world(SCENARIOS["base"], np.random.default_rng(SEED))
    doubled = replace(
        panel, restricted=2 * panel.restricted, destinations=2 * panel.destinations, controls=2 * panel.controls
    )
    one, two = (analyse(p, "C1", 36) for p in (panel, doubled))
    loss, gain = one.loss_selector(36), one.gain_selector(0, 36)
    assert loss @ two.estimates == pytest.approx(2 * (loss @ one.estimates), rel=0.03)
    share_one = (gain @ one.estimates) / (loss @ one.estimates)
    share_two = (gain @ two.estimates) / (loss @ two.estimates)
    assert share_two == pytest.approx(share_one, abs=0.01)


def test_the_order_of_sectors_does_not_matter():
    panel, _ = make_world(SCENARIOS["base"], np.random.default_rng(SEED))
    order = np.random.default_rng(1).permutation(panel.cells)
    shuffled = of_cells(panel, order)
    one, two = (analyse(p, "C1", 36) for p in (panel, shuffled))
    np.testing.assert_allclose(two.estimates, one.estimates, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(two.covariance, one.covariance, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("demand_drift", [0.0, 0.4])
def test_leaving_a_sector_out_in_one_step_agrees_with_refitting_everything_without_it(demand_drift):
    spec = replace(SCENARIOS["few"], sectors=44, demand_drift=demand_drift)
    panel, _ = make_world(spec, np.random.default_rng(SEED))
    analysis = analyse(panel, "C1", 36)
    flow = analysis.effects.at_risk[0]

    def persons(effects, row):
        """Gained and lost, at the rates of this row and the flow of all sectors."""
        scale = flow / effects.at_risk[row]
        return [(effects.gain[row].sum(axis=0) * scale).sum(), (effects.loss[row] * scale).sum()]

    one_step = np.array([persons(analysis.effects, 1 + left) for left in range(panel.cells)])
    refitted = []
    for left in range(panel.cells):
        kept = np.arange(panel.cells) != left
        without = of_cells(panel, kept)
        effects = Fit("C1", analysis.bins, cross_products(without)).once(without, analysis.index.held, 0.0)
        refitted.append(persons(effects, 0))
    assert one_step.std(axis=0) == pytest.approx(np.std(refitted, axis=0), rel=0.08)
    assert np.corrcoef(one_step[:, 0], np.array(refitted)[:, 0])[0, 1] > 0.97


def test_a_rush_before_the_date_is_told_from_the_loss_after_it():
    rush = [rows_of("base", world=w)[2]["total"]["rush"] for w in range(8)]
    none = [rows_of("no_rush", world=w)[2]["total"]["rush"] for w in range(8)]
    truth = np.mean([rows_of("base", world=w)[1].rush for w in range(8)])
    assert np.mean(rush) == pytest.approx(truth, rel=0.5)
    assert abs(np.mean(none)) < 0.5 * truth


def test_a_world_of_a_seed_is_the_same_however_many_are_asked_for():
    few, many = simulate(1, "base", 5, ("C0",)), simulate(2, "base", 5, ("C0",))
    assert few.equals(many.filter(pl.col("world") == 0))


def test_an_unknown_scenario_is_refused():
    with pytest.raises(KeyError):
        simulate(1, "no such world", 1)
