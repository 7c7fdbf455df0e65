"""The one entrance: simulate a world and deliver it like the real suppliers do.

Belongs here: `supply`, which ties world, suppliers, faults, calendar and truth together. Does not belong here: any of
those, and the command line.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from assets.standins import lookalikes, misuse, truth
from assets.standins.deliveries import deliver, delivery_faults, faults
from assets.standins.deliveries.deliver import Delivery, OpenDelivery, day_number
from assets.standins.foundations import regions
from assets.standins.foundations.parameters import Parameters, read_parameters
from assets.standins.foundations.randomness import Draws
from assets.standins.foundations.version import OtherVersionError, fingerprint
from assets.standins.suppliers import ind, posting, work
from assets.standins.world import World, complete, make_base, make_setting
from quality.contract import feed_contracts

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
    """One region (for most scales: the whole world) with its misuse and look-alikes, up to the day `until`."""
    world = make_base(make_setting(parameters, regions.draws_of(seed)), until)
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
    feeds: Collection[str] | None = None,
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
        feeds: feeds to deliver, for studies of one subject; all of them when none.
        log: receives a line of progress now and then.

    Returns:
        What was delivered.

    Raises:
        ValueError: the scale or the scenario does not exist, or `data` holds another world.
    """
    parameters = read_parameters(scale, scenario)
    mark: dict[str, str | int] = {"scale": scale, "scenario": scenario, "seed": seed, "stand_ins": fingerprint()}
    earlier = _earlier(data, mark, as_of)
    # The world runs to a fixed day beyond the as-of date, so that nothing in it depends on the as-of date.
    until = max(day_number(parameters["horizon"]), day_number(as_of))
    spoiler = faults.Spoiler(parameters, regions.draws_of(seed))
    opened = _open(parameters, seed, data / "landing", as_of, earlier)
    if feeds is not None:
        opened = {feed: days if feed in feeds else {} for feed, days in opened.items() if feed != "early"}
    parts = [data / "truth" / f"region-{number}" for number in range(parameters.regions)]
    for number, part in enumerate(parts):
        with regions.region(number, parameters.regions):
            log(f"simulating {scale}, scenario {scenario}, seed {seed}, region {number + 1} of {len(parts)}")
            world = make_world(parameters, seed, until)
            log(f"{len(world.people):,} persons, {len(world.companies):,} firms, {len(world.permits):,} applications")
            corrections = _corrections(world, opened, earlier)
            _write(world, opened, spoil=spoiler, corrections=corrections, log=log)
            truth.write_truth(world, part, day_number(as_of))
            spoiler.keep(corrections, part)
            del world
    written = _close(parameters, opened, earlier, spoiler)
    counts = truth.join_truth(parts, data / "truth", spoiler.tables(), nights=earlier is not None)
    for part in parts:
        shutil.rmtree(part)
    (data / "truth" / "world.json").write_text(json.dumps(mark | {"as_of": as_of.isoformat()}) + "\n", encoding="utf-8")
    return SupplyReport(scale, scenario, seed, as_of, tuple(written), counts)


def _earlier(data: Path, mark: dict[str, str | int], as_of: date) -> date | None:
    """The as-of date up to which `data` already holds this world; None when it holds none."""
    path = data / "truth" / "world.json"
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    before = date.fromisoformat(found.pop("as_of"))
    if found.get("stand_ins") != mark["stand_ins"]:
        raise OtherVersionError(
            f"{data} holds a world that another version of the stand-ins made; its nights cannot go on. Choose another "
            "folder."
        )
    if found != mark:
        raise ValueError(f"{data} holds another world: {found}; choose another folder or the same world")
    if before > as_of:
        raise ValueError(f"{data} holds this world up to {before}; it cannot be delivered up to {as_of} again")
    return before if before < as_of else None


#: Full feeds that tell of no person or firm: the first region delivers them for all.
_OF_ALL = ("uwv_peer_wages",)
#: The open deliveries of each feed, by day.
_Opened = dict[str, dict[date, OpenDelivery]]


