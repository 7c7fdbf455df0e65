"""The command `waterbed`: thin, every command calls one function.

Belongs here: options and their defaults, errors in the user's words. Does not belong here: work.
"""

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.resources import default_data, today
from pipelines.terminal import make_console

app = typer.Typer(
    name="waterbed",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One integrated view of labour migration: deliveries in, findings, estimates, database and brief out.",
)
console = make_console()


class Scale(StrEnum):
    """Sizes of the stand-in world."""

    small = "small"
    national = "national"
    tenfold = "10x"


class Specifications(StrEnum):
    """Specifications of the demand index, or all of them."""

    all = "all"
    c0 = "C0"
    c1 = "C1"
    c2 = "C2"


#: Worlds after which a long simulation says how far it is.
WORLDS_PER_LINE = 100


def _date(text: str | date) -> date:
    """An ISO date; the default comes as a date already."""
    try:
        return text if isinstance(text, date) else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; write it as 2026-11-23") from None


Data = Annotated[
    Path, typer.Option("--data", help="The data folder; $WATERBED_DATA or ./data.", default_factory=default_data)
]
AsOf = Annotated[
    date,
    typer.Option("--as-of", parser=_date, metavar="YYYY-MM-DD", help="Replaces the clock.", default_factory=today),
]


@app.command()
def nightly(
    data: Data,
    as_of: AsOf,
    review_lane: Annotated[bool, typer.Option("--review-lane", help="Also keep case signals for review.")] = False,
) -> None:
    """Run one night on the deliveries in DATA/landing; exit 0 only if published."""
    from pipelines.nightly import run_night

    raise typer.Exit(run_night(data, as_of, review_lane=review_lane))


@app.command()
def standins(
    data: Data,
    as_of: AsOf,
    scale: Annotated[Scale, typer.Option(help="Size of the simulated world.")] = Scale.small,
    scenario: Annotated[str, typer.Option(help="Name of the scenario.")] = "default",
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
) -> None:
    """Write simulated deliveries to DATA/landing and their truth to DATA/truth."""
    from assets.standins.supply import supply

    try:
        supply(data, scale=scale.value, scenario=scenario, seed=seed, as_of=as_of, log=_say)
    except (ValueError, FileNotFoundError, FileExistsError) as problem:
        _stop(str(problem))


@app.command("world-page")
def world_page(data: Data) -> None:
    """Write DATA/truth/world.html: what the simulated world in DATA looks like, for a reader."""
    from assets.standins.foundations.version import OtherVersionError
    from pipelines.world_page import make_world_page

    try:
        _say(f"page of the simulated world: {make_world_page(data)}")
    except FileNotFoundError as missing:
        _stop(f"{data} holds no simulated world: {missing.filename} is missing; make one with waterbed standins")
    except OtherVersionError as other:
        _stop(str(other))


@app.command()
def prepare(
    data: Data,
    as_of: AsOf,
    scale: Annotated[Scale, typer.Option(help="Size of the simulated world.")] = Scale.small,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
) -> None:
    """Fill an empty landing: the public deliveries, and stand-ins for the confidential feeds."""
    from assets.feeds.public_samples import deliver_public_samples

    landing = data / "landing"
    has_deliveries = any(landing.glob("*/*/manifest.json"))
    if not has_deliveries:
        standins(data=data, as_of=as_of, scale=scale, scenario="default", seed=seed)
        for folder in deliver_public_samples(landing):
            _say(f"public delivery {folder.parent.name} {folder.name}")


@app.command("simulate-waterbed")
def simulate_waterbed(
    out: Annotated[Path, typer.Option("--out", help="Parquet file for the scores.")],
    worlds: Annotated[int, typer.Option(min=1, help="Number of worlds per scenario.")] = 300,
    scenario: Annotated[str, typer.Option(help="Name of the scenario, or all.")] = "base",
    seed: Annotated[int, typer.Option(help="First seed.")] = 1000,
    specification: Annotated[Specifications, typer.Option(help="Which specification is scored.")] = Specifications.all,
) -> None:
    """Run the displacement estimator on simulated worlds with known answers and write its scores."""
    from assets.waterbed.analysis import SPECIFICATIONS
    from assets.waterbed.simulation.scenarios import SCENARIOS
    from assets.waterbed.simulation.scores import simulate, summarise
    from pipelines.scores import print_scores, write_scores

    def tell(name: str, done: int) -> None:
        if done % WORLDS_PER_LINE == 0 or done == worlds:
            _say(f"{name}: {done} of {worlds} worlds")

    wanted = [s for s in SPECIFICATIONS if specification in (Specifications.all, s)]
    try:
        scores = simulate(worlds, scenario, seed, wanted, tell)
    except KeyError:
        _stop(f"there is no scenario {scenario!r}; known are all, {', '.join(SCENARIOS)}")
    out.parent.mkdir(parents=True, exist_ok=True)
    met, goals = write_scores(scores, out, seed)
    print_scores(summarise(scores), console)
    _say(f"{scores.height} rows of scores in {out}; {met} of {goals} goals met, see {out.with_suffix('.html')}")


@app.command()
def bench(
    scale: Annotated[Scale, typer.Option(help="Size of the load.")] = Scale.national,
) -> None:
    """Measure the night's load and the estimate of one event, each against its floor, in one run."""
    from pipelines.bench import run_bench

    raise typer.Exit(0 if run_bench(scale.value, console) else 1)


@app.command()
def doctor(data: Data) -> None:
    """Say what is wrong with this installation, these deliveries, this database, in words."""
    from pipelines.doctor import examine

    raise typer.Exit(examine(data, console))


def _say(text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)


def _stop(text: str) -> None:
    console.print(text, style="red", highlight=False, soft_wrap=True)
    raise typer.Exit(2)


def run() -> None:
    """Entry point of the command."""
    try:
        app()
    except KeyboardInterrupt:
        console.print("Interrupted; nothing half-done was published.", style="red")
        sys.exit(130)
