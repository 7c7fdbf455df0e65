"""What Dagster gives to every asset: the night.

Belongs here: turning configuration into a plain `Night`, and what must hold around a whole run (the lock, the
row in `meta.runs`). Does not belong here: anything an asset does.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from assets.core.signals import LETTERS
from assets.feeds.night import Night
from assets.feeds.runs import begin_run, finish_run, run_status
from pipelines.lock import run_lock

TIMEZONE = ZoneInfo("Europe/Amsterdam")


def default_data() -> Path:
    """`$WATERBED_DATA`, else `./data`."""
    return Path(os.environ.get("WATERBED_DATA") or "data")


def today() -> date:
    """Today in Amsterdam: what the as-of date is when nobody gives one."""
    return datetime.now(TIMEZONE).date()


def code_version() -> str:
    """Version of the program, with the commit when it runs from a checkout."""
    root = Path(__file__).parents[1]
    if (root / ".git").exists():
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            ["git", "-C", str(root), "rev-parse", "--short", "HEAD"],  # noqa: S607 - git of the PATH
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return f"{version('waterbed')}+{done.stdout.strip()}"
    return version("waterbed")


@contextmanager
def private_files() -> Iterator[None]:
    """Inside the block, new files are 0640 and new folders 0750, whatever the operator's shell is set to."""
    before = os.umask(0o027)
    try:
        yield
    finally:
        os.umask(before)


def run_name(as_of: date, dagster_run_id: str) -> str:
    """The name of a run: its as-of date and letters, so that no name looks like a number of a person."""
    return f"{as_of.isoformat()}-{dagster_run_id.replace('-', '').translate(LETTERS)[:10]}"


class NightResource(dg.ConfigurableResource[Night]):
    """The night that a run works on.

    Attributes:
        data: the data folder; empty means `$WATERBED_DATA`, else `./data`.
        as_of: ISO date that replaces the clock in results; empty means today in Amsterdam.
        review_lane: also keep case signals, which are questions for a person (off by default).
    """

    data: str = ""
    as_of: str = ""
    review_lane: bool = False

    def create_resource(self, context: dg.InitResourceContext) -> Night:
        """The plain object that assets see."""
        as_of = date.fromisoformat(self.as_of) if self.as_of else today()
        run = context.run.run_id if context.run else "outside-a-run"
        return Night(
            data=Path(self.data) if self.data else default_data(),
            as_of=as_of,
            run_id=run_name(as_of, run),
            review_lane=self.review_lane,
            code_version=code_version(),
        )

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Night]:
        """The night for the length of a run: locked, and with its row in `meta.runs`."""
        night = self.create_resource(context)
        with private_files(), run_lock(night.data):
            night.warehouse.sweep()
            begin_run(night)
            try:
                yield night
            finally:
                if run_status(night) == "running":
                    finish_run(night, "failed", "the run ended before it was published; see its log")
