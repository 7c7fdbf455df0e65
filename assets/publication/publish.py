"""Publish the night: a new database under a new name, then one link that moves from yesterday to today.

Belongs here: the folder `published/` with the database and its dictionary, the link, and what is kept. Does not
belong here: which tables leave the house (`quality.dictionary`), the engine's part of copying and checking
(`sql.publishing`).

A reader opens `published/current/labour_migration.duckdb`. The link is replaced in one step, and only after the
new file was closed, opened as a reader would, checked and forced to disk; a night that fails, or is killed at
any moment, leaves yesterday's link and file as they were. A published file is never written again.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from assets.feeds.night import Night
from quality.dictionary import column_rows, published_tables, render_dictionary
from sql.publishing import Copy, check_copy, copy_tables

#: The file's stem is the database's name to a reader; it must differ from every schema.
DATABASE = "labour_migration.duckdb"
CURRENT = "current"
DICTIONARY = "dictionary.html"

#: An unfinished build or link, left by a night that was killed.
UNFINISHED = (".build-*", ".link-*")

FILE_MODE = 0o640
FOLDER_MODE = 0o750

RETENTION = Path(__file__).parent / "retention.csv"


def retention() -> Mapping[str, int]:
    """The rules of retention, by name."""
    with RETENTION.open(encoding="utf-8", newline="") as handle:
        return {row["rule"]: int(row["value"]) for row in csv.DictReader(handle)}


def publish(night: Night, *, keep: int | None = None) -> Path:
    """Publish the warehouse of `night` and point `published/current` at it.

    Args:
        night: the run; its row must stand in `meta.runs` and its release in `pub.release`.
        keep: how many published databases to keep; None for the rule in `retention.csv`.

    Returns:
        The published database file, in the folder of the run.

    Raises:
        PublicationError: when the copy is not what should be published; yesterday's publication then stays.
    """
    root = night.published
    _make_folder(root)
    sweep(root)
    build = root / f".build-{night.run_id}"
    _make_folder(build)
    try:
        copy = _build(night, build)
        check_copy(copy, night.run_id)
        shutil.rmtree(build / "spill", ignore_errors=True)
        for file in (copy.path, render_dictionary(build / DICTIONARY)):
            file.chmod(FILE_MODE)
            _sync(file)
        _sync(build)
        folder = _take_place(build, root / night.run_id, current_folder(root))
    except BaseException:
        shutil.rmtree(build, ignore_errors=True)
        raise
    point_current_at(root, folder)
    remove_old(root, retention()["keep_published"] if keep is None else keep)
    return folder / DATABASE


def _build(night: Night, build: Path) -> Copy:
    tables = published_tables()
    instead: dict[str, pl.DataFrame] = {"meta.columns": column_rows(tables)}
    return copy_tables(
        night.warehouse.path,
        build / DATABASE,
        tables,
        run_id=night.run_id,
        finished_at=datetime.now(UTC),
        instead=instead,
        memory_limit=night.warehouse.memory_limit,
    )


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)


def _sync(path: Path) -> None:
    """Force a file or the names in a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take_place(build: Path, folder: Path, current: Path | None) -> Path:
    """Give the finished build its name.

    A run that is published once more (its first attempt was killed after this step) gets a fresh name beside
    the first one while readers may still hold that, and replaces it where they cannot.
    """
    target, attempt = folder, 1
    while target.exists():
        if current is None or target.resolve() != current.resolve():
            shutil.rmtree(target)
            break
        attempt += 1
        target = folder.with_name(f"{folder.name}-{attempt}")
    build.rename(target)
    return target


def current_folder(root: Path) -> Path | None:
    """The folder that `current` points at; None when nothing has been published."""
    link = root / CURRENT
    return root / link.readlink() if link.is_symlink() else None


def point_current_at(root: Path, folder: Path) -> None:
    """Replace the link `current` in one step by a relative one to `folder`."""
    link = root / f".link-{folder.name}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name, target_is_directory=True)
    link.replace(root / CURRENT)
    _sync(root)


def sweep(root: Path) -> int:
    """Remove what nights that were killed left unfinished; returns how many things."""
    left = [path for pattern in UNFINISHED for path in root.glob(pattern)]
    for path in left:
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path)
    return len(left)


def remove_old(root: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` published databases, never the current one; returns what was removed."""
    current = current_folder(root)
    folders = [p for p in root.iterdir() if p.is_dir() and not p.is_symlink() and (p / DATABASE).is_file()]
    newest_first = sorted(folders, key=lambda p: ((p / DATABASE).stat().st_mtime_ns, p.name), reverse=True)
    removed = [p for p in newest_first[max(keep, 1) :] if current is None or p.resolve() != current.resolve()]
    for folder in removed:
        shutil.rmtree(folder)
    return removed
