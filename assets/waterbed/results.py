"""From an analysis to rows of `estimates.displacement` and `estimates.displacement_lags`.

Belongs here: shares, gates, verdicts and the words of the reason. Does not belong here: estimation and errors, and the
tables that the rows become (`frames`).

Shares are withheld when the loss is too weak to divide by. Raw shares are printed as they are, negative ones and ones
above one too; the constrained share stands beside them and never alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from assets.core.intervals import Z95
from assets.waterbed.analysis import Analysis
from assets.waterbed.breakdown import breakdown_value, years_before
from assets.waterbed.closed_sector import is_closed_sector
from assets.waterbed.inference import (
    POWER_FACTOR,
    WEAK_LOSS_T,
    benjamini_hochberg,
    critical_value,
    fieller,
    holm,
    project_on_shares,
    two_sided_p,
)
from assets.waterbed.panel import FloatArray

HORIZONS: Sequence[int] = (3, 6, 12, 24, 36)
#: Constant of Fuller's modification of a ratio (Econometrica 1977); one gives a share that is nearly unbiased. Without
#: it a share has no finite variance: a loss that was found too small by chance makes it explode.
FULLER = 1.0
#: Smallest share that must be detectable before "none detected" may be said; above it the answer is "inconclusive".
INFORMATIVE_SHARE = 0.25
BLIND_SPOTS = (
    "It cannot see who went to another country, who works without a permit, posts that were never filled, and "
    "displacement that falls on all sectors alike."
)


@dataclass(frozen=True)
class Subject:
    """What rows of one event and route have in common.

    Attributes:
        event_id: the event.
        restricted_route: the route that it restricts.
        as_of: as-of date.
        run_id: run.
        notes: what was left out or cut, in words.
        stays: (1 + D,) mean months of stay of an admission before the event, restricted route first; none when unknown.
    """

    event_id: str
    restricted_route: str
    as_of: date
    run_id: str
    notes: str = ""
    stays: FloatArray | None = None


@dataclass(frozen=True)
class Ratio:
    """A gain over a loss with all that belongs to it.

    Attributes:
        loss, loss_error: net loss in persons and its standard error.
        gain, gain_error: gain in persons and its standard error.
        covariance: of gain and loss.
        share: gain over loss; none when the loss is too weak.
        low, high: ends of the Fieller set; none when the share is withheld or the set is unbounded.
        p_value: two-sided, of zero gain.
    """

    loss: float
    loss_error: float
    gain: float
    gain_error: float
    covariance: float
    share: float | None
    low: float | None
    high: float | None
    p_value: float

    @property
    def first_stage_t(self) -> float:
        """The t value of the loss; zero when it has no error."""
        return self.loss / self.loss_error if self.loss_error > 0 else 0.0

    @property
    def detectable(self) -> float | None:
        """The share that would be found four times in five; none where no share is given."""
        return POWER_FACTOR * self.gain_error / self.loss if self.share is not None else None

    @property
    def columns(self) -> dict[str, float | None]:
        """The columns of a row that say the same of one event and of several."""
        return {
            "net_loss": self.loss,
            "loss_error": self.loss_error,
            "first_stage_t": self.first_stage_t,
            "gain": self.gain,
            "gain_error": self.gain_error,
        }


def ratio_of(analysis: Analysis, gain: FloatArray, loss: FloatArray) -> Ratio:
    """Gain over loss, both given as selectors (P,) of the parameters of `analysis`."""
    both = np.stack([gain, loss])
    return gain_over_loss(both @ analysis.estimates, both @ analysis.covariance @ both.T, analysis.degrees)


def gain_over_loss(values: FloatArray, covariance: FloatArray, degrees: float) -> Ratio:
    """Gain over loss.

    Args:
        values: (2,) persons gained and persons lost.
        covariance: (2, 2) their covariance.
        degrees: degrees of freedom of the t distribution.
    """
    gain_error, loss_error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    is_strong = loss_error > 0 and values[1] / loss_error >= WEAK_LOSS_T
    share = low = high = None
    if is_strong:
        above = values[0] * values[1] + FULLER * covariance[0, 1]
        share = float(above / (values[1] ** 2 + FULLER * covariance[1, 1]))
        found = fieller(float(values[0]), float(values[1]), covariance, critical_value(degrees))
        low, high = found.low, found.high
    return Ratio(
        loss=float(values[1]),
        loss_error=float(loss_error),
        gain=float(values[0]),
        gain_error=float(gain_error),
        covariance=float(covariance[0, 1]),
        share=share,
        low=low,
        high=high,
        p_value=two_sided_p(float(values[0]), float(gain_error), degrees),
    )


def displacement_rows(
    analysis: Analysis, subject: Subject, horizons: Sequence[int] = HORIZONS, *, with_breakdown: bool = True
) -> list[dict[str, Any]]:
    """Rows of `estimates.displacement`: every destination, the total and the net reduction.

    Args:
        analysis: the event under one specification.
        subject: what its rows have in common.
        horizons: months after the event; those that the analysis does not reach are left out.
        with_breakdown: also find the drift that would undo each gain, which takes as long as the rest.
    """
    reach = analysis.bins[-1][1]
    found = [row for horizon in horizons if horizon <= reach for row in _horizon_rows(analysis, subject, horizon)]
    return _with_breakdown(analysis, found) if with_breakdown else found


def _with_breakdown(analysis: Analysis, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the drift that would undo each gain; the net reduction has none."""
    names = list(analysis.panel.destination_names)
    of = {"total": range(len(names)), **{name: [d] for d, name in enumerate(names)}}
    return [
        row | {"breakdown_m": _breakdown(analysis, row, of[row["destination_route"]])}
        if row["destination_route"] in of
        else row
        for row in rows
    ]


