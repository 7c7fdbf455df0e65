"""No wage record after the grant (H08): planted cases, and lawful silence that looks like it.

Every kind is one short function; `PLANTED` and `LOOK_ALIKES` at the end read as the specification. Does not belong
here: what is found.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from tests.worlds.economy import Firm, Payroll, firm, migrated, payroll
from tests.worlds.ledger import World, days, month_start
from tests.worlds.migrants import Stay, apply, flat, hire, notice, pay

Make = Callable[[World, Firm], Stay]
MONTHLY = Payroll("", True, False, True)


def _sponsor(w: World) -> Firm:
    """A sponsor with a payroll number that is surely linked, and a colleague who is paid all along."""
    made = firm(w, w.pick(["62", "71", "70"]), legal_form="bv", payrolls=0)
    payroll(w, made, date(2018, 1, 1), rsin=True, kind=MONTHLY)
    colleague = hire(w, made, date(2023, 6, 1), years=5)
    pay(w, colleague.person, made, colleague.starts, colleague.until, flat(colleague.norm_eur * 1.2))
    return made


def never_paid(w: World, owner: Firm, starts: date) -> Stay:
    """A permit since this day, and never a wage."""
    return hire(w, _sponsor(w), starts - days(45), decided=starts - days(12), starts=starts, years=3)


def never_paid_by_silent_sponsor(w: World, owner: Firm) -> Stay:
    """The sponsor has no payroll number at all."""
    empty = firm(w, "70", legal_form="bv", payrolls=0)
    return hire(w, empty, date(2024, 9, 1), starts=date(2024, 10, 10), decided=date(2024, 10, 1), years=3)


def paid_by_a_stranger(w: World, owner: Firm) -> Stay:
    """Works for another firm, on another payroll, without a permit for it."""
    stay = never_paid(w, owner, date(2024, 10, 1))
    other = firm(w, "56", legal_form="bv", payrolls=0, recognised=False)
    payroll(w, other, date(2018, 1, 1), rsin=True, kind=MONTHLY)
    pay(w, stay.person, other, date(2024, 11, 1), stay.until, flat(2400))
    return stay


def stops(w: World, owner: Firm, after: date, back: date | None = None) -> Stay:
    """Pay stops after a day, without notice, while the permit runs; perhaps it comes back."""
    sponsor = _sponsor(w)
    stay = hire(w, sponsor, date(2024, 9, 1), decided=date(2024, 9, 20), starts=date(2024, 10, 1), years=4)
    pay(w, stay.person, sponsor, stay.starts, after, flat(stay.norm_eur * 1.05))
    if back:
        pay(w, stay.person, sponsor, back, stay.until, flat(stay.norm_eur * 1.05))
    return stay


def paid_from(w: World, owner: Firm, lag: int, late: date | None = None) -> Stay:
    """The first day of work is so many days after the permit; or the returns came late."""
    stay = hire(w, _sponsor(w), date(2025, 3, 1), decided=date(2025, 3, 25), starts=date(2025, 4, 1))
    assert stay.firm is not None
    pay(w, stay.person, stay.firm, stay.starts + days(lag), stay.until, flat(stay.norm_eur), late=late)
    return stay


def late_bsn(w: World, owner: Firm) -> Stay:
    """The permit knows no BSN; the extension does, and the wages are there."""
    sponsor = _sponsor(w)
    stay = hire(w, sponsor, date(2025, 2, 1), decided=date(2025, 2, 20), starts=date(2025, 3, 1), years=1, bsn=None)
    stay.person.document = "Q" + stay.person.document
    apply(
        w,
        stay.person,
        sponsor,
        date(2026, 1, 20),
        kind="extension",
        category=stay.category,
        starts=stay.until + days(1),
        decided=date(2026, 2, 10),
        **({"degree_on": date(2024, 7, 1)} if stay.category == "hsm_reduced" else {}),
    )
    pay(w, stay.person, sponsor, stay.starts, date(2028, 1, 1), flat(stay.norm_eur * 1.2))
    return stay


def paid_by_relative(w: World, owner: Firm, relative: str) -> Stay:
    """A sister in the group, or the successor of the sponsor, is the payer."""
    group = "GR" + w.digits(5) if relative == "sister" else None
    payer = firm(w, "62", group=group, legal_form="bv", payrolls=0)
    payroll(w, payer, date(2018, 1, 1), rsin=True, kind=MONTHLY)
    more = {} if group else {"ended_on": date(2025, 3, 1), "end_reason": "merger", "successor_kvk": payer.kvk}
    sponsor = firm(w, "62", group=group, legal_form="bv", payrolls=0, **more)
    stay = hire(w, sponsor, date(2025, 1, 10), decided=date(2025, 1, 30), starts=date(2025, 3, 5))
    pay(w, stay.person, payer, stay.starts + days(3), stay.until, flat(stay.norm_eur))
    return stay


def acquired_with_staff(w: World, owner: Firm) -> Stay:
    """Paid by the sponsor until it merged into another firm, then by that firm."""
    buyer = _sponsor(w)
    merged = date(2025, 9, 30)
    sponsor = firm(w, "62", legal_form="bv", payrolls=0, ended_on=merged, end_reason="merger", successor_kvk=buyer.kvk)
    payroll(w, sponsor, date(2018, 1, 1), merged, rsin=True, kind=MONTHLY)
    stay = hire(w, sponsor, date(2024, 9, 1), decided=date(2024, 9, 20), starts=date(2024, 10, 1), years=4)
    pay(w, stay.person, sponsor, stay.starts, merged, flat(stay.norm_eur * 1.1))
    pay(w, stay.person, buyer, merged + days(1), stay.until, flat(stay.norm_eur * 1.1))
    return stay


def payroll_migrated(w: World, owner: Firm) -> Stay:
    """A new number in 2025; the month of the move is missing."""
    sponsor = migrated(w, "71", date(2025, 7, 1))
    stay = hire(w, sponsor, date(2024, 9, 1), decided=date(2024, 9, 20), starts=date(2024, 10, 1), years=4)
    pay(w, stay.person, sponsor, stay.starts, date(2025, 6, 30), flat(stay.norm_eur * 1.1))
    pay(w, stay.person, sponsor, date(2025, 8, 1), stay.until, flat(stay.norm_eur * 1.1))
    return stay


def payer_unknown(w: World, owner: Firm) -> Stay:
    """The sponsor's own number states no RSIN and a name that nobody recognises."""
    sponsor = firm(w, "62", legal_form="bv", payrolls=0)
    payroll(
        w, sponsor, date(2018, 1, 1), rsin=False, name=f"Loonbureau {w.digits(3)} inz. {sponsor.name[:4]}", kind=MONTHLY
    )
    stay = hire(w, sponsor, date(2025, 1, 10), decided=date(2025, 1, 30), starts=date(2025, 2, 1))
    pay(w, stay.person, sponsor, stay.starts, stay.until, flat(stay.norm_eur))
    return stay


