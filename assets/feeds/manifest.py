"""The manifest of a delivery: what the supplier says it is, checked against its folder and its contract.

Belongs here: reading `manifest.json` and everything that can be judged before a data file is opened. Does not
belong here: the content of the data files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from assets.feeds.delivery import (
    MANIFEST,
    DeliveryFolder,
    FileState,
    foreign_files,
    is_data,
    require_plain_file,
)
from assets.feeds.reasons import RefusalError, Refused, listed, quoted
from quality.contract import FeedContract

REQUIRED_KEYS = ("feed", "contract_version", "delivered_on", "mode", "period_from", "period_until", "files")
OPTIONAL_KEYS = ("stand_in",)
FILE_KEYS = ("name", "rows", "sha256")
LARGEST = 10_000_000
MOST_ROWS = 10**12

_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class ListedFile:
    """One data file as the manifest lists it."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What the supplier says about one delivery."""

    feed: str
    contract_version: str
    delivered_on: str
    mode: str
    period_from: date | None
    period_until: date | None
    files: tuple[ListedFile, ...]
    stand_in: bool
    warnings: tuple[str, ...] = field(default=())

    @property
    def shown_version(self) -> str | None:
        """The contract version where it looks like one."""
        return self.contract_version if _VERSION.fullmatch(self.contract_version) else None

    @property
    def shown_mode(self) -> str | None:
        """The mode where it is one."""
        return self.mode if self.mode in ("full", "delta") else None

    @property
    def rows(self) -> int:
        """The rows of all files together."""
        return sum(file.rows for file in self.files)


