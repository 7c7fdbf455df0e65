"""The whole world from one seed, and a command line to write it.

Belongs here: sizes and the order of making. Does not belong here: anything in particular.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from tests.worlds.cases_ghost import plant_ghosts
from tests.worlds.cases_pay import plant_pay_cases
from tests.worlds.cases_posting import plant_postings
from tests.worlds.deliveries import DATES, Delivered, deliver
from tests.worlds.economy import dutch_economy
from tests.worlds.ledger import Habits, World
from tests.worlds.migrants import ordinary_migrants, other_routes
from tests.worlds.posted import ordinary_postings


def make_world(
    seed: int,
    firms: int = 90,
    migrants: int = 500,
    workers: int = 400,
    each: int = 2,
    alike: int | None = None,
    habits: Habits | None = None,
) -> World:
    """An economy with so many of every planted case and look-alike.

    Args:
        seed: same seed, same world.
        firms: Dutch sponsors and clients.
        migrants: ordinary knowledge migrants.
        workers: ordinary posted workers.
        each: planted cases of every kind.
        alike: look-alikes of every kind; as many as planted cases unless given.
        habits: how people and offices behave.
    """
    w = World(np.random.default_rng(seed), habits or Habits())
    alike = each if alike is None else alike
    economy = dutch_economy(w, firms)
    ordinary_migrants(w, economy, migrants)
    other_routes(w, economy, migrants // 4)
    ordinary_postings(w, economy, workers)
    plant_pay_cases(w, economy, each, alike)
    plant_ghosts(w, economy, each, alike)
    plant_postings(w, economy, each, alike)
    _peer_wages(w)
    _verdicts(w)
    return w


def _peer_wages(w: World) -> None:
    for year in range(2022, 2027):
        for sbi2, isco in (
            ("41", "7114"),
            ("41", "7111"),
            ("43", "7126"),
            ("25", "7212"),
            ("62", "2512"),
            ("71", "2142"),
        ):
            middle = (3100 if isco[0] == "7" else 5200) * 1.03 ** (year - 2022)
            shares = {"p05": 0.78, "p10": 0.83, "p25": 0.91, "p50": 1.0, "p75": 1.16, "p90": 1.37, "p95": 1.5}
            w.add(
                "uwv_peer_wages",
                date(2026, 3, 1),
                year=year,
                occupation_isco=isco,
                sbi2=sbi2,
                workers=w.between(60, 4000),
                **{f"{name}_eur": round(middle * share, 2) for name, share in shares.items()},
            )


def _verdicts(w: World) -> None:
    for n in range(5):
        w.add(
            "review_verdicts",
            date(2026, 3, 20),
            case_ref=f"C{n:05d}",
            reviewer=f"reviewer {n % 2}",
            decided_on=date(2026, 3, 18),
            verdict=w.pick(["confirmed", "cleared"]),
            explanation="Checked against the payslips.",
            legal_ground="BuWav 2022 art. 2.1",
        )


def write_world(data: Path, w: World, only: Sequence[date] = DATES, dirt: bool = True) -> Delivered:
    """Deliveries to data/landing; returns what was written."""
    return deliver(w, data / "landing", only, dirt)


def truth_frame(w: World) -> pl.DataFrame:
    """The truth as a table: indicator, kind, strength, subject_type, subject_id, related."""
    return pl.DataFrame([vars(t) | {"related": list(t.related)} for t in w.truth])


def main() -> None:
    """Write a world and its truth."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    for name, default in (("seed", 7), ("firms", 220), ("migrants", 1500), ("workers", 1200), ("each", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    w = make_world(options.seed, options.firms, options.migrants, options.workers, options.each)
    delivered = write_world(options.data, w)
    folder = options.data / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    truth_frame(w).write_parquet(folder / "cases.parquet")
    pl.DataFrame({"employer_number": list(w.links), "kvk": list(w.links.values())}).write_parquet(
        folder / "links.parquet"
    )
    pl.DataFrame({"feed": list(delivered.rows), "rows": list(delivered.rows.values())}).with_columns(
        pl.Series("to_reject", [delivered.to_reject[f] for f in delivered.rows])
    ).write_parquet(folder / "delivered.parquet")
    people = {"application_id": list(w.person_of), "true": list(w.person_of.values())}
    pl.DataFrame(people).write_parquet(folder / "people.parquet")


if __name__ == "__main__":
    main()
