"""Companions that follow companies and persons: applications after a refusal, soon or late, and the jump at a norm.

Belongs here: arranging histories around an event and reading the answers. Does not belong here: the models
(`employer_lags`, `fixed_effects_poisson`, `reapplication_hazard`, `norm_discontinuity`) and schemes that close
(`closures`).

Companies are named on permits, work permits and postings; persons who come for themselves name none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from assets.waterbed.companions.rows import Answer, Reading, interval, not_estimable
from assets.waterbed.declarations import Design
from assets.waterbed.designs.employer_lags import HORIZON_MONTHS, employer_switching
from assets.waterbed.designs.fixed_effects_poisson import fixed_effects_poisson
from assets.waterbed.designs.norm_discontinuity import LEAST_A_SIDE, jump_at_norm
from assets.waterbed.designs.reapplication_hazard import LEAST_APPLICATIONS, LEAST_COMPANIES, hazard_ratio
from assets.waterbed.panel import FloatArray
from assets.waterbed.windows import month_number

#: Companies followed at most: those that were refused first, then the others, both by number.
MOST_COMPANIES = 2_500
#: Fewest refusals, and applications by other routes, from which anything is read.
LEAST_REFUSALS, LEAST_OTHER = 50, 50
#: Months before and after the event whose refusals count, and months of a period of the Poisson regression.
MONTHS_BEFORE, MONTHS_AFTER, PERIOD = 24, 36, 3


@dataclass(frozen=True)
class Histories:
    """What companies and persons did.

    Attributes:
        months: company, route, month, applications, refusals.
        decisions: company, route, month, refused, granted_near.
        near_norm: route, decided_on, salary_over_norm, has_switched.
        last_month: number of the last month whose applications have been decided.
    """

    months: pl.DataFrame
    decisions: pl.DataFrame
    near_norm: pl.DataFrame
    last_month: int


@dataclass(frozen=True)
class _Panel:
    """Applications of N companies in T months: by other routes, and on the restricted route with refusals."""

    companies: Sequence[str]
    first_month: int
    other: FloatArray
    refusals: FloatArray
    volume: FloatArray

    @property
    def degrees(self) -> float:
        """Companies that the refusals effectively come from, minus one: a few busy ones carry many."""
        by_company = self.refusals.sum(axis=1)
        return float(by_company.sum() ** 2 / max((by_company**2).sum(), 1.0)) - 1.0


def company_answers(event_on: date, design: Design, histories: Histories) -> list[Answer]:
    """The answers of companies and persons about one design."""
    panel = _panel(event_on, design, histories)
    return [
        _safely("employer_lags", lambda: panel if isinstance(panel, str) else _lags(panel)),
        _safely("employer_counts", lambda: panel if isinstance(panel, str) else _counts(panel)),
        _safely("reapplication_hazard", lambda: _hazard(event_on, design, histories)),
        _safely("norm_discontinuity", lambda: _norm(event_on, design, histories)),
    ]


def _panel(event_on: date, design: Design, histories: Histories) -> _Panel | str:
    """The panel around an event, or why there is none."""
    event = month_number(event_on)
    first, last = event - MONTHS_BEFORE, min(event + MONTHS_AFTER - 1, histories.last_month)
    length = last - first + 1
    if length < 2 * HORIZON_MONTHS + PERIOD:
        return f"{max(length, 0)} months around the event; {2 * HORIZON_MONTHS + PERIOD} are the least"
    number = pl.col("month").dt.year().cast(pl.Int64) * 12 + pl.col("month").dt.month() - 1 - first
    routes = [design.route, *design.destinations]
    near = histories.months.filter(pl.col("route").is_in(routes)).with_columns(position=number)
    near = near.filter(pl.col("position").is_between(0, length - 1))
    mine = near.filter(pl.col("route") == design.route)
    refused = mine.filter(pl.col("refusals") > 0)["company"].unique().sort()
    others = mine["company"].unique().sort()
    chosen = list(dict.fromkeys([*refused.to_list(), *others.to_list()]))[:MOST_COMPANIES]
    if int(mine["refusals"].sum()) < LEAST_REFUSALS:
        return f"fewer than {LEAST_REFUSALS} refusals of companies around the event"
    place = {company: i for i, company in enumerate(chosen)}
    kept = near.filter(pl.col("company").is_in(chosen))
    shape = (len(chosen), length)

    def table(rows: pl.DataFrame, column: str) -> FloatArray:
        found = np.zeros(shape)
        at = np.array([place[c] for c in rows["company"].to_list()], dtype=np.int64)
        np.add.at(found, (at, rows["position"].to_numpy()), rows[column].to_numpy())
        return found

    on_route, elsewhere = kept.filter(pl.col("route") == design.route), kept.filter(pl.col("route") != design.route)
    other = table(elsewhere, "applications")
    if other.sum() < LEAST_OTHER:
        return f"fewer than {LEAST_OTHER} applications of these companies by another route"
    return _Panel(chosen, first, other, table(on_route, "refusals"), table(on_route, "applications"))


def _safely(companion: str, ask: Callable[[], Answer | str]) -> Answer:
    """The answer, or why there is none: said beforehand, or found out by the model."""
    try:
        found = ask()
    except (ValueError, np.linalg.LinAlgError) as why:
        found = str(why)
    return not_estimable(companion, found) if isinstance(found, str) else found


def _lags(panel: _Panel) -> Answer:
    found = employer_switching(panel.other, panel.refusals, panel.volume)
    months = panel.other.shape[1] - HORIZON_MONTHS
    low, high, p_value = interval(found.extra_applications, found.error, min(panel.degrees, months - 1.0))
    return Answer(
        "employer_lags",
        "total",
        f"months 0 to {HORIZON_MONTHS} after a refusal",
        _reading(found.extra_applications, p_value),
        "Extra applications by other routes for each refusal, companies and months taken out and the volume of "
        "applications held fixed; n is companies. Channel through companies only.",
        found.extra_applications,
        low,
        high,
        p_value,
        len(panel.companies),
        "applications per refusal",
    )


def _counts(panel: _Panel) -> Answer:
    periods = panel.other.shape[1] // PERIOD

    def summed(table: FloatArray) -> FloatArray:
        return np.asarray(table[:, -periods * PERIOD :].reshape(len(table), periods, PERIOD).sum(axis=2))

    other, refusals, volume = summed(panel.other), summed(panel.refusals), summed(panel.volume)
    lags = HORIZON_MONTHS // PERIOD
    recent = np.sum([refusals[:, lags - k : periods - k] for k in range(lags + 1)], axis=0)
    # volumes of every quarter apart: one sum over the year would leave in whether a company was growing or shrinking
    busy = [np.log1p(volume[:, lags - k : periods - k]) for k in range(lags + 1)]
    later = periods - lags
    season = np.tile(np.eye(later)[:, 1:], (len(other), 1, 1))
    regressors = np.concatenate([np.stack([np.log1p(recent), *busy], axis=2), season], axis=2)
    found = fixed_effects_poisson(other[:, lags:], regressors)
    value, error = float(found.coefficients[0]), float(np.sqrt(found.covariance[0, 0]))
    low, high, p_value = interval(value, error, panel.degrees)
    first = np.log(2.0)  # from no refusal in the last year to one
    ends = [float(np.expm1(min(first * v, 50.0))) for v in (value, low, high)]
    return Answer(
        "employer_counts",
        "total",
        "one refusal in the last year",
        _reading(value, p_value),
        "Applications by other routes beyond what the company usually has, after its first refusal in a year, volume "
        "held fixed; n is companies with such applications.",
        ends[0],
        ends[1],
        ends[2],
        p_value,
        found.units,
        "share of usual level",
    )


def _reading(value: float, p_value: float) -> Reading:
    if p_value >= 0.05:
        return "neutral"
    return "supports" if value > 0 else "weakens"


def _hazard(event_on: date, design: Design, histories: Histories) -> Answer:
    event = month_number(event_on)
    month = pl.col("month").dt.year().cast(pl.Int64) * 12 + pl.col("month").dt.month() - 1
    decided = histories.decisions.filter(pl.col("route") == design.route).with_columns(number=month)
    decided = decided.filter(pl.col("number").is_between(event, min(event + MONTHS_AFTER, histories.last_month) - 1))
    # the first decision tells who is followed as refused: what comes later must not sort companies
    first = (
        decided.sort("company", "number")
        .unique("company", keep="first", maintain_order=True)
        .select(
            "company",
            start="number",
            is_refused=pl.col("refused") > 0,
            decisions=pl.col("refused") + pl.col("granted_near"),
        )
    )
    used = histories.months.filter(pl.col("company").is_in(first["company"].implode())).with_columns(number=month)
    used = used.join(first.select("company", "start"), on="company")
    elsewhere = used.filter(pl.col("route").is_in(design.destinations))
    after = elsewhere.filter(pl.col("number") > pl.col("start")).group_by("company").agg(next=pl.col("number").min())
    before = elsewhere.filter(pl.col("number").is_between(pl.col("start") - HORIZON_MONTHS, pl.col("start")))
    volume = used.filter(
        pl.col("route") == design.route, pl.col("number").is_between(pl.col("start") - HORIZON_MONTHS, pl.col("start"))
    )
    volume = volume.group_by("company").agg(volume=pl.col("applications").sum())
    fresh = first.join(before.select("company").unique(), on="company", how="anti")
    rows = fresh.join(after, on="company", how="left").join(volume, on="company", how="left").sort("company")
    seen_until = pl.coalesce("next", pl.lit(histories.last_month)) - pl.col("start")
    rows = rows.with_columns(months=seen_until, volume=pl.col("volume").fill_null(0)).filter(pl.col("months") > 0)
    found = hazard_ratio(
        rows["months"].to_numpy().astype(np.int64),
        rows["next"].is_not_null().to_numpy().astype(np.float64),
        rows["is_refused"].to_numpy().astype(np.float64),
        np.log1p(rows.select("volume", "decisions").to_numpy().astype(np.float64)),
    )
    if found is None:
        why = (
            f"fewer than {LEAST_COMPANIES} companies refused or just granted for the first time, or fewer than "
            f"{LEAST_APPLICATIONS} of either that applied by another route within the year"
        )
        return not_estimable("reapplication_hazard", why)
    low, high, p_value = interval(found.log_ratio, found.error)
    return Answer(
        "reapplication_hazard",
        "total",
        f"first {HORIZON_MONTHS} months after the decision",
        _reading(found.log_ratio, p_value),
        "Monthly chance of a first application by another route after a refusal over that after a grant close to the "
        "norm, volume held fixed; n is companies.",
        float(np.exp(found.log_ratio)),
        float(np.exp(low)),
        float(np.exp(high)),
        p_value,
        found.refused + found.granted,
        "hazard ratio",
    )


def _norm(event_on: date, design: Design, histories: Histories) -> Answer:
    if design.rule != "salary_band":
        return not_estimable("norm_discontinuity", "the event moved no salary norm")
    until = event_on.replace(year=event_on.year + MONTHS_AFTER // 12)
    near = histories.near_norm.filter(
        pl.col("route") == design.route, pl.col("decided_on") >= event_on, pl.col("decided_on") < until
    )
    ratio = near["salary_over_norm"].to_numpy().astype(np.float64)
    found = jump_at_norm(ratio, near["has_switched"].to_numpy().astype(np.float64))
    if found is None:
        why = f"fewer than {LEAST_A_SIDE} applicants on one side of the norm whose year is over"
        return not_estimable("norm_discontinuity", why)
    low, high, p_value = interval(found.jump, found.error)
    return Answer(
        "norm_discontinuity",
        "total",
        "within a year of the decision",
        _reading(found.jump, p_value),
        "Share of applicants just below the norm that holds another route a year later, minus that just above it; n is "
        "applicants. The same person's channel only.",
        found.jump,
        low,
        high,
        p_value,
        found.below + found.above,
        "share of applicants",
    )
