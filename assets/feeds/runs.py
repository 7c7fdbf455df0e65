"""The record of runs, `meta.runs`: begun, succeeded, failed or abandoned.

Belongs here: writing the row of a run. Times are of the real clock, never of the as-of date; nothing else in the
warehouse holds a clock. Does not belong here: the lock that keeps a second run away (`pipelines.lock`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from assets.feeds.night import Night
from quality.contract import product_tables
from quality.thresholds import rules_version

RUNS = product_tables()["meta.runs"]


def begin_run(night: Night) -> int:
    """Write the row of a run that begins now; returns how many earlier runs turn out to have died.

    Only one run can hold the lock, so every other row that says `running` belongs to a process that is gone.
    """
    with night.warehouse.writing() as session:
        session.create(RUNS)
        now = datetime.now(UTC)
        abandoned = session.rows("meta/abandon_runs", run_id=night.run_id, finished_at=now)
        session.run(
            "meta/begin_run",
            run_id=night.run_id,
            as_of=night.as_of,
            started_at=now,
            code_version=night.code_version,
            rules_version=rules_version(),
        )
    return len(abandoned)


def finish_run(night: Night, status: str, message: str | None = None) -> None:
    """Write how the run ended: `succeeded`, or `failed` with a message in words."""
    with night.warehouse.writing() as session:
        session.run(
            "meta/finish_run",
            run_id=night.run_id,
            status=status,
            message=message,
            finished_at=datetime.now(UTC),
        )


def run_status(night: Night) -> str | None:
    """The status of the night's own row; None when there is none."""
    with night.warehouse.reading() as session:
        rows = session.rows("meta/run_status", run_id=night.run_id)
    return str(rows[0][0]) if rows else None
