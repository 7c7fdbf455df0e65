"""The night's load and the estimate of one event, each against its floor, measured in one run.

Belongs here: timing the loading of one large wage delivery beside a bare `create table as` of the same files, each in
a process of its own, so that its peak memory is its own; and the tables of both measurements. The estimate is timed in
`bench_event`. Seconds are never asserted; the ratio to the floor is what counts, because machines differ.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from assets.standins.deliveries.wage_file import write_wage_delivery
from pipelines.bench_event import measure

#: Wage rows per scale; the national scale is the size that the study expects.
ROWS = {"small": 500_000, "national": 20_000_000, "10x": 200_000_000}
GOAL_RATIO = 3.0
GOAL_MEMORY_GB = 4.0
#: The estimate of one event may take so many times the textbook's answer.
GOAL_EVENT_RATIO = 2.5


@dataclass(frozen=True)
class Measured:
    """What one process took."""

    seconds: float
    peak_gb: float


def _measure(what: str, data: Path) -> Measured:
    done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
        [sys.executable, "-m", "pipelines.bench_child", what, str(data)], capture_output=True, text=True, check=True
    )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def run_bench(scale: str, console: Console) -> bool:
    """Measure and print; returns True when all goals are met."""
    return all([bench_event(console), bench_load(scale, console)])


def bench_event(console: Console) -> bool:
    """Time the estimate of one event; returns True when its ratio to the textbook's answer is met."""
    textbook, ours = measure()
    table = Table(title="One event: 7 destinations, 88 sectors, 156 months", title_justify="left", box=None)
    for name in ("", "milliseconds"):
        table.add_column(name, justify="right" if name else "left")
    table.add_row("plain difference-in-differences, every sector left out once", f"{1000 * textbook:.0f}")
    table.add_row("displacement with its 95 % sets", f"{1000 * ours:.0f}")
    console.print(table)
    met = ours <= GOAL_EVENT_RATIO * textbook
    console.print(
        f"Ratio {ours / textbook:.2f} (goal {GOAL_EVENT_RATIO:.1f}): {'met' if met else 'NOT met'}\n", highlight=False
    )
    return met


def bench_load(scale: str, console: Console) -> bool:
    """Time the load; returns True when ratio and memory are met."""
    rows = ROWS[scale]
    with tempfile.TemporaryDirectory(prefix="waterbed-bench-") as folder:
        data = Path(folder)
        console.print(f"Writing {rows:,} wage rows ...", highlight=False)
        write_wage_delivery(data / "landing", rows=rows, delivered_on=date(2026, 11, 22).isoformat())
        size = sum(p.stat().st_size for p in data.rglob("*.parquet"))
        floor = _measure("floor", data)
        console.print(f"Floor measured: {floor.seconds:.1f} s. Loading ...", highlight=False)
        load = _measure("load", data)
    ratio = load.seconds / floor.seconds
    table = Table(title=f"{rows:,} wage rows, {size / 1e6:,.0f} MB of Parquet", title_justify="left", box=None)
    for name in ("", "seconds", "peak GB", "rows per second"):
        table.add_column(name, justify="right" if name else "left")
    for name, measured in (("bare create table as", floor), ("the night's load", load)):
        table.add_row(name, f"{measured.seconds:.1f}", f"{measured.peak_gb:.2f}", f"{rows / measured.seconds:,.0f}")
    console.print(table)
    met = ratio <= GOAL_RATIO and load.peak_gb <= GOAL_MEMORY_GB
    console.print(
        f"Ratio {ratio:.2f} (goal {GOAL_RATIO:.0f}), memory {load.peak_gb:.2f} GB (goal {GOAL_MEMORY_GB:.0f}): "
        f"{'met' if met else 'NOT met'}",
        highlight=False,
    )
    return met
