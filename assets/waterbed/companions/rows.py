"""What every companion answers with: a figure or the reason why there is none.

Belongs here: the row of `estimates.companions`, its readings, and the words that stand on every row. Does not belong
here: any estimation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl
from scipy import stats

from assets.waterbed.results import BLIND_SPOTS

Reading = Literal["supports", "weakens", "neutral", "register_move", "not_estimable"]

#: Companions by name, in the order in which a reader meets them, with the doubt that each answers.
COMPANIONS: Mapping[str, str] = {
    "event_study": "were exposed sectors already drifting before the event?",
    "rush": "did applications come early, before the date?",
    "placebo_dates": "is something found where nothing happened?",
    "placebo_routes": "does a route that cannot receive the flow gain too?",
    "randomisation": "would exposure dealt at random give such a gain?",
    "relative_magnitudes": "how large a drift would undo the finding?",
    "smoothness": "does the finding survive when earlier trends go on, straight or bent?",
    "national_series": "did a route rise for all sectors alike?",
    "diversion": "did the flow go elsewhere than everybody goes?",
    "synthetic_did": "what would the sectors of a closed scheme have done, from a mix of other sectors?",
    "staggered_endings": "did companies whose scheme closed turn to others, each against never-users?",
    "employer_lags": "do companies apply by another route after a refusal?",
    "employer_counts": "the same question, asked of counts in proportion to what a company usually does",
    "reapplication_hazard": "how soon after a refusal does a company first apply by another route?",
    "norm_discontinuity": "do persons just below the norm come by another route?",
    "published_series": "what do the published yearly figures show around the event?",
    "public_register": "did recognised sponsors come and go around the event?",
}
#: Stands for all companions in the row of an event that restricts nothing that can be tested.
ALL = "all"

COMPANIONS_SCHEMA = {
    "event_id": pl.String,
    "restricted_route": pl.String,
    "companion": pl.String,
    "outcome": pl.String,
    "part": pl.String,
    "estimate": pl.Float64,
    "lo95": pl.Float64,
    "hi95": pl.Float64,
    "p_value": pl.Float64,
    "n": pl.Int64,
    "unit": pl.String,
    "reading": pl.String,
    "reason": pl.String,
    "as_of": pl.Date,
    "run_id": pl.String,
}


@dataclass(frozen=True)
class Answer:
    """One figure of one companion, before it is tied to an event.

    Attributes:
        companion: a name of `COMPANIONS`.
        outcome: what it is about: a route, total, loss, or a published series.
        part: which piece of the answer: months, a date, a bound, a specification.
        estimate, low, high: the figure and its 95 % interval, in `unit`; none when there is no figure.
        p_value: two-sided, of nothing to see.
        n: what it was counted from (sectors, companies, persons, months, years), as the reason says.
        unit: of the figure.
        reading: what it does to the headline.
        reason: in words.
    """

    companion: str
    outcome: str
    part: str
    reading: Reading
    reason: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    n: int | None = None
    unit: str = "none"


def not_estimable(companion: str, why: str, outcome: str = "total", n: int | None = None) -> Answer:
    """The answer of a companion that the data do not carry."""
    sentence = f"{why[:1].upper()}{why[1:]}".rstrip(".")
    return Answer(companion, outcome, "whole", "not_estimable", f"{sentence}.", n=n)


def interval(value: float, error: float, degrees: float | None = None) -> tuple[float, float, float]:
    """Lower end, upper end and two-sided p value of `value`; normal when no degrees of freedom are given."""
    spread = stats.norm if degrees is None else stats.t(max(degrees, 1.0))
    critical = float(spread.ppf(0.975))
    p_value = float(2.0 * spread.sf(abs(value) / error)) if error > 0 else 1.0
    return value - critical * error, value + critical * error, p_value


def as_rows(
    answers: Iterable[Answer], event_id: str, restricted_route: str, as_of: date, run_id: str
) -> list[dict[str, Any]]:
    """Rows of `estimates.companions`, with what no companion can see on every row."""
    return [
        {
            "event_id": event_id,
            "restricted_route": restricted_route,
            "companion": a.companion,
            "outcome": a.outcome,
            "part": a.part,
            "estimate": a.estimate,
            "lo95": a.low,
            "hi95": a.high,
            "p_value": a.p_value,
            "n": a.n,
            "unit": a.unit,
            "reading": a.reading,
            "reason": f"{a.reason} {BLIND_SPOTS}",
            "as_of": as_of,
            "run_id": run_id,
        }
        for a in answers
    ]


def companions_frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as `estimates.companions`, in the order of the key; figures that are no numbers are emptied."""
    frame = pl.DataFrame(list(rows), schema=COMPANIONS_SCHEMA)
    figures = ("estimate", "lo95", "hi95", "p_value")
    frame = frame.with_columns(pl.when(pl.col(c).is_finite()).then(pl.col(c)).alias(c) for c in figures)
    key = ("event_id", "restricted_route", "companion", "outcome", "part")
    return frame.unique(key, keep="first", maintain_order=True).sort(key)
