"""One night from the command line: the same Dagster job as the schedule's, with readable progress.

Belongs here: starting the job, clearing up after runs that died, and the exit code. Does not belong here: what
the job does (assets) and what is said at the end (`pipelines.summary`).
"""

import shutil
import uuid
from datetime import date
from pathlib import Path

import dagster as dg
from rich.console import Console

from assets.feeds.night import Night
from pipelines import progress
from pipelines.lock import RunLockedError, run_lock
from pipelines.resources import code_version, private_files, run_name
from pipelines.summary import print_summary
from pipelines.terminal import make_console

#: Exit codes that a scheduler can tell apart.
PUBLISHED, NOT_PUBLISHED, REFUSED = 0, 1, 3

#: What an operator can do about a warehouse that cannot be opened; landing holds everything that was delivered.
DAMAGED = (
    "{} cannot be opened: put back a copy, or move it away and run again, which rebuilds it from landing. "
    "Yesterday's publication stays"
)

UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def dagster_home(data: Path) -> Path:
    """The folder of Dagster's state inside the data folder, made with our settings when it is not there."""
    home = data / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    settings = home / "dagster.yaml"
    if not settings.exists():
        shutil.copyfile(Path(__file__).parent / "dagster.yaml", settings)
    return home


def clear_dead_runs(instance: dg.DagsterInstance) -> int:
    """Mark runs that died as failed, so that they do not hold the queue; returns how many.

    Called with the run lock held: whatever Dagster still believes to be running is not.
    """
    dead = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
    for run in dead:
        instance.report_run_failed(run, "The process of this run ended without a word.")
    return len(dead)


def run_night(data: Path, as_of: date, *, review_lane: bool = False, console: Console | None = None) -> int:
    """Run one night on the deliveries in `data/landing`; returns the exit code.

    Returns:
        0 when published, 1 when not (yesterday's publication then stays), 3 when another run is at work.
    """
    console = console or make_console()
    if not data.is_dir():
        console.print(f"There is no folder {data}: name the folder that holds landing/.", style="red", markup=False)
        return NOT_PUBLISHED
    try:
        with private_files(), run_lock(data):
            return _run_locked(data, as_of, review_lane, console)
    except RunLockedError as refused:
        console.print(str(refused), style="red", soft_wrap=True, markup=False)
        return REFUSED


def _run_locked(data: Path, as_of: date, review_lane: bool, console: Console) -> int:
    from pipelines.definitions import defs  # takes seconds; a refused run should not wait for it

    identity = str(uuid.uuid4())
    night = Night(data, as_of, run_name(as_of, identity), review_lane, code_version())
    if damage := night.warehouse.damage():
        console.print(f"{DAMAGED.format(night.warehouse.path)} ({damage})", style="red", markup=False, soft_wrap=True)
        return NOT_PUBLISHED
    log_file = night.logs / night.run_id / "night.log"
    log_file.parent.mkdir(parents=True, exist_ok=True)
    console.print(
        f"Night of {as_of.isoformat()}, run {night.run_id}, data in {data.resolve()}", highlight=False, markup=False
    )
    with dg.DagsterInstance.from_config(str(dagster_home(data))) as instance, progress.written_to(log_file):
        if dead := clear_dead_runs(instance):
            console.print(f"{dead} earlier run(s) had died and were marked as failed.", style="yellow")
        settings = {"data": str(data), "as_of": as_of.isoformat(), "review_lane": review_lane}
        result = defs.resolve_job_def("nightly").execute_in_process(
            run_config={"resources": {"night": {"config": settings}}, "loggers": {"console": {}}},
            instance=instance,
            run_id=identity,
            raise_on_error=False,
        )
    print_summary(night, console)
    return PUBLISHED if result.success else NOT_PUBLISHED
