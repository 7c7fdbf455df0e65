"""How the study over simulated labour markets judges, on literal rows."""

import polars as pl

from tests.waterbed.worlds_study import judged, verdict

EVENT = {"event_id": "2024-a", "restricted_route": "hsm", "months_after": 12}


def found(**changes):
    row = EVENT | {
        "destination_route": "gvva",
        "specification": "C1",
        "gain": 30.0,
        "gain_lo95": 10.0,
        "gain_hi95": 50.0,
        "net_loss": 100.0,
        "net_loss_lo95": 80.0,
        "net_loss_hi95": 120.0,
        "share": 0.3,
        "share_lo95": 0.1,
        "share_hi95": 0.5,
        "verdict": "displacement",
    }
    return pl.DataFrame([row | changes])


def truth(gain, loss=100.0, **changes):
    row = EVENT | {"destination_route": "gvva", "net_loss": loss, "gain": gain, "share": gain / loss}
    return pl.DataFrame([row | changes])


def test_a_set_that_holds_the_truth_is_right_and_one_that_does_not_is_wrong():
    assert judged(found(), truth(20.0)).row(0, named=True)["in_share"]
    missed = judged(found(), truth(70.0))
    assert not missed.row(0, named=True)["in_share"]
    assert not verdict(missed, "default")[1]


def test_displacement_where_nobody_was_gained_is_a_false_verdict():
    rows = judged(found(), truth(90.0, destination_route="twv"))
    assert rows.row(0, named=True)["is_false"]
    assert rows.row(0, named=True)["true_gain"] == 0.0
    assert not verdict(rows, "null_waterbed")[1]


def test_a_pair_whose_share_is_withheld_is_judged_by_the_interval_of_its_gain():
    rows = judged(found(share=None, share_lo95=None, share_hi95=None, verdict="inconclusive"), truth(20.0))
    line, is_met = verdict(rows, "default")
    assert "share none given; gain 1.000" in line
    assert is_met
    beside = judged(found(share=None, share_lo95=None, share_hi95=None, verdict="inconclusive"), truth(60.0))
    assert not verdict(beside, "confounded")[1]


def test_only_the_longest_horizon_of_the_headline_is_judged():
    rows = pl.concat(
        [found(), found(months_after=6), found(specification="C0"), found(destination_route="net_reduction")]
    )
    assert judged(rows, truth(20.0)).height == 1
    assert judged(rows, truth(20.0).clear()).height == 0
    line, is_met = verdict(judged(rows, truth(20.0).clear()), "default")
    assert line.endswith("no event could be estimated")
    assert not is_met
