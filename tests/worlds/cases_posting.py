"""Too long without a permit (P02) and too long at one place (P07): planted cases, and lawful stays that look like them.

Every kind is one short function; the four tables at the end read as the specification. Does not belong here: what
is found. The subject of a P02 case is known by its notifications, of a P07 case by its service provider, which has one
job only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from tests.worlds.economy import Firm
from tests.worlds.ledger import World, days
from tests.worlds.migrants import apply
from tests.worlds.posted import Employer, Job, cross_border_permit, employer, job, notify, seen

FIRST = date(2025, 9, 1)
HARD_CORE = 15.1  # just above the statutory minimum of 2025 and 2026
FULL_TERMS = 26.5
#: Makes notifications of one worker and returns their numbers.
Stay = Callable[[World, list[Firm]], list[str]]
#: Makes a job slot and returns its work.
Slot = Callable[[World, list[Firm]], Job]


# -- P02 -----------------------------------------------------------------------------------------------------------
def confirmed(w: World, clients: list[Firm], length: int, sightings: Sequence[int] = (), **other: object) -> list[str]:
    """One notification of so many days, confirmed by the client, with sightings on some days."""
    worker, work = w.person(), job(w, clients)
    first = FIRST + days(w.between(0, 60))
    number = notify(w, worker, work, first, first + days(length - 1), **other)  # type: ignore[arg-type]
    for day in sightings:
        seen(w, worker, work, first + days(day))
    return [number]


def only_sightings(w: World, clients: list[Firm]) -> list[str]:
    """The client confirmed nothing; gates saw the worker every week for five months."""
    return confirmed(w, clients, 170, range(2, 160, 7), confirmed=False)


def two_employers(w: World, clients: list[Firm]) -> list[str]:
    """Seventy days for one employer, and seventy more for another within the half year."""
    worker = w.person()
    one, two = job(w, clients), job(w, clients)
    return [
        notify(w, worker, one, FIRST, FIRST + days(69)),
        notify(w, worker, two, FIRST + days(80), FIRST + days(149)),
    ]


def three_stays(w: World, clients: list[Firm]) -> list[str]:
    """Three stays of thirty-five days within the half year."""
    worker, work = w.person(), job(w, clients)
    return [notify(w, worker, work, FIRST + days(n), FIRST + days(n + 34)) for n in (0, 65, 130)]


def permit_ended_early(w: World, clients: list[Firm]) -> list[str]:
    """The permit covered the first twenty days of two hundred."""
    worker, work = w.person(), job(w, clients)
    cross_border_permit(w, worker, work, FIRST, FIRST + days(19))
    seen(w, worker, work, FIRST + days(185))
    return [notify(w, worker, work, FIRST, FIRST + days(199))]


def permit_refused(w: World, clients: list[Firm]) -> list[str]:
    """Applied before the stay, was refused, stayed."""
    worker, work = w.person(), job(w, clients)
    apply(
        w,
        worker,
        work.client,
        FIRST - days(60),
        scheme="cross_border_service",
        category="none",
        decision="refused",
        decided=FIRST - days(20),
        bsn=None,
    )
    seen(w, worker, work, FIRST + days(150))
    return [notify(w, worker, work, FIRST, FIRST + days(160))]


def permitted(w: World, clients: list[Firm], scheme: str = "cross_border_service", renewed: bool = False) -> list[str]:
    """Two hundred days under a permit; perhaps with a passport renewed on the way."""
    worker, work = w.person(), job(w, clients)
    if scheme == "cross_border_service":
        cross_border_permit(w, worker, work, FIRST - days(3), FIRST + days(260))
    else:
        apply(w, worker, work.client, FIRST - days(60), scheme=scheme, category="none", starts=FIRST - days(5), years=2)
    numbers = [notify(w, worker, work, FIRST, FIRST + days(79))]
    if renewed:
        worker.document = "X" + worker.document
        apply(
            w, worker, work.client, FIRST + days(70), scheme="gvva", category="none", starts=FIRST + days(140), years=1
        )
    return [*numbers, notify(w, worker, work, FIRST + days(80), FIRST + days(199))]


def permitted_otherwise_written(w: World, clients: list[Firm]) -> list[str]:
    """The permit has the passport number in capitals, the notification in small letters with a space and a dash."""
    worker, work = w.person(), job(w, clients)
    cross_border_permit(w, worker, work, FIRST - days(3), FIRST + days(260))
    text = worker.document
    worker.document = f"{text[:2]} {text[2:5]}-{text[5:]}".lower()
    return [notify(w, worker, work, FIRST, FIRST + days(199))]


def permitted_without_document(w: World, clients: list[Firm]) -> list[str]:
    """The permit of the same client does not name the passport."""
    worker, work = w.person(), job(w, clients)
    cross_border_permit(w, worker, work, FIRST - days(3), FIRST + days(260), travel_document=None)
    return [notify(w, worker, work, FIRST, FIRST + days(199))]


def from_day_91(w: World, clients: list[Firm]) -> list[str]:
    """Eighty-nine days free, then the permit."""
    worker, work = w.person(), job(w, clients)
    cross_border_permit(w, worker, work, FIRST + days(89), FIRST + days(300))
    return [notify(w, worker, work, FIRST, FIRST + days(280))]


def pending(w: World, clients: list[Firm]) -> list[str]:
    """An application was pending from day 60 until it was granted on day 150."""
    worker, work = w.person(), job(w, clients)
    apply(
        w,
        worker,
        work.client,
        FIRST + days(60),
        scheme="cross_border_service",
        category="none",
        decided=FIRST + days(150),
        starts=FIRST + days(151),
        years=1,
        bsn=None,
    )
    return [notify(w, worker, work, FIRST, FIRST + days(240))]


def free_mover(w: World, clients: list[Firm]) -> list[str]:
    """A citizen of the Union may stay."""
    return [notify(w, w.person(free=True), job(w, clients), FIRST, FIRST + days(230))]


def family_of_citizen(w: World, clients: list[Firm]) -> list[str]:
    """Notified as third-country once; another notification shows free movement."""
    worker, work = w.person(), job(w, clients)
    first = notify(w, worker, work, FIRST, FIRST + days(120))
    worker.free_movement = True
    return [first, notify(w, worker, work, FIRST + days(125), FIRST + days(150))]


def apart(w: World, clients: list[Firm]) -> list[str]:
    """Two stays of eighty-five days, half a year between."""
    worker, work = w.person(), job(w, clients)
    return [notify(w, worker, work, FIRST + days(n), FIRST + days(n + 84)) for n in (0, 200)]


def told_twice(w: World, clients: list[Firm]) -> list[str]:
    """The same sixty days in two notifications, for two clients."""
    worker, by = w.person(), employer(w)
    return [notify(w, worker, job(w, clients, by=by), FIRST, FIRST + days(59)) for _ in range(2)]


def mistyped_document(w: World, clients: list[Firm]) -> list[str]:
    """Four workers of one crew were notified under the document of the foreman, one after the other for forty days."""
    foreman, work = w.person(), job(w, clients)
    numbers = []
    for n in range(4):
        other = w.person()
        other.document = foreman.document
        numbers.append(notify(w, other, work, FIRST + days(40 * n), FIRST + days(40 * n + 38)))
    return numbers


P02_PLANTED: dict[str, tuple[str, Stay]] = {
    "confirmed_170_days": ("blatant", partial(confirmed, length=170, sightings=(10, 60, 140))),
    "confirmed_160_days_unseen": ("moderate", partial(confirmed, length=160)),
    "self_employed_150_days": ("blatant", partial(confirmed, length=150, sightings=(120,), kind="self_employed")),
    "weekly_sightings": ("blatant", only_sightings),
    "permit_ended_early": ("blatant", permit_ended_early),
    "permit_refused": ("blatant", permit_refused),
    "two_employers": ("moderate", two_employers),
    "confirmed_130_days": ("moderate", partial(confirmed, length=130)),
    "three_stays": ("marginal", three_stays),
    "confirmed_97_days": ("marginal", partial(confirmed, length=97, sightings=(93,))),
}
P02_LOOK_ALIKES: dict[str, Stay] = {
    "shortened": partial(confirmed, length=170, shortened=date(2025, 11, 20)),
    "unconfirmed": partial(confirmed, length=150, confirmed=False),
    "unconfirmed_seen_early": partial(confirmed, length=150, sightings=(3, 30), confirmed=False),
    "left_early_uncorrected": partial(confirmed, length=150, sightings=(3, 30)),
    "annual": partial(confirmed, length=364, kind="annual"),
    "annual_seen_twice": partial(confirmed, length=364, kind="annual", sightings=(20, 200)),
    "permit": permitted,
    "permit_and_new_passport": partial(permitted, renewed=True),
    "permit_otherwise_written": permitted_otherwise_written,
    "permit_without_document": permitted_without_document,
    "other_permit": partial(permitted, scheme="gvva"),
    "permit_from_day_91": from_day_91,
    "pending_application": pending,
    "free_mover": free_mover,
    "family_of_citizen": family_of_citizen,
    "two_stays_apart": apart,
    "told_twice": told_twice,
    "mistyped_document": mistyped_document,
    "exactly_90_days": partial(confirmed, length=90, sightings=(88,)),
    "other_ground_of_stay": partial(confirmed, length=170, sightings=(10, 60, 140)),
}


# -- P07 -----------------------------------------------------------------------------------------------------------
def chain(
    w: World,
    clients: list[Firm],
    stays: Sequence[tuple[int, int]],
    hourly: float | None = HARD_CORE,
    free: bool = True,
    confirmed: bool = True,
    kind: str = "regular",
) -> Job:
    """Workers one after the other, each from day to day (counted from the first), at one place in one task."""
    work = job(w, clients, hourly)
    opens = date(2023, 9, 4) + days(w.between(0, 100))
    for start, end in stays:
        notify(w, w.person(free=free), work, opens + days(start), opens + days(end), confirmed=confirmed, kind=kind)
    return work


def crew(w: World, clients: list[Firm], size: int, gaps: Sequence[int]) -> Job:
    """A crew of constant size of which every member is replaced, again and again."""
    return chain(
        w,
        clients,
        [(n * 3 + 150 * turn + gap, n * 3 + 150 * turn + 140) for n in range(size) for turn, gap in enumerate(gaps)],
    )


def irregular_crew(w: World, clients: list[Firm]) -> Job:
    """Three slots for eight hundred days, with stays and gaps of all lengths."""
    stays = []
    for _ in range(3):
        day = w.between(0, 20)
        while day < 800:
            length = w.between(60, 150)
            stays.append((day, day + length))
            day += length + w.between(2, 20)
    return chain(w, clients, stays)


def chain_with_helpers(w: World, clients: list[Firm], alone: bool) -> Job:
    """One slot of eight hundred days, by one worker or four; now and then a helper for two months."""
    own = [(0, 800)] if alone else [(0, 195), (200, 395), (400, 595), (600, 800)]
    return chain(w, clients, [*own, *((start, start + 60) for start in (70, 240, 420, 650))])


def renewed_notices(w: World, clients: list[Firm]) -> Job:
    """One worker, eight notifications of three months, one after the other."""
    work, worker = job(w, clients, HARD_CORE), w.person(free=True)
    for turn in range(8):
        first = date(2023, 10, 2) + days(92 * turn)
        notify(w, worker, work, first, first + days(89))
    return work


def other_clients_same_park(w: World, clients: list[Firm]) -> Job:
    """A business park with one place code: short projects for one client after the other."""
    work = job(w, clients, HARD_CORE)
    for turn in range(5):
        first = date(2023, 10, 2) + days(165 * turn)
        notify(w, w.person(free=True), replace(work, client=clients[turn]), first, first + days(140))
    return work


def without_place(w: World, clients: list[Firm]) -> Job:
    """No building is named: the client and the postcode say where."""
    work = replace(job(w, clients, HARD_CORE), place=None)
    for turn in range(4):
        first = date(2023, 10, 2) + days(210 * turn)
        notify(w, w.person(free=True), work, first, first + days(200))
    return work


def related_tasks(w: World, clients: list[Firm]) -> Job:
    """Replaced by workers with a neighbouring occupation code of the same minor group."""
    work = replace(job(w, clients, HARD_CORE), sbi2="41", isco="7111")
    for turn, isco in enumerate(("7111", "7114", "7112")):
        first = date(2024, 1, 8) + days(200 * turn)
        notify(w, w.person(free=True), replace(work, isco=isco), first, first + days(190))
    return work


def other_task(w: World, clients: list[Firm]) -> Job:
    """After the bricklayers came the electricians."""
    work = replace(job(w, clients, HARD_CORE), sbi2="41", isco="7112")
    notify(w, w.person(free=True), work, date(2024, 1, 8), date(2024, 9, 1))
    notify(w, w.person(free=True), replace(work, isco="7411"), date(2024, 9, 10), date(2025, 5, 1))
    return work


def other_employer(w: World, clients: list[Firm]) -> Job:
    """The contract went to another contractor, who took the workers over."""
    work = job(w, clients, HARD_CORE)
    rival: Employer = employer(w)
    for n in range(3):
        worker = w.person(free=True)
        notify(w, worker, work, date(2024, 1, 8) + days(n), date(2024, 9, 20))
        notify(w, worker, replace(work, employer=rival), date(2024, 9, 23), date(2025, 5, 20) + days(n))
    return work


def other_place(w: World, clients: list[Firm]) -> Job:
    """The same workers, the same employer, another site every half year."""
    work = job(w, clients, HARD_CORE)
    worker = w.person(free=True)
    for turn in range(4):
        site = replace(work, place=f"{work.place}{turn}" if turn else work.place)
        notify(w, worker, site, date(2024, 1, 8) + days(180 * turn), date(2024, 1, 8) + days(180 * turn + 175))
    return work


def cut_short(w: World, clients: list[Firm]) -> Job:
    """Announced for five hundred days, over after two hundred."""
    work = job(w, clients, HARD_CORE)
    notify(w, w.person(free=True), work, date(2024, 3, 4), date(2025, 7, 20), shortened=date(2024, 9, 20))
    return work


def growth(w: World, clients: list[Firm]) -> Job:
    """A crew that grows from one to eight and leaves together: many worker days, no slot of a year."""
    return chain(w, clients, [(start, 330) for start in (0, 30, 60, 90, 120, 150, 200, 250)])


def growth_in_steps(w: World, clients: list[Firm]) -> Job:
    """Eight come one by one, leave one by one; every one stays half a year, three to four at a time, within a year."""
    return chain(w, clients, [(start, start + 170) for start in range(0, 176, 25)])


P07_PLANTED: dict[str, tuple[str, Slot]] = {
    "one_worker_800_days": ("blatant", partial(chain, stays=[(0, 800)])),
    "four_workers_900_days": ("blatant", partial(chain, stays=[(0, 220), (230, 450), (455, 680), (690, 900)])),
    "third_country_chain": (
        "blatant",
        partial(
            chain,
            stays=[(0, 85), (90, 175), (180, 265), (270, 355), (360, 445), (450, 535), (540, 625), (630, 715)],
            free=False,
        ),
    ),
    "crew_of_four_replaced": ("blatant", partial(crew, size=4, gaps=(0, 0, 0, 0, 0))),
    "handover_overlaps": ("moderate", partial(chain, stays=[(0, 180), (175, 350), (346, 520)])),
    "gaps_of_fifty_days": ("moderate", partial(chain, stays=[(0, 200), (250, 430), (480, 640)])),
    "irregular_crew": ("blatant", irregular_crew),
    "worker_with_helpers": ("blatant", partial(chain_with_helpers, alone=True)),
    "renewed_notices": ("blatant", renewed_notices),
    "without_place": ("moderate", without_place),
    "chain_with_helpers": ("moderate", partial(chain_with_helpers, alone=False)),
    "related_tasks": ("moderate", related_tasks),
    "pay_not_shown": ("moderate", partial(chain, stays=[(0, 250), (255, 500)], hourly=None)),
    "one_worker_380_days": ("marginal", partial(chain, stays=[(0, 380)])),
    "two_workers_400_days": ("marginal", partial(chain, stays=[(0, 200), (210, 405)])),
}
P07_LOOK_ALIKES: dict[str, Slot] = {
    "growth": growth,
    "growth_in_steps": growth_in_steps,
    "other_task": other_task,
    "other_employer": other_employer,
    "other_place": other_place,
    "cut_short": cut_short,
    "gap_over_sixty_days": partial(chain, stays=[(0, 250), (330, 600)]),
    "under_a_year": partial(chain, stays=[(0, 170), (180, 350)]),
    "annual": partial(chain, stays=[(0, 364), (366, 730)], kind="annual"),
    "other_clients_same_park": other_clients_same_park,
    "full_terms_paid": partial(chain, stays=[(0, 300), (305, 600)], hourly=FULL_TERMS),
    "not_yet_a_year": partial(chain, stays=[(900, 1400)]),
}


def plant_postings(w: World, clients: list[Firm], planted: int, alike: int) -> None:
    """So many of every kind, and one service provider whose whole crew stays too long."""
    for name, (strength, stay) in P02_PLANTED.items():
        _plant_stays(w, clients, planted, name, strength, stay)
    for name, stay in P02_LOOK_ALIKES.items():
        _plant_stays(w, clients, alike, name, "look_alike", stay)
    for name, (strength, slot) in P07_PLANTED.items():
        _plant_slots(w, clients, planted, name, strength, slot)
    for name, slot in P07_LOOK_ALIKES.items():
        _plant_slots(w, clients, alike, name, "look_alike", slot)
    if planted:
        _plant_bad_employer(w, clients)


def _plant_bad_employer(w: World, clients: list[Firm]) -> None:
    by = employer(w)
    for _ in range(8):
        work = job(w, clients, HARD_CORE, by)
        worker = w.person()
        number = notify(w, worker, work, FIRST, FIRST + days(165))
        seen(w, worker, work, FIRST + days(w.between(130, 160)))
        _plant_stay(w, "bad_employer_worker", "blatant", [number])
    w.plant("P02", "bad_employer", "blatant", ("posting_employer", by.vat))


def _plant_stays(w: World, clients: list[Firm], each: int, kind: str, strength: str, stay: Stay) -> None:
    for _ in range(each):
        _plant_stay(w, kind, strength, stay(w, clients))


def _plant_slots(w: World, clients: list[Firm], each: int, kind: str, strength: str, slot: Slot) -> None:
    for _ in range(each):
        work = slot(w, clients)
        w.plant("P07", kind, strength, ("posting_employer", work.employer.vat))


def _plant_stay(w: World, kind: str, strength: str, numbers: list[str]) -> None:
    w.plant("P02", kind, strength, ("person", numbers[0]), [f"notification:{n}" for n in numbers])
