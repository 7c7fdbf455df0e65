"""P07: one job at one place filled by posted workers for more than 12 (18) months, replacements included.

Belongs here: the rule, pay as a lawful explanation, grades. Does not belong here: bounds on the length of a slot
(`assets.posting.job_slots`), what a cell is (`sql/posting/p07_make_postings.sql`), how a result is worded
(`assets.posting.p07_report`), reading and writing.

Decided where the law or the data leave it open:

* Days count from the day on which the rule began to apply (30 July 2020); earlier days only raise the upper bound.
* No feed says whether a motivated notice was given. Between 12 and 18 months a signal is therefore technical; beyond 18
  months a motivated notice no longer matters.
* Full Dutch terms in fact paid are a lawful explanation: declared pay from the lower quartile of domestic peers
  (without peers: from a multiple of the statutory minimum) for most days with known pay gives no signal. Where too
  little pay is declared, nothing is said about pay and the evidence says so.
* Annual notifications say nothing about presence and self-employed workers have no Dutch terms: neither is used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import compress
from typing import Any

import polars as pl

from assets.core.findings import Findings, not_assessed
from assets.core.signals import Context, signal_frame
from assets.posting import p07_report as report
from assets.posting.job_slots import SlotBounds, SlotRule, Stay, slot_bounds

INDICATOR = report.INDICATOR
CELL = report.CELL
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Inputs:
    """Results of the queries of this indicator, and the day from which the rule counts days."""

    cells: pl.DataFrame
    postings: pl.DataFrame
    sightings: pl.DataFrame
    law_from: date
    #: Last day about which notifications speak; announced days after it do not count.
    until: date


def find(inputs: Inputs, thresholds: Mapping[str, float], context: Context) -> Findings:
    """Signals about service providers at a place, and the share of cells with a long slot.

    Args:
        inputs: all cells, and the postings of those that may hold a long slot.
        thresholds: those of P07.
        context: the run.
    """
    if _assessable(inputs).is_empty():
        return not_assessed(INDICATOR, "no regular notification names a place since the rule applies", context)
    long = judge(inputs, thresholds)
    flagged = long.filter(pl.col("grade").is_not_null())
    postings = inputs.postings.join(flagged, on=CELL, how="semi").partition_by(CELL, as_dict=True)
    sightings = _by_employer(inputs)
    signals = [
        report.signal(
            row, postings[tuple(row[name] for name in CELL)], sightings[row["employer_vat"]], inputs.until, thresholds
        )
        for row in flagged.iter_rows(named=True)
    ]
    frame = signal_frame(signals, context)
    measures = report.measures(
        inputs.cells, _assessable(inputs), long, frame, long_days=thresholds["long_days"], context=context
    )
    return Findings(frame, measures)


def _assessable(inputs: Inputs) -> pl.DataFrame:
    return inputs.cells.filter(pl.col("has_place") & (pl.col("ends_on") >= inputs.law_from))


def _by_employer(inputs: Inputs) -> defaultdict[str, pl.DataFrame]:
    """The sightings of each employer: a nation has a million, and every cell asks for those of one employer."""
    parts = inputs.sightings.join(inputs.postings, on="employer_vat", how="semi").partition_by(
        "employer_vat", as_dict=True
    )
    return defaultdict(inputs.sightings.clear, {str(vat): part for (vat,), part in parts.items()})


def judge(inputs: Inputs, thresholds: Mapping[str, float]) -> pl.DataFrame:
    """One row per cell that may hold a long slot: bounds, pay, whether workers were seen, and the `grade`.

    Args:
        inputs: see `Inputs`.
        thresholds: those of P07.

    Returns:
        The cell, `days_lower`, `days_upper`, `starts_on`, `ends_on`, `slots`, `spells`, `pay` (full, low, unknown),
        `is_seen`, `is_certain` (rests on stated tasks and clients alone), `grade` (null without a signal).
    """
    ordered = inputs.postings.sort(*CELL, "starts_on", "notification_id", "person_id")
    rule = SlotRule(
        gap_days=int(thresholds["gap_days"]),
        handover_days=int(thresholds["handover_days"]),
        counts_from=(inputs.law_from - EPOCH).days,
        worth=thresholds["long_days"],
    )
    sightings = _by_employer(inputs)
    rows = []
    for first, stays, is_assumed, is_ambiguous in _cells_of(ordered):
        found = _careful_bounds(stays, is_ambiguous, rule)
        if found is None:
            continue
        is_certain = True
        if any(is_assumed):
            kept = [not assumed for assumed in is_assumed]
            stated = _careful_bounds(list(compress(stays, kept)), list(compress(is_ambiguous, kept)), rule)
            is_certain = stated is not None and stated.lower > thresholds["long_days"]
            if stated is not None and is_certain:
                found = replace(stated, upper=found.upper)
        cell = ordered.slice(first, len(stays))
        rows.append(_judged(cell, found, sightings[cell["employer_vat"][0]], thresholds, is_certain=is_certain))
    return pl.DataFrame(rows, schema=_JUDGED, orient="row")


def _careful_bounds(stays: Sequence[Stay], is_ambiguous: Sequence[bool], rule: SlotRule) -> SlotBounds | None:
    """The bounds of a cell; where a worker may be several people, the lower one of both readings of who he is."""
    found = slot_bounds(stays, rule)
    if found is None or not any(is_ambiguous):
        return found
    people = [
        (-row - 1 if doubt else s[0], *s[1:]) for row, (s, doubt) in enumerate(zip(stays, is_ambiguous, strict=True))
    ]
    apart = slot_bounds(people, rule)
    if apart is None:
        return None
    least = min(found, apart, key=lambda bounds: bounds.lower)
    return replace(least, upper=max(found.upper, apart.upper))


def _judged(
    part: pl.DataFrame,
    found: SlotBounds,
    sightings: pl.DataFrame,
    thresholds: Mapping[str, float],
    *,
    is_certain: bool,
) -> dict[str, Any]:
    """What is known of one cell in which a long slot is possible; pay and sightings only where one is certain."""
    starts, ends = EPOCH + timedelta(days=found.starts_on), EPOCH + timedelta(days=found.ends_on)
    pay, is_seen = "unknown", False
    if found.lower > thresholds["long_days"]:
        within = part.filter((pl.col("starts_on") <= ends) & (pl.col("ends_on") >= starts))
        pay = _pay(within, thresholds["pay_known_share"])
        is_seen = not report.seen(within, sightings).is_empty()
    return {
        **dict(zip(CELL, part.select(CELL).row(0), strict=True)),
        "days_lower": found.lower,
        "days_upper": found.upper,
        "starts_on": starts,
        "ends_on": ends,
        "slots": found.slots,
        "spells": found.spells,
        "pay": pay,
        "is_seen": is_seen,
        "is_certain": is_certain,
        "grade": _grade(found.lower, pay, thresholds, is_seen=is_seen, is_certain=is_certain),
    }


def _cells_of(ordered: pl.DataFrame) -> Iterator[tuple[int, list[Stay], list[bool], list[bool]]]:
    """For each cell in order: row of the first posting, the stays, is anything assumed, is the worker doubtful."""
    workers = ordered["person_id"].rank("dense").cast(pl.Int64).to_list()
    starts = ordered["starts_on"].cast(pl.Int32).to_list()
    ends = ordered["ends_on"].cast(pl.Int32).to_list()
    is_assumed = ordered["is_assumed"].to_list()
    is_ambiguous = ordered["is_ambiguous"].to_list()
    first = 0
    for length in ordered.select(pl.struct(CELL).rle().struct.field("len").alias("len"))["len"]:
        here = slice(first, first + length)
        stays = list(zip(workers[here], starts[here], ends[here], strict=True))
        yield first, stays, is_assumed[here], is_ambiguous[here]
        first += length


_JUDGED: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(CELL, pl.String),
    "days_lower": pl.Float64,
    "days_upper": pl.Int64,
    "starts_on": pl.Date,
    "ends_on": pl.Date,
    "slots": pl.Int64,
    "spells": pl.Int64,
    "pay": pl.String,
    "is_seen": pl.Boolean,
    "is_certain": pl.Boolean,
    "grade": pl.String,
}


def _pay(postings: pl.DataFrame, known_share: float) -> str:
    """`full` when most days with known pay reach full terms, else `low`; `unknown` when too few are known."""
    days = (pl.col("ends_on") - pl.col("starts_on")).dt.total_days() + 1
    is_full = pl.col("hourly_wage_eur") >= pl.col("full_terms_hour_eur")
    total, known, full = postings.select(
        days.sum().alias("total"),
        days.filter(is_full.is_not_null()).sum().alias("known"),
        days.filter(is_full).sum().alias("full"),
    ).row(0)
    if known < known_share * total:
        return "unknown"
    return "full" if 2 * full >= known else "low"


def _grade(days: float, pay: str, thresholds: Mapping[str, float], *, is_seen: bool, is_certain: bool) -> str | None:
    if days <= thresholds["long_days"] or pay == "full":
        return None
    if days <= thresholds["extended_days"] or not is_certain:
        return "T"
    return "A" if pay == "low" and is_seen else "B"
