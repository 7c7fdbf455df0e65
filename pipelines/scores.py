"""The scores of a simulation study as a table that a reader can take in at once, and as a page.

Belongs here: printing, and writing `FILE.csv` and `FILE.html` beside the scores. Does not belong here: making the
scores and the goals (`assets.waterbed.simulation`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.table import Table

from assets.waterbed.simulation.goals import HEADLINE, compare
from reports.brief import TEMPLATES

COLUMNS = ("truth", "bias", "rmse", "coverage", "rejected", "loss_bias", "loss_coverage", "family_wise")
TITLE = "Simulation study of the displacement estimator"
#: Width of a drawing, and the margin that keeps dots inside.
WIDTH, MARGIN = 140.0, 4.0
#: Scores that are shares; a goal that ends at one has no upper end worth a word.
GROUPS: dict[str, tuple[str, str]] = {
    "bias": ("Bias of the displaced share", "Mean of estimate minus truth; for bins, of the lag profile of the total."),
    "rmse": ("Root mean square error of the total share", "How far a single estimate lies from the truth."),
    "coverage": ("Coverage of the 95 % set", "Share of worlds in which the set holds the truth."),
    "false_positives": ("False positives", "Share of worlds without displacement in which the total is called one."),
    "family_wise": ("Family-wise false positives", "Any destination after Holm, in worlds without displacement."),
    "loss_bias": ("Bias of the net loss", "Mean of estimate over truth, less one."),
    "weak_shares": ("Shares printed on a weak loss", "Shares given where the t value of the loss is below 3.2."),
}


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


def write_scores(scores: pl.DataFrame, out: Path, seed: int) -> tuple[int, int]:
    """Write the scores to `out`, the goals beside them to `out` with ending .csv and, as a page, with .html.

    Args:
        scores: rows as `assets.waterbed.simulation.simulate` gives them.
        out: Parquet file; its folder must exist.
        seed: seed of the study, for the page.

    Returns:
        Goals met, and goals that these scores can answer.
    """
    scores.write_parquet(out)
    goals = compare(scores)
    goals.write_csv(out.with_suffix(".csv"))
    worlds = scores["world"].n_unique()
    out.with_suffix(".html").write_text(score_page(goals, worlds=worlds, seed=seed), encoding="utf-8", newline="")
    return int(goals["is_met"].sum()), goals.height


def score_page(goals: pl.DataFrame, *, worlds: int, seed: int) -> str:
    """The page of a study: every goal with its score, drawn, without script and without network."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    groups = [
        (heading, explanation, [vars(_drawn(row)) for row in goals.filter(pl.col("score") == name).to_dicts()])
        for name, (heading, explanation) in GROUPS.items()
        if (goals["score"] == name).any()
    ]
    return environment.get_template("scores.html.j2").render(
        title=TITLE,
        style=(TEMPLATES / "brief.css").read_text(encoding="utf-8"),
        worlds=worlds,
        seed=seed,
        headline=HEADLINE,
        met=int(goals["is_met"].sum()),
        total=goals.height,
        groups=groups,
    )


@dataclass(frozen=True)
class _Drawn:
    scenario: str
    what: str
    worlds: int
    value: str
    interval: str
    goal: str
    is_met: bool
    band: Sequence[float]
    line: Sequence[float]
    dot: float


def _drawn(row: dict[str, Any]) -> _Drawn:
    """A goal as words and as places in a drawing that holds score, interval and goal."""
    names = ("value", "lo95", "hi95", "goal_from", "goal_until")
    low, high = min(row[n] for n in names), max(row[n] for n in names)
    span = max(float(high - low), 1e-9)

    def place(value: float) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * float(value - low) / span, 1)

    left, right = place(row["goal_from"]), place(row["goal_until"])
    return _Drawn(
        scenario=row["scenario"].replace("_", " "),
        what=row["what"].replace("_", " "),
        worlds=row["worlds"],
        value=f"{row['value']:.3f}",
        interval=f"{row['lo95']:.3f} to {row['hi95']:.3f}",
        goal=f"{row['goal_from']:g} to {row['goal_until']:g}",
        is_met=bool(row["is_met"]),
        band=(left, max(right - left, 1.0)),
        line=(place(row["lo95"]), place(row["hi95"])),
        dot=place(row["value"]),
    )
