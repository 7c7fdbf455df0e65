"""The attack: everything that `pub.flows` shows, used to work out what it hides. Written apart from the defence."""

from collections import defaultdict
from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from assets.guardrails.disclosure import protect_flows
from assets.guardrails.rules import disclosure_rules

RULES = disclosure_rules()


def random_year(seed, routes=5, months=6):
    """Exact flows of one closed half-filled year: a few large routes and some small ones."""
    random = np.random.default_rng(seed)
    scale = random.choice([0.5, 3, 12, 60], size=routes)
    rows, names = [], [f"r{i}" for i in range(routes)]
    counts = {(m, r): int(random.poisson(scale[i])) for m in range(1, months + 1) for i, r in enumerate(names)}
    admitted = {cell: int(random.binomial(count, 0.6)) for cell, count in counts.items()}
    for kind, periods in (("month", [[m] for m in range(1, months + 1)]), ("year", [list(range(1, months + 1))])):
        for members in periods:
            for route in [*names, "total"]:
                cells = [(m, r) for m in members for r in names if route in ("total", r)]
                rows.append(
                    {
                        "period_kind": kind,
                        "period_start": date(2024, members[0], 1),
                        "period_end": date(2024, members[-1], 28),
                        "route": route,
                        "name_nl": route,
                        "applications": sum(counts[c] for c in cells),
                        "admissions": sum(admitted[c] for c in cells),
                        "employers": 20,
                        "without_employer": 0,
                    }
                )
    return pl.DataFrame(rows)


def equations(rows):
    """Every sum that a reader knows: routes of a period, months of a year."""
    by_period, by_route = defaultdict(list), defaultdict(list)
    for i, row in enumerate(rows):
        by_period[(row["period_kind"], row["period_start"])].append(i)
        by_route[row["route"]].append(i)
    for members in by_period.values():
        [total] = [i for i in members if rows[i]["route"] == "total"]
        yield total, [i for i in members if i != total]
    for members in by_route.values():
        [total] = [i for i in members if rows[i]["period_kind"] == "year"]
        yield total, [i for i in members if i != total]


def worked_out(shown, truth, column):
    """Width of what remains possible for every hidden small number, and what its true value is."""
    rows, exact = shown.to_dicts(), truth[column].to_list()
    low = np.array([0 if r[column] is None else max(10, r[column] - 2) for r in rows], dtype=float)
    high = np.array([1e6 if r[column] is None else r[column] + 2 for r in rows], dtype=float)
    for i, r in enumerate(rows):
        if r[column] == 0:  # shown as 0 means that nobody used the route
            low[i] = high[i] = 0
    small = [i for i, r in enumerate(rows) if r[column] is None and exact[i] < 10]
    high[small] = 9  # the attacker is even told which numbers were hidden for being small
    matrix, sums = [], list(equations(rows))
    for total, parts in sums:
        line = np.zeros(len(rows))
        line[parts], line[total] = 1, -1
        matrix.append(line)
    for i in small:
        goal = np.zeros(len(rows))
        goal[i] = 1
        ends = [linprog(s * goal, A_eq=matrix, b_eq=np.zeros(len(sums)), bounds=np.c_[low, high]).x[i] for s in (1, -1)]
        yield exact[i], ends[0], ends[1]


@pytest.mark.parametrize("seed", range(12))
def test_no_hidden_number_can_be_worked_out_by_a_linear_program(seed):
    truth = random_year(seed).sort("period_kind", "period_start", "route")
    shown = protect_flows(truth, RULES)
    found = [f for column in ("applications", "admissions") for f in worked_out(shown, truth, column)]
    assert found, "a world without small numbers tests nothing"
    for exact, least, most in found:
        assert least - 1e-6 <= exact <= most + 1e-6
        assert most - least >= RULES.protection_width - 1e-6


def test_the_attack_succeeds_where_only_small_numbers_are_hidden():
    """Without the second step the same attack gets through: the test above can fail."""
    broken = 0
    for seed in range(12):
        truth = random_year(seed, routes=2, months=2).sort("period_kind", "period_start", "route")
        names = pl.col("applications", "admissions")
        shown = truth.with_columns(pl.when(names >= 10).then((names / 5).round() * 5))
        found = worked_out(shown, truth, "applications")
        broken += any(most - least < RULES.protection_width for _, least, most in found)
    assert broken > 0


def test_subtraction_recovers_nothing_in_forty_small_tables():
    for seed in range(40):
        truth = random_year(seed, routes=3, months=2).sort("period_kind", "period_start", "route")
        rows = protect_flows(truth, RULES).to_dicts()
        for column in ("applications", "admissions"):
            for total, parts in equations(rows):
                hidden = [i for i in (total, *parts) if rows[i][column] is None]
                if len(hidden) == 1 and truth[column][hidden[0]] < 10:
                    slack = 2 * sum(bool(rows[i][column]) for i in (total, *parts))
                    known = sum(rows[i][column] for i in parts if i not in hidden)
                    estimate = rows[total][column] - known if hidden[0] != total else known
                    assert min(9, estimate + slack) - max(0, estimate - slack) >= RULES.protection_width, (seed, column)
