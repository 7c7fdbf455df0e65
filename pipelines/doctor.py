"""What is wrong with this installation, these deliveries, this database, in words.

Belongs here: looking and saying; nothing is changed or repaired. Each finding says what to do.
"""

import shutil
import stat
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import polars as pl
from rich.console import Console

from assets.feeds.delivery import unknown_feeds
from assets.feeds.night import Night
from pipelines.lock import RunLockedError, run_lock
from pipelines.nightly import DAMAGED
from pipelines.resources import today
from quality.contract import feed_contracts

#: Packages whose major version our findings about their behaviour hold for.
PACKAGES = {"duckdb": "2.", "dagster": "1.13", "great-expectations": "1.24", "polars": "2.", "altair": "6."}
ENOUGH_DISK = 3.0


def _installation(_: Night) -> Iterator[str]:
    for name, wanted in PACKAGES.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            yield f"The package {name} is missing: run `make setup`."
            continue
        if not found.startswith(wanted):
            yield f"The package {name} is {found}, tested with {wanted}x: run `make setup`."


def _landing(night: Night) -> Iterator[str]:
    if not night.landing.is_dir():
        yield f"There is no {night.landing}: deliver there, or run `waterbed standins --data {night.data}`."
        return
    known = set(feed_contracts())
    present = {p.name for p in night.landing.iterdir() if p.is_dir()}
    for feed in unknown_feeds(night):
        yield f"landing/{feed} is no feed that has a contract; known are {', '.join(sorted(known))}."
    for feed in sorted(known - present):
        yield f"No delivery of {feed} has ever arrived: what needs it is reported as not assessed."
    for folder in sorted(night.landing.glob("*/*")):
        if folder.is_dir() and folder.parent.name in known and not (folder / "manifest.json").exists():
            yield f"{folder.relative_to(night.data)} has no manifest.json: it waits until the supplier writes it."


def _key(night: Night) -> Iterator[str]:
    if not night.key_file.exists():
        if night.warehouse.path.exists():
            yield f"{night.key_file} is gone while a warehouse exists: put the key back; a new key links nothing."
        return
    if stat.S_IMODE(night.key_file.stat().st_mode) & 0o077:
        yield f"{night.key_file} can be read by others: chmod 400 it."


def _disk(night: Night) -> Iterator[str]:
    if not night.warehouse.path.exists():
        return
    free, size = shutil.disk_usage(night.data).free, night.warehouse.path.stat().st_size
    if free < ENOUGH_DISK * size:
        yield f"Only {free / 1e9:.1f} GB is free; a night wants three times the warehouse ({size / 1e9:.1f} GB)."


def _database(night: Night) -> Iterator[str]:
    if not night.warehouse.path.exists():
        yield "There is no warehouse yet: run `waterbed nightly`."
        return
    try:
        with run_lock(night.data):
            if damage := night.warehouse.damage():
                yield f"{DAMAGED.format(night.warehouse.path)} ({damage})"
                return
        with run_lock(night.data), night.warehouse.reading() as session:
            runs = session.frame("meta/recent_runs") if session.exists("meta.runs") else pl.DataFrame()
            refused = session.frame("meta/refused_deliveries") if session.exists("meta.deliveries") else pl.DataFrame()
            failed = session.frame("meta/failed_checks") if session.exists("meta.checks") else pl.DataFrame()
    except RunLockedError as busy:
        yield str(busy)
        return
    for run in runs.head(1).iter_rows(named=True):
        if run["status"] != "succeeded":
            yield f"The last run ({run['run_id']}) is {run['status']}: {run['message'] or 'see its log'}."
    for row in refused.iter_rows(named=True):
        yield f"Refused: {row['feed']} of {row['delivered_on']}: {row['reason']}"
    for row in failed.iter_rows(named=True):
        yield f"Check failed ({row['severity']}): {row['table_name']}, {row['check_name']}: {row['meaning']}"


def _publication(night: Night) -> Iterator[str]:
    current = night.published / "current"
    if not current.exists():
        yield "Nothing is published yet." if not current.is_symlink() else f"{current} points to nothing: run a night."
    for left in sorted(night.published.glob(".build-*")):
        yield f"{left.name} is left of a run that died; the next night sweeps it."


EXAMINATIONS: dict[str, Callable[[Night], Iterator[str]]] = {
    "installation": _installation,
    "deliveries": _landing,
    "key": _key,
    "disk": _disk,
    "database": _database,
    "publication": _publication,
}


def findings(data: Path) -> dict[str, list[str]]:
    """What is wrong, per subject; a subject without findings has an empty list."""
    night = Night(data, today(), "doctor")
    return {subject: list(examine_one(night)) for subject, examine_one in EXAMINATIONS.items()}


def examine(data: Path, console: Console) -> int:
    """Print what is wrong; returns 0 when nothing is, 1 otherwise."""
    found = findings(data)
    for subject, lines in found.items():
        console.print(f"{subject}: {'nothing wrong' if not lines else ''}", highlight=False)
        for line in lines:
            console.print(f"  - {line}", highlight=False, soft_wrap=True, markup=False)
    return int(any(found.values()))
