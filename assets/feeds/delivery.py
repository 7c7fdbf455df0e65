"""A delivery folder as it lies in landing: which there are, what lies in them, and whether that changed.

Belongs here: looking at folders and files, and hashing. Does not belong here: what a manifest says
(`manifest`), what the rows say (`reading`), and any writing: landing is read-only for the pipeline.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from assets.feeds.night import Night
from assets.feeds.reasons import RefusalError, Refused, printable, quoted
from quality.contract import feed_contracts

MANIFEST = "manifest.json"
DATA_ENDINGS = (".csv", ".parquet")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class FileState:
    """One file of a delivery as found: enough to notice a later change."""

    name: str
    bytes: int
    modified_ns: int
    sha256: str = ""

    @property
    def stamp(self) -> tuple[str, int, int]:
        """What a change of the file nearly always changes, without reading it."""
        return printable(self.name), self.bytes, self.modified_ns

    @property
    def content(self) -> tuple[str, str]:
        """What a change of the file always changes."""
        return printable(self.name), self.sha256


@dataclass(frozen=True)
class DeliveryFolder:
    """A folder `landing/<feed>/<delivered_on>`."""

    path: Path
    delivered_on: date


def unknown_feeds(night: Night) -> list[str]:
    """Names of folders in landing that no contract describes: reported, never loaded."""
    if not night.landing.is_dir():
        return []
    return sorted(p.name for p in night.landing.iterdir() if p.is_dir() and p.name not in feed_contracts())


def delivery_folders(night: Night, feed: str) -> tuple[list[DeliveryFolder], list[str]]:
    """The delivery folders of a feed by day, and the names of what else lies among them."""
    root = night.landing / feed
    found, foreign = [], []
    for path in sorted(root.iterdir()) if root.is_dir() else []:
        day = _day(path.name)
        if day and path.is_dir():
            found.append(DeliveryFolder(path, day))
        else:
            foreign.append(path.name)
    return found, foreign


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if _DAY.fullmatch(name) else None
    except ValueError:
        return None


def is_data(name: str) -> bool:
    """True for a name that promises rows: it ends in `.csv` or `.parquet`, in lower case."""
    return name.endswith(DATA_ENDINGS)


def file_states(folder: Path) -> tuple[FileState, ...]:
    """The manifest and the data files in a folder, not yet hashed, by name; links as themselves."""
    states = []
    for path in sorted(folder.iterdir()):
        if path.name == MANIFEST or is_data(path.name):
            with suppress(FileNotFoundError):  # gone since the folder was listed
                status = path.lstat()
                if not stat.S_ISDIR(status.st_mode):
                    states.append(FileState(path.name, status.st_size, status.st_mtime_ns))
    return tuple(states)


def is_same(now: Sequence[FileState], then: Sequence[FileState], folder: Path) -> bool:
    """True when the files of a folder are those of an earlier reading; hashes them only when they look changed."""
    if sorted(s.stamp for s in now) == sorted(s.stamp for s in then):
        return True
    return sorted(s.content for s in hashed(folder, now)) == sorted(s.content for s in then)


def hashed(folder: Path, states: Sequence[FileState]) -> tuple[FileState, ...]:
    """The same states with the hash of each file's content, or of a link's target; empty where unreadable."""
    return tuple(replace(state, sha256=_digest(folder / state.name)) for state in states)


def _digest(path: Path) -> str:
    with suppress(OSError):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return hashlib.sha256(os.fsencode(path.readlink())).hexdigest()
        if stat.S_ISREG(mode):
            with path.open("rb") as handle:
                return hashlib.file_digest(handle, "sha256").hexdigest()
    return ""


def foreign_files(folder: Path) -> list[str]:
    """Names of what lies in the folder and is neither manifest nor data: ignored with a warning."""
    return sorted(
        p.name
        for p in folder.iterdir()
        if p.name != MANIFEST and not (is_data(p.name) and (p.is_symlink() or not p.is_dir()))
    )


def require_plain_file(path: Path) -> None:
    """RefusalError unless `path` is a regular file that is no link."""
    name = quoted(path.name)
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        raise RefusalError(Refused.FILE_MISSING, f"the manifest lists {name}, but it is not there") from None
    if stat.S_ISLNK(mode):
        raise RefusalError(Refused.FILE_LINK, f"{name} is a link; deliver the file itself")
    if not stat.S_ISREG(mode):
        raise RefusalError(Refused.NOT_A_FILE, f"{name} is a folder or a device, not a file")