def _horizon_rows(analysis: Analysis, subject: Subject, horizon: int) -> list[dict[str, Any]]:
    loss, has_ended = analysis.loss_selector(horizon), analysis.panel.is_closed
    names = list(analysis.panel.destination_names)
    gains = [analysis.gain_selector(d, horizon) for d in range(len(names))]
    total = np.sum(gains, axis=0)
    ratios = [ratio_of(analysis, gain, loss) for gain in gains]
    p_values = np.array([r.p_value for r in ratios])
    adjusted, discovery = holm(p_values), benjamini_hochberg(p_values)
    constrained: list[float | None] = [None] * len(ratios)
    if all(r.share is not None for r in ratios):
        constrained = [float(x) for x in project_on_shares(np.array([r.share for r in ratios], dtype=float))]
    common = _common(analysis, subject, horizon)
    stays = np.full(1 + len(names), np.nan) if subject.stays is None else subject.stays
    months = np.array([r.gain for r in ratios]) * stays[1:]
    rows = []
    for d, (name, ratio) in enumerate(zip(names, ratios, strict=True)):
        extra = {
            "share_constrained": constrained[d],
            "p_holm": float(adjusted[d]),
            "q_bh": float(discovery[d]),
            "effective_clusters": analysis.effective_clusters(d),
        } | _person_months(ratio, float(months[d]), float(stays[0]))
        rows.append(common | _row(name, ratio, float(adjusted[d]), subject, has_ended=has_ended) | extra)
    whole = None if any(c is None for c in constrained) else float(sum(c for c in constrained if c is not None))
    everywhere = ratio_of(analysis, total, loss)
    sum_row = _row("total", everywhere, None, subject, has_ended=has_ended)
    stayed = _person_months(everywhere, float(months.sum()), float(stays[0]))
    rows.append(common | sum_row | stayed | {"share_constrained": whole})
    rest = _row("net_reduction", ratio_of(analysis, loss - total, loss), None, subject, has_ended=has_ended)
    kept = {"verdict": sum_row["verdict"], "reason": sum_row["reason"], "mde80": sum_row["mde80"]}
    kept |= _person_months(everywhere, everywhere.loss * float(stays[0]) - float(months.sum()), float(stays[0]))
    rows.append(common | rest | kept | {"share_constrained": None if whole is None else 1.0 - whole})
    return rows


def _person_months(ratio: Ratio, gained: float, stay: float) -> dict[str, float | None]:
    """Loss, gain and share in months of stay: a posting of months does not replace a permit of years one for one."""
    lost = ratio.loss * stay
    is_known = bool(np.isfinite(gained) and np.isfinite(lost) and lost != 0.0)
    return {
        "net_loss_person_months": lost if np.isfinite(lost) else None,
        "gain_person_months": gained if np.isfinite(gained) else None,
        "share_person_months": gained / lost if is_known and ratio.share is not None else None,
    }


def _breakdown(analysis: Analysis, row: Mapping[str, Any], destinations: Iterable[int]) -> float | None:
    """The drift that would undo a gain; zero when it is none to begin with."""
    if len(years_before(analysis.panel)) < 2 or is_closed_sector(analysis.panel):
        return None
    error = analysis.critical * row["gain_error"]
    if abs(row["gain"]) <= error:
        return 0.0
    effects, upto, chosen = analysis.effects, analysis.effects.upto(row["months_after"]), list(destinations)
    two_part = analysis.flexible_weight
    gain = (1.0 - two_part) * effects.gain[:, chosen] + two_part * effects.flexible_gain[:, chosen]
    return breakdown_value(
        gain[:, :, upto].sum(axis=(1, 2)),
        error / Z95,
        analysis.rates_before[:, chosen].sum(axis=1),
        effects.at_risk[0][upto],
        [analysis.bins[i] for i in upto],
    )


