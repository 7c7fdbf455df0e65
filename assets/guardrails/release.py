"""Fill schema `pub` from the private warehouse: the only writer of what may be shown.

Belongs here: reading exact tables, calling disclosure control, writing `pub.*`. Does not belong here: the rules
and the arithmetic of disclosure control (`rules`, `disclosure`, `protection`).
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from assets.feeds.night import Night
from assets.guardrails.disclosure import (
    PUBLIC_COMPANIONS,
    protect_companions,
    protect_displacement,
    protect_flows,
    protect_indicators,
    signal_counts,
)
from assets.guardrails.public_record import delivery_frame, release_frame, rests_on_stand_ins
from assets.guardrails.rules import disclosure_rules, figure_sources, publishable_strata, rules_table
from quality.contract import feed_contracts, product_tables
from quality.thresholds import rules_version
from sql.warehouse import Session

#: Tables that are read here; made empty when the run could not fill them, so that absence is shown as absence.
SOURCES = (
    "core.flows",
    "core.routes",
    "core.sectors",
    "core.policy_events",
    "core.register_entries",
    "core.register_movements",
    "core.published_volumes",
    "core.salary_norms",
    "findings.measures",
    "estimates.displacement",
    "estimates.companions",
    "meta.deliveries",
    "meta.indicators",
    "meta.checks",
)


def prepare(session: Session) -> None:
    """Make the tables that disclosure control reads when they are not there."""
    for name in SOURCES:
        session.create(product_tables()[name])


def fill_public_figures(session: Session) -> dict[str, int]:
    """Write the real, public tables as they are; returns rows written by table."""
    names = ("register_snapshots", "register_movements", "published_volumes", "salary_norms")
    return {f"pub.{n}": session.replace(product_tables()[f"pub.{n}"], session.frame(f"guardrails/{n}")) for n in names}


def fill_deliveries(session: Session) -> pl.DataFrame:
    """Write `pub.deliveries`; returns its rows."""
    deliveries = delivery_frame(session.frame("guardrails/latest_deliveries"), feed_contracts())
    session.replace(product_tables()["pub.deliveries"], deliveries)
    return deliveries


def fill_flows(session: Session, night: Night, deliveries: pl.DataFrame) -> int:
    """Write `pub.flows` for closed periods; returns rows written."""
    rules = disclosure_rules()
    closed = night.as_of - timedelta(days=rules.closed_after_days)
    flows = protect_flows(session.frame("guardrails/flow_cells", last_closed_day=closed), rules)
    is_stand_in = rests_on_stand_ins(deliveries, figure_sources()["flows"])
    return session.replace(product_tables()["pub.flows"], flows.with_columns(pl.lit(is_stand_in).alias("stand_in")))


def fill_indicators(session: Session, deliveries: pl.DataFrame) -> dict[str, int]:
    """Write `pub.indicators` and `pub.signal_counts`; returns rows written by table."""
    exact = session.frame("guardrails/indicator_measures")
    counts, results = signal_counts(protect_indicators(exact, publishable_strata(), disclosure_rules()))
    sources = figure_sources()
    stand_in = (
        pl.when(pl.col("indicator").str.starts_with("P"))
        .then(rests_on_stand_ins(deliveries, sources["posting"]))
        .otherwise(rests_on_stand_ins(deliveries, sources["hsm"]))
        .alias("stand_in")
    )
    tables = product_tables()
    return {
        "pub.indicators": session.replace(tables["pub.indicators"], results.with_columns(stand_in)),
        "pub.signal_counts": session.replace(tables["pub.signal_counts"], counts.with_columns(stand_in)),
    }


def fill_displacement(session: Session, deliveries: pl.DataFrame) -> int:
    """Write `pub.displacement`; returns rows written."""
    shown = protect_displacement(session.frame("guardrails/displacement"), disclosure_rules())
    is_stand_in = rests_on_stand_ins(deliveries, figure_sources()["displacement"])
    return session.replace(
        product_tables()["pub.displacement"], shown.with_columns(pl.lit(is_stand_in).alias("stand_in"))
    )


def fill_companions(session: Session, deliveries: pl.DataFrame) -> int:
    """Write `pub.companions`; returns rows written."""
    shown = protect_companions(session.frame("guardrails/companions"), disclosure_rules())
    sources = figure_sources()
    is_stand_in = pl.lit(rests_on_stand_ins(deliveries, sources["displacement"]))
    for companion in PUBLIC_COMPANIONS:
        real = rests_on_stand_ins(deliveries, sources[companion])
        is_stand_in = pl.when(pl.col("companion") == companion).then(pl.lit(real)).otherwise(is_stand_in)
    return session.replace(product_tables()["pub.companions"], shown.with_columns(is_stand_in.alias("stand_in")))


def fill_release(session: Session, night: Night, deliveries: pl.DataFrame) -> int:
    """Write `pub.release`, with the checks of this run so far; returns rows written."""
    [(passed, warned)] = session.rows("guardrails/check_counts", run_id=night.run_id)
    release = release_frame(
        run_id=night.run_id,
        as_of=night.as_of,
        code_version=night.code_version,
        rules_version=rules_version(),
        checks_passed=passed,
        checks_warned=warned,
        has_stand_ins=bool(deliveries["stand_in"].any()),
    )
    return session.replace(product_tables()["pub.release"], release)


def record_checks(night: Night) -> None:
    """Write `pub.release` again after the release gate, which looked at `pub` and so came after `fill_pub`."""
    with night.warehouse.writing() as session:
        fill_release(session, night, session.table("pub.deliveries"))


def fill_pub(night: Night) -> dict[str, int]:
    """Write all of schema `pub` in one transaction; returns rows written by table."""
    tables = product_tables()
    with night.warehouse.writing() as session:
        prepare(session)
        written = {"pub.disclosure_rules": session.replace(tables["pub.disclosure_rules"], rules_table())}
        written |= fill_public_figures(session)
        deliveries = fill_deliveries(session)
        written["pub.deliveries"] = deliveries.height
        written["pub.flows"] = fill_flows(session, night, deliveries)
        written |= fill_indicators(session, deliveries)
        written["pub.displacement"] = fill_displacement(session, deliveries)
        written["pub.companions"] = fill_companions(session, deliveries)
        written["pub.release"] = fill_release(session, night, deliveries)
    return written
