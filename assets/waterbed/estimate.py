"""All events of the reference file, each with a verdict: estimated where the data carry it, with the reason where not.

Belongs here: going through events and designs. Does not belong here: reading tables (`assets`), single estimates
(`analysis`), the rows' words (`results`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import polars as pl

from assets.waterbed.analysis import SPECIFICATIONS, Analysis, analyse
from assets.waterbed.breaks import cut_at_breaks
from assets.waterbed.bunching import bunching_at
from assets.waterbed.cells import BuiltPanel, NotEstimableError, Rise, build_panel
from assets.waterbed.declarations import Declarations, Design
from assets.waterbed.frames import displacement_frame, lags_frame
from assets.waterbed.neighbours import inside, restricting
from assets.waterbed.pooling import pooled_rows
from assets.waterbed.results import (
    Subject,
    displacement_rows,
    lag_rows,
    unanswered_row,
)
from assets.waterbed.windows import EventWindow, event_window, shocked_months, with_near_base

#: Verdict and reason of breaks that are no change of incentive, by kind.
OTHER_BREAKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "register_move": ("register_move", "The same persons are counted in another register or under another code."),
        "population_move": (
            "register_move",
            "A group of persons no longer needs (or now needs) a permit and leaves (or enters) the counts.",
        ),
        "common_shock": ("not_estimable", "A shock to all routes at once; nothing is restricted for some only."),
        "signal": ("not_estimable", "An announcement or report; no rule changed on this day."),
    }
)


#: Fewest persons that the rule would have excluded in the window, and fewest effective sectors (inverse Herfindahl of
#: their information), from which an estimate and its error can be told.
LEAST_AT_RISK = 50
LEAST_EFFECTIVE_CLUSTERS = 4


@dataclass(frozen=True)
class Inputs:
    """The tables that the estimates are made from.

    Attributes:
        flows: month, route, sbi2, occupation_group, admissions, person_months.
        company_flows: month, route, sbi2, company, admissions, person_months, for designs with companies as cells.
        salaries: month, route, sbi2, occupation_group, salary_month_eur, norm_month_eur.
        events: `core.policy_events`.
        norms: `core.salary_norms`.
        minimum_wages: `core.minimum_wage`.
    """

    flows: pl.DataFrame
    company_flows: pl.DataFrame
    salaries: pl.DataFrame
    events: pl.DataFrame
    norms: pl.DataFrame
    minimum_wages: pl.DataFrame


def estimate_events(
    inputs: Inputs, declared: Declarations, as_of: date, run_id: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of `estimates.displacement` and of `estimates.displacement_lags` for every event."""
    displacement: list[dict[str, Any]] = []
    lags: list[dict[str, Any]] = []
    for event in inputs.events.sort("event_on", "event_id").iter_rows(named=True):
        designs = declared.tested.get(event["event_id"], ())
        if not designs:
            displacement.append(unanswered(event, declared, as_of, run_id))
        for design in designs:
            subject = Subject(event["event_id"], design.route, as_of, run_id)
            rows, bins = _estimate_design(inputs, declared, event, design, subject)
            displacement += rows
            lags += bins
    displacement += pooled_rows(displacement)
    return displacement_frame(displacement), lags_frame(lags)


def unanswered(event: Mapping[str, Any], declared: Declarations, as_of: date, run_id: str) -> dict[str, Any]:
    """The row of an event that is not tested: a move of registers or people, a shock, or declared as untested."""
    route = "|".join(event["schemes_restricted"]) or "none"
    subject = Subject(event["event_id"], route, as_of, run_id)
    if event["break_kind"] in OTHER_BREAKS:
        verdict, reason = OTHER_BREAKS[event["break_kind"]]
        effect = event["measurement_effect"]
        return unanswered_row(subject, verdict, f"{reason} {effect.rstrip('.')}." if effect else reason)
    if event["event_id"] in declared.untested:
        return unanswered_row(subject, "not_estimable", f"Not tested: {declared.untested[event['event_id']]}.")
    if not event["schemes_restricted"]:
        return unanswered_row(subject, "not_estimable", "A route was opened or eased; none was restricted.")
    return unanswered_row(subject, "not_estimable", "No design was declared for this event before estimation.")


