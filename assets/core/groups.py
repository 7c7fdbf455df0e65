"""From cases to organisations: which groups stand out once chance and small numbers are accounted for.

Belongs here: adding up the units of one sponsor, employer or client and shrinking the rate. Does not belong here:
what is counted (each indicator says so) and the statistics themselves (`assets.core.shrinkage`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from assets.core.shrinkage import exceedance, fit_prior, posterior_mean, select_at_fdr


@dataclass(frozen=True)
class GroupRule:
    """When a group stands out: reference share, smallest number of flagged units, false-discovery rate."""

    reference_share: float
    min_flagged: float
    false_discovery_rate: float

    @classmethod
    def of(cls, thresholds: Mapping[str, float], who: str, units: str) -> GroupRule:
        """The rule from the thresholds `<who>_reference_share`, `<who>_min_<units>` and `<who>_fdr`."""
        return cls(thresholds[f"{who}_reference_share"], thresholds[f"{who}_min_{units}"], thresholds[f"{who}_fdr"])

    def grade(self, row: Mapping[str, Any]) -> str:
        """A when enough units are strong, B when enough are strong or moderate, else T."""
        if row["strong"] >= self.min_flagged:
            return "A"
        return "B" if row["firm"] >= self.min_flagged else "T"


def groups_above(units: pl.DataFrame, rule: GroupRule, correlation: float = 0.0) -> pl.DataFrame:
    """Groups whose rate truly exceeds the reference share, at the false-discovery rate of the rule.

    Args:
        units: one row per assessed unit: `unit_id`, `group_id`, `subject_id` (the organisation's own number),
            `successes` and `trials` (float), `is_flagged`, `grade`, `starts_on`, `ends_on` (of the pattern; null
            when not flagged).
        rule: reference, smallest number of flagged units, false-discovery rate.
        correlation: correlation of the trials within one unit; the counts are divided by the design effect.

    Returns:
        One row per group that stands out, ordered by group: `subject_id` (the one with most flagged units),
        `subject_ids`, `units`, `flagged`, `strong` (grade A), `firm` (A or B), `flagged_ids`, `successes`, `trials`,
        `posterior_share`, `probability`, `prior_mean`, `starts_on`, `ends_on`.
    """
    groups = (
        units.sort("group_id", "unit_id")
        .group_by("group_id", maintain_order=True)
        .agg(
            pl.col("successes").sum(),
            pl.col("trials").sum(),
            pl.len().alias("units"),
            pl.col("is_flagged").sum().alias("flagged"),
            (pl.col("grade") == "A").sum().alias("strong"),
            pl.col("grade").is_in(["A", "B"]).sum().alias("firm"),
            pl.col("unit_id").filter("is_flagged").alias("flagged_ids"),
            pl.col("subject_id").filter("is_flagged").alias("subject_ids"),
            pl.col("starts_on").filter("is_flagged").min(),
            pl.col("ends_on").filter("is_flagged").max(),
        )
    )
    per_unit = groups["trials"].to_numpy() / groups["units"].to_numpy()
    design_effect = np.maximum(1.0, 1 + (per_unit - 1) * correlation)
    x, n = groups["successes"].to_numpy() / design_effect, groups["trials"].to_numpy() / design_effect
    prior = fit_prior(x, n)
    probability = exceedance(x, n, prior, rule.reference_share)
    stands_out = select_at_fdr(probability, rule.false_discovery_rate)
    return (
        groups.with_columns(
            pl.Series("posterior_share", posterior_mean(x, n, prior)),
            pl.Series("probability", probability),
            pl.lit(prior.mean).alias("prior_mean"),
        )
        .filter(pl.Series(stands_out) & (pl.col("flagged") >= rule.min_flagged))
        .with_columns(
            pl.col("subject_ids").list.eval(pl.element().mode().sort().first()).list.first().alias("subject_id"),
            pl.col("subject_ids").list.unique().list.sort(),
        )
    )
