"""Which stand-ins made a world: a fingerprint of their code and assumptions.

Belongs here: the fingerprint. Does not belong here: what a difference means to a reader (`supply`, the page of a
world). The same seed gives another world when code or an assumption changed, and a world of two halves is none.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

STANDINS = Path(__file__).parent.parent
#: Digits that are kept: enough to tell versions apart, few enough to read.
DIGITS = 12


class OtherVersionError(ValueError):
    """A world was made by other stand-ins than these."""


@cache
def fingerprint(folder: Path = STANDINS) -> str:
    """The first digits of a hash over every module and table of assumptions in `folder`, by path."""
    told = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".py", ".yaml"}):
        told.update(path.relative_to(folder).as_posix().encode())
        told.update(path.read_bytes())
    return told.hexdigest()[:DIGITS]
