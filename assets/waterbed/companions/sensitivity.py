"""Companions that ask what would undo a finding: dealt exposure, drift in proportion to earlier steps, smooth drift.

Belongs here: asking each and reading the answer. Does not belong here: their mathematics (`placebo`,
`relative_magnitudes`, `smoothness`) and the other companions of a panel (`panels`).
"""

from __future__ import annotations

import numpy as np

from assets.waterbed.analysis import Analysis
from assets.waterbed.companions.placebo import randomisation_p_values
from assets.waterbed.companions.rows import Answer, Reading, not_estimable
from assets.waterbed.designs.event_study import EventStudy
from assets.waterbed.designs.relative_magnitudes import DriftingEffect, largest_multiple, relative_interval
from assets.waterbed.designs.smoothness import Coefficients, largest_bend, smooth_interval
from assets.waterbed.panel import EventPanel, FloatArray

#: How often exposure is dealt anew; a p value below 0.02 can be told.
DRAWS = 59
#: Chance below which something counts as found.
LEVEL = 0.05
RATE = "persons per person at risk"
TIMES = "times earlier step"


def randomisation_answers(analysis: Analysis, rng: np.random.Generator) -> list[Answer]:
    """How often exposure dealt at random within sizes of sectors gives as large a gain."""
    panel = analysis.panel
    if panel.is_closed:
        return [not_estimable("randomisation", "a closed scheme exposes every cell alike; there is nothing to deal")]
    p_values = randomisation_p_values(panel, analysis.specification, DRAWS, rng)
    gain, gain_error = figure(analysis, total_selector(analysis))
    is_claimed = gain > 0 and abs(gain) > analysis.critical * gain_error
    answers = []
    for outcome in ("total", *panel.destination_names):
        p_value = p_values[outcome]
        reading: Reading = "neutral"
        if outcome == "total" and is_claimed:
            reading = "supports" if p_value <= LEVEL else "weakens"
        answers.append(
            Answer(
                "randomisation",
                outcome,
                "whole",
                reading,
                f"Share of {DRAWS} deals of exposure within sizes of sectors that gave as large a gain, one-sided; "
                "no cure where demand follows exposure.",
                p_value=p_value,
                n=DRAWS,
                unit="p value only",
            )
        )
    return answers


def relative_magnitude_answers(study: EventStudy | None, panel: EventPanel) -> list[Answer]:
    """How many times the largest yearly step before the event a drift must be to undo the gain."""
    if study is None or not _is_usable(study):
        return [not_estimable("relative_magnitudes", why_no_years(panel))]
    known, weights = _coefficients(study)
    plain = float(weights @ known.after)
    intervals = [
        (part, relative_interval(known, weights, multiple))
        for part, multiple in (("no drift", 0.0), ("drift as large as before", 1.0))
    ]
    value = largest_multiple(DriftingEffect.of(known, weights))
    reading: Reading = "neutral"
    words = "The gain of exposed sectors is not told from zero even without drift; there is no finding to undo."
    if value:
        reading = "supports" if value >= 1.0 and plain > 0 else "weakens"
        words = f"Told from zero up to a drift of {value:.2f} times the largest yearly step before the event."
    answers = [
        Answer("relative_magnitudes", "total", "breakdown", reading, words, value, n=study.before, unit=TIMES),
    ]
    for part, found in intervals:
        answers.append(
            Answer(
                "relative_magnitudes",
                "total",
                part,
                "neutral",
                "Persons gained for each person at risk, allowing drift after the event of "
                f"{found.multiple:.0f} times the largest yearly step before it.",
                min(max(plain, found.low), found.high),
                found.low,
                found.high,
                n=study.before,
                unit=RATE,
            )
        )
    return answers


def _coefficients(study: EventStudy) -> tuple[Coefficients, FloatArray]:
    """Coefficients on the total gain, and the weights of the years after the event: by persons at risk."""
    at_risk = study.at_risk[study.before :]
    known = Coefficients(study.gain[: study.before], study.gain[study.before :], study.gain_covariance)
    return known, np.asarray(at_risk / at_risk.sum())


def _is_usable(study: EventStudy) -> bool:
    at_risk = study.at_risk[study.before :]
    return bool((at_risk > 0).all() and np.isfinite(study.gain_covariance).all() and (study.gain_covariance != 0).any())


def smoothness_answers(study: EventStudy | None, panel: EventPanel) -> list[Answer]:
    """The gain when an earlier drift goes on, straight or bent, and the bend that undoes it."""
    if study is None:
        return [not_estimable("smoothness", why_no_years(panel))]
    if not _is_usable(study):
        return [not_estimable("smoothness", "no one was at risk in a year after the event")]
    known, weights = _coefficients(study)
    seen = float(np.abs(np.diff(np.concatenate([known.before, [0.0]]), n=2)).max()) if study.before > 1 else 0.0
    plain = float(weights @ known.after)
    parts = [("straight drift goes on", 0.0)] + ([("drift bends as before", seen)] if seen > 0 else [])
    answers = []
    for part, bend in parts:
        found = smooth_interval(known, weights, bend)
        answers.append(
            Answer(
                "smoothness",
                "total",
                part,
                "supports" if found.excludes_zero and found.low > 0 else "neutral",
                f"Persons gained for each person at risk ({plain:.3f} if there were no drift), allowing bends of "
                f"{bend:.3f} a year.",
                found.estimate,
                found.low,
                found.high,
                n=study.before,
                unit=RATE,
            )
        )
    largest = largest_bend(known, weights, max(4 * seen, 1.0))
    words = f"Zero is excluded up to a bend of {largest:.3f} a year; the largest seen before was {seen:.3f}."
    if not largest:
        words = "Zero is not excluded when a straight earlier drift goes on."
    answers.append(
        Answer("smoothness", "total", "breakdown", "neutral", words, largest, n=study.before, unit=f"{RATE} a year²")
    )
    return answers


def total_selector(analysis: Analysis) -> FloatArray:
    """(P,) coefficients that make the gain of all destinations over the whole window."""
    reach = analysis.bins[-1][1]
    gains = [analysis.gain_selector(d, reach) for d in range(len(analysis.panel.destination_names))]
    return np.asarray(np.sum(gains, axis=0))


def figure(analysis: Analysis, selector: FloatArray) -> tuple[float, float]:
    """The figure that a selector makes, and its standard error."""
    value = float(selector @ analysis.estimates)
    return value, max(float(selector @ analysis.covariance @ selector), 0.0) ** 0.5


def why_no_years(panel: EventPanel) -> str:
    """Why earlier years say nothing, in words."""
    if panel.is_closed:
        return "the scheme closed for all at once; no sector is exposed less than another in earlier years"
    return f"{panel.first_touched_month} months lie before the event; two whole years, and a base, are needed"
