"""One night: the folder, the as-of date and the run that every asset is given.

Belongs here: where things stand in the data folder. Does not belong here: opening or reading any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sql.warehouse import Warehouse


@dataclass(frozen=True)
class Night:
    """What an asset needs to know of the run that it is part of."""

    data: Path
    as_of: date
    run_id: str
    review_lane: bool = False
    code_version: str = "unknown"

    @property
    def landing(self) -> Path:
        """Where suppliers deliver; read-only for the pipeline."""
        return self.data / "landing"

    @property
    def published(self) -> Path:
        """Published databases, one folder per run, with the link `current`."""
        return self.data / "published"

    @property
    def briefs(self) -> Path:
        """Briefs, one folder per as-of date, with the link `latest`."""
        return self.data / "briefs"

    @property
    def logs(self) -> Path:
        """Logs of runs and results of checks."""
        return self.data / "logs"

    @property
    def key_file(self) -> Path:
        """The key of the pseudonyms."""
        return self.data / "keys" / "pseudonym.key"

    @property
    def warehouse(self) -> Warehouse:
        """The private database of the pipeline."""
        return Warehouse(self.data / "warehouse.duckdb")
