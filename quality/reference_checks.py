"""Is the reference true to itself? Each check gives the rows that cannot be right.

Belongs here: pure functions from frames of reference tables to frames of offenders, empty when all is well, and
their collection for the gates. Does not belong here: reading the files (`quality.reference.tables`) and deciding
what a failure stops (`pipelines`).

The norms carry a proof of their own: one index moves all norms of knowledge migrants and the Blue Card at once,
so that a typing mistake in a single amount shows as a percentage of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

import polars as pl

from quality.contract import feed_contracts
from quality.reference import tables

#: Norms that one yearly index moves together.
INDEXED = ("hsm_30_plus", "hsm_under_30", "hsm_reduced", "blue_card", "blue_card_reduced")

#: Norms that follow another norm by law or by practice, with the norm that they follow.
LINKED: Mapping[str, str] = MappingProxyType(
    {
        "hsm_short_stay_30_plus": "hsm_30_plus",
        "ict": "hsm_30_plus",
        "ict_key_personnel_specialist": "hsm_30_plus",
        "ict_under_30": "hsm_under_30",
        "ict_trainee": "hsm_under_30",
        "startup_staff": "hsm_reduced",
    }
)

BREAK_KINDS = ("incentive", "register_move", "population_move", "common_shock", "signal")


def periods_out_of_line(periods: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Periods that end before they start, overlap the period before them, or leave a gap after it.

    Args:
        periods: rows with `valid_from` and `valid_until`, both days included.
        by: the columns within which periods must follow each other day by day; none for the whole frame.
    """
    group = [pl.col(name) for name in by] or [pl.lit(1)]
    previous = pl.col("valid_until").shift(1).over(group, order_by="valid_from")
    fault = (
        pl.when(pl.col("valid_from") > pl.col("valid_until"))
        .then(pl.lit("ends before it starts"))
        .when(pl.col("valid_from") <= previous)
        .then(pl.lit("overlap"))
        .when(pl.col("valid_from") > previous + timedelta(days=1))
        .then(pl.lit("gap"))
    )
    return periods.with_columns(fault=fault).filter(pl.col("fault").is_not_null())


def criteria_with_two_norms(norms: pl.DataFrame) -> pl.DataFrame:
    """Pairs of norms of one criterion that hold on the same day: a permit would meet both."""
    other = norms.select("criterion", other_variant="route_variant", other_from="valid_from", other_until="valid_until")
    return norms.join(other, on="criterion").filter(
        pl.col("route_variant") < pl.col("other_variant"),
        pl.col("valid_from") <= pl.col("other_until"),
        pl.col("other_from") <= pl.col("valid_until"),
    )


def norms_that_move_apart(norms: pl.DataFrame, breaks: pl.DataFrame) -> pl.DataFrame:
    """Days on which the indexed norms do not all move by one percentage.

    An amount in whole euros stands for anything within half a euro, one in cents for anything within half a
    cent; the percentages agree when one percentage fits every pair of amounts. A norm that does not change on
    the day moved by nothing at all.

    Args:
        norms: `core.salary_norms`.
        breaks: `criterion`, `break_on`: the days on which the law itself set a norm anew.

    Returns:
        One row per day and criterion: `valid_from`, `criterion`, `least_growth`, `most_growth`.
    """
    indexed = norms.filter(pl.col("criterion").is_in(INDEXED) & pl.col("norm_month_eur").is_not_null())
    days = indexed.select(day="valid_from").unique()
    amount = pl.col("norm_month_eur")
    half_unit = pl.when(amount == amount.round(0)).then(0.5).otherwise(0.005)
    amounts = indexed.select("criterion", "valid_from", "valid_until", amount=amount, half=half_unit)
    after = amounts.join(days, how="cross").filter(pl.col("day").is_between("valid_from", "valid_until"))
    before = amounts.join(days, how="cross").filter(
        (pl.col("day") - timedelta(days=1)).is_between("valid_from", "valid_until")
    )
    unchanged = pl.col("valid_from") < pl.col("day")
    growth = (
        after.join(before, on=["criterion", "day"], suffix="_before")
        .with_columns(
            least_growth=pl.when(unchanged)
            .then(1.0)
            .otherwise((pl.col("amount") - pl.col("half")) / (pl.col("amount_before") + pl.col("half_before"))),
            most_growth=pl.when(unchanged)
            .then(1.0)
            .otherwise((pl.col("amount") + pl.col("half")) / (pl.col("amount_before") - pl.col("half_before"))),
        )
        .join(breaks.select("criterion", day="break_on"), on=["criterion", "day"], how="anti")
    )
    apart = pl.col("least_growth").max().over("day") > pl.col("most_growth").min().over("day")
    return (
        growth.filter(apart)
        .select("criterion", "least_growth", "most_growth", valid_from="day")
        .sort("valid_from", "criterion")
    )


def linked_norms_that_differ(norms: pl.DataFrame) -> pl.DataFrame:
    """Norms that follow another norm and do not equal it on their first or last day."""
    linked = norms.filter(pl.col("criterion").is_in(list(LINKED))).with_columns(
        followed=pl.col("criterion").replace(dict(LINKED))
    )
    followed = norms.select(
        followed="criterion",
        followed_from="valid_from",
        followed_until="valid_until",
        followed_month_eur="norm_month_eur",
    )
    whole = linked.join(followed, on="followed").filter(
        pl.col("valid_from") >= pl.col("followed_from"), pl.col("valid_until") <= pl.col("followed_until")
    )
    agreeing = whole.filter(pl.col("norm_month_eur") == pl.col("followed_month_eur"))
    return linked.join(agreeing, on=["route_variant", "valid_from"], how="anti")


