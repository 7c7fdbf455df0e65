"""Several events on the same route at once: their shares pooled by random effects, their persons added up.

Belongs here: the random-effects mean with its interval, and the rows of it. Does not belong here: single events
(`estimate`). Events are stacked, not joined: every event has its own window, which ends where its neighbour begins, so
no month after one event is a month after another.

The spread between events is estimated as Paule and Mandel (1982) do; the interval is that of Hartung and Knapp (2001)
and Sidik and Jonkman (2002), never narrower than the one that takes the spread as known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from assets.waterbed.inference import POWER_FACTOR, holm
from assets.waterbed.panel import FloatArray
from assets.waterbed.results import BLIND_SPOTS, INFORMATIVE_SHARE

#: Name that the pooled rows have instead of one event's.
POOLED = "pooled"
#: What events must have in common to be pooled, and the destination that is pooled.
EVENT_KEY = ("restricted_route", "months_after", "specification", "destination_route")


@dataclass(frozen=True)
class PooledShare:
    """The mean of several estimates under random effects.

    Attributes:
        mean: mean over events.
        error: its standard error.
        low, high: 95 % interval.
        p_value: two-sided, of a mean of zero.
        between: standard deviation between events.
        heterogeneity: share of the variance that is not sampling error (I squared), 0 to 1.
        count: number of estimates.
    """

    mean: float
    error: float
    low: float
    high: float
    p_value: float
    between: float
    heterogeneity: float
    count: int


def pool(estimates: FloatArray, variances: FloatArray) -> PooledShare:
    """Random-effects mean of independent estimates.

    Args:
        estimates: (E,) estimates.
        variances: (E,) their sampling variances, above zero.

    Raises:
        ValueError: fewer than two estimates, or a variance that is not above zero.
    """
    if len(estimates) < 2:
        raise ValueError("one estimate cannot be pooled")
    if not (variances > 0).all():
        raise ValueError("every variance must be above zero")
    with np.errstate(divide="ignore"):  # estimates that agree to the last digit
        found = combine_effects(estimates, variances, method_re="iterated")
    between = max(float(found.tau2), 0.0)
    weights = 1.0 / (variances + between)
    mean = float(weights @ estimates / weights.sum())
    degrees = len(estimates) - 1
    scale = float(weights @ (estimates - mean) ** 2) / degrees
    error = float(np.sqrt(max(scale, 1.0) / weights.sum()))
    half = float(stats.t.ppf(0.975, degrees)) * error
    return PooledShare(
        mean=mean,
        error=error,
        low=mean - half,
        high=mean + half,
        p_value=float(2.0 * stats.t.sf(abs(mean) / error, degrees)),
        between=float(np.sqrt(between)),
        heterogeneity=min(max(float(found.i2), 0.0), 1.0),
        count=len(estimates),
    )


def pooled_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `estimates.displacement` under the event name `pooled`, from the rows of single events.

    Only events with a share and a bounded set of it enter; there is no row where fewer than two do. Persons lost and
    gained are those of the events that entered, added up.

    Args:
        rows: rows of single events as `results.displacement_rows` gives them, with the column `critical`.
    """
    usable = [row for row in rows if row.get("share_lo95") is not None and row["destination_route"] != "net_reduction"]
    ordered = sorted(usable, key=lambda row: tuple(row[name] for name in (*EVENT_KEY, "event_id")))
    found = []
    for _, members in groupby(ordered, key=lambda row: tuple(row[name] for name in EVENT_KEY)):
        events = list(members)
        if len(events) > 1:
            found.append(_pooled_row(events))
    return _with_adjusted_p(found)


def _pooled_row(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    width = np.array([(row["share_hi95"] - row["share_lo95"]) / (2.0 * row["critical"]) for row in events])
    result = pool(np.array([row["share"] for row in events], dtype=float), width**2)
    loss, gain = (float(sum(row[name] for row in events)) for name in ("net_loss", "gain"))
    loss_error, gain_error = (
        float(np.sqrt(sum(row[name] ** 2 for row in events))) for name in ("loss_error", "gain_error")
    )
    first_stage = loss / loss_error if loss_error > 0 else 0.0
    detectable = POWER_FACTOR * result.error
    shared = ("restricted_route", "months_after", "specification", "destination_route", "as_of", "run_id", "critical")
    names = ", ".join(sorted({str(row["event_id"]) for row in events}))
    return {name: events[0][name] for name in shared} | {
        "event_id": POOLED,
        "gross_loss": float(sum(row["gross_loss"] for row in events)),
        "rush": float(sum(row["rush"] for row in events)),
        "net_loss": loss,
        "gain": gain,
        "loss_error": loss_error,
        "gain_error": gain_error,
        "first_stage_t": first_stage,
        "share": result.mean,
        "share_lo95": result.low,
        "share_hi95": result.high,
        "share_constrained": float(np.clip(result.mean, 0.0, 1.0)),
        "p_value": result.p_value,
        "effective_clusters": float(min(row["effective_clusters"] for row in events)),
        "mde80": detectable,
        "verdict": _verdict(result.p_value, result.mean, detectable),
        "reason": (
            f"Random-effects mean of {result.count} events ({names}). Standard deviation between events "
            f"{result.between:.2f}; {100 * result.heterogeneity:.0f} % of the spread is not sampling error. "
            f"Persons are added up: {gain:.0f} gained for {loss:.0f} lost. {BLIND_SPOTS}"
        ),
    }


def _verdict(p_value: float, mean: float, detectable: float) -> str:
    if p_value < 0.05:
        return "displacement" if mean > 0 else "none_detected"
    return "none_detected" if detectable <= INFORMATIVE_SHARE else "inconclusive"


def _with_adjusted_p(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Holm over the destinations of one route, horizon and specification; a total is a question of its own."""
    key = EVENT_KEY[:3]
    finished: list[dict[str, Any]] = []
    for _, members in groupby(rows, key=lambda row: tuple(row[name] for name in key)):
        family = list(members)
        single = [row for row in family if row["destination_route"] != "total"]
        adjusted = holm(np.array([row["p_value"] for row in single]))
        for row, p_holm in zip(single, adjusted, strict=True):
            row["p_holm"] = float(p_holm)
            row["verdict"] = _verdict(float(p_holm), row["share"], row["mde80"])
        finished += family
    return finished
