"""The one entrance: simulate a world and deliver it like the real suppliers do.

Belongs here: `supply`, which ties world, suppliers, faults, calendar and truth together. Does not belong here: any of
those, and the command line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from assets.standins import deliver, faults, lookalikes, misuse, truth
from assets.standins.deliver import Delivery, day_number
from assets.standins.parameters import Parameters, read_parameters
from assets.standins.randomness import Draws
from assets.standins.suppliers import ind, posting, work
from assets.standins.world import World, complete, make_base, make_setting
from quality.contract import FeedContract, feed_contracts

#: Versions of the rows of each delta feed.
_VERSIONS: dict[str, Callable[[World], Iterable[pl.DataFrame]]] = {
    "ind_permits": lambda world: [ind.permits(world)],
    "ind_sponsor_notices": lambda world: [ind.notices(world)],
    "review_verdicts": lambda world: [ind.verdicts(world)],
    "uwv_wages": work.wage_returns,
    "uwv_work_permits": lambda world: [work.work_permits(world)],
    "rvo_advice": lambda world: [work.advice(world)],
    "szw_postings": lambda world: [posting.postings(world)],
    "svb_a1": lambda world: [posting.certificates(world)],
    "nla_sightings": lambda world: [posting.sightings(world)],
}
#: State of each full feed on a day.
_STATES: dict[str, Callable[[World, int], pl.DataFrame]] = {
    "ind_sponsors": ind.sponsors,
    "uwv_employers": work.employers,
    "uwv_peer_wages": work.peers,
    "kvk_companies": work.companies,
    "kvk_officers": work.officers,
    "posting_employers": posting.employers,
}


@dataclass(frozen=True)
class SupplyReport:
    """What was delivered.

    Attributes:
        scale: size of the world.
        scenario: its scenario.
        seed: its seed.
        as_of: last day on which something was delivered.
        deliveries: every delivery, in the order of writing.
        truth: number of rows of each table of the truth.
    """

    scale: str
    scenario: str
    seed: int
    as_of: date
    deliveries: tuple[Delivery, ...]
    truth: dict[str, int]

    @property
    def rows(self) -> dict[str, int]:
        """Rows delivered per feed."""
        counts: dict[str, int] = {}
        for one in self.deliveries:
            counts[one.feed] = counts.get(one.feed, 0) + one.rows
        return counts


def make_world(parameters: Parameters, seed: int, until: int) -> World:
    """The whole world with its misuse and look-alikes, up to the day `until`."""
    world = make_base(make_setting(parameters, Draws(seed)), until)
    lookalikes.plant_all(world)
    misuse.plant_all(world)
    complete(world)
    lookalikes.name_all(world)
    return world


def supply(
    data: Path,
    *,
    scale: str = "small",
    scenario: str = "default",
    seed: int = 1,
    as_of: date,
    log: Callable[[str], None] = lambda line: None,
) -> SupplyReport:
    """Simulate a labour market and write its deliveries and its truth.

    The same arguments give the same bytes. When `data` holds an earlier delivery of the same world (scale, scenario and
    seed), only what became due since then is delivered.

    Args:
        data: the data folder; `landing/` and `truth/` are written in it.
        scale: size of the world, a name of `scales` in the parameters.
        scenario: name of a file in `scenarios/`.
        seed: seed of every draw.
        as_of: last day that can have been delivered.
        log: receives a line of progress now and then.

    Returns:
        What was delivered.

    Raises:
        ValueError: the scale or the scenario does not exist, or `data` holds another world.
    """
    parameters = read_parameters(scale, scenario)
    mark: dict[str, str | int] = {"scale": scale, "scenario": scenario, "seed": seed}
    earlier = _earlier(data, mark, as_of)
    # The world runs to a fixed day beyond the as-of date, so that nothing in it depends on the as-of date.
    log(f"simulating a {scale} world, scenario {scenario}, seed {seed}")
    world = make_world(parameters, seed, max(day_number(parameters["horizon"]), day_number(as_of)))
    log(f"{len(world.people):,} persons, {len(world.companies):,} companies, {len(world.permits):,} applications")
    spoiler = faults.Spoiler(parameters, world.draws)
    written = _deliver(world, data / "landing", as_of, earlier=earlier, spoiler=spoiler, log=log)
    known = data / "truth" / "faults.parquet"
    if earlier is not None:
        spoiler.found.insert(0, pl.read_parquet(known))
    counts = truth.write_truth(world, data / "truth", day_number(as_of), spoiler.truth())
    (data / "truth" / "world.json").write_text(json.dumps(mark | {"as_of": as_of.isoformat()}) + "\n", encoding="utf-8")
    return SupplyReport(scale, scenario, seed, as_of, tuple(written), counts)


def _earlier(data: Path, mark: dict[str, str | int], as_of: date) -> date | None:
    """The as-of date up to which `data` already holds this world; None when it holds none."""
    path = data / "truth" / "world.json"
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    before = date.fromisoformat(found.pop("as_of"))
    if found != mark:
        raise ValueError(f"{data} holds another world: {found}; choose another folder or the same world")
    if before > as_of:
        raise ValueError(f"{data} holds this world up to {before}; it cannot be delivered up to {as_of} again")
    return before if before < as_of else None


def _deliver(
    world: World,
    landing: Path,
    as_of: date,
    *,
    earlier: date | None,
    spoiler: faults.Spoiler,
    log: Callable[[str], None],
) -> list[Delivery]:
    plans = world.parameters["deliveries"]
    fresh = deliver.calendars(world.parameters, as_of)
    written: list[Delivery] = []
    for feed, plan in plans.items():
        days = fresh[feed] if earlier is None else deliver.days_between(plan["every"], earlier, as_of)
        if not days:
            continue
        contract, made = feed_contracts()[feed], list[Delivery]()
        if feed in _STATES:
            state = partial(_STATES[feed], world)
            made += deliver.full_feed(landing, contract, plan=plan, days=days, state=state, spoil=spoiler)
        else:
            after = None if earlier is None else _last_day(landing, feed, earlier)
            pieces = partial(_VERSIONS[feed], world)
            made += deliver.delta_feed(
                landing, contract, plan=plan, days=days, after=after, pieces=pieces, spoil=spoiler
            )
        if earlier is None:
            made += _odd_deliveries(world, landing, contract, made, spoiler)
        written += made
        log(f"{feed}: {len(made)} deliveries, {sum(one.rows for one in made):,} rows")
    return written


def _odd_deliveries(
    world: World, landing: Path, contract: FeedContract, made: list[Delivery], spoiler: faults.Spoiler
) -> list[Delivery]:
    """What no calendar asks for: the same rows again under the next date, and a delta older than the first full."""
    block, feed = world.parameters["faults"], contract.feed
    odd: list[Delivery] = []
    if feed == block["repeated_delivery"] and len(made) > 2:
        again = made[1].delivered_on + timedelta(days=1)
        odd.append(deliver.repeated(made[1], again))
        spoiler.repeat(feed, made[1].delivered_on, again)
    if feed == block["early_delta"]:
        on = made[0].delivered_on - timedelta(days=14)
        delivery = deliver.OpenDelivery(landing, contract, on, world.parameters["deliveries"][feed]["format"])
        for piece in _VERSIONS[feed](world):
            rows = deliver.known(piece, contract, day_number(on) - 7, day_number(on))
            delivery.add(deliver.in_contract(rows, contract))
        odd.append(delivery.close("delta", on))
    return odd


def _last_day(landing: Path, feed: str, earlier: date) -> date:
    """The day of the feed's last delivery up to an earlier as-of date."""
    days = [
        date.fromisoformat(folder.name) for folder in (landing / feed).iterdir() if (folder / "manifest.json").exists()
    ]
    return max((on for on in days if on <= earlier), default=earlier - timedelta(days=1))
