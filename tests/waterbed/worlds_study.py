"""Does the truth of simulated labour markets lie in the sets that the estimator gives, over many seeds?

Run as a study: `python -m tests.waterbed.worlds_study WORK [SEEDS] [SCALE]`. For every seed and scenario it makes a
world, runs the steps of the night up to the flows, estimates every event and holds the headline specification against
the truth. The inputs of the estimator are kept in WORK, so that a study that was stopped goes on where it was, and
another estimator can be judged on the same worlds. SCALE is `openings` when not given: the nation with a tenth of its
postings. On a small world the rules of single events exclude about ten persons each, and nothing can be estimated. The
suite runs only the scoring, on literal rows.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl

from assets.feeds.night import Night
from assets.waterbed.declarations import declarations
from assets.waterbed.estimate import Inputs, estimate_events
from assets.waterbed.tables import ESTIMATES_READ, read_inputs

SCENARIOS = ("default", "null_waterbed", "confounded")
#: Goals: least share of pairs with the truth in the set, most false verdicts by scenario.
LEAST_COVERED = 0.93
MOST_FALSE = {"null_waterbed": 0.07, "confounded": 0.10}
AS_OF = date(2026, 11, 23)
RUN = f"{AS_OF}-study"
#: Feeds that the flows are made from, and the fields of `Inputs` that are kept.
FEEDS = ("ind_permits", "ind_sponsors", "uwv_work_permits", "szw_postings", "kvk_companies")
INPUTS = tuple(field.name for field in fields(Inputs))
KEY = ["event_id", "restricted_route", "destination_route", "months_after"]
#: Persons that a destination gained in truth up to which it counts as not having gained.
NOBODY = 0.5


def make_inputs(folder: Path, seed: int, scenario: str, scale: str) -> None:
    """Keep in `folder` the truth of a new world and what the estimator reads of it, from flows as the night makes."""
    from assets.standins.supply import supply
    from pipelines.definitions import defs

    data = folder.with_suffix(".world")
    shutil.rmtree(data, ignore_errors=True)
    supply(data, scale=scale, scenario=scenario, seed=seed, as_of=AS_OF, feeds=FEEDS)
    needed = dg.AssetSelection.assets(*(name.split(".") for name in ESTIMATES_READ)).upstream()
    job = dg.define_asset_job("flows", needed.required_multi_asset_neighbors().without_checks())
    done = (
        dg.Definitions.merge(defs, dg.Definitions(jobs=[job]))
        .resolve_job_def("flows")
        .execute_in_process(
            run_config={"resources": {"night": {"config": {"data": str(data), "as_of": AS_OF.isoformat()}}}}
        )
    )
    if not done.success:
        raise RuntimeError(f"the world of seed {seed}, {scenario}, came to no flows")
    with Night(data, AS_OF, RUN, False, "study").warehouse.reading() as session:
        inputs = read_inputs(session)
    shutil.copytree(data / "truth", folder)
    for name in INPUTS:
        getattr(inputs, name).write_parquet(folder / f"{name}.parquet")
    shutil.rmtree(data)


def estimated(folder: Path) -> pl.DataFrame:
    """The rows of `estimates.displacement` on a world that is kept in `folder`."""
    inputs = Inputs(**{name: pl.read_parquet(folder / f"{name}.parquet") for name in INPUTS})
    return estimate_events(inputs, declarations(), AS_OF, RUN)[0]


def judged(found: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """One row for every event, route and destination that was estimated, at its longest horizon, beside the truth.

    A destination that the truth does not name gained nobody. The total is that of the destinations that could be
    estimated; the reason of its row names the others. Events that the truth does not know are left out.

    Returns:
        KEY, gain, true_gain, in_gain, share, true_share, in_share (empty where no bounded share is given), is_false:
        the verdict is displacement where nobody was gained.
    """
    known = truth["event_id"].unique().to_list()
    rows = found.filter(
        pl.col("specification") == "C1",
        pl.col("gain").is_not_null(),
        pl.col("event_id").is_in(known),
        pl.col("destination_route") != "net_reduction",
    )
    last = pl.col("months_after") == pl.col("months_after").max().over("event_id", "restricted_route")
    losses = truth.group_by("event_id", "restricted_route", "months_after").agg(true_loss=pl.col("net_loss").first())
    named = truth.select(*KEY, true_gain="gain")
    joined = (
        rows.filter(last)
        .join(losses, on=KEY[:2] + KEY[3:], how="left")
        .join(named, on=KEY, how="left")
        .with_columns(pl.col("true_gain", "true_loss").fill_null(0.0))
    )
    single = pl.col("destination_route") != "total"
    summed = pl.col("true_gain").filter(single).sum().over("event_id", "restricted_route", "months_after")
    joined = joined.with_columns(true_gain=pl.when(single).then("true_gain").otherwise(summed))
    share = pl.when(pl.col("true_loss") > 0).then(pl.col("true_gain") / pl.col("true_loss"))
    return joined.with_columns(true_share=share).select(
        *KEY,
        "gain",
        "true_gain",
        "net_loss",
        "true_loss",
        "share",
        "true_share",
        "verdict",
        in_gain=pl.col("true_gain").is_between("gain_lo95", "gain_hi95"),
        in_loss=pl.col("true_loss").is_between("net_loss_lo95", "net_loss_hi95"),
        in_share=pl.col("true_share").is_between("share_lo95", "share_hi95"),
        is_false=(pl.col("verdict") == "displacement") & (pl.col("true_gain") <= NOBODY),
    )


def verdict(rows: pl.DataFrame, scenario: str) -> tuple[str, bool]:
    """The figures of one scenario in a line, and whether its goals are met: not where nothing can be judged.

    The set of a pair is that of its share; where no share is given because the loss is weak, that of its gain.
    """
    if rows.is_empty():
        return f"{scenario}: no event could be estimated", False
    given = rows["in_share"].drop_nulls()
    covered = rows.select(pl.coalesce("in_share", "in_gain").mean()).item()
    false = rows["is_false"].mean()
    is_met = covered >= LEAST_COVERED and false <= MOST_FALSE.get(scenario, 1.0)
    shown = f"{given.mean():.3f} of {len(given)}" if len(given) else "none given"
    line = (
        f"{scenario}: {rows.height} pairs; truth in set {covered:.3f} "
        f"(share {shown}; gain {rows['in_gain'].mean():.3f}); "
        f"loss in interval {rows['in_loss'].mean():.3f}; false verdicts {false:.3f}"
    )
    return line, bool(is_met)


def main(say: Callable[[str], None] = print) -> None:
    """The study: one line per world and scenario; exit code 1 when a goal is missed."""
    work, seeds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20
    scale = sys.argv[3] if len(sys.argv) > 3 else "openings"
    all_met = True
    for scenario in SCENARIOS:
        worlds = []
        for seed in range(1, seeds + 1):
            folder = work / f"{scale}-{scenario}-{seed}"
            if not folder.exists():
                make_inputs(folder, seed, scenario, scale)
            worlds.append(judged(estimated(folder), pl.read_parquet(folder / "displacement.parquet")))
            say(f"seed {seed} {verdict(worlds[-1], scenario)[0]}")
        line, is_met = verdict(pl.concat(worlds), scenario)
        say(f"{line} {'- met' if is_met else '- NOT MET'}")
        all_met &= is_met
    raise SystemExit(0 if all_met else 1)


if __name__ == "__main__":
    main()
