"""Several events on the same route at once: their shares pooled by random effects, or their persons added up.

Belongs here: the random-effects mean with its interval, and the rows of it. Does not belong here: single events
(`estimate`). Events are stacked, not joined: every event has its own window, which ends where its neighbour begins, so
no month after one event is a month after another.

Shares are pooled where every event has one. Where some are withheld, those that are left are the ones whose loss was
found large, by chance too, and their shares are too small. Then the persons of all events are added up, and a share is
given if the loss of all together is clear.

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

from assets.waterbed.inference import POWER_FACTOR, WEAK_LOSS_T, holm
from assets.waterbed.panel import FloatArray
from assets.waterbed.results import BLIND_SPOTS, INFORMATIVE_SHARE, Ratio, gain_over_loss

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

    Every event that could be estimated enters; there is no row where fewer than two could. Persons lost and gained are
    those of the events that entered, added up.

    Args:
        rows: rows of single events as `results.displacement_rows` gives them, with errors and degrees of freedom.
    """
    usable = [row for row in rows if "loss_error" in row and row["destination_route"] != "net_reduction"]
    ordered = sorted(usable, key=lambda row: tuple(row[name] for name in (*EVENT_KEY, "event_id")))
    found = []
    for _, members in groupby(ordered, key=lambda row: tuple(row[name] for name in EVENT_KEY)):
        events = list(members)
        if len(events) > 1:
            found.append(_pooled_row(events))
    return _with_adjusted_p(found)


def _pooled_row(events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    all_together = _added_up(events)
    have_shares = all(row["share_lo95"] is not None for row in events)
    shared = ("restricted_route", "months_after", "specification", "destination_route", "as_of", "run_id")
    row = {name: events[0][name] for name in shared} | all_together.columns
    row |= {
        "event_id": POOLED,
        "gross_loss": float(sum(row["gross_loss"] for row in events)),
        "rush": float(sum(row["rush"] for row in events)),
        "critical": max(row["critical"] for row in events),
        "effective_clusters": float(min(row["effective_clusters"] for row in events)),
    }
    names = ", ".join(sorted({str(row["event_id"]) for row in events}))
    told = _random_effects(events, names) if have_shares else _of_sums(all_together, len(events), names)
    persons = f"Persons are added up: gain {all_together.gain:.0f}, loss {all_together.loss:.0f}."
    return row | told | {"reason": f"{told['reason']} {persons} {BLIND_SPOTS}"}


def _added_up(events: Sequence[Mapping[str, Any]]) -> Ratio:
    """Persons of all events; their errors are independent, for no month after one event is one after another."""
    values = np.array([sum(row["gain"] for row in events), sum(row["net_loss"] for row in events)])
    shared = sum(row["gain_loss_covariance"] for row in events)
    gain, loss = (sum(row[name] ** 2 for row in events) for name in ("gain_error", "loss_error"))
    return gain_over_loss(values, np.array([[gain, shared], [shared, loss]]), min(row["degrees"] for row in events))


def _random_effects(events: Sequence[Mapping[str, Any]], names: str) -> dict[str, Any]:
    width = np.array([(row["share_hi95"] - row["share_lo95"]) / (2.0 * row["critical"]) for row in events])
    result = pool(np.array([row["share"] for row in events], dtype=float), width**2)
    return {
        "share": result.mean,
        "share_lo95": result.low,
        "share_hi95": result.high,
        "share_constrained": float(np.clip(result.mean, 0.0, 1.0)),
        "p_value": result.p_value,
        "mde80": POWER_FACTOR * result.error,
        "reason": (
            f"Random-effects mean of {result.count} events ({names}). Standard deviation between events "
            f"{result.between:.2f}; {100 * result.heterogeneity:.0f} % of the spread is not sampling error."
        ),
    }


def _of_sums(found: Ratio, count: int, names: str) -> dict[str, Any]:
    why = f"{count} events together ({names}), not all of which have a share of their own."
    if found.share is None:
        why += (
            f" The loss of all is not clearly measured either (t {found.first_stage_t:.1f}, {WEAK_LOSS_T} is the "
            "least), so no share of it is given."
        )
    return {
        "share": found.share,
        "share_lo95": found.low,
        "share_hi95": found.high,
        "share_constrained": None if found.share is None else float(np.clip(found.share, 0.0, 1.0)),
        "p_value": found.p_value,
        "mde80": found.detectable,
        "reason": why,
    }


def _verdict(p_value: float, mean: float | None, detectable: float | None) -> str:
    if mean is None or detectable is None:
        return "inconclusive"
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
        for row in family:
            row["verdict"] = _verdict(row.get("p_holm", row["p_value"]), row["share"], row["mde80"])
        finished += family
    return finished
