"""Companions that look at the panel of one event: pre-trends, placebos, sensitivity, rush, diversion.

Belongs here: asking each of them and reading the answer. Does not belong here: their mathematics (`event_study`,
`placebo`, `diversion`), what would undo a finding (`sensitivity`), and companions that need other data
(`series`, `companies`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from assets.waterbed.analysis import Analysis, Specification, analyse
from assets.waterbed.companions.placebo import placebo_dates, placebo_routes
from assets.waterbed.companions.rows import Answer, Reading, interval, not_estimable
from assets.waterbed.companions.sensitivity import (
    LEVEL,
    RATE,
    figure,
    randomisation_answers,
    relative_magnitude_answers,
    smoothness_answers,
    total_selector,
    why_no_years,
)
from assets.waterbed.designs.diversion import proportional_shares
from assets.waterbed.designs.event_study import EventStudy, event_study, joint_p_value
from assets.waterbed.inference import critical_value
from assets.waterbed.panel import EventPanel

#: The companions of this module, in order.
ON_PANELS = (
    "event_study",
    "rush",
    "placebo_dates",
    "placebo_routes",
    "randomisation",
    "relative_magnitudes",
    "smoothness",
    "diversion",
)
#: Months before the first touched month at which events that never were are placed.
PLACEBO_MONTHS = (12, 18, 24)


def panel_answers(panel: EventPanel, specification: Specification, rng: np.random.Generator) -> list[Answer]:
    """All answers about one panel.

    Args:
        panel: the event.
        specification: that of the headline.
        rng: for dealing exposure anew.
    """
    analysis = analyse(panel, specification)
    study = event_study(panel, specification)
    return [
        *_event_study(study, panel),
        *_rush(analysis),
        *_placebo_dates(analysis),
        *_placebo_routes(analysis),
        *randomisation_answers(analysis, rng),
        *relative_magnitude_answers(study, panel),
        *smoothness_answers(study, panel),
        *_diversion(analysis),
    ]


def _event_study(study: EventStudy | None, panel: EventPanel) -> list[Answer]:
    if study is None:
        return [not_estimable("event_study", why_no_years(panel))]
    answers = []
    for outcome, values, covariance in (
        ("total", study.gain, study.gain_covariance),
        ("loss", study.loss, study.loss_covariance),
    ):
        errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        p_joint = joint_p_value(values[: study.before], covariance[: study.before, : study.before], study.degrees)
        sought = float(np.abs(values[study.before :]).mean())
        could_see = critical_value(study.degrees) * float(errors[: study.before].max()) <= sought
        answers.append(
            Answer(
                "event_study",
                outcome,
                "joint test before the event",
                _quiet(p_joint, could_see),
                f"{study.before} earlier years against the year before the event"
                + (": exposed sectors were already drifting." if p_joint < LEVEL else ": no drift beyond chance.")
                + _unseen(p_joint, could_see),
                p_value=p_joint,
                n=study.before,
                unit="p value only",
            )
        )
        for i, (low_month, high_month) in enumerate(study.bins):
            low, high, p_value = interval(float(values[i]), float(errors[i]), study.degrees)
            when = "before" if i < study.before else "after"
            answers.append(
                Answer(
                    "event_study",
                    outcome,
                    f"month {low_month:+d} to {high_month - 1:+d}",
                    "neutral",
                    f"A year {when} the event, against months {study.reference[0]} to {study.reference[1] - 1}; "
                    "errors by sector.",
                    float(values[i]),
                    low,
                    high,
                    p_value,
                    study.degrees + 1,
                    RATE,
                )
            )
    return answers


def _rush(analysis: Analysis) -> list[Answer]:
    if not analysis.panel.anticipation_months:
        return [not_estimable("rush", "no months of anticipation were declared", "loss")]
    if analysis.panel.is_closed:
        return [not_estimable("rush", "the scheme closed for all at once, so no sector shows what came early", "loss")]
    reach = analysis.bins[-1][1]
    selector = analysis.loss_selector(reach, net=False) - analysis.loss_selector(reach)
    value, error = figure(analysis, selector)
    low, high, p_value = interval(value, error, analysis.degrees)
    found = p_value < LEVEL and value > 0
    reason = (
        "Applications were brought forward; the net loss leaves them out."
        if found
        else "No applications beyond chance were brought forward before the date."
    )
    return [
        Answer("rush", "loss", "whole", "neutral", reason, value, low, high, p_value, analysis.degrees + 1, "persons")
    ]


def _placebo_dates(analysis: Analysis) -> list[Answer]:
    panel = analysis.panel
    if panel.is_closed:
        return [not_estimable("placebo_dates", "a scheme that closes for all is compared with its own past only")]
    found = placebo_dates(panel, analysis.specification, PLACEBO_MONTHS)
    rows = found.filter(pl.col("outcome").is_in(["total", "loss"]))
    if rows.is_empty():
        return [not_estimable("placebo_dates", why_no_years(panel))]
    return [
        _placebo("placebo_dates", row, row["placebo"], analysis, "at a date on which nothing happened")
        for row in rows.iter_rows(named=True)
    ]


def _placebo_routes(analysis: Analysis) -> list[Answer]:
    panel = analysis.panel
    if len(panel.controls) < 2:
        why = f"{len(panel.controls)} control routes have enough flow; two are needed"
        return [not_estimable("placebo_routes", why)]
    return [
        _placebo("placebo_routes", row, "whole", analysis, "on a route that cannot receive the flow")
        for row in placebo_routes(panel, analysis.specification).iter_rows(named=True)
    ]


def _placebo(companion: str, row: dict[str, Any], part: str, analysis: Analysis, where: str) -> Answer:
    value, error = float(row["gain"]), float(row["error"])
    low, high, p_value = interval(value, error, analysis.degrees)
    reach = analysis.bins[-1][1]
    selector = analysis.loss_selector(reach, net=False) if row["outcome"] == "loss" else total_selector(analysis)
    could_see = 0.0 < high - value <= abs(figure(analysis, selector)[0])
    return Answer(
        companion,
        str(row["outcome"]),
        str(part),
        _quiet(p_value, could_see),
        f"{'Something' if p_value < LEVEL else 'Nothing'} beyond chance was found {where}, where there is nothing to "
        f"find.{_unseen(p_value, could_see)}",
        value,
        low,
        high,
        p_value,
        analysis.degrees + 1,
        "persons",
    )


def _quiet(p_value: float, could_see: bool) -> Reading:
    """What a test that should find nothing does to a finding: silence counts only where it could have spoken."""
    if p_value < LEVEL:
        return "weakens"
    return "supports" if could_see else "neutral"


def _unseen(p_value: float, could_see: bool) -> str:
    return "" if could_see or p_value < LEVEL else " Something as large as the finding would not have been seen either."


def _diversion(analysis: Analysis) -> list[Answer]:
    shares = proportional_shares(analysis.panel, 1.0)
    if not shares.sum():
        return [not_estimable("diversion", "no destination was used in exposed sectors before the event")]
    reach, total = analysis.bins[-1][1], total_selector(analysis)
    answers = []
    for d, name in enumerate(analysis.panel.destination_names):
        value, error = figure(analysis, analysis.gain_selector(d, reach) - shares[d] * total)
        low, high, p_value = interval(value, error, analysis.degrees)
        how = "as" if p_value >= LEVEL else ("more than" if value > 0 else "less than")
        answers.append(
            Answer(
                "diversion",
                name,
                "whole",
                "neutral",
                f"Persons gained beyond {shares[d]:.2f} of the whole gain, the part of this route in what others use: "
                f"{how} proportional diversion.",
                value,
                low,
                high,
                p_value,
                analysis.degrees + 1,
                "persons",
            )
        )
    return answers


def unavailable(why: str, companions: Sequence[str] = ON_PANELS) -> list[Answer]:
    """The answers of companions for which there is no panel."""
    return [not_estimable(name, why) for name in companions]
