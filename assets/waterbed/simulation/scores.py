"""How the estimator does on simulated worlds: one row for every world, destination and horizon, and their summary.

Belongs here: running and scoring. Does not belong here: the worlds and the estimator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from assets.waterbed.analysis import SPECIFICATIONS, Analysis, Specification, analyse
from assets.waterbed.panel import FloatArray
from assets.waterbed.results import Ratio, Subject, displacement_rows, ratio_of
from assets.waterbed.simulation.scenarios import SCENARIOS
from assets.waterbed.simulation.worlds import Truth, WorldSpec, make_world

SCORE_SCHEMA = {
    "scenario": pl.String,
    "world": pl.Int64,
    "specification": pl.String,
    "destination_route": pl.String,
    "from_month": pl.Int64,
    "until_month": pl.Int64,
    "truth_net_loss": pl.Float64,
    "net_loss": pl.Float64,
    "net_loss_covered": pl.Boolean,
    "first_stage_t": pl.Float64,
    "truth_share": pl.Float64,
    "share": pl.Float64,
    "share_lo95": pl.Float64,
    "share_hi95": pl.Float64,
    "share_covered": pl.Boolean,
    "p_value": pl.Float64,
    "p_holm": pl.Float64,
    "effective_clusters": pl.Float64,
    "verdict": pl.String,
}


def simulate(
    worlds: int,
    scenario: str,
    seed: int,
    specifications: Sequence[Specification] = SPECIFICATIONS,
    tell: Callable[[str, int], None] = lambda scenario, done: None,
) -> pl.DataFrame:
    """Scores on `worlds` worlds of one scenario, or of all when `scenario` is "all".

    World number i of a seed is the same world whatever the number of worlds and the specifications.

    Args:
        worlds: number of worlds per scenario.
        scenario: name of the scenario, or "all".
        seed: of the worlds.
        specifications: which are scored.
        tell: hears the scenario and the number of its worlds that are done, after each.

    Raises:
        KeyError: when there is no such scenario.
    """
    names = list(SCENARIOS) if scenario == "all" else [scenario]
    rows: list[dict[str, Any]] = []
    for name in names:
        for world in range(worlds):
            rng = np.random.default_rng([seed, world])
            rows += _score_world(name, SCENARIOS[name], world, rng, specifications)
            tell(name, world + 1)
    return pl.DataFrame(rows, schema=SCORE_SCHEMA)


def _score_world(
    scenario: str, spec: WorldSpec, world: int, rng: np.random.Generator, specifications: Sequence[Specification]
) -> Iterator[dict[str, Any]]:
    panel, truth = make_world(spec, rng)
    for specification in specifications:
        analysis = analyse(panel, specification, spec.window_months)
        label = {"scenario": scenario, "world": world, "specification": specification}
        yield from (label | row for row in _window_rows(analysis, truth, spec))
        yield from (label | row for row in _bin_rows(analysis, truth))


def _window_rows(analysis: Analysis, truth: Truth, spec: WorldSpec) -> Iterator[dict[str, Any]]:
    """The whole window, through the very rows that would be published."""
    subject = Subject("simulated", "restricted", np.datetime64("2026-01-01").astype(object), "simulated")
    shares = dict(zip(analysis.panel.destination_names, truth.shares, strict=True))
    shares |= {"total": float(truth.shares.sum()), "net_reduction": 1.0 - float(truth.shares.sum())}
    for row in displacement_rows(analysis, subject, [spec.window_months], with_breakdown=False):
        half = row["critical"] * row["loss_error"]
        true_share = float(shares[row["destination_route"]])
        yield {
            "destination_route": row["destination_route"],
            "from_month": 0,
            "until_month": spec.window_months,
            "truth_net_loss": truth.net_loss,
            "net_loss": row["net_loss"],
            "net_loss_covered": abs(row["net_loss"] - truth.net_loss) <= half,
            "first_stage_t": row["first_stage_t"],
            "truth_share": true_share,
            "share": row["share"],
            "share_lo95": row["share_lo95"],
            "share_hi95": row["share_hi95"],
            "share_covered": _covered(row["share_lo95"], row["share_hi95"], true_share),
            "p_value": row["p_value"],
            "p_holm": row["p_holm"],
            "effective_clusters": row["effective_clusters"],
            "verdict": row["verdict"],
        }


def _bin_rows(analysis: Analysis, truth: Truth) -> Iterator[dict[str, Any]]:
    """The lag profile of the total: gain of a bin over the loss of that bin."""
    for i, (low, high) in enumerate(analysis.bins):
        loss = analysis.bin_loss_selector(i)
        gains = [analysis.bin_gain_selector(d, i) for d in range(len(analysis.panel.destination_names))]
        gain: FloatArray = np.sum(gains, axis=0)
        ratio: Ratio = ratio_of(analysis, gain, loss)
        lost = float(truth.loss_by_month[low:high].sum())
        true_share = float(truth.gain_by_month[:, low:high].sum()) / lost
        yield {
            "destination_route": "total",
            "from_month": low,
            "until_month": high,
            "truth_net_loss": lost,
            "net_loss": ratio.loss,
            "net_loss_covered": abs(ratio.loss - lost) <= analysis.critical * ratio.loss_error,
            "first_stage_t": ratio.first_stage_t,
            "truth_share": true_share,
            "share": ratio.share,
            "share_lo95": ratio.low,
            "share_hi95": ratio.high,
            "share_covered": _covered(ratio.low, ratio.high, true_share),
            "p_value": ratio.p_value,
        }


def _covered(low: float | None, high: float | None, value: float) -> bool | None:
    """None when there is no bounded set to judge."""
    return None if low is None or high is None else low <= value <= high


def summarise(scores: pl.DataFrame) -> pl.DataFrame:
    """The scores of the study: one row per scenario, specification, destination and stretch of months.

    Bias, root mean square error and coverage are over the worlds in which a share was given; rejection and family-wise
    rejection (any destination, Holm) are over all worlds.
    """
    keys = ["scenario", "specification", "from_month", "until_month"]
    families = (
        scores.filter(pl.col("p_holm").is_not_null())
        .group_by([*keys, "world"])
        .agg(any_found=(pl.col("p_holm") < 0.05).any())
        .group_by(keys)
        .agg(family_wise=pl.col("any_found").mean())
    )
    error = pl.col("share") - pl.col("truth_share")
    return (
        scores.group_by([*keys, "destination_route"])
        .agg(
            worlds=pl.len(),
            shares_given=pl.col("share").count(),
            truth=pl.col("truth_share").mean(),
            bias=error.mean(),
            rmse=(error**2).mean().sqrt(),
            coverage=pl.col("share_covered").mean(),
            rejected=(pl.col("p_value") < 0.05).mean(),
            loss_bias=(pl.col("net_loss") / pl.col("truth_net_loss") - 1.0).mean(),
            loss_coverage=pl.col("net_loss_covered").mean(),
        )
        .join(families, on=keys, how="left")
        .sort([*keys, "destination_route"])
    )
