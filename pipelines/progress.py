"""What a run says while it works: one readable line per step, for an operator at seven in the morning.

Belongs here: the logger that Dagster writes to and its format. Does not belong here: what is said (assets) and
the summary at the end (`pipelines.summary`).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import dagster as dg
from rich.console import Console

from pipelines.resources import TIMEZONE
from pipelines.terminal import make_console

NAME = "waterbed"
#: Engine events that tell an operator something; the rest stays in Dagster's own pages.
TOLD = {
    "STEP_SUCCESS": "done",
    "STEP_FAILURE": "FAILED",
    "STEP_UP_FOR_RETRY": "failed once, trying again",
    "STEP_SKIPPED": "skipped",
    "RESOURCE_INIT_FAILURE": "the run could not begin",
}


def _line(record: logging.LogRecord) -> str | None:
    """The line for a log record, or None when it is of no use to a reader."""
    meta = getattr(record, "dagster_meta", None) or {}
    step = (meta.get("step_key") or "").replace("__", "/")
    event = meta.get("dagster_event")
    if event is None:
        return f"{step}: {meta.get('orig_message', record.getMessage())}" if step else record.getMessage()
    if event.event_type_value not in TOLD:
        return None
    if event.event_type_value == "STEP_SUCCESS":
        return None if not step else f"{step}: done in {event.event_specific_data.duration_ms / 1000:.1f} s"
    told = TOLD[event.event_type_value] + _why(event)
    return f"{step}: {told}" if step else told


def _why(event: dg.DagsterEvent) -> str:
    """The first line of the error that made a step fail; the whole of it stands in Dagster's pages."""
    error = getattr(event.event_specific_data, "error", None)
    while error is not None and error.cause is not None:
        error = error.cause
    return f": {error.message.strip().splitlines()[0]}" if error is not None and error.message.strip() else ""


_files: list[Path] = []


@contextmanager
def written_to(path: Path) -> Iterator[None]:
    """Also write the lines of runs inside the block to the file at `path`."""
    _files.append(path)
    try:
        yield
    finally:
        _files.remove(path)


class ReadableHandler(logging.Handler):
    """Writes the readable lines with the hour in Amsterdam, to the terminal and the run's log file."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or nothing."""
        line = _line(record)
        if line is None:
            return
        clock = datetime.fromtimestamp(record.created, TIMEZONE).strftime("%H:%M:%S")
        style = "red" if record.levelno >= logging.ERROR else "yellow" if record.levelno >= logging.WARNING else ""
        self.console.print(f"{clock}  {line}", style=style, highlight=False, markup=False, soft_wrap=True)
        for path in _files:
            with path.open("a", encoding="utf-8") as log:
                log.write(f"{clock}  {line}\n")


@dg.logger
def readable(_: dg.InitLoggerContext) -> logging.Logger:
    """The logger of a run."""
    logger = logging.Logger(NAME, level=logging.DEBUG)
    logger.addHandler(ReadableHandler(make_console()))
    return logger