def _common(analysis: Analysis, subject: Subject, horizon: int) -> dict[str, Any]:
    gross = analysis.loss_selector(horizon, net=False)
    net = analysis.loss_selector(horizon)
    return {
        "event_id": subject.event_id,
        "restricted_route": subject.restricted_route,
        "months_after": horizon,
        "specification": analysis.specification,
        "gross_loss": float(gross @ analysis.estimates),
        "rush": float((gross - net) @ analysis.estimates),
        "p_holm": None,
        "q_bh": None,
        "effective_clusters": analysis.effective_clusters(),
        "breakdown_m": None,
        "as_of": subject.as_of,
        "run_id": subject.run_id,
        "critical": analysis.critical,
        "degrees": analysis.degrees,
    }


def _row(
    destination: str, ratio: Ratio, p_adjusted: float | None, subject: Subject, *, has_ended: bool
) -> dict[str, Any]:
    p_value = ratio.p_value if p_adjusted is None else p_adjusted
    verdict, why = _verdict(ratio, p_value, has_ended)
    return ratio.columns | {
        "destination_route": destination,
        "gain_loss_covariance": ratio.covariance,
        "share": ratio.share,
        "share_lo95": ratio.low,
        "share_hi95": ratio.high,
        "p_value": ratio.p_value,
        "mde80": ratio.detectable,
        "verdict": verdict,
        "reason": " ".join(part for part in (why, subject.notes, BLIND_SPOTS) if part),
    }


def _verdict(ratio: Ratio, p_value: float, has_ended: bool) -> tuple[str, str]:
    detectable = ratio.detectable
    if detectable is None:
        return _verdict_in_persons(ratio, p_value, has_ended)
    if p_value < 0.05 and ratio.gain > 0:
        return "displacement", f"More persons came than without the event ({_shown(p_value)})."
    if p_value < 0.05:
        return "none_detected", (
            f"Fewer persons came than without the event ({_shown(p_value)}): the restriction may have deterred here "
            "too."
        )
    if detectable <= INFORMATIVE_SHARE:
        return "none_detected", (
            f"No gain beyond chance ({_shown(p_value)}); a share of {detectable:.2f} would be found four times in five."
        )
    return "inconclusive", (
        f"No gain beyond chance ({_shown(p_value)}), but only a share above {detectable:.2f} would have been found."
    )


def _verdict_in_persons(ratio: Ratio, p_value: float, has_ended: bool) -> tuple[str, str]:
    """The verdict where no share is given: where a scheme ended, that it lost is not in doubt, only how many."""
    if has_ended and ratio.loss > 0 and ratio.gain > 0 and p_value < 0.05:
        return "displacement", (
            f"The scheme ended, and more persons came by other routes than without the event ({_shown(p_value)}). How "
            f"many it would have brought is too unsure (t {ratio.first_stage_t:.1f}, {WEAK_LOSS_T} is the least) for "
            "a share."
        )
    return "inconclusive", (
        f"The loss itself is not clearly measured (t {ratio.first_stage_t:.1f}, {WEAK_LOSS_T} is the least), so no "
        "share of it is given. The gain in persons stands; one of "
        f"{POWER_FACTOR * ratio.gain_error:.0f} persons would have been found four times in five."
    )


def _shown(p_value: float) -> str:
    return "p below 0.001" if p_value < 0.001 else f"p {p_value:.3f}"


def unanswered_row(subject: Subject, verdict: str, reason: str, specification: str = "C1") -> dict[str, Any]:
    """The one row of an event for which nothing was estimated."""
    return {
        "event_id": subject.event_id,
        "restricted_route": subject.restricted_route,
        "destination_route": "total",
        "months_after": HORIZONS[-1],
        "specification": specification,
        "verdict": verdict,
        "reason": f"{reason} {BLIND_SPOTS}",
        "as_of": subject.as_of,
        "run_id": subject.run_id,
    }


def lag_rows(analysis: Analysis, subject: Subject) -> list[dict[str, Any]]:
    """Rows of `estimates.displacement_lags`: gain and share of every bin of months, by destination and in total."""
    rows = []
    for i, (low, high) in enumerate(analysis.bins):
        loss = analysis.bin_loss_selector(i)
        gains = [analysis.bin_gain_selector(d, i) for d in range(len(analysis.panel.destination_names))]
        named = [*zip(analysis.panel.destination_names, gains, strict=True), ("total", np.sum(gains, axis=0))]
        for name, gain in named:
            ratio = ratio_of(analysis, gain, loss)
            rows.append(
                {
                    "event_id": subject.event_id,
                    "restricted_route": subject.restricted_route,
                    "destination_route": name,
                    "specification": analysis.specification,
                    "bin_from_month": low,
                    "bin_until_month": high - 1,
                    "loss": ratio.loss,
                    "gain": ratio.gain,
                    "gain_lo95": ratio.gain - analysis.critical * ratio.gain_error,
                    "gain_hi95": ratio.gain + analysis.critical * ratio.gain_error,
                    "share": ratio.share,
                    "share_lo95": ratio.low,
                    "share_hi95": ratio.high,
                    "as_of": subject.as_of,
                    "run_id": subject.run_id,
                }
            )
    return rows