def amounts_against_their_basis(norms: pl.DataFrame) -> pl.DataFrame:
    """Norms without an amount that are not said to be none, and amounts where there is said to be none."""
    return norms.filter(pl.col("norm_month_eur").is_null() != (pl.col("basis") == "none"))


def minimum_wage_out_of_line(wages: pl.DataFrame) -> pl.DataFrame:
    """Rows that are not a half year, do not follow the one before, or lack an amount that was found."""
    starts, ends = pl.col("valid_from"), pl.col("valid_until")
    is_half_year = (starts.dt.month().is_in([1, 7])) & (starts.dt.day() == 1)
    is_half_year = is_half_year & (ends == starts.dt.offset_by("6mo") - timedelta(days=1))
    lacks = pl.col("minimum_month_eur").is_null() | pl.col("minimum_hour_eur").is_null()
    fault = (
        pl.when(~is_half_year)
        .then(pl.lit("not a half year"))
        .when(lacks & (pl.col("confidence") != "not_found"))
        .then(pl.lit("no amount"))
    )
    own = wages.with_columns(fault=fault).filter(pl.col("fault").is_not_null())
    return pl.concat([own, periods_out_of_line(wages, by=[])])


def events_out_of_line(events: pl.DataFrame) -> pl.DataFrame:
    """Events that share an identifier, are named after another year, or have a kind that we do not know."""
    fault = (
        pl.when(pl.col("event_id").is_duplicated())
        .then(pl.lit("identifier used twice"))
        .when(pl.col("event_on").is_null())
        .then(pl.lit("no date"))
        .when(pl.col("event_id").str.head(4) != pl.col("event_on").dt.year().cast(pl.String))
        .then(pl.lit("named after another year"))
        .when(~pl.col("break_kind").is_in(BREAK_KINDS))
        .then(pl.lit("unknown kind"))
    )
    return events.with_columns(fault=fault).filter(pl.col("fault").is_not_null())


def unknown_schemes(rows: pl.DataFrame, key: str, column: str, schemes: pl.DataFrame) -> pl.DataFrame:
    """Rows of `rows` that name, in the list or text `column`, a scheme that `schemes` does not have."""
    named = rows.select(key, scheme=pl.col(column))
    if isinstance(named.schema["scheme"], pl.List):
        named = named.explode("scheme").drop_nulls("scheme")
    return named.join(schemes.select(scheme="code"), on="scheme", how="anti")


def routes_counted_nowhere(routes: pl.DataFrame, feeds: Sequence[str]) -> pl.DataFrame:
    """Routes whose flow is said to be counted in a feed that there is not."""
    return routes.filter(~pl.col("counted_in").is_in(list(feeds)))


def without_source(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that do not say where they come from or how sure we are of them."""
    is_blank = [pl.col(name).fill_null("").str.strip_chars() == "" for name in ("source", "confidence")]
    return rows.filter(pl.any_horizontal(is_blank))


def keys_used_twice(rows: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Rows whose key stands on another row too."""
    return rows.filter(pl.struct(list(key)).is_duplicated())


def reference_offenders() -> dict[str, pl.DataFrame]:
    """Every check of the reference as it stands in the files: name of the check, rows that fail it."""
    norms, wages, events = tables.salary_norms(), tables.minimum_wage(), tables.policy_events()
    schemes, routes = tables.schemes(), tables.routes()
    sourced = {"salary_norms": norms, "minimum_wage": wages, "policy_events": events, "schemes": schemes}
    return {
        "norms have no gap and no overlap": periods_out_of_line(norms, by=["criterion", "route_variant"]),
        "a criterion has one norm on a day": criteria_with_two_norms(norms),
        "norms move by one percentage": norms_that_move_apart(norms, tables.norm_breaks()),
        "linked norms equal the norm that they follow": linked_norms_that_differ(norms),
        "only groups without a norm lack an amount": amounts_against_their_basis(norms),
        "the minimum wage covers every half year": minimum_wage_out_of_line(wages),
        "events are unique, dated and of a known kind": events_out_of_line(events),
        "events restrict schemes that exist": unknown_schemes(events, "event_id", "schemes_restricted", schemes),
        "events loosen schemes that exist": unknown_schemes(events, "event_id", "schemes_loosened", schemes),
        "neighbours of a scheme exist": unknown_schemes(schemes, "code", "displacement_neighbours", schemes),
        "routes belong to a scheme that exists": unknown_schemes(routes, "route", "scheme", schemes),
        "routes are counted in a feed that exists": routes_counted_nowhere(routes, list(feed_contracts())),
        "schemes are listed once": keys_used_twice(schemes, ["code"]),
        "routes are listed once": keys_used_twice(routes, ["route"]),
        "occupations are listed once": keys_used_twice(tables.occupations(), ["isco"]),
        "sectors are listed once": keys_used_twice(tables.sectors(), ["sbi2"]),
        **{f"every row of {name} has a source": without_source(rows) for name, rows in sourced.items()},
    }
