"""What the simulation study must reach, and whether it does: every score with its own interval beside its goal.

Belongs here: the goals and their comparison with scores. Does not belong here: running the study (`scores`), printing.

A score is itself estimated from so many worlds; its 95 % interval says how far another set of worlds could move it.
Whether a goal is met is judged on the score, not on the interval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from assets.waterbed.inference import WEAK_LOSS_T
from assets.waterbed.panel import FloatArray
from assets.waterbed.simulation.scenarios import UNFAVOURABLE

#: Specification that the goals are set for.
HEADLINE = "C1"
WHOLE = 36

GOAL_SCHEMA = {
    "scenario": pl.String,
    "score": pl.String,
    "what": pl.String,
    "worlds": pl.Int64,
    "value": pl.Float64,
    "lo95": pl.Float64,
    "hi95": pl.Float64,
    "goal_from": pl.Float64,
    "goal_until": pl.Float64,
    "is_met": pl.Boolean,
}
Estimate = tuple[float, float, float]


@dataclass(frozen=True)
class Goal:
    """The range in which a score must lie in each of some scenarios.

    Attributes:
        score: name of the score, a key of `SCORES`.
        scenarios: scenarios it is asked in.
        low, high: ends of the range.
        what: `total`, `destination` for each, or `bin` for each stretch of the lag profile.
    """

    score: str
    scenarios: Sequence[str]
    low: float
    high: float
    what: str = "total"


JUDGED = ("base", "null", "few", "confounded")
GOALS: Sequence[Goal] = (
    Goal("bias", ("base", "null", "few"), -0.03, 0.03),
    Goal("bias", ("confounded", "confounded_null"), -0.05, 0.05),
    Goal("rmse", ("base",), 0.0, 0.10),
    Goal("rmse", ("null",), 0.0, 0.085),
    Goal("rmse", ("confounded",), 0.0, 0.17),
    Goal("coverage", JUDGED, 0.93, 0.985),
    Goal("coverage", JUDGED, 0.93, 0.985, "destination"),
    Goal("coverage", tuple(UNFAVOURABLE), 0.90, 1.0),
    Goal("false_positives", ("null",), 0.02, 0.07),
    Goal("false_positives", ("confounded_null",), 0.0, 0.08),
    Goal("family_wise", ("null",), 0.0, 0.07),
    Goal("loss_bias", JUDGED, -0.02, 0.02),
    Goal("bias", ("base", "null"), -0.03, 0.03, "bin"),
    Goal("weak_shares", ("weak", *JUDGED, *UNFAVOURABLE), 0.0, 0.0),
)


def compare(scores: pl.DataFrame) -> pl.DataFrame:
    """One row for every goal, scenario and destination or bin that `scores` can answer.

    Args:
        scores: rows as `scores.simulate` gives them.
    """
    mine = scores.filter(pl.col("specification") == HEADLINE)
    rows = [row for goal in GOALS for scenario in goal.scenarios for row in _compared(mine, goal, scenario)]
    return pl.DataFrame(rows, schema=GOAL_SCHEMA)


def _compared(scores: pl.DataFrame, goal: Goal, scenario: str) -> Iterator[dict[str, Any]]:
    of = scores.filter(pl.col("scenario") == scenario)
    for name, rows in _groups(of, goal):
        if not rows.height:
            continue
        value, low, high = SCORES[goal.score](rows)
        yield {
            "scenario": scenario,
            "score": goal.score,
            "what": name,
            "worlds": rows["world"].n_unique(),
            "value": value,
            "lo95": low,
            "hi95": high,
            "goal_from": goal.low,
            "goal_until": goal.high,
            "is_met": goal.low <= value <= goal.high,
        }


def _groups(scores: pl.DataFrame, goal: Goal) -> Iterator[tuple[str, pl.DataFrame]]:
    whole = scores.filter(pl.col("from_month") == 0, pl.col("until_month") == WHOLE)
    no_route = ["total", "net_reduction"]
    if goal.score in {"family_wise", "weak_shares"}:
        yield "any destination", whole.filter(pl.col("destination_route") != "net_reduction")
    elif goal.what == "destination":
        for (name,), rows in whole.group_by("destination_route", maintain_order=True):
            if name not in no_route:
                yield str(name), rows
    elif goal.what == "bin":
        bins = scores.filter(pl.col("destination_route") == "total", pl.col("verdict").is_null())
        for (low, high), rows in bins.group_by("from_month", "until_month", maintain_order=True):
            yield f"months {low}-{int(str(high)) - 1}", rows
    else:
        yield "total", whole.filter(pl.col("destination_route") == "total")


def _mean(values: FloatArray) -> Estimate:
    if not len(values):
        return float("nan"), float("nan"), float("nan")
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("inf")
    return float(values.mean()), float(values.mean() - 1.96 * error), float(values.mean() + 1.96 * error)


def _errors(rows: pl.DataFrame) -> FloatArray:
    given = rows.filter(pl.col("share").is_not_null())
    return np.asarray((given["share"] - given["truth_share"]).to_numpy())


def _rmse(rows: pl.DataFrame) -> Estimate:
    value, low, high = _mean(_errors(rows) ** 2)
    return float(np.sqrt(value)), float(np.sqrt(max(low, 0.0))), float(np.sqrt(high))


def proportion(hits: int, trials: int) -> Estimate:
    """A share with its exact (Clopper-Pearson) 95 % interval."""
    if not trials:
        return float("nan"), 0.0, 1.0
    found = stats.binomtest(hits, trials).proportion_ci(0.95)
    return hits / trials, float(found.low), float(found.high)


def _share_of(holds: pl.Series) -> Estimate:
    known = holds.drop_nulls()
    return proportion(int(known.sum()), len(known))


def _family_wise(rows: pl.DataFrame) -> Estimate:
    return _share_of(rows.group_by("world").agg(found=(pl.col("p_holm") < 0.05).any())["found"])


def _weak_shares(rows: pl.DataFrame) -> Estimate:
    weak = rows.filter(pl.col("first_stage_t") < WEAK_LOSS_T)
    return proportion(int(weak["share"].is_not_null().sum()), weak.height) if weak.height else (0.0, 0.0, 0.0)


SCORES: dict[str, Callable[[pl.DataFrame], Estimate]] = {
    "bias": lambda rows: _mean(_errors(rows)),
    "rmse": _rmse,
    "coverage": lambda rows: _share_of(rows["share_covered"]),
    "false_positives": lambda rows: _share_of(rows["p_value"] < 0.05),
    "family_wise": _family_wise,
    "loss_bias": lambda rows: _mean((rows["net_loss"] / rows["truth_net_loss"] - 1.0).to_numpy()),
    "weak_shares": _weak_shares,
}