def _estimate_design(
    inputs: Inputs, declared: Declarations, event: Mapping[str, Any], design: Design, subject: Subject
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    try:
        built, window, breaks = panel_of(inputs, declared, event, design, subject.as_of)
    except NotEstimableError as why:
        return [unanswered_row(subject, "not_estimable", f"{str(why)[:1].upper()}{str(why)[1:]}.")], []
    noted = replace(subject, notes=_notes(built, window, breaks), stays=built.person_months)
    plain = analyse(built.panel, "C0")
    if why_thin := why_too_thin(plain):
        return [unanswered_row(noted, "not_estimable", why_thin)], []
    displacement: list[dict[str, Any]] = []
    lags: list[dict[str, Any]] = []
    for specification in SPECIFICATIONS:
        if specification != "C0" and not len(built.panel.controls):
            reason = "No control route has enough flow to show the demand of sectors."
            displacement.append(unanswered_row(noted, "not_estimable", reason, specification))
            continue
        analysis = plain if specification == "C0" else analyse(built.panel, specification)
        displacement += displacement_rows(analysis, noted)
        lags += lag_rows(analysis, noted)
    return displacement, lags


def why_too_thin(analysis: Analysis) -> str | None:
    """Why the estimate would rest on too little, in words; none when it does not."""
    at_risk = float(analysis.effects.at_risk[0].sum())
    if at_risk < LEAST_AT_RISK:
        return (
            f"The new rule would have excluded {max(at_risk, 0.0):.0f} persons in the window; "
            f"{LEAST_AT_RISK} are the least from which a share of them can be told."
        )
    carried = analysis.effective_clusters()
    if carried < LEAST_EFFECTIVE_CLUSTERS:
        return (
            f"The estimate would rest on effectively {carried:.1f} sectors; {LEAST_EFFECTIVE_CLUSTERS} are the least "
            "from which its error can be told."
        )
    return None


def panel_of(
    inputs: Inputs,
    declared: Declarations,
    event: Mapping[str, Any],
    design: Design,
    as_of: date,
    *,
    is_whole: bool = False,
) -> tuple[BuiltPanel, EventWindow, Sequence[str]]:
    """The panel of an event under a design, its window, and the breaks that cut it, in words.

    Args:
        inputs: the tables.
        declared: the declarations.
        event: a row of `core.policy_events`.
        design: one of its designs.
        as_of: as-of date.
        is_whole: keep all months before the event, for companions that look back; the estimate takes near ones where
            its window is short. What a closed scheme usually had is read from all of them.

    Raises:
        NotEstimableError: when no panel can be built, with the reason in words.
    """
    if inputs.flows.is_empty():
        raise NotEstimableError("there are no flows")
    try:
        return _built(inputs, declared, event, design, as_of, is_whole=is_whole)
    except NotEstimableError as why:
        if design.cells != "sector":
            raise
        try:  # as declared: its companies are held against each other where sectors are not
            return _built(inputs, declared, event, replace(design, cells="company"), as_of, is_whole=is_whole)
        except NotEstimableError:
            raise why from None


def _built(
    inputs: Inputs, declared: Declarations, event: Mapping[str, Any], design: Design, as_of: date, *, is_whole: bool
) -> tuple[BuiltPanel, EventWindow, Sequence[str]]:
    whole = event_window(
        event["event_on"],
        (inputs.flows["month"].min(), inputs.flows["month"].max()),  # type: ignore[arg-type]
        as_of,
        declared.windows,
        restricting(inputs.events, declared, event["event_id"], design.route),
    )
    window, unbroken, sectors, notes = cut_at_breaks(whole, inputs.events, design, declared)
    if not is_whole and design.rule != "scheme_closed":
        window = with_near_base(window, declared.windows)
    salaries = inputs.salaries
    rise: Rise | None = None
    if design.rule == "salary_band":
        rise = _norm_rise(inputs.norms, str(design.criterion), event["event_on"])
        salaries = salaries.with_columns(salary_over_floor=pl.col("salary_month_eur") / pl.col("norm_month_eur"))
    elif design.rule == "wage_floor":
        rise = _wage_rise(inputs.minimum_wages, event["event_on"])
        salaries = _over_minimum_wage(salaries, inputs.minimum_wages)
    flows = inputs.company_flows if design.cells == "company" else inputs.flows
    if sectors:
        flows = flows.filter(pl.col("sbi2").is_in(sectors).not_())
    built = build_panel(flows, salaries, unbroken, window, lengths=declared.windows, rise=rise)
    days = dict(inputs.events.select("event_id", "event_on").rows())
    shocks = [(days[shock.event_id], shock.until) for shock in declared.shocks if shock.event_id in days]
    built = replace(built, panel=replace(built.panel, shocked=shocked_months(window, shocks)))
    answered = bunching_at(salaries, design.route, rise.ratio, window) if rise else None
    joint = inside(inputs.events, declared, event, unbroken, window)
    return built, window, [*notes, *joint, *([answered.sentence] if answered else [])]


def _norm_rise(norms: pl.DataFrame, criterion: str, event_on: date) -> Rise | None:
    mine = norms.filter(pl.col("criterion") == criterion).select(
        "valid_from", "valid_until", pl.col("norm_month_eur").alias("floor")
    )
    return _rise(mine, event_on)


def _wage_rise(minimum_wages: pl.DataFrame, event_on: date) -> Rise | None:
    floors = minimum_wages.select("valid_from", "valid_until", pl.col("minimum_month_eur").alias("floor"))
    return _rise(floors, event_on)


def _rise(floors: pl.DataFrame, event_on: date) -> Rise | None:
    def on(day: date) -> float | None:
        found = floors.filter(pl.col("valid_from") <= day, pl.col("valid_until") >= day)["floor"].drop_nulls()
        return float(found[0]) if len(found) else None

    old, new = on(event_on - timedelta(days=1)), on(event_on)
    return Rise(old, new) if old and new else None


def _over_minimum_wage(salaries: pl.DataFrame, minimum_wages: pl.DataFrame) -> pl.DataFrame:
    floors = minimum_wages.select(pl.col("valid_from").alias("month"), "minimum_month_eur").sort("month")
    return (
        salaries.sort("month")
        .join_asof(floors, on="month", strategy="backward")
        .with_columns(salary_over_floor=pl.col("salary_month_eur") / pl.col("minimum_month_eur"))
    )


def _notes(built: BuiltPanel, window: EventWindow, breaks: Sequence[str]) -> str:
    notes = list(breaks)
    if built.cells == "company":
        notes.append("Companies are compared; gains by other companies than those that lost are not seen.")
    if built.cells == "sector":
        notes.append(
            "The sectors that had the scheme are held against all others; a surge of demand in them that their control "
            "routes do not share would count as gain."
        )
    if window.cut_by:
        notes.append(f"The window ends before {window.cut_by}.")
    if built.left_out:
        notes.append(f"Too little flow to be counted as destination or control: {', '.join(built.left_out)}.")
    return " ".join(notes)
