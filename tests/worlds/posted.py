"""Posting: foreign employers, notifications in their versions, A1s, sightings, permits for cross-border service.

Belongs here: the building blocks and the ordinary postings. Does not belong here: planted cases (`cases_posting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.worlds.economy import Firm, misspelt
from tests.worlds.ledger import AS_OF, Person, World, days
from tests.worlds.migrants import apply

FOREIGN = {
    "PL": "Zakład Budowlany Kowalczyk",
    "LT": "Statybų Grupė Žalgiris",
    "PT": "Construções Irmãos Gonçalves",
    "RO": "Instalații Țăran",
    "SI": "Gradbeništvo Škof",
    "SK": "Stavby Ďurica",
    "DE": "Anlagenbau Größer",
    "EL": "Τεχνική Εταιρεία",
    "CY": "Med Crew Services",
    "BE": "Metaalwerken De Rycke",
}
JOBS = [("41", "7114"), ("41", "7111"), ("43", "7126"), ("25", "7212"), ("30", "7213"), ("10", "7511"), ("01", "6113")]


@dataclass(frozen=True)
class Employer:
    """A foreign service provider."""

    vat: str
    name: str
    country: str
    is_agency: bool


@dataclass(frozen=True)
class Job:
    """Work of one employer at one place for one client."""

    employer: Employer
    client: Firm
    place: str | None
    sbi2: str
    isco: str
    hourly: float | None


def employer(w: World) -> Employer:
    """A new service provider."""
    country = w.pick(list(FOREIGN))
    vat = country + w.digits(9)
    made = Employer(
        vat,
        f"{FOREIGN[country]} {w.between(1, 99)} {w.pick(['Sp. z o.o.', 'UAB', 'Lda', 'SRL', 'd.o.o.'])}",
        country,
        w.chance(0.3),
    )
    if w.chance(0.85):
        w.add(
            "posting_employers",
            date(2026, 3, 1),
            employer_vat=vat,
            observed_on=date(2026, 3, 1),
            name=made.name,
            country=country,
            registered_on=w.day(date(2005, 1, 1), date(2024, 1, 1)),
            address_id=f"F{w.between(1, 9999)}",
            home_staff=w.between(0, 80),
            posted_staff=w.between(1, 60),
            home_turnover_share=round(float(w.rng.random()), 3),
        )
    return made


def job(w: World, clients: list[Firm], hourly: float | None = 0.0, by: Employer | None = None) -> Job:
    """A job at a place of its own; hourly pay around the market unless given."""
    sbi2, isco = w.pick(JOBS)
    pay = round(14.8 + float(w.rng.gamma(2, 1.5)), 2) if hourly == 0.0 else hourly
    return Job(by or employer(w), w.pick(clients), f"BAG{w.digits(10)}", sbi2, isco, pay)


def notify(
    w: World,
    worker: Person,
    work: Job,
    first: date,
    last: date,
    *,
    kind: str = "regular",
    confirmed: bool = True,
    shortened: date | None = None,
    **other: Any,
) -> str:
    """A notification; a second version shortens it when the stay turned out shorter. Returns its number."""
    submitted = first - days(w.between(1, 15))
    number = "M" + w.digits(9)
    row: dict[str, Any] = {
        "notification_id": number,
        "version": 1,
        "worker_document": worker.document,
        "submitted_on": submitted,
        "kind": kind,
        "employer_vat": work.employer.vat,
        "employer_name": work.employer.name,
        "employer_country": work.employer.country,
        "employer_is_agency": work.employer.is_agency,
        "client_kvk": work.client.kvk,
        "client_name": misspelt(w, work.client.name),
        "client_confirmed_on": submitted + days(w.between(0, 9)) if confirmed else None,
        "sbi2": work.sbi2,
        "occupation_isco": work.isco,
        "place_id": work.place,
        "work_postcode4": work.client.postcode,
        "starts_on": first,
        "ends_on": last,
        "worker_birth_month": worker.birth,
        "worker_nationality": worker.nationality,
        "worker_free_movement": worker.free_movement,
        "hourly_wage_eur": work.hourly,
        "home_employed_since": first - days(w.between(20, 900)),
        **other,
    }
    known = max(submitted, row["client_confirmed_on"] or submitted)
    w.add("szw_postings", known, **row)
    if shortened:
        changed = shortened + days(w.between(1, 6))
        w.add("szw_postings", changed, **(row | {"version": 2, "ends_on": shortened, "submitted_on": changed}))
    if w.chance(0.7):
        issued = first + days(w.between(-10, 85))
        w.add(
            "svb_a1",
            issued + days(7),
            a1_id="S" + w.digits(9),
            worker_document=worker.document,
            employer_vat=work.employer.vat,
            issuing_country=work.employer.country,
            basis=w.pick(["art12_1", "art13"], [8, 2]),
            valid_from=first,
            valid_until=last,
            issued_on=issued,
        )
    return number


def seen(w: World, worker: Person, work: Job, on: date) -> str:
    """The worker is seen at work; the employer's number is written as on the badge, or not at all."""
    number = "Z" + w.digits(8)
    vat = work.employer.vat
    stated = w.pick([vat, f"{vat[:2]} {vat[2:5]}.{vat[5:]}".lower(), None], [7, 1, 2])
    w.add(
        "nla_sightings",
        on,
        sighting_id=number,
        list=w.pick(["inspection", "site_gate"]),
        random_sample=w.chance(0.1),
        seen_on=on,
        worker_document=worker.document,
        worker_free_movement=worker.free_movement,
        client_kvk=work.client.kvk,
        employer_vat=stated,
        place_id=work.place,
        sbi2=work.sbi2,
        hourly_wage_eur=work.hourly if w.chance(0.3) else None,
    )
    return number


