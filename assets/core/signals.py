"""Signals and measures: the one form in which every indicator speaks.

Belongs here: building rows of `findings.signals` and `findings.measures`. Does not belong here: any rule that
decides whether there is a signal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

Schema = dict[str, pl.DataType | type[pl.DataType]]

#: Hexadecimal digests are written in letters only, so that no hash can look like a number of a person.
LETTERS = str.maketrans("0123456789", "ghijklmnop")

SIGNAL_SCHEMA: Schema = {
    "signal_id": pl.String,
    "indicator": pl.String,
    "lane": pl.String,
    "subject_type": pl.String,
    "subject_id": pl.String,
    "related_ids": pl.List(pl.String),
    "period_start": pl.Date,
    "period_end": pl.Date,
    "grade": pl.String,
    "magnitude": pl.Float64,
    "magnitude_unit": pl.String,
    "probability": pl.Float64,
    "evidence": pl.String,
    "look_alikes_checked": pl.List(pl.String),
    "as_of": pl.Date,
    "rules_version": pl.String,
    "run_id": pl.String,
}

MEASURE_SCHEMA: Schema = {
    "indicator": pl.String,
    "stratum_kind": pl.String,
    "stratum": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "measure": pl.String,
    "value": pl.Float64,
    "lo95": pl.Float64,
    "hi95": pl.Float64,
    "n": pl.Int64,
    "method": pl.String,
    "as_of": pl.Date,
    "run_id": pl.String,
}


@dataclass(frozen=True)
class Context:
    """What every finding of one run has in common."""

    as_of: date
    run_id: str
    rules_version: str
    review_lane: bool = False


@dataclass(frozen=True)
class Signal:
    """One question for a person."""

    indicator: str
    subject_type: str
    subject_id: str
    period_start: date
    period_end: date
    grade: str
    magnitude: float | None
    magnitude_unit: str | None
    probability: float | None
    evidence: Mapping[str, Any]
    look_alikes_checked: Sequence[str]
    related_ids: Sequence[str] = field(default_factory=tuple)
    #: Tells apart findings of one indicator about one subject in the same period (two sites of an employer).
    part: str = ""


def signal_id(
    indicator: str, subject_type: str, subject_id: str, period_start: date, period_end: date, *, part: str = ""
) -> str:
    """The stable name of a signal: the same finding has the same name in every run."""
    text = "|".join((indicator, subject_type, subject_id, period_start.isoformat(), period_end.isoformat()))
    text = f"{text}|{part}" if part else text
    return hashlib.sha256(text.encode()).hexdigest()[:32].translate(LETTERS)


def signal_frame(signals: Sequence[Signal], context: Context) -> pl.DataFrame:
    """Rows of `findings.signals`, ordered by indicator and subject.

    Case signals go to the review lane; a run without that lane keeps none of them (see `pipelines`).
    """
    rows = [
        {
            "signal_id": signal_id(
                s.indicator, s.subject_type, s.subject_id, s.period_start, s.period_end, part=s.part
            ),
            "indicator": s.indicator,
            "lane": "review",
            "subject_type": s.subject_type,
            "subject_id": s.subject_id,
            "related_ids": sorted(set(s.related_ids)),
            "period_start": s.period_start,
            "period_end": s.period_end,
            "grade": s.grade,
            "magnitude": s.magnitude,
            "magnitude_unit": s.magnitude_unit,
            "probability": s.probability,
            "evidence": json.dumps(s.evidence, ensure_ascii=False, sort_keys=True, default=str),
            "look_alikes_checked": list(s.look_alikes_checked),
            "as_of": context.as_of,
            "rules_version": context.rules_version,
            "run_id": context.run_id,
        }
        for s in signals
    ]
    return pl.DataFrame(rows, schema=SIGNAL_SCHEMA).sort(
        "indicator", "subject_type", "subject_id", "period_start", "signal_id"
    )


@dataclass(frozen=True)
class Measure:
    """One figure about many units, with its 95 % interval; value and interval are none where nothing can be said."""

    indicator: str
    measure: str
    value: float | None
    lo95: float | None
    hi95: float | None
    n: int
    method: str
    period_start: date
    period_end: date
    stratum_kind: str = "all"
    stratum: str = "all"


def measure_frame(measures: Sequence[Measure], context: Context) -> pl.DataFrame:
    """Rows of `findings.measures`, in the order given."""
    rows = [{**vars(m), "as_of": context.as_of, "run_id": context.run_id} for m in measures]
    return pl.DataFrame(rows, schema=MEASURE_SCHEMA)