def _open(parameters: Parameters, seed: int, landing: Path, as_of: date, earlier: date | None) -> _Opened:
    """Open every delivery that is due, those held back until now, and the delta dated before the first full one."""
    draws, fresh = regions.draws_of(seed), deliver.calendars(parameters, as_of)
    opened: _Opened = {}
    for feed, plan in parameters["deliveries"].items():
        contract = feed_contracts()[feed]
        days = fresh[feed] if earlier is None else _due_days(parameters, draws, feed, earlier, as_of)
        opened[feed] = {}
        for on in days:
            if earlier is None and on == days[0]:  # what a world begins with is neither lost nor late
                opened[feed][on] = OpenDelivery(landing, contract, on, plan["format"], as_of=as_of)
                continue
            opened[feed][on] = OpenDelivery(
                landing,
                contract,
                on,
                plan["format"],
                as_of=as_of,
                since=deliver.delivery_days(plan["every"], 1, on)[0],
                arrives_on=delivery_faults.arrival(parameters, draws, feed, on),
                is_lost=delivery_faults.is_lost(parameters, draws, feed, on),
            )
    if earlier is None:
        feed = parameters["faults"]["early_delta"]
        on = fresh[feed][0] - timedelta(days=14)
        form, since = parameters["deliveries"][feed]["format"], on - timedelta(days=7)
        early = OpenDelivery(landing, feed_contracts()[feed], on, form, as_of=as_of, since=since)
        opened["early"] = {on: early}
    return opened


def _due_days(parameters: Parameters, draws: Draws, feed: str, earlier: date, as_of: date) -> list[date]:
    """The days of a night's deliveries: those held back on an earlier night that come now, and the new ones."""
    every = parameters["deliveries"][feed]["every"]
    back = timedelta(days=delivery_faults.longest_delay(parameters, feed))
    before = deliver.days_between(every, earlier - back, earlier)
    held = [on for on in before if earlier < delivery_faults.arrival(parameters, draws, feed, on) <= as_of]
    come = [on for on in held if not delivery_faults.is_lost(parameters, draws, feed, on)]
    return come + deliver.days_between(every, earlier, as_of)


def _last_due(parameters: Parameters, feed: str, earlier: date) -> date:
    """The day of the feed's last delivery up to an earlier as-of date, come or lost."""
    return deliver.delivery_days(parameters["deliveries"][feed]["every"], 0, earlier)[0]


def _corrections(world: World, opened: _Opened, earlier: date | None) -> delivery_faults.Corrections:
    """What watches the feed whose rows are put right later."""
    feed = delivery_faults.CORRECTED_FEED
    days = opened[feed]
    return delivery_faults.Corrections(
        rate=float(world.parameters["pay"]["corrected_rows"]),
        days=[day_number(on) for on in days],
        lost=[day_number(on) for on, delivery in days.items() if delivery.is_lost],
        after=None if earlier is None else day_number(_last_due(world.parameters, feed, earlier)),
    )


def _write(
    world: World,
    opened: _Opened,
    *,
    spoil: deliver.Spoil,
    corrections: delivery_faults.Corrections,
    log: Callable[[str], None],
) -> None:
    """Write what the suppliers see of one region to the open deliveries."""
    for feed, days in opened.items():
        if feed == "early" or not days:
            continue
        if feed in _STATES:
            if feed in _OF_ALL and any(delivery.files for delivery in days.values()):
                continue
            deliver.add_states(days, partial(_STATES[feed], world), spoil)
        else:
            pieces = _VERSIONS[feed](world)
            if feed == delivery_faults.CORRECTED_FEED:
                pieces = corrections.watch(feed_contracts()[feed], pieces)
            deliver.add_versions(days, pieces, spoil)
        log(f"{feed}: {sum(one.rows for one in days.values()):,} rows in {len(days)} deliveries")
    for on, delivery in opened.get("early", {}).items():
        deliver.add_versions({on: delivery}, _VERSIONS[delivery.contract.feed](world), spoil)


def _close(parameters: Parameters, opened: _Opened, earlier: date | None, spoiler: faults.Spoiler) -> list[Delivery]:
    """Close every delivery, and send the same rows again under the next date where the calendar does not ask for it."""
    block, written = parameters["faults"], list[Delivery]()
    for feed, days in opened.items():
        if feed == "early":
            made = deliver.close_versions(days)
            spoiler.deliveries.early(made)
        elif feed in _STATES:
            made = deliver.close_states(days)
        else:
            made = deliver.close_versions(days)
        if feed in block["repeated_deliveries"] and earlier is None and len(made) > 2:
            next_day = made[1].delivered_on + timedelta(days=1)
            spoiler.repeat(made[1].feed, made[1].delivered_on, next_day)
            again = deliver.repeated(made[1], next_day)
            spoiler.deliveries.twice(made, again)
            made.append(again)
        due = [one for one in days.values() if one.since is not None and (earlier is None or one.on > earlier)]
        spoiler.deliveries.lost(feed, block["missing_one_in"].get(feed, 0), due)
        spoiler.deliveries.held_back(feed, block["held_back"].get(feed, {}).get("one_in", 0), due)
        written += made
    return written
