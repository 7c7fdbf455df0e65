"""The scores of a simulation study as a table that a reader can take in at once.

Belongs here: printing. Does not belong here: making the scores (`assets.waterbed.simulation`).
"""

import polars as pl
from rich.console import Console
from rich.table import Table

HEADLINE = "C1"
COLUMNS = ("truth", "bias", "rmse", "coverage", "rejected", "loss_bias", "loss_coverage", "family_wise")


def print_scores(summary: pl.DataFrame, console: Console) -> None:
    """Print the headline specification over its whole window, one row per scenario and destination."""
    whole = summary.filter(
        (pl.col("specification") == HEADLINE)
        & (pl.col("from_month") == 0)
        & (pl.col("until_month") == pl.col("until_month").max())
    )
    table = Table(title=f"Specification {HEADLINE}, whole window", title_justify="left", box=None, pad_edge=False)
    for name in ("scenario", "destination", "worlds", "shares given"):
        table.add_column(name, no_wrap=True)
    for name in COLUMNS:
        table.add_column(name.replace("_", " "), justify="right", no_wrap=True)
    for row in whole.sort("scenario", "destination_route").iter_rows(named=True):
        figures = ("" if row[c] is None else f"{row[c]:.3f}" for c in COLUMNS)
        table.add_row(row["scenario"], row["destination_route"], str(row["worlds"]), str(row["shares_given"]), *figures)
    console.print(table)
