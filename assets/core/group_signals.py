"""Signals about sponsors and service providers of whose cases more are flagged than the reference share.

Belongs here: the one form in which every indicator asks about an organisation. Does not belong here: which cases are
flagged (each indicator says so) and which organisations stand out (`assets.core.groups`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import polars as pl

from assets.core.groups import GroupRule, groups_above
from assets.core.signals import Signal


@dataclass(frozen=True)
class GroupQuestion:
    """What an indicator asks about an organisation.

    Attributes:
        indicator, article, look_alikes: as in its signals about cases.
        subject_type: kind of organisation.
        who: name of the organisation in thresholds (`<who>_fdr`).
        units: what is counted, plural, as in thresholds (`<who>_min_<units>`).
        record: kind of the source records that are named.
        rule: sentence.
        magnitude_unit: what the shrunken share is a share of.
        counts: names in the evidence of the columns of `groups_above` that are given besides the units.
        caveats: further entries of the evidence.
    """

    indicator: str
    subject_type: str
    who: str
    units: str
    record: str
    rule: str
    article: str
    magnitude_unit: str
    look_alikes: Sequence[str]
    counts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    caveats: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def group_signals(
    question: GroupQuestion,
    units: pl.DataFrame,
    thresholds: Mapping[str, float],
    *,
    correlation: float = 0.0,
    records: Mapping[str, Sequence[str]] | None = None,
) -> list[Signal]:
    """A signal about every organisation of which the share truly exceeds the reference.

    Args:
        question: what is asked.
        units: as `groups_above` takes them.
        thresholds: those of the indicator.
        correlation: of the trials within one unit.
        records: source records of every group; the flagged units themselves when none.
    """
    rule = GroupRule.of(thresholds, question.who, question.units)
    signals = []
    for row in groups_above(units, rule, correlation).iter_rows(named=True):
        sources = row["flagged_ids"] if records is None else records[row["group_id"]]
        signals.append(
            Signal(
                indicator=question.indicator,
                subject_type=question.subject_type,
                subject_id=row["subject_id"],
                period_start=row["starts_on"],
                period_end=row["ends_on"],
                grade=rule.grade(row),
                magnitude=round(row["posterior_share"], 6),
                magnitude_unit=question.magnitude_unit,
                probability=round(row["probability"], 6),
                evidence={
                    "rule": question.rule,
                    "article": question.article,
                    question.units: row["units"],
                    f"flagged_{question.units}": row["flagged"],
                    **{name: row[column] for name, column in question.counts.items()},
                    "prior_mean_share": round(row["prior_mean"], 5),
                    **question.caveats,
                    "sources": {f"{question.record}s": list(sources)},
                    "thresholds": dict(thresholds),
                },
                look_alikes_checked=question.look_alikes,
                related_ids=[
                    *(f"{question.record}:{name}" for name in sources),
                    *(f"{question.subject_type}:{name}" for name in row["subject_ids"]),
                ],
            )
        )
    return signals
