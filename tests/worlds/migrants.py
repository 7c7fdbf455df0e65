"""Permits and pay: the building blocks of an ordinary and of a less ordinary stay.

Belongs here: applications in their versions, wage returns period by period, notices, and the crowd of ordinary
migrants on every route. Does not belong here: planted cases (`cases_pay`, `cases_ghost`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tests.worlds.economy import Firm, Payroll, misspelt
from tests.worlds.ledger import AS_OF, Person, World, days, month_end, month_start, norm

FOUR_WEEKS_FROM = date(2019, 12, 30)
OCCUPATIONS = {
    "62": "2512 2511 2521 2522",
    "71": "2142 2144 2151 3112",
    "72": "2131 2113 2145",
    "26": "2152 2144 7421",
    "64": "2413 2411 3311",
    "70": "2421 2431 1221",
    "41": "7111 7112 3123",
    "25": "7212 7214 3115",
    "01": "6113 9211",
    "56": "3434 5120",
    "10": "7511 8160 2141",
}


@dataclass(frozen=True)
class Stay:
    """One granted application: what later lines need of it."""

    person: Person
    firm: Firm | None
    application: str
    starts: date
    until: date
    category: str
    norm_eur: float


def apply(
    w: World,
    person: Person,
    firm: Firm | None,
    received: date,
    *,
    scheme: str = "hsm",
    category: str = "hsm_30_plus",
    kind: str = "first",
    decided: date | None = None,
    decision: str | None = "granted",
    starts: date | None = None,
    years: float = 3,
    salary: float | None = None,
    ended: tuple[date, str] | None = None,
    **other: Any,
) -> Stay:
    """An application, pending and then decided, and perhaps ended; every version as the IND delivers it."""
    decided = decided or received + days(w.between(9, 40))
    starts = starts or decided + days(w.between(0, 20))
    until = starts + days(int(years * 365))
    norm_on = starts if kind == "change_of_employer" else received
    norm_eur = norm(category, norm_on) if category != "none" else 0.0
    sbi2 = firm.sbi[:2] if firm else "62"
    row = {
        "application_id": "A" + w.digits(9),
        "v_number": person.v_number,
        "bsn": person.bsn,
        "travel_document": person.document,
        "birth_month": person.birth,
        "sex": person.sex,
        "nationality": person.nationality,
        "free_movement": person.free_movement,
        "scheme": scheme,
        "application_kind": kind,
        "received_on": received,
        "sponsor_kvk": firm.kvk if firm else None,
        "sponsor_name": misspelt(w, firm.name) if firm else None,
        "norm_category": category,
        "workplace_postcode4": firm.postcode if firm else None,
        "hours_week": 40.0,
        "occupation_isco": w.pick(OCCUPATIONS.get(sbi2, "2512").split()),
        "salary_month_eur": round(salary or norm_eur or 3400.0, 2),
        **other,
    }
    w.person_of[row["application_id"]] = person.bsn
    w.add("ind_permits", received, **row)
    if decision:
        row |= {"decided_on": decided, "decision": decision}
        if decision == "granted":
            row |= {"valid_from": starts, "valid_until": until}
        if decision == "refused":
            row |= {"refusal_ground": w.pick(["norm_not_met", "incomplete", "not_market_conform"])}
        w.add("ind_permits", decided, **row)
    if ended:
        w.add("ind_permits", ended[0] + days(9), **row, ended_on=ended[0], end_reason=ended[1])
        until = min(until, ended[0])
    return Stay(person, firm, row["application_id"], starts, until, category, norm_eur)


Wage = Callable[[date], float]


def flat(eur: float) -> Wage:
    """The same agreed monthly wage for ever."""
    return lambda _: eur


def pay(
    w: World,
    person: Person,
    firm: Firm,
    first: date,
    last: date,
    wage: Wage,
    *,
    payroll: Payroll | None = None,
    facility: str = "none",
    facility_from: date = date.min,
    codes: Mapping[date, str] | None = None,
    share: Mapping[date, float] | None = None,
    thirteenth: str = "none",
    relation: int = 1,
    correct: tuple[date, date, float] | None = None,
    late: date | None = None,
) -> None:
    """Wage returns from the first to the last day of work, as far as they are due.

    Args:
        w: the world.
        person: the employee.
        firm: the payer.
        first: first day of work.
        last: last day of work.
        wage: agreed gross monthly wage by month, without holiday allowance.
        payroll: the number that pays; else the firm's number in use on the day.
        facility: none, taxable (only the taxable wage leaves out the untaxed part) or cash (wage in money as well).
        facility_from: first day of the facility.
        codes: cause of lower income by month.
        share: share of the agreed wage that is truly paid, by month.
        thirteenth: none, yearly (as extra wage in December) or monthly (inside the agreed wage).
        relation: number of the income relation.
        correct: months from-until that were first filed at a share of the pay and put right four months later.
        late: all periods are filed on this day at the earliest.
    """
    for payer, start, end in _periods(firm, payroll, first, min(last, AS_OF)):
        begins, ends = max(start, first), min(end, last)
        covered = ((ends - begins).days + 1) / ((end - start).days + 1)
        month = month_start(start + (end - start) / 2)
        agreed = wage(month) * (12 / 13 if payer.four_weekly else 1) * covered
        paid = agreed * (share or {}).get(month, 1.0)
        holiday = round(wage(month) * 0.96, 2) if _is_once_a_year(payer, start, end, 5) else 0.0
        extra = wage(month) if thirteenth == "yearly" and _is_once_a_year(payer, start, end, 12) else 0.0
        untaxed = 0.3 if facility != "none" and begins >= facility_from else 0.0
        row = {
            "employer_number": payer.number,
            "bsn": person.bsn,
            "income_relation": relation,
            "period_start": begins if payer.cuts_periods else start,
            "period_end": ends if payer.cuts_periods else end,
            "income_kind": 15,
            "work_relation": 1,
            "contract_wage_eur": round(paid, 2) if payer.gives_contract_wage else None,
            "wage_in_money_eur": round((paid + holiday + extra) * (1 - (untaxed if facility == "cash" else 0)), 2),
            "taxable_wage_eur": round((paid + holiday + extra) * (1 - untaxed), 2),
            "holiday_allowance_eur": holiday if facility != "cash" else round(holiday * (1 - untaxed), 2),
            "extra_wage_eur": extra if facility != "cash" else round(extra * (1 - untaxed), 2),
            "hours_paid": max(0, int(((ends - begins).days + 1) / 7 * 40)),
            "contract_hours_week": 40.0,
            "reduced_income_code": (codes or {}).get(month),
            "cao_code": "9999",
        }
        known = max(end + days(24), late or date.min)
        if correct and correct[0] <= month <= correct[1]:
            w.add("uwv_wages", known, **(row | _scaled(row, correct[2])))
            w.add("uwv_wages", known + days(125), **row)
        else:
            w.add("uwv_wages", known, **row)


def _scaled(row: dict[str, Any], share: float) -> dict[str, Any]:
    names = ("contract_wage_eur", "wage_in_money_eur", "taxable_wage_eur")
    return {name: round(row[name] * share, 2) for name in names if row[name] is not None}


def _is_once_a_year(payer: Payroll, start: date, end: date, month: int) -> bool:
    if not payer.four_weekly:
        return start.month == month
    return end.month == month and (end - days(28)).month != month


def _periods(firm: Firm, payroll: Payroll | None, first: date, last: date) -> list[tuple[Payroll, date, date]]:
    """The wage periods that touch first..last, each with the number that pays then."""
    found: list[tuple[Payroll, date, date]] = []
    day = first
    while day <= last:
        payer = payroll or next(p for p in firm.payrolls if p.used_from <= day <= p.used_until)
        if payer.four_weekly:
            start = FOUR_WEEKS_FROM + days((day - FOUR_WEEKS_FROM).days // 28 * 28)
            end = start + days(27)
        else:
            start, end = month_start(day), month_end(day)
        start = max(start, payer.used_from) if payer.used_from <= day else start
        end = min(end, payer.used_until)
        found.append((payer, start, end))
        day = end + days(1)
    return found


def notice(
    w: World, stay: Stay, kind: str, event: date, until: date | None = None, received: date | None = None
) -> None:
    """A notice of the sponsor about the migrant, in time unless said otherwise."""
    assert stay.firm is not None
    received = received or event + days(w.between(2, 25))
    w.add(
        "ind_sponsor_notices",
        received,
        notice_id="N" + w.digits(8),
        v_number=stay.person.v_number,
        sponsor_kvk=stay.firm.kvk,
        kind=kind,
        event_on=event,
        until_on=until,
        received_on=received,
    )


def born_for(w: World, category: str, received: date) -> date:
    """A day of birth that fits the norm."""
    age = w.between(22, 28) if category in ("hsm_under_30", "hsm_reduced", "blue_card_reduced") else w.between(31, 52)
    return date(received.year - age, w.between(1, 12), 1)


def raised(base: float, start: date, yearly: float = 0.02) -> Wage:
    """A wage that rises every January."""
    return lambda month: round(base * (1 + yearly) ** (month.year - start.year), 2)


def hire(w: World, firm: Firm, received: date, *, category: str | None = None, years: float = 3, **other: Any) -> Stay:
    """A knowledge migrant with a granted first application."""
    category = category or w.pick(["hsm_30_plus", "hsm_under_30", "hsm_reduced"], [55, 33, 12])
    person = w.person(born_for(w, category, received))
    if category == "hsm_reduced":
        other.setdefault("degree_on", received - days(w.between(100, 900)))
    return apply(w, person, firm, received, category=category, years=years, **other)


def with_contract_wage(payer: Payroll) -> Payroll:
    """The same number, but the office fills in the contract wage."""
    return replace(payer, gives_contract_wage=True)


def ordinary_migrants(w: World, firms: list[Firm], size: int) -> None:
    """Knowledge migrants and Blue Card holders who are paid what was agreed."""
    sponsors = [f for f in firms if f.payrolls]
    for _ in range(size):
        firm = w.pick(sponsors)
        received = w.day(date(2022, 9, 1), date(2026, 8, 31))
        if w.chance(0.08):
            category = w.pick(["blue_card", "blue_card_reduced"]) if received >= date(2024, 7, 1) else "blue_card"
            stay = hire(w, firm, received, category=category, scheme="blue_card", years=4)
        else:
            stay = hire(w, firm, received, years=w.pick([1, 2, 3, 5]))
        _career(w, stay, sponsors)


def _career(w: World, stay: Stay, firms: list[Firm]) -> None:
    assert stay.firm is not None
    ratio = 1.0 if w.chance(w.habits.at_norm) else 1 + float(w.rng.exponential(0.22))
    begins = stay.starts + days(w.pick([0, w.between(0, 10), w.between(5, 40)]))
    share = w.habits.has_facility
    manner = {
        "facility": w.pick(["none", "taxable", "cash"], [1 - share, share * 0.625, share * 0.375]),
        "thirteenth": w.pick(["none", "yearly"]),
    }
    wage = raised(stay.norm_eur * ratio, begins)
    fate = w.pick(["stays", "leaves", "moves", "extends"], [50, 20, 15, 15])
    if fate == "stays" or (stay.until <= AS_OF and fate != "extends"):
        pay(w, stay.person, stay.firm, begins, stay.until, wage, **manner)
        return
    if fate == "extends":
        pay(w, stay.person, stay.firm, begins, stay.until, wage, **manner)
        received = stay.until - days(60)
        if received >= AS_OF - days(60):
            return
        longer = apply(
            w,
            stay.person,
            stay.firm,
            received,
            category=_later(stay, received),
            kind="extension",
            scheme="blue_card" if "blue" in stay.category else "hsm",
            starts=stay.until + days(1),
            decided=received + days(30),
        )
        floor = raised(longer.norm_eur, received)
        pay(w, stay.person, stay.firm, longer.starts, longer.until, lambda m: max(wage(m), floor(m)), **manner)
        return
    last = w.day(min(begins + days(60), AS_OF), max(min(stay.until, AS_OF), begins + days(60)))
    pay(w, stay.person, stay.firm, begins, last, wage, **manner)
    if last >= AS_OF - days(40):
        return
    notice(w, stay, "end_of_employment", last)
    if fate == "moves":
        other = w.pick(firms)
        moved = apply(
            w,
            stay.person,
            other,
            last - days(20),
            category=_later(stay, last),
            kind="change_of_employer",
            scheme="blue_card" if "blue" in stay.category else "hsm",
            decided=last - days(2),
            starts=last + days(1),
        )
        pay(w, stay.person, other, moved.starts, moved.until, raised(moved.norm_eur * ratio, moved.starts), relation=2)


def _later(stay: Stay, on: date) -> str:
    """The norm of a later application: over 30 once the thirtieth birthday is well past."""
    is_over = (on - stay.person.birth).days > 30 * 365.25 + 40
    return "hsm_30_plus" if is_over and stay.category == "hsm_under_30" else stay.category


def other_routes(w: World, firms: list[Firm], size: int) -> None:
    """Applications on the other routes, UWV's own permits and advice, RVO's advice."""
    for _ in range(size):
        route = w.pick(
            [
                "gvva",
                "ict_eu",
                "twv_seasonal",
                "researcher_801",
                "orientation_year",
                "self_employed",
                "startup",
                "learning_work",
                "asian_catering",
            ],
            [30, 12, 16, 14, 16, 4, 3, 3, 2],
        )
        firm = None if route in ("orientation_year", "self_employed", "startup") else w.pick(firms)
        received = w.day(date(2021, 1, 1), date(2026, 11, 10))
        person = w.person()
        decision = w.pick(
            ["granted", "refused", "withdrawn", None], [80, 12, 4, 4 if received > date(2026, 9, 1) else 0]
        )
        stay = apply(
            w,
            person,
            firm,
            received,
            scheme=route,
            category="ict" if route == "ict_eu" else "none",
            decision=decision,
            years=w.pick([0.5, 1, 2]),
            salary=float(w.between(2400, 5200)),
            bsn=None if route == "twv_seasonal" and w.chance(0.5) else person.bsn,
        )
        if firm and firm.payrolls and decision == "granted" and route in ("gvva", "researcher_801", "twv_seasonal"):
            pay(w, person, firm, stay.starts, stay.until, flat(float(w.between(2400, 5200))))
        if route == "gvva":
            assert firm is not None
            _uwv_case(w, firm, "gvva_advice", "regular", received, person)
        if route in ("self_employed", "startup"):
            w.add(
                "rvo_advice",
                received + days(30),
                advice_id="R" + w.digits(7),
                application_id=stay.application,
                scheme=route,
                received_on=received + days(5),
                advised_on=received + days(30),
                outcome=w.pick(["positive", "negative"]),
                score_personal=w.between(0, 100),
                company_kvk=w.pick(firms).kvk,
                is_innovative=w.chance(0.5),
            )
    for _ in range(size // 2):
        category = w.pick(["student", "asylum_seeker", "regular", "catering", "seasonal"])
        person = w.person() if w.chance(0.6) else None
        _uwv_case(w, w.pick(firms), "twv", category, w.day(date(2021, 1, 1), date(2026, 11, 1)), person)


def _uwv_case(w: World, firm: Firm, kind: str, category: str, received: date, person: Person | None) -> None:
    row: dict[str, Any] = {
        "case_id": "U" + w.digits(8),
        "kind": kind,
        "policy_category": category,
        "received_on": received,
        "employer_kvk": firm.kvk if w.chance(0.8) else None,
        "employer_name": misspelt(w, firm.name),
        "sbi2": firm.sbi[:2],
        "v_number": person.v_number if person else None,
        "bsn": person.bsn if person and w.chance(0.5) else None,
        "occupation_isco": "9412",
        "salary_month_eur": float(w.between(2300, 3300)),
        "hours_week": 38.0,
    }
    w.add("uwv_work_permits", received, **row)
    decided = received + days(w.between(14, 45))
    if w.chance(0.85):
        row |= {"decided_on": decided, "outcome": "positive", "valid_from": decided, "valid_until": decided + days(360)}
    else:
        row |= {"decided_on": decided, "outcome": "negative", "ground": w.pick(["priority_supply", "pay_below_market"])}
    w.add("uwv_work_permits", decided, **row)
