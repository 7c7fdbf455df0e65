"""One measurement of the bench, in a process of its own.

Belongs here: doing the measured thing once and printing seconds and peak memory as JSON. Started by
`pipelines.bench`.
"""

import json
import resource
import sys
import time
from datetime import date
from pathlib import Path

from assets.feeds.loading import load_feed
from assets.feeds.night import Night
from quality.contract import feed_contracts
from sql.warehouse import Warehouse


def floor(data: Path) -> None:
    """The bare load: the same files, straight into a table of a new database file."""
    files = sorted(str(p) for p in (data / "landing/uwv_wages").rglob("*.parquet"))
    with Warehouse(data / "floor.duckdb").writing() as session:
        session.run("feeds/bare_load", files=files)


def load(data: Path) -> None:
    """The night's load: checked, pseudonymised, accounted for and historised."""
    night = Night(data, date(2026, 11, 23), "bench")
    load_feed(night, feed_contracts()["uwv_wages"])


def main() -> None:
    """Measure `floor` or `load` on a data folder."""
    what, data = sys.argv[1], Path(sys.argv[2])
    begun = time.perf_counter()
    {"floor": floor, "load": load}[what](data)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_gb": peak}) + "\n")


if __name__ == "__main__":
    main()
