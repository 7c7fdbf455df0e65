"""How likely two records are one firm: Fellegi-Sunter weights on name, postcode and RSIN, scored by Splink.

Belongs here: the comparisons, their weights (fixed, or learned from pairs that are known) and the scoring.
Does not belong here: exact links and the decision what is good enough (`assets.core.payrolls`).

Weights: `m` is the probability that a level is reached by two records of one firm, `u` by records of two firms.
Learning counts levels over known pairs (m) and over a fixed sample of pairs that are not (u), and leans on the
fixed values where there is little to count. It uses no random numbers and no iteration: same rows, same weights.
Learning u matters most: where all firms have names alike, a likeness of names says nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl
import splink.comparison_level_library as levels
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.comparison_library import CustomComparison


@dataclass(frozen=True)
class Weight:
    """The two probabilities of one level of agreement."""

    m: float
    u: float


Weights = Mapping[str, tuple[Weight, ...]]

#: Levels of agreement per field, best first; the last is "otherwise". A missing value says nothing either way.
LEVELS: Mapping[str, tuple[Callable[[], Any], ...]] = {
    "name": (
        partial(levels.ExactMatchLevel, "name_key"),
        partial(levels.ExactMatchLevel, "name_sorted"),
        partial(levels.JaroWinklerLevel, "name_key", 0.94),
        partial(levels.JaroWinklerLevel, "name_key", 0.88),
        levels.ElseLevel,
    ),
    "postcode": (partial(levels.ExactMatchLevel, "postcode4"), levels.ElseLevel),
    "rsin": (
        partial(levels.ExactMatchLevel, "rsin"),
        partial(levels.DamerauLevenshteinLevel, "rsin", 1),
        levels.ElseLevel,
    ),
}
FIELD_COLUMN = {"name": "name_key", "postcode": "postcode4", "rsin": "rsin"}

#: What Splink is given of a record, beside its own key.
COMPARED = ("name_key", "name_sorted", "postcode4", "rsin", "kvk")

#: Weights without anything to learn from. Names: most payroll names differ from the register by the legal form
#: only; two firms in a thousand share a look-alike name. Postcode: about 4,000 areas of very uneven size.
FIXED: Weights = {
    "name": (
        Weight(0.60, 0.00002),
        Weight(0.05, 0.00001),
        Weight(0.20, 0.0005),
        Weight(0.08, 0.005),
        Weight(0.07, 0.99447),
    ),
    "postcode": (Weight(0.90, 0.002), Weight(0.10, 0.998)),
    "rsin": (Weight(0.90, 0.000001), Weight(0.07, 0.00001), Weight(0.03, 0.999989)),
}

#: Fields whose weights are learned; known pairs share their RSIN by construction, so it teaches nothing.
LEARNED = ("name", "postcode")
#: The fixed m count as this many known pairs.
PRIOR_PAIRS = 20
#: Fewer known pairs, or pairs of different firms, than these teach nothing.
LEAST_KNOWN, LEAST_DIFFERENT = 30, 1000
#: Records a side whose pairs are compared to learn how alike different firms are.
SAMPLE = 1000
#: A number is looked for among at least this many companies: a small extract is a part of a large country.
LEAST_COMPANIES = 2000
#: Names of this likeness or better, as a level from the top (0 is the best), confirm a stated number.
CONFIRMING_NAME_LEVEL = 3

_BLOCKS = [
    block_on("postcode4"),
    block_on("rsin"),
    block_on("kvk"),
    block_on("substr(name_key, 1, 5)"),
    block_on("name_sorted"),
]


def learned_weights(payrolls: pl.DataFrame, companies: pl.DataFrame, known: pl.DataFrame) -> Weights:
    """Weights from pairs that are known by an exact number; the fixed ones where there are too few.

    Args:
        payrolls: `employer_number`, `name_key`, `name_sorted`, `postcode4`, `rsin`, `kvk` (as stated).
        companies: `kvk`, `name_key`, `name_sorted`, `postcode4`, `rsin`.
        known: `employer_number`, `kvk`: pairs that are known to be one firm.
    """
    if known.height < LEAST_KNOWN:
        return FIXED
    left = payrolls.join(known.select("employer_number", truth="kvk"), on="employer_number")
    right = companies.with_columns(truth="kvk")
    same = _compared(left, right, FIXED, [block_on("truth")])
    sampled = _compared(_sample(left, "employer_number"), _sample(right, "kvk"), FIXED, [CustomRule("1=1")])
    different = sampled.join(known, on=["employer_number", "kvk"], how="anti")
    return {**FIXED, **{field: _learned(field, same, different) for field in LEARNED}}


def likely_pairs(payrolls: pl.DataFrame, companies: pl.DataFrame, weights: Weights) -> pl.DataFrame:
    """Pairs of a payroll number and a company that have something in common, with the odds that they are one.

    Args:
        payrolls: as `learned_weights`, the numbers to be linked.
        companies: as `learned_weights`, every company.
        weights: m and u per field and level.

    Returns:
        `employer_number`, `kvk`, `odds` (against no company, which is beforehand as likely as all companies
        together), `name_level` (0 is the best), `other_rsin` (both known and further apart than a typing error),
        sorted by the first two.
    """
    return (
        _compared(payrolls, companies, weights, _BLOCKS)
        .select(
            "employer_number",
            "kvk",
            odds=pl.lit(2.0).pow(pl.col("match_weight")),
            name_level=len(LEVELS["name"]) - 1 - pl.col("gamma_name"),
            other_rsin=pl.col("gamma_rsin") == 0,
        )
        .sort("employer_number", "kvk")
    )


def _compared(payrolls: pl.DataFrame, companies: pl.DataFrame, weights: Weights, blocks: list[object]) -> pl.DataFrame:
    """Pairs within the blocks: `employer_number`, `kvk`, `match_weight` (log2 odds) and a level per field."""
    names = {"employer_number": pl.String, "kvk": pl.String, "match_weight": pl.Float64}
    gammas = {f"gamma_{field}": pl.Int32 for field in LEVELS}
    if payrolls.is_empty() or companies.is_empty():
        return pl.DataFrame(schema={**names, **gammas})
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI()
    sides = {"company": (companies, "kvk"), "payroll": (payrolls, "employer_number")}
    tables = [
        api.register(
            frame.select(pl.col(key).alias("unique_id"), *COMPARED, pl.col("^truth$")).to_arrow(),
            dataset_display_name=side,
        )
        for side, (frame, key) in sides.items()
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison(field, weights[field]) for field in LEVELS],
        blocking_rules_to_generate_predictions=blocks,
        probability_two_random_records_match=1 / (1 + max(companies.height, LEAST_COMPANIES)),
    )
    scored = Linker(tables, settings, log_level=None).inference.predict().as_pyarrow_table()
    api.duckdb_con.close()
    pairs = pl.from_arrow(scored)
    assert isinstance(pairs, pl.DataFrame)  # noqa: S101 - a table of several columns is never a series
    return pairs.select(
        employer_number="unique_id_r",
        kvk="unique_id_l",
        match_weight=pl.col("match_weight").cast(pl.Float64),
        **{gamma: pl.col(gamma).cast(pl.Int32) for gamma in gammas},
    )


def _comparison(field: str, weights: tuple[Weight, ...]) -> CustomComparison:
    configured = [
        level().configure(m_probability=w.m, u_probability=w.u) for level, w in zip(LEVELS[field], weights, strict=True)
    ]
    return CustomComparison(
        output_column_name=field, comparison_levels=[levels.NullLevel(FIELD_COLUMN[field]), *configured]
    )


def _learned(field: str, same: pl.DataFrame, different: pl.DataFrame) -> tuple[Weight, ...]:
    gamma = f"gamma_{field}"
    fixed = FIXED[field]
    known, unlike = (frame.filter(pl.col(gamma) >= 0)[gamma].to_list() for frame in (same, different))
    learned = []
    for place, weight in enumerate(fixed):
        value = len(fixed) - 1 - place
        m = (known.count(value) + PRIOR_PAIRS * weight.m) / (len(known) + PRIOR_PAIRS)
        u = max(unlike.count(value), 1) / len(unlike) if len(unlike) >= LEAST_DIFFERENT else weight.u
        learned.append(Weight(m, u))
    return tuple(learned)


def _sample(frame: pl.DataFrame, key: str) -> pl.DataFrame:
    return frame.sort(key).gather_every(max(1, -(-frame.height // SAMPLE)))
