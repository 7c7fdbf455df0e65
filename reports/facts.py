"""What a brief knows: the tables of schema `pub` of one published database, and the row of its run.

Belongs here: reading them, once. Does not belong here: any other schema; a brief shows nothing that disclosure
control has not seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from sql.warehouse import Warehouse

#: Characters that no label may hold: they abort the renderer and are not allowed in HTML.
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ufeff\u202a-\u202e\u2066-\u2069]"
CONTROL = re.compile(_CONTROL)


@dataclass(frozen=True)
class Facts:
    """Everything that a brief may say."""

    release: dict[str, Any]
    run: dict[str, Any]
    deliveries: pl.DataFrame
    disclosure_rules: pl.DataFrame
    register_snapshots: pl.DataFrame
    register_movements: pl.DataFrame
    published_volumes: pl.DataFrame
    salary_norms: pl.DataFrame
    flows: pl.DataFrame
    indicators: pl.DataFrame
    signal_counts: pl.DataFrame
    displacement: pl.DataFrame
    companions: pl.DataFrame

    def is_simulated(self, feed: str) -> bool:
        """True when a loaded delivery of `feed` is simulated."""
        return bool(self.deliveries.filter((pl.col("feed") == feed) & pl.col("stand_in")).height)


FRAMES = (
    "deliveries",
    "disclosure_rules",
    "register_snapshots",
    "register_movements",
    "published_volumes",
    "salary_norms",
    "flows",
    "indicators",
    "signal_counts",
    "displacement",
    "companions",
)


def clean(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without control characters in its texts."""
    return frame.with_columns(pl.col(pl.String).str.replace_all(_CONTROL, ""))


def read_facts(database: Path, run_id: str) -> Facts:
    """Read the published `database` of run `run_id`.

    Raises:
        ValueError: when the database is of another run.
    """
    with Warehouse(database).reading() as session:
        releases = clean(session.frame("reports/release")).to_dicts()
        if [r["run_id"] for r in releases] != [run_id]:
            found = ", ".join(str(r["run_id"]) for r in releases) or "no run"
            raise ValueError(f"{database} is of {found}, not of run {run_id}")
        runs = session.frame("reports/run", run_id=run_id).to_dicts()
        frames = {name: clean(session.frame(f"reports/{name}")) for name in FRAMES}
    return Facts(release=releases[0], run=runs[0] if runs else {}, **frames)
