"""The attack on study results: all that `pub.indicators` shows of one indicator, used to work out the rest."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from assets.guardrails.disclosure import protect_indicators
from assets.guardrails.rules import disclosure_rules, publishable_strata

RULES = disclosure_rules()
SLACK = (RULES.rounding_base - 1) / 2
KINDS = ("sbi2", "size_class")


def random_results(seed: int) -> list[dict[str, Any]]:
    """Flagged shares of all units, by sector and by size class: each a partition of the same units."""
    random = np.random.default_rng(seed)
    sectors, sizes = (2, 2) if seed % 2 else (4, 3)
    units = random.integers(60, 400, size=(sectors, sizes))
    flagged = random.binomial(units, random.choice([0.01, 0.04, 0.1, 0.3], size=(sectors, 1)))
    rows = [row("all", "all", flagged.sum(), units.sum())]
    rows += [row("sbi2", f"{60 + i}", flagged[i].sum(), units[i].sum()) for i in range(sectors)]
    rows += [row("size_class", f"s{j}", flagged[:, j].sum(), units[:, j].sum()) for j in range(sizes)]
    return rows


def row(kind: str, stratum: str, flagged: int, units: int) -> dict[str, Any]:
    return {
        "indicator": "H01",
        "name_nl": "naam",
        "look_alikes": "",
        "stratum_kind": kind,
        "stratum": stratum,
        "stratum_nl": stratum,
        "period_start": date(2024, 1, 1),
        "period_end": date(2024, 12, 31),
        "measure": "flagged_share",
        "value": float(flagged) / float(units),
        "lo95": None,
        "hi95": None,
        "n": int(units),
        "method": "Wilson",
        "employers": 50,
    }


def shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    frame = pl.DataFrame(rows, schema_overrides={"lo95": pl.Float64, "hi95": pl.Float64})
    by_group = {
        (r["stratum_kind"], r["stratum"]): r for r in protect_indicators(frame, publishable_strata(), RULES).to_dicts()
    }
    return [by_group[r["stratum_kind"], r["stratum"]] for r in rows]


def worked_out(rows: list[dict[str, Any]], public: list[dict[str, Any]]) -> list[tuple[float, float, float]]:
    """Of every hidden small number of flagged units: what it is, and between which ends the reader can place it."""
    exact = [round(r["value"] * r["n"]) for r in rows]
    told = [None if p["value"] is None else round(p["value"] * p["n"]) for p in public]
    low = [0.0 if t is None else max(0.0, t - SLACK) for t in told]
    high = [1e6 if t is None else t + SLACK for t in told]
    small = [i for i, t in enumerate(told) if t is None and exact[i] < RULES.threshold_persons]
    for i in small:  # the reader is even told which were hidden for being small
        high[i] = RULES.threshold_persons - 1
    sums = []
    for kind in KINDS:
        line = np.array([float(r["stratum_kind"] == kind) for r in rows])
        line[0] = -1
        sums.append(line)
    found = []
    for i in small:
        goal = np.eye(len(rows))[i]
        ends = [linprog(s * goal, A_eq=sums, b_eq=[0, 0], bounds=np.c_[low, high]).x[i] for s in (1, -1)]
        found.append((exact[i], ends[0], ends[1]))
    return found


@pytest.mark.parametrize("seed", range(25))
def test_no_small_number_of_flagged_units_can_be_worked_out(seed: int) -> None:
    rows = random_results(seed)
    for exact, least, most in worked_out(rows, shown(rows)):
        assert least - 1e-6 <= exact <= most + 1e-6
        assert most - least >= RULES.protection_width - 1e-6


def test_the_attack_succeeds_where_only_small_numbers_are_hidden_and_there_is_something_to_attack() -> None:
    attacked, broken = 0, 0
    for seed in range(25):
        rows = random_results(seed)
        attacked += len(worked_out(rows, shown(rows)))
        naive = [r | ({"value": None} if round(r["value"] * r["n"]) < RULES.threshold_persons else {}) for r in rows]
        broken += any(most - least < RULES.protection_width for _, least, most in worked_out(rows, naive))
    assert attacked > 10
    assert broken > 0