def _incomplete(message: str) -> RefusalError:
    return RefusalError(Refused.MANIFEST_INCOMPLETE, message)


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a folder.

    Raises:
        RefusalError: when it cannot be read, lacks a key, or a key holds the wrong kind of value.
    """
    document = _document(folder / MANIFEST)
    missing = [key for key in REQUIRED_KEYS if key not in document]
    if missing:
        raise _incomplete(f"the manifest lacks {', '.join(missing)}")
    warnings = [
        f"the manifest has a key that nobody knows, {quoted(key)}: ignored"
        for key in sorted(set(document) - set(REQUIRED_KEYS) - set(OPTIONAL_KEYS))
    ]
    for key in ("feed", "contract_version", "delivered_on", "mode"):
        if not isinstance(document[key], str):
            raise _incomplete(f"{key} in the manifest is not a text")
    stand_in = document.get("stand_in", False)
    if not isinstance(stand_in, bool):
        raise _incomplete("stand_in in the manifest is neither true nor false")
    return Manifest(
        feed=document["feed"],
        contract_version=document["contract_version"],
        delivered_on=document["delivered_on"],
        mode=document["mode"],
        period_from=_period(document, "period_from", warnings),
        period_until=_period(document, "period_until", warnings),
        files=_files(document["files"]),
        stand_in=stand_in,
        warnings=tuple(warnings),
    )


def claimed_rows(folder: Path) -> int:
    """The rows that a manifest claims, as far as it can be read: for the books of a refused delivery."""
    try:
        listed = _document(folder / MANIFEST).get("files")
    except RefusalError:
        return 0
    rows = 0
    for entry in listed if isinstance(listed, list) else []:
        with suppress(RefusalError):
            rows += _file(entry, 0).rows
    return rows


def _document(path: Path) -> Mapping[str, Any]:
    try:
        require_plain_file(path)
        if path.stat().st_size > LARGEST:
            raise RefusalError(Refused.MANIFEST_UNREADABLE, f"the manifest is larger than {LARGEST:,} bytes")
        document = json.loads(path.read_bytes().decode("utf-8-sig"), object_pairs_hook=_without_doubles)
    except RefusalError as refusal:
        raise RefusalError(Refused.MANIFEST_UNREADABLE, refusal.message) from None
    except (OSError, ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise RefusalError(Refused.MANIFEST_UNREADABLE, f"the manifest is not readable as UTF-8 JSON{where}") from None
    if not isinstance(document, dict):
        raise RefusalError(Refused.MANIFEST_UNREADABLE, "the manifest is not a JSON object")
    return document


def _without_doubles(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise RefusalError(Refused.MANIFEST_UNREADABLE, "the manifest names a key twice in one object")
    return document


def _period(document: Mapping[str, Any], key: str, warnings: list[str]) -> date | None:
    value = document[key]
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    warnings.append(f"{key} in the manifest is not an ISO date: left empty")
    return None


def _files(listed: object) -> tuple[ListedFile, ...]:
    if not isinstance(listed, list):
        raise _incomplete("files in the manifest is not a list")
    return tuple(_file(entry, number) for number, entry in enumerate(listed, start=1))


def _file(entry: object, number: int) -> ListedFile:
    if not isinstance(entry, dict) or any(key not in entry for key in FILE_KEYS):
        raise _incomplete(f"file {number} in the manifest lacks one of {', '.join(FILE_KEYS)}")
    name, rows, sha256 = (entry[key] for key in FILE_KEYS)
    if not isinstance(name, str):
        raise _incomplete(f"the name of file {number} in the manifest is not a text")
    if isinstance(rows, bool) or not isinstance(rows, int) or not 0 <= rows <= MOST_ROWS:
        raise _incomplete(f"the rows of {quoted(name)} in the manifest are no number of rows")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256.lower()):
        raise _incomplete(f"the sha256 of {quoted(name)} in the manifest is not 64 hexadecimal digits")
    return ListedFile(name, rows, sha256.lower())


def check_manifest(manifest: Manifest, contract: FeedContract, folder: DeliveryFolder) -> None:
    """RefusalError when the manifest contradicts its folder or its contract."""
    if manifest.feed != contract.feed:
        raise RefusalError(
            Refused.OTHER_FEED,
            f"the manifest is of feed {quoted(manifest.feed)}, its folder of '{contract.feed}'",
        )
    if manifest.delivered_on != folder.delivered_on.isoformat():
        raise RefusalError(
            Refused.OTHER_DATE,
            f"the manifest is of {quoted(manifest.delivered_on)}, its folder of {folder.delivered_on}",
        )
    allowed = ("full",) if contract.delivery_mode == "full" else ("delta", "full")
    if manifest.mode not in allowed:
        raise RefusalError(
            Refused.MODE, f"mode {quoted(manifest.mode)} is not allowed for this feed: {' or '.join(allowed)}"
        )
    check_version(manifest.contract_version, contract.version)


def _version(text: str) -> tuple[int, int, int] | None:
    found = _VERSION.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def check_version(delivered: str, ours: str) -> bool:
    """True when `delivered` is of an older minor version, whose optional columns may still be missing.

    Raises:
        RefusalError: when the major version differs, or it is newer than ours, or no version at all.
    """
    theirs, known = _version(delivered), _version(ours)
    if theirs is None or known is None or theirs[0] != known[0] or theirs > known:
        raise RefusalError(
            Refused.CONTRACT_VERSION, f"contract version {quoted(delivered)} is not known; ours is {ours}"
        )
    return theirs[:2] < known[:2]


def check_listing(manifest: Manifest, folder: Path, states: Sequence[FileState]) -> list[str]:
    """Compare the list of files with what lies in the folder; returns warnings about foreign files.

    Raises:
        RefusalError: when no file is listed, a listed file is missing, doubled, outside the folder, a link or of
            an unknown type, its hash is wrong, or a data file is not listed.
    """
    if not manifest.files:
        raise RefusalError(Refused.NO_FILES, "the manifest lists no files")
    seen: set[str] = set()
    for file in manifest.files:
        _check_listed(file, folder, seen)
    unlisted = [state.name for state in states if state.name != MANIFEST and state.name not in seen]
    if unlisted:
        raise RefusalError(Refused.FILE_UNLISTED, f"not listed in the manifest: {listed(unlisted)}")
    found = {state.name: state.sha256 for state in states}
    for file in manifest.files:
        if not found.get(file.name):
            raise RefusalError(Refused.UNREADABLE, f"{quoted(file.name)} cannot be opened")
        if found[file.name] != file.sha256:
            raise RefusalError(
                Refused.WRONG_HASH,
                f"{quoted(file.name)} has another SHA-256 than the manifest says: damaged or replaced on the way",
            )
    foreign = foreign_files(folder)
    return [f"not of the delivery and ignored: {listed(foreign)}"] if foreign else []


def _check_listed(file: ListedFile, folder: Path, seen: set[str]) -> None:
    name = file.name
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\x00" in name:
        raise RefusalError(Refused.OUTSIDE_FOLDER, f"{quoted(name)} does not lie directly in the delivery folder")
    if name in seen:
        raise RefusalError(Refused.LISTED_TWICE, f"the manifest lists {quoted(name)} more than once")
    seen.add(name)
    if not is_data(name):
        raise RefusalError(Refused.FILE_TYPE, f"{quoted(name)} ends in neither .csv nor .parquet (lower case)")
    require_plain_file(folder / name)
