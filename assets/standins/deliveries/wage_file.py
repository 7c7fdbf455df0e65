"""A wage delivery of any size, quickly: for measuring the loading, not for studying wages.

Belongs here: one seeded generator of `uwv_wages` deliveries in Parquet. Does not belong here: a coherent labour
market (that is the stand-in supplier) or any assertion.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

MONTHS = 67
FIRST_YEAR = 2021


def citizen_numbers(count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` distinct nine-digit numbers that fail the eleven-test, so that none can belong to a person."""
    numbers = rng.choice(800_000_000, size=count, replace=False).astype(np.int64) + 100_000_000
    digits = numbers[:, None] // 10 ** np.arange(8, -1, -1) % 10
    weights = np.array([9, 8, 7, 6, 5, 4, 3, 2, -1])
    passes = (digits @ weights) % 11 == 0
    return np.unique(np.where(passes, numbers - numbers % 10 + (numbers % 10 + 1) % 10, numbers)).astype(str)


def month_of_wages(persons: np.ndarray, month: int, rng: np.random.Generator) -> pl.DataFrame:
    """One calendar month of wages, one row a person; the employer changes about once in three years."""
    n = len(persons)
    start = date(FIRST_YEAR + month // 12, month % 12 + 1, 1)
    end = pl.Series([start]).dt.month_end()[0]
    employer = (np.arange(n) * 7919 + (month + np.arange(n) % 36) // 36 * 104_729) % 20_000 + 100_000_000
    wage = np.round(rng.lognormal(8.1, 0.4, n), 2)
    hours = rng.integers(80, 200, n)
    return pl.DataFrame(
        {
            "employer_number": pl.Series(employer).cast(pl.String) + "L01",
            "bsn": persons,
            "income_relation": np.ones(n, dtype=np.int32),
            "period_start": pl.repeat(start, n, eager=True),
            "period_end": pl.repeat(end, n, eager=True),
            "income_kind": rng.choice(np.array([15, 15, 15, 11], dtype=np.int32), n),
            "work_relation": rng.choice(np.array([1, 1, 1, 11, 82], dtype=np.int32), n),
            "contract_wage_eur": wage,
            "wage_in_money_eur": wage,
            "wage_in_kind_eur": np.zeros(n),
            "taxable_wage_eur": np.round(wage * 0.97, 2),
            "holiday_allowance_eur": np.round(wage * 0.08, 2),
            "extra_wage_eur": np.zeros(n),
            "hours_paid": hours.astype(np.int32),
            "contract_hours_week": rng.choice(np.array([40.0, 36.0, 32.0]), n),
            "reduced_income_code": pl.Series([None], dtype=pl.String).extend_constant(None, n - 1),
            "cao_code": pl.Series(employer % 500 + 1000).cast(pl.String),
        }
    )


def write_wage_delivery(landing: Path, *, rows: int, seed: int = 1, delivered_on: str = "2026-11-22") -> Path:
    """Write one `uwv_wages` delivery of at least `rows` rows below `landing`; returns its folder."""
    rng = np.random.default_rng(seed)
    folder = landing / "uwv_wages" / delivered_on
    folder.mkdir(parents=True)
    persons = citizen_numbers(max(rows // MONTHS + 2, 2), rng)
    files = []
    for part, months in enumerate(np.array_split(np.arange(MONTHS), 5)):
        frame = pl.concat([month_of_wages(persons, int(m), rng) for m in months])
        path = folder / f"part-{part:03}.parquet"
        frame.write_parquet(path)
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        files.append({"name": path.name, "rows": frame.height, "sha256": digest})
    manifest = {
        "feed": "uwv_wages",
        "contract_version": "1.0.0",
        "delivered_on": delivered_on,
        "mode": "delta",
        "period_from": f"{FIRST_YEAR}-01-01",
        "period_until": delivered_on,
        "files": files,
        "stand_in": True,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
