"""One run at a time: a lock on the data folder.

Belongs here: taking and releasing the lock. The operating system releases it when the process ends, however it
ends, so a killed run never blocks the next one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_held: set[Path] = set()


class RunLockedError(RuntimeError):
    """Another run holds the lock of this data folder."""


@contextmanager
def run_lock(data: Path) -> Iterator[None]:
    """Hold the lock of the data folder `data`; inside a process that holds it already this does nothing.

    Raises:
        RunLockedError: when another process holds it; the message names that process.
    """
    path = (data / "run.lock").resolve()
    if path in _held:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"
            raise RunLockedError(
                f"Another run is at work on {data} (process {holder}). Wait until it ends, then start again; "
                "nothing was changed."
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
    finally:
        os.close(handle)
