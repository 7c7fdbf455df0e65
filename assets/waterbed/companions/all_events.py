"""All companions of all events: what stands beside the headline, with an answer or the reason why there is none.

Belongs here: going through events and designs and asking every companion that fits. Does not belong here: the
companions themselves (`panels`, `series`, `companies`, `closures`) and reading tables (`tables`).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from assets.waterbed.analysis import analyse
from assets.waterbed.cells import NotEstimableError
from assets.waterbed.companions.closures import closure_answers
from assets.waterbed.companions.companies import Histories, company_answers
from assets.waterbed.companions.panels import panel_answers, unavailable
from assets.waterbed.companions.rows import ALL, Answer, as_rows, companions_frame
from assets.waterbed.companions.series import NationalSeries, published_answers, register_answers
from assets.waterbed.declarations import Declarations, Design
from assets.waterbed.estimate import Inputs, panel_of, unanswered, why_too_thin
from assets.waterbed.panel import EventPanel
from assets.waterbed.windows import month_number


@dataclass(frozen=True)
class CompanionInputs:
    """The tables that companions are made from, besides those of the estimates.

    Attributes:
        volumes: `core.published_volumes`.
        register_movements: `core.register_movements`.
        routes: `core.routes`, for the scheme that a route belongs to.
        company_months: company, route, month, applications, refusals.
        company_decisions: company, route, month, refused, granted_near.
        near_norm: route, decided_on, salary_over_norm, has_switched.
    """

    volumes: pl.DataFrame
    register_movements: pl.DataFrame
    routes: pl.DataFrame
    company_months: pl.DataFrame
    company_decisions: pl.DataFrame
    near_norm: pl.DataFrame


def estimate_companions(
    inputs: Inputs, more: CompanionInputs, declared: Declarations, as_of: date, run_id: str
) -> pl.DataFrame:
    """Rows of `estimates.companions` for every event of the reference file."""
    rows: list[dict[str, Any]] = []
    national = NationalSeries(inputs.flows, inputs.events, declared, as_of)
    last_month = month_number(as_of) - 1 - declared.windows.undecided
    histories = Histories(more.company_months, more.company_decisions, more.near_norm, last_month)
    for event in inputs.events.sort("event_on", "event_id").iter_rows(named=True):
        designs = declared.tested.get(event["event_id"], ())
        if not designs:
            route = "|".join(event["schemes_restricted"]) or "none"
            rows += as_rows(_untested(event, declared, more), event["event_id"], route, as_of, run_id)
        for design in designs:
            answers = _design_answers(event, design, inputs=inputs, more=more, declared=declared, as_of=as_of)
            answers += national.answers(event["event_on"], design)
            answers += company_answers(event["event_on"], design, histories)
            answers += closure_answers(event["event_on"], design, inputs.flows, inputs.company_flows, last_month)
            rows += as_rows(answers, event["event_id"], design.route, as_of, run_id)
    return companions_frame(rows)


def _design_answers(
    event: Mapping[str, Any],
    design: Design,
    *,
    inputs: Inputs,
    more: CompanionInputs,
    declared: Declarations,
    as_of: date,
) -> list[Answer]:
    """Answers of one design: from its panel where there is one, and from series that need none."""
    try:
        built, _, _ = panel_of(inputs, declared, event, design, as_of, is_whole=True)
    except NotEstimableError as why:
        answers = unavailable(str(why))
    else:
        answers = _on_panel(built.panel, event["event_id"], design)
    scheme = more.routes.filter(pl.col("route") == design.route)["scheme"].to_list()
    answers += published_answers(event, scheme, more.volumes)
    return answers + register_answers(event, scheme, more.register_movements)


def _on_panel(panel: EventPanel, event_id: str, design: Design) -> list[Answer]:
    seed = zlib.crc32(f"{event_id} {design.name}".encode())
    try:
        if why := why_too_thin(analyse(panel, "C0")):
            return unavailable(why)
        return panel_answers(panel, "C1" if len(panel.controls) else "C0", np.random.default_rng(seed))
    except (ValueError, np.linalg.LinAlgError) as failed:  # a panel of a shape that nobody foresaw is a reason too
        return unavailable(f"the panel does not carry it: {failed}")


def _untested(event: Mapping[str, Any], declared: Declarations, more: CompanionInputs) -> list[Answer]:
    """Answers about an event that is not tested: why, and what real series show of it."""
    row = unanswered(event, declared, date.min, "")
    is_move = row["verdict"] == "register_move"
    whole = Answer(ALL, "total", "whole", "register_move" if is_move else "not_estimable", row["reason"])
    schemes = [*event["schemes_restricted"], *event["schemes_loosened"]]
    return [whole, *(published_answers(event, schemes, more.volumes) if schemes else [])]