def leave(w: World, owner: Firm, kind: str, months: int, with_end: bool = True) -> Stay:
    """Months without pay in a leave that was notified."""
    after = date(2025, 11, 30)
    back = month_start(date(2025, 12, 1), months)
    stay = stops(w, owner, after, back)
    notice(w, stay, kind, after + days(1), back - days(1) if with_end else None)
    return stay


def maternity_paid_by_uwv(w: World, owner: Firm) -> Stay:
    """Sixteen weeks of maternity benefit: no wage, no code, no notice that anybody must give."""
    return stops(w, owner, date(2025, 11, 20), date(2026, 3, 13))


def coded_zero(w: World, owner: Firm) -> Stay:
    """Half a year of unpaid leave in the return: nothing paid, code O."""
    sponsor = _sponsor(w)
    stay = hire(w, sponsor, date(2024, 9, 1), decided=date(2024, 9, 20), starts=date(2024, 10, 1), years=4)
    low = [month_start(date(2025, 10, 1), n) for n in range(6)]
    pay(
        w,
        stay.person,
        sponsor,
        stay.starts,
        stay.until,
        flat(stay.norm_eur),
        codes=dict.fromkeys(low, "O"),
        share=dict.fromkeys(low, 0.0),
    )
    return stay


def ended(w: World, owner: Firm, how: str) -> Stay:
    """Pay stops because the employment did: by notice, by an end in the register, by another permit."""
    sponsor = _sponsor(w)
    last = date(2025, 10, 31)
    over = {"ended": (last, how)} if how in ("left_country", "revoked", "notified_end") else {}
    stay = hire(w, sponsor, date(2024, 9, 1), decided=date(2024, 9, 20), starts=date(2024, 10, 1), years=4, **over)
    pay(w, stay.person, sponsor, stay.starts, last, flat(stay.norm_eur * 1.1))
    if how == "notice":
        notice(w, stay, "end_of_employment", last)
    if how == "self_employed":
        apply(
            w,
            stay.person,
            None,
            last - days(30),
            scheme="self_employed",
            category="none",
            kind="change_of_purpose",
            decided=last,
            starts=last + days(1),
            years=2,
        )
    return stay


def never_came(w: World, owner: Firm, how: str) -> Stay:
    """Granted, never used: the sponsor gave notice, or the IND ended it."""
    over = {"ended": (date(2025, 4, 20), "left_country")} if how == "register" else {}
    stay = hire(w, _sponsor(w), date(2025, 1, 10), decided=date(2025, 1, 30), starts=date(2025, 2, 1), **over)
    if how == "notice":
        notice(w, stay, "end_of_employment", date(2025, 3, 15))
    return stay


def moved_at_once(w: World, owner: Firm) -> Stay:
    """A second sponsor took over before the first paid anything."""
    stay = hire(
        w, _sponsor(w), date(2025, 1, 10), decided=date(2025, 1, 30), starts=date(2025, 2, 1), category="hsm_30_plus"
    )
    other = _sponsor(w)
    moved = apply(
        w,
        stay.person,
        other,
        date(2025, 2, 20),
        kind="change_of_employer",
        decided=date(2025, 3, 10),
        starts=date(2025, 3, 15),
    )
    pay(w, moved.person, other, moved.starts, moved.until, flat(moved.norm_eur * 1.1))
    return stay