def cross_border_permit(w: World, worker: Person, work: Job, first: date, last: date, **other: Any) -> str:
    """A permit for cross-border service beyond ninety days."""
    made = apply(
        w,
        worker,
        work.client,
        first - days(50),
        scheme="cross_border_service",
        category="none",
        decided=first - days(10),
        starts=first,
        years=((last - first).days + 1) / 365,
        **({"bsn": None} | other),
    )
    return made.application


def ordinary_postings(w: World, clients: list[Firm], size: int) -> None:
    """Projects of at most three hundred days; third-country workers stay short or hold a permit."""
    posted = 0
    while posted < size:
        work = job(w, clients)
        opens = w.day(date(2022, 1, 1), date(2026, 8, 1))
        for _ in range(w.between(1, 9)):
            posted += 1
            free = w.chance(w.habits.free)
            worker = w.person(free=free)
            first = opens + days(w.between(0, 60))
            length = w.between(10, 200) if free else w.between(5, 80)
            with_permit = not free and w.chance(0.25)
            last = first + days(w.between(100, 230) if with_permit else length)
            if with_permit:
                cross_border_permit(w, worker, work, first, last)
            early = first + days(w.between(3, length)) if w.chance(0.1) and not with_permit else None
            if early and (early >= last or early > AS_OF - days(10)):
                early = None
            notify(w, worker, work, first, last, confirmed=w.chance(w.habits.confirms), shortened=early, kind=_kind(w))
            if w.chance(w.habits.seen) and first < AS_OF - days(3):
                seen(w, worker, work, w.day(first, min(early or last, AS_OF - days(2))))
    for _ in range(size // 12):
        worker, work = w.person(free=w.chance(0.7)), job(w, clients)
        first = w.day(date(2024, 1, 1), date(2026, 1, 1))
        notify(w, worker, work, first, first + days(364), kind="annual", confirmed=w.chance(0.5))


def _kind(w: World) -> str:
    return str(w.pick(["regular", "self_employed"], [9, 1]))
