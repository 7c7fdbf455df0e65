"""From permits to sponsors: which sponsors stand out once chance and small numbers are accounted for.

Belongs here: adding up permits of one sponsor group and shrinking the rate. Does not belong here: what is counted
(each indicator says so) and the statistics themselves (`assets.core.shrinkage`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.core.shrinkage import exceedance, fit_prior, posterior_mean, select_at_fdr


@dataclass(frozen=True)
class SponsorRule:
    """When a sponsor stands out."""

    reference_share: float
    min_permits: float
    false_discovery_rate: float


def sponsors_above(permits: pl.DataFrame, rule: SponsorRule, correlation: float = 0.0) -> pl.DataFrame:
    """Sponsor groups whose rate truly exceeds the reference share, at the false-discovery rate of the rule.

    Args:
        permits: one row per assessed permit: `application_id`, `sponsor_kvk`, `sponsor_group_id`, `successes` and
            `trials` (float), `is_flagged`, `grade`, `starts_on`, `ends_on` (of the pattern; null when not flagged).
        rule: reference, smallest number of flagged permits, false-discovery rate.
        correlation: correlation of the trials within one permit; the counts are divided by the design effect.

    Returns:
        One row per sponsor group that stands out, ordered: `sponsor_kvk` (the one with most flagged permits),
        `sponsor_kvks`, `permits`, `flagged`, `strong`, `flagged_ids`, `successes`, `trials`, `posterior_share`,
        `probability`, `prior_mean`, `starts_on`, `ends_on`.
    """
    groups = (
        permits.sort("application_id")
        .group_by("sponsor_group_id", maintain_order=True)
        .agg(
            pl.col("successes").sum(),
            pl.col("trials").sum(),
            pl.len().alias("permits"),
            pl.col("is_flagged").sum().alias("flagged"),
            (pl.col("grade") == "A").sum().alias("strong"),
            pl.col("application_id").filter("is_flagged").alias("flagged_ids"),
            pl.col("sponsor_kvk").filter("is_flagged").alias("flagged_kvks"),
            pl.col("starts_on").filter("is_flagged").min(),
            pl.col("ends_on").filter("is_flagged").max(),
        )
        .sort("sponsor_group_id")
    )
    design_effect = np.maximum(1.0, 1 + (groups["trials"].to_numpy() / groups["permits"].to_numpy() - 1) * correlation)
    x, n = groups["successes"].to_numpy() / design_effect, groups["trials"].to_numpy() / design_effect
    prior = fit_prior(x, n)
    probability = exceedance(x, n, prior, rule.reference_share)
    stands_out = select_at_fdr(probability, rule.false_discovery_rate)
    return (
        groups.with_columns(
            pl.Series("posterior_share", posterior_mean(x, n, prior)),
            pl.Series("probability", probability),
            pl.lit(prior.mean).alias("prior_mean"),
            pl.Series("stands_out", stands_out),
            pl.col("flagged_kvks").list.unique().list.sort().alias("sponsor_kvks"),
            pl.col("flagged_kvks")
            .map_elements(_most_frequent, return_dtype=pl.String, skip_nulls=True)
            .alias("sponsor_kvk"),
        )
        .filter(pl.col("stands_out") & (pl.col("flagged") >= rule.min_permits))
        .drop("stands_out", "flagged_kvks")
    )


def _most_frequent(numbers: pl.Series) -> str | None:
    counted = numbers.value_counts().sort(["count", numbers.name], descending=[True, False])
    return None if counted.is_empty() else str(counted[numbers.name][0])
