"""Disclosure control: exact tables in, tables that may be shown out. The last step before `pub`.

Belongs here: the entry to it, and estimates with their companions, which need no more than rounding. Does not belong
here: the values of the rules (`rules`), flows (`flow_disclosure`), study results (`result_disclosure`), the further
cells that protect a hidden one (`protection`), and public figures, which need no protection.

Numbers and totals are rounded independently, so a total need not equal the sum of its parts. A percentage is
computed from rounded numbers. A row that may not be shown keeps its place, with empty figures.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from assets.guardrails.flow_disclosure import protect_flows
from assets.guardrails.result_disclosure import protect_indicators, signal_counts
from assets.guardrails.rounding import round_down, round_to, round_up
from assets.guardrails.rules import DisclosureRules

__all__ = ["protect_companions", "protect_displacement", "protect_flows", "protect_indicators", "signal_counts"]


def protect_displacement(estimates: pl.DataFrame, rules: DisclosureRules) -> pl.DataFrame:
    """Displacement estimates with persons rounded to the base, intervals only widened, shares to two decimals.

    An estimate is no count of persons on file, so nothing is hidden; a share stays empty where it is empty.
    """
    base = rules.rounding_base

    def persons(name: str, rounding: Any) -> pl.Expr:
        return pl.col(name).map_elements(lambda v: float(rounding(v, base)), return_dtype=pl.Float64)

    def shares(name: str, rounding: Any) -> pl.Expr:
        return pl.col(name).map_elements(lambda v: rounding(v * 100, 1) / 100, return_dtype=pl.Float64)

    ends = {"": round_to, "_lo95": round_down, "_hi95": round_up}
    columns = [persons(f"{name}{end}", how) for name in ("net_loss", "gain") for end, how in ends.items()]
    columns += [shares(f"share{end}", how) for end, how in ends.items()]
    columns += [shares("share_constrained", round_to), shares("mde80", round_up)]
    return estimates.with_columns(*columns, pl.col("effective_clusters").round(1))


#: Companions whose figures rest on public data and are shown as they are.
PUBLIC_COMPANIONS = ("published_series", "public_register")


def protect_companions(companions: pl.DataFrame, rules: DisclosureRules) -> pl.DataFrame:
    """Companions with persons rounded to the base, other figures to three digits, intervals only widened.

    Numbers of companies or persons behind a figure are rounded too; those below the threshold are left out.
    """
    base = rules.rounding_base
    is_public = pl.col("companion").is_in(PUBLIC_COMPANIONS)

    def rounded(name: str, rounding: Any) -> pl.Expr:
        persons = pl.col(name).map_elements(lambda v: float(rounding(v, base)), return_dtype=pl.Float64)
        fine = pl.col(name).map_elements(lambda v: rounding(v * 1000, 1) / 1000, return_dtype=pl.Float64)
        shown = pl.when(pl.col("unit") == "persons").then(persons).otherwise(fine)
        return pl.when(is_public).then(pl.col(name)).otherwise(shown).alias(name)

    columns = [rounded("estimate", round_to), rounded("lo95", round_down), rounded("hi95", round_up)]
    counted = pl.col("n").map_elements(lambda v: round_to(v, base), return_dtype=pl.Int64)
    is_small = pl.col("n") < rules.threshold_persons
    number = (
        pl.when(is_public | pl.col("counts_units").not_())
        .then(pl.col("n"))
        .otherwise(pl.when(is_small).then(None).otherwise(counted))
    )
    return companions.with_columns(*columns, number.alias("n"), pl.col("p_value").round(3)).drop("counts_units")
