"""A small night to publish, and processes that publish and read in a loop."""

import os
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from assets.feeds.night import Night
from assets.guardrails.release import fill_pub
from assets.publication.publish import publish
from quality.contract import product_tables
from tests.builders import rows_of, warehouse_with

RUN = {"as_of": date(2025, 3, 5), "status": "running", "started_at": datetime(2025, 3, 5, 4, 15, tzinfo=UTC)}


def a_night(folder, run_id="run-a", permits=3):
    """A night whose warehouse holds a few permits and the row of its run."""
    path = Path(folder) / "warehouse.duckdb"
    if not path.exists():
        warehouse_with({"core.permits": [{"scheme": "hsm"}] * permits, "meta.runs": []}, folder=Path(folder))
    night = Night(Path(folder), RUN["as_of"], run_id)
    with night.warehouse.writing() as session:
        session.append(product_tables()["meta.runs"], rows_of("meta.runs", [RUN | {"run_id": run_id}]))
    fill_pub(night)
    return night


def current(folder):
    """The file that readers open."""
    return Path(folder) / "published" / "current" / "labour_migration.duckdb"


def run_seen(folder):
    """The run that a reader finds, after looking at several tables of the same file."""
    connection = duckdb.connect(str(current(folder)), read_only=True)
    try:
        [(of_release,)] = connection.execute("select run_id from pub.release").fetchall()
        [(newest,)] = connection.execute("select max(run_id) from meta.runs").fetchall()
        [(permits,)] = connection.execute("select count(*) from core.permits").fetchall()
        assert (of_release, permits) == (newest, 3), (of_release, newest, permits)
        return of_release
    finally:
        connection.close()


def read_until(folder, seconds):
    """Read in a loop; print how often, and the runs seen in order."""
    end, seen, reads = time.monotonic() + seconds, [], 0
    while time.monotonic() < end:
        run = run_seen(folder)
        reads += 1
        if not seen or seen[-1] != run:
            seen.append(run)
    sys.stdout.write(f"{reads} {' '.join(seen)}\n")


def publish_for_ever(folder, start):
    """Publish run after run until killed; says when it begins."""
    number = start
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        publish(a_night(folder, f"run-{number:04d}"))
        number += 1


if __name__ == "__main__":
    os.umask(0)
    if sys.argv[1] == "read":
        read_until(sys.argv[2], float(sys.argv[3]))
    else:
        publish_for_ever(sys.argv[2], int(sys.argv[3]))
