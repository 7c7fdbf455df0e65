"""Other economies from the same generator, and how well the night finds the planted cases in each of them.

Belongs here: the mixes and the table of hits by mix. Does not belong here: what is planted (`cases_*`), or a bound.

    python -m tests.worlds.mixes [NAME ...]

Prints precision and recall for each mix, some ten seconds each. A signal on a planted case is a hit;
one on a look-alike, or on somebody of whom nothing was planted, is a miss. Kinds that nobody can tell from a planted
case by the delivered fields are counted apart.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any

import polars as pl

from tests.worlds.at_once import found, rows_known
from tests.worlds.ledger import Habits
from tests.worlds.score import GROUND_IN_NO_FEED, UNDECIDABLE, score, strangers
from tests.worlds.world import make_world, truth_frame

NOT_TOLD_APART = UNDECIDABLE + GROUND_IN_NO_FEED
SIZE = {"firms": 70, "migrants": 300, "workers": 150}
FRISIAN = ("Hoekstra", "Dijkstra", "Bûter", "Sjoerdsma", "Fan_der_Wal", "Ypma", "Elzinga", "Tjeerdsma", "Wijbenga")
FIELD_AND_KITCHEN = (("01", 5), ("56", 5), ("10", 4), ("41", 3), ("62", 1))
MIXES: Mapping[str, Mapping[str, Any]] = {
    "base": {"seed": 2029, **SIZE},
    "other_seed": {"seed": 411, **SIZE},
    "few_large_firms": {"seed": 12, "firms": 14, "migrants": 500, "workers": 300},
    "many_small_firms": {"seed": 13, "firms": 260, "migrants": 200, "workers": 200},
    "rare": {"seed": 14, "firms": 90, "migrants": 900, "workers": 600, "each": 1},
    "rife": {"seed": 15, "firms": 60, "migrants": 120, "workers": 80, "each": 8, "alike": 2},
    "no_look_alikes": {"seed": 16, **SIZE, "alike": 0},
    "only_look_alikes": {"seed": 17, **SIZE, "each": 0, "alike": 5},
    "other_names_and_sectors": {
        "seed": 18,
        **SIZE,
        "habits": Habits(families=FRISIAN, sectors=FIELD_AND_KITCHEN, free=0.2, at_norm=0.7),
    },
    "poor_paperwork": {
        "seed": 19,
        **SIZE,
        "habits": Habits(gives_contract_wage=0.2, four_weekly=0.5, knows_rsin=0.3, has_facility=0.7, confirms=0.35),
    },
    "seldom_seen": {"seed": 20, **SIZE, "habits": Habits(seen=0.01, confirms=0.9)},
    "often_seen": {"seed": 21, **SIZE, "habits": Habits(seen=0.8, confirms=0.4)},
}


def measure(mix: Mapping[str, Any]) -> tuple[pl.DataFrame, list[str]]:
    """Precision and recall by indicator on the mix, and what was missed or wrongly asked."""
    world = make_world(**mix)
    signals = pl.concat([findings.signals for findings in found(rows_known(world)).values()])
    truth = truth_frame(world)
    scored = score(signals, truth)
    innocent = strangers(signals, truth)
    rows, notes = [], []
    for indicator in ("H01", "H08", "P02", "P07"):
        own = scored.filter(indicator=indicator)
        planted = own.filter(pl.col("strength") != "look_alike")
        alike = own.filter((pl.col("strength") == "look_alike") & ~pl.col("kind").is_in(NOT_TOLD_APART))
        others = innocent.filter(indicator=indicator)
        hits, wrong = int(planted["is_found"].sum()), int(alike["is_found"].sum())
        firm = int((planted["grade"].is_in(["A", "B"])).sum())
        firm_wrong = int(alike["grade"].is_in(["A", "B"]).sum()) + others.filter(pl.col("grade") != "T").height
        rows.append(
            {
                "indicator": indicator,
                "planted": planted.height,
                "recall": hits / planted.height if planted.height else None,
                "recall_AB": firm / planted.height if planted.height else None,
                "precision": hits / (hits + wrong + others.height) if hits + wrong + others.height else None,
                "precision_AB": firm / (firm + firm_wrong) if firm + firm_wrong else None,
                "look_alikes": alike.height,
                "wrong": wrong,
                "strangers": others.height,
            }
        )
        notes += [
            f"{indicator} missed {s} {k}"
            for s, k in planted.filter(~pl.col("is_found")).select("strength", "kind").rows()
        ]
        notes += [f"{indicator} WRONG {k} {g}" for k, g in alike.filter("is_found").select("kind", "grade").rows()]
        notes += [
            f"{indicator} STRANGER {t}:{i} {g}"
            for t, i, g in others.select("subject_type", "subject_id", "grade").rows()
        ]
    return pl.DataFrame(rows), notes


def main() -> None:
    """Measure the mixes named, or all."""
    parser = argparse.ArgumentParser(description="How well the night finds planted cases in other economies.")
    parser.add_argument("names", nargs="*", default=list(MIXES))
    options = parser.parse_args()
    pl.Config.set_tbl_cols(12).set_tbl_width_chars(160).set_tbl_hide_dataframe_shape()
    for name in options.names:
        table, notes = measure(MIXES[name])
        sys.stdout.write("\n".join([f"== {name}", str(table), *notes, ""]))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