def too_young(w: World, owner: Firm) -> Stay:
    """Granted this summer: wages are not due or not final."""
    return hire(w, _sponsor(w), date(2026, 7, 10), decided=date(2026, 8, 1), starts=date(2026, 8, 10))


def transferee(w: World, owner: Firm) -> Stay:
    """An intra-corporate transferee stays on the payroll abroad."""
    return hire(w, _sponsor(w), date(2025, 1, 10), scheme="ict_eu", category="ict")


def sponsor_number_mistyped(w: World, owner: Firm) -> Stay:
    """Paid by the sponsor of the right name; the KvK number on the form is nobody's."""
    sponsor = _sponsor(w)
    stay = hire(
        w,
        sponsor,
        date(2025, 1, 10),
        decided=date(2025, 1, 30),
        starts=date(2025, 2, 1),
        sponsor_kvk=w.digits(8),
        sponsor_name=sponsor.name.upper(),
    )
    pay(w, stay.person, sponsor, stay.starts, stay.until, flat(stay.norm_eur))
    return stay


def employer_of_record(w: World, owner: Firm) -> Stay:
    """Works at a client whose recognition is pending; the recognised lender sponsors and pays."""
    lender, client = _sponsor(w), firm(w, "62", legal_form="bv", recognised=False)
    stay = hire(
        w, lender, date(2025, 1, 10), decided=date(2025, 1, 30), starts=date(2025, 2, 1), workplace_kvk=client.kvk
    )
    pay(w, stay.person, lender, stay.starts, stay.until, flat(stay.norm_eur))
    return stay


PLANTED: dict[str, tuple[str, Make]] = {
    "never_paid_two_years": ("blatant", partial(never_paid, starts=date(2024, 10, 1))),
    "never_paid_by_silent_sponsor": ("blatant", never_paid_by_silent_sponsor),
    "paid_by_a_stranger": ("blatant", paid_by_a_stranger),
    "stops_for_good": ("blatant", partial(stops, after=date(2025, 8, 31))),
    "never_paid_since_december": ("moderate", partial(never_paid, starts=date(2025, 12, 1))),
    "gap_of_five_months": ("moderate", partial(stops, after=date(2025, 9, 30), back=date(2026, 3, 1))),
    "never_paid_since_march": ("marginal", partial(never_paid, starts=date(2026, 3, 1))),
    "gap_of_three_months": ("marginal", partial(stops, after=date(2025, 9, 30), back=date(2026, 1, 1))),
}
LOOK_ALIKES: dict[str, Make] = {
    "late_arrival": partial(paid_from, lag=80),
    "foreign_payroll_first_month": partial(paid_from, lag=30),
    "returns_filed_late": partial(paid_from, lag=5, late=date(2026, 6, 1)),
    "bsn_on_extension_only": late_bsn,
    "sister_pays": partial(paid_by_relative, relative="sister"),
    "successor_pays": partial(paid_by_relative, relative="successor"),
    "acquired_with_staff": acquired_with_staff,
    "payroll_migrated": payroll_migrated,
    "sponsor_number_mistyped": sponsor_number_mistyped,
    "employer_of_record": employer_of_record,
    "payer_unknown": payer_unknown,
    "parental_leave_notified": partial(leave, kind="parental_leave", months=6),
    "unpaid_leave_notified": partial(leave, kind="unpaid_leave", months=5),
    "sickness_notified_open_end": partial(leave, kind="sick_leave", months=7, with_end=False),
    "maternity_paid_by_uwv": maternity_paid_by_uwv,
    "coded_zero": coded_zero,
    "end_notified": partial(ended, how="notice"),
    "end_in_register": partial(ended, how="left_country"),
    "revoked": partial(ended, how="revoked"),
    "self_employed_since": partial(ended, how="self_employed"),
    "never_came_notified": partial(never_came, how="notice"),
    "never_came_ended": partial(never_came, how="register"),
    "moved_at_once": moved_at_once,
    "too_young": too_young,
    "transferee": transferee,
}


def plant_ghosts(w: World, firms: list[Firm], planted: int, alike: int) -> None:
    """So many of every kind, and one sponsor without any work behind its permits."""
    for name, (strength, make) in PLANTED.items():
        for _ in range(planted):
            w.plant("H08", name, strength, ("permit", make(w, w.pick(firms)).application))
    for name, look_alike in LOOK_ALIKES.items():
        for _ in range(alike):
            w.plant("H08", name, "look_alike", ("permit", look_alike(w, w.pick(firms)).application))
    if not planted:
        return
    hollow = firm(w, "70", legal_form="bv", payrolls=0)
    for _ in range(12):
        received = w.day(date(2024, 6, 1), date(2025, 3, 1))
        stay = hire(w, hollow, received)
        w.plant("H08", "hollow_sponsor_permit", "blatant", ("permit", stay.application))
    w.plant("H08", "hollow_sponsor", "blatant", ("sponsor", hollow.kvk))
