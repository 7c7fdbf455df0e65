"""Reading the reference files in the shape of our own tables.

Belongs here: one function per table, from CSV text to typed columns. Does not belong here: checks
(`quality.reference_checks`), writing to the database (`assets.core.reference`), and any amount of the law,
which stands in the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import polars as pl

from quality.contract import Table, product_tables

FOLDER = Path(__file__).parent

#: Last day of a row that is still in force, where the table needs one to join on.
OPEN_END = "9999-12-31"

#: Names of norms in the reference file that permits call otherwise. Every other norm keeps its own name.
NORM_CATEGORY_OF_VARIANT: Mapping[str, str] = MappingProxyType(
    {
        "hsm_reduced_after_orientation_year": "hsm_reduced",
        "startup_staff_reduced": "startup_staff",
        "hsm_no_norm": "none",
    }
)

_POLARS_TYPES: Mapping[str, pl.DataType] = MappingProxyType(
    {"string": pl.String(), "integer": pl.Int64(), "number": pl.Float64()}
)


def read(file: str) -> pl.DataFrame:
    """A reference file as text, every column as it stands; empty cells are null."""
    return pl.read_csv(FOLDER / file, infer_schema=False)


def _shaped(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the product table `name`, in its order and types, from a frame of text."""
    table: Table = product_tables()[name]
    columns = []
    for field in table.fields:
        column = pl.col(field.name)
        if field.kind == "boolean":
            column = column.replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
        elif field.kind == "date":
            column = column.str.to_date("%Y-%m-%d")
        elif field.kind == "array":
            column = pl.when(column.is_null()).then(pl.lit([], pl.List(pl.String))).otherwise(column.str.split("|"))
        else:
            column = column.cast(_POLARS_TYPES[field.kind])
        columns.append(column.alias(field.name))
    return frame.select(columns).sort([f.name for f in table.key])


def routes() -> pl.DataFrame:
    """The routes of the study (`core.routes`), one row each."""
    return _shaped("core.routes", read("routes.csv"))


def schemes() -> pl.DataFrame:
    """The schemes with their legal basis and neighbours (`core.schemes`), one row each."""
    return _shaped("core.schemes", read("schemes.csv").rename({"valid_to": "valid_until"}))


def salary_norms() -> pl.DataFrame:
    """The salary norms (`core.salary_norms`), one row per norm and period, amounts in gross euro a month.

    `criterion` is the value of `norm_category` in permits; a norm that no permit category uses (short stay,
    national transfers, transfers under 30) keeps its own name there. On any day a criterion has at most one
    norm. A group without a norm has no amount: `none` are the knowledge migrants without one, the other two
    groups go by the name of their route.
    """
    is_free = pl.col("criterion") == "none"
    frame = read("salary_norms.csv").with_columns(
        route_variant=pl.when(is_free).then("scheme").otherwise("criterion"),
        valid_until=pl.col("valid_to").fill_null(OPEN_END),
        norm_month_eur="gross_monthly_eur_excl_holiday",
    )
    named = frame.with_columns(criterion=pl.col("route_variant").replace(dict(NORM_CATEGORY_OF_VARIANT)))
    return _shaped("core.salary_norms", named)


def norm_breaks() -> pl.DataFrame:
    """The days on which the law set a norm anew instead of indexing it: `criterion`, `break_on` and why."""
    return read("norm_breaks.csv").with_columns(pl.col("break_on").str.to_date("%Y-%m-%d"))


def minimum_wage() -> pl.DataFrame:
    """The statutory minimum wage of adults (`core.minimum_wage`), one row per half year, in gross euro.

    The hour is statutory since 2024; before that it is the amount for a week of 40 hours, the lowest of the
    three. A half year whose amount was not found is there without amounts.
    """
    frame = read("minimum_wage.csv").with_columns(
        valid_until="valid_to",
        minimum_month_eur="gross_monthly_eur",
        minimum_hour_eur=pl.coalesce("statutory_hourly", "hourly_40h"),
    )
    return _shaped("core.minimum_wage", frame)


def policy_events() -> pl.DataFrame:
    """What can move flow, or seem to (`core.policy_events`), one row per event."""
    return _shaped("core.policy_events", read("policy_events.csv").rename({"date": "event_on"}))


def occupations() -> pl.DataFrame:
    """The groups of ISCO-08 (`core.occupations`), one row per code of one to four digits."""
    return _shaped("core.occupations", read("codelists/isco08_groups_en.csv").rename({"isco08": "isco"}))


def sectors() -> pl.DataFrame:
    """The divisions of SBI 2008 (`core.sectors`), one row each."""
    frame = read("codelists/sbi2008_divisions_2digit.csv").rename({"omschrijving": "name_nl"})
    return _shaped("core.sectors", frame)


def indicators(built: frozenset[str] = frozenset()) -> pl.DataFrame:
    """The indicators of the study (`meta.indicators`), one row each.

    `use` is the first clause of the statistical treatment: `USE=study; review only via ...` is a study
    result, because what follows goes another way than the review lane.

    Args:
        built: the indicators that this version computes.
    """
    clause = (
        pl.col("statistical_treatment")
        .str.extract(r"^USE=([^.;,]*(?:\([^)]*\)[^.;,]*)*)")
        .str.replace_all(r"\([^)]*\)", "")
    )
    studies, reviews = clause.str.contains("study"), clause.str.contains("review")
    use = (
        pl.when(studies & reviews)
        .then(pl.lit("both"))
        .when(studies)
        .then(pl.lit("study"))
        .when(reviews)
        .then(pl.lit("review"))
    )
    frame = read("indicators.csv").with_columns(
        indicator="id",
        look_alikes="false_positive_sources",
        use=use,
        is_built=pl.col("id").is_in(sorted(built)).cast(pl.String),
    )
    return _shaped("meta.indicators", frame)


#: Every reference table by `schema.table`, with the function that reads it.
READERS: Mapping[str, Callable[[], pl.DataFrame]] = MappingProxyType(
    {
        "core.routes": routes,
        "core.schemes": schemes,
        "core.salary_norms": salary_norms,
        "core.minimum_wage": minimum_wage,
        "core.policy_events": policy_events,
        "core.occupations": occupations,
        "core.sectors": sectors,
    }
)
