"""What a night says at its end: deliveries, rejections, checks, signals and where everything is.

Belongs here: reading the run's bookkeeping and printing it. It also works for a run that failed half-way, so it
expects that any table can be missing.
"""

from typing import Any

from rich.console import Console
from rich.table import Table

from assets.feeds.night import Night
from sql.warehouse import Session


def _rows(session: Session, table: str, query: str, **parameters: object) -> list[tuple[Any, ...]]:
    return session.rows(query, **parameters) if session.exists(table) else []


def _deliveries(rows: list[tuple[Any, ...]]) -> Table:
    table = Table(title="Deliveries of this run", title_justify="left", box=None, pad_edge=False)
    for name in ("feed", "loaded", "refused", "pending"):
        table.add_column(name, justify="left" if name == "feed" else "right", no_wrap=True)
    for name in ("rows delivered", "accepted", "rejected"):
        table.add_column(name, justify="right", no_wrap=True)
    for feed, *counts in rows:
        table.add_row(str(feed), *(f"{int(c or 0):,}" for c in counts))
    return table


def print_summary(night: Night, console: Console) -> None:
    """Print the summary of the night's run."""
    if not night.warehouse.path.exists():
        console.print("There is no warehouse: the run ended before it read anything.", style="red")
        return
    with night.warehouse.reading() as session:
        deliveries = _rows(session, "meta.deliveries", "meta/summary_deliveries", run_id=night.run_id)
        refused = _rows(session, "meta.deliveries", "meta/summary_refused", run_id=night.run_id)
        checks = _rows(session, "meta.checks", "meta/summary_checks", run_id=night.run_id)
        signals = _rows(session, "findings.signals", "meta/summary_signals", run_id=night.run_id)
        status = _rows(session, "meta.runs", "meta/summary_run", run_id=night.run_id)
    console.print()
    if deliveries:
        console.print(_deliveries(deliveries))
    else:
        console.print("No new deliveries: everything in landing was read by an earlier run.")
    for feed, delivered_on, reason in refused:
        console.print(
            f"REFUSED {feed} {delivered_on}: {reason}", style="yellow", highlight=False, markup=False, soft_wrap=True
        )
    for passed, warned, stopped in checks:
        console.print(f"Checks: {passed} passed, {warned} warned, {stopped} stopped the night.")
    told = ", ".join(f"{indicator} {count}" for indicator, count in signals)
    lane = told or ("none" if night.review_lane else "none kept (the review lane is off)")
    console.print(f"Signals, each a question for a person: {lane}.", highlight=False, markup=False)
    for state, message in status:
        console.print(
            f"Run {night.run_id}: {state}{f' - {message}' if message else ''}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    _paths(night, console)


def _paths(night: Night, console: Console) -> None:
    checks = sorted((night.logs / night.run_id).glob("*/checks.html"))
    database = night.published / "current" / "labour_migration.duckdb"
    brief = night.briefs / "latest" / "index.html"
    console.print()
    for label, path in (("Log", night.logs / night.run_id / "night.log"), *(("Checks", page) for page in checks)):
        console.print(f"{label:12}{path.resolve()}", highlight=False, markup=False, soft_wrap=True)
    dictionary = database.with_name("dictionary.html")
    for label, path in (("Dictionary", dictionary), ("Database", database), ("Brief", brief)):
        console.print(
            f"{label:12}{path.absolute() if path.exists() else 'not published yet'}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
