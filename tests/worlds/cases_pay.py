"""Pay below the norm (H01): planted cases, and lawful pay that looks like it.

Every kind is one short function; `PLANTED` and `LOOK_ALIKES` at the end read as the specification. Does not belong
here: what is found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

from tests.worlds.economy import Firm, Payroll, firm, migrated, payroll
from tests.worlds.ledger import World, days, month_start, norm
from tests.worlds.migrants import Stay, apply, flat, hire, notice, pay

Make = Callable[[World, Firm], Stay]
#: Wages of August 2026 and later are still being corrected on the as-of date.
LAST_FINAL = date(2026, 7, 1)


def _payer(w: World, owner: Firm, contract: bool = True, four_weekly: bool = False, cuts: bool = True) -> Payroll:
    """A number of the sponsor with a settled way of filing."""
    return payroll(w, owner, date(2018, 1, 1), rsin=True, kind=Payroll("", contract, four_weekly, cuts))


def _newcomer(w: World, owner: Firm, category: str | None = None) -> Stay:
    return hire(w, owner, w.day(date(2024, 11, 15), date(2025, 3, 15)), category=category)


def underpaid(
    w: World, owner: Firm, ratio: float, months: int | None = None, facility: str = "none", **manner: bool
) -> Stay:
    """Paid this share of the norm: always, or only in the newest so many final months."""
    stay = _newcomer(w, owner)
    low = month_start(LAST_FINAL, 1 - months) if months else date.min
    pay(
        w,
        stay.person,
        owner,
        stay.starts,
        stay.until,
        lambda m: stay.norm_eur * (ratio if m >= low else 1.04),
        payroll=_payer(w, owner, **manner),
        facility=facility,
    )
    return stay


def below_until_the_end(w: World, owner: Firm) -> Stay:
    """Underpaid by 15 % during a stay that ended in 2025."""
    stay = hire(w, owner, w.day(date(2024, 2, 1), date(2024, 4, 1)))
    last = date(2025, 6, 30)
    pay(w, stay.person, owner, stay.starts, last, flat(stay.norm_eur * 0.85), payroll=_payer(w, owner))
    notice(w, stay, "end_of_employment", last)
    return stay


def below_after_change_of_employer(w: World, owner: Firm) -> Stay:
    """A new employer pays the norm of two years ago."""
    first = firm(w, "62", legal_form="bv")
    stay = hire(w, first, date(2023, 3, 1), category="hsm_30_plus", years=5)
    pay(w, stay.person, first, stay.starts, date(2025, 2, 28), flat(stay.norm_eur * 1.1))
    notice(w, stay, "end_of_employment", date(2025, 2, 28))
    moved = apply(
        w,
        stay.person,
        owner,
        date(2025, 2, 10),
        kind="change_of_employer",
        decided=date(2025, 2, 25),
        starts=date(2025, 3, 1),
    )
    pay(
        w,
        moved.person,
        owner,
        moved.starts,
        moved.until,
        flat(norm("hsm_30_plus", date(2023, 3, 1))),
        payroll=_payer(w, owner),
    )
    return moved


def below_with_late_bsn(w: World, owner: Firm) -> Stay:
    """Paid three quarters; the BSN came only with the extension, under a new travel document."""
    received = date(2024, 6, 10)
    stay = hire(w, owner, received, years=1, category="hsm_30_plus", bsn=None)
    person = stay.person
    person.document = "N" + person.document
    longer = apply(
        w, person, owner, date(2025, 6, 5), kind="extension", decided=date(2025, 6, 28), starts=stay.until + days(1)
    )
    pay(w, person, owner, stay.starts, longer.until, flat(longer.norm_eur * 0.75), payroll=_payer(w, owner))
    w.plant("H01", "late_bsn_first_permit", "blatant", ("permit", stay.application))
    return longer


def sponsor_number_mistyped(w: World, owner: Firm, ratio: float) -> Stay:
    """The form gives the right name and a KvK number that nobody has."""
    stay = hire(
        w, owner, w.day(date(2024, 11, 15), date(2025, 3, 15)), sponsor_kvk=w.digits(8), sponsor_name=owner.name
    )
    pay(w, stay.person, owner, stay.starts, stay.until, flat(stay.norm_eur * ratio), payroll=_payer(w, owner))
    return stay


def compliant(
    w: World, owner: Firm, ratio: float = 1.0, facility: str = "none", thirteenth: str = "none", **manner: bool
) -> Stay:
    """Paid exactly the norm in an office with one or another habit."""
    stay = _newcomer(w, owner)
    pay(
        w,
        stay.person,
        owner,
        stay.starts,
        stay.until,
        flat(stay.norm_eur * ratio),
        payroll=_payer(w, owner, **manner),
        facility=facility,
        thirteenth=thirteenth,
    )
    return stay


def facility_from_month_4(w: World, owner: Firm, facility: str) -> Stay:
    """The facility is granted after three months."""
    stay = _newcomer(w, owner)
    pay(
        w,
        stay.person,
        owner,
        stay.starts,
        stay.until,
        flat(stay.norm_eur),
        payroll=_payer(w, owner, contract=False),
        facility=facility,
        facility_from=month_start(stay.starts, 4),
    )
    return stay


def broken_first_and_last_month(w: World, owner: Firm) -> Stay:
    """Began on the 24th and left on the 6th; returns name whole months."""
    stay = hire(w, owner, date(2024, 9, 1), decided=date(2024, 9, 18), starts=date(2024, 9, 24))
    last = date(2026, 2, 6)
    pay(
        w,
        stay.person,
        owner,
        stay.starts,
        last,
        flat(stay.norm_eur),
        payroll=_payer(w, owner, contract=False, cuts=False),
    )
    notice(w, stay, "end_of_employment", last)
    return stay


def few_months_then_left(w: World, owner: Firm) -> Stay:
    """Began on the 27th, worked three months and left on the 4th; returns name whole months."""
    stay = hire(w, owner, date(2026, 1, 5), decided=date(2026, 1, 20), starts=date(2026, 1, 27))
    pay(
        w,
        stay.person,
        owner,
        stay.starts,
        date(2026, 5, 4),
        flat(stay.norm_eur),
        payroll=_payer(w, owner, contract=False, cuts=False),
    )
    notice(w, stay, "end_of_employment", date(2026, 5, 4))
    return stay


def began_after_permit(w: World, owner: Firm) -> Stay:
    """The permit ran from the 1st of January, the work from the 25th; the return names the whole month."""
    stay = hire(w, owner, date(2025, 11, 20), decided=date(2025, 12, 15), starts=date(2026, 1, 1))
    pay(
        w,
        stay.person,
        owner,
        date(2026, 1, 25),
        stay.until,
        flat(stay.norm_eur),
        payroll=_payer(w, owner, contract=False, cuts=False),
    )
    return stay


def coded(w: World, owner: Firm, code: str, share: float, months: int) -> Stay:
    """Lawfully lower income with its code."""
    stay = _newcomer(w, owner)
    low = [month_start(date(2026, 1, 1), n) for n in range(months)]
    pay(
        w,
        stay.person,
        owner,
        stay.starts,
        stay.until,
        flat(stay.norm_eur),
        payroll=_payer(w, owner),
        codes=dict.fromkeys(low, code),
        share=dict.fromkeys(low, share),
    )
    return stay


def notified_leave(w: World, owner: Firm, kind: str, share: float, with_end: bool) -> Stay:
    """Lower pay in a leave that was notified in time, without a code in the wage return."""
    stay = _newcomer(w, owner)
    low = [month_start(date(2026, 1, 1), n) for n in range(5)]
    pay(
        w,
        stay.person,
        owner,
        stay.starts,
        stay.until,
        flat(stay.norm_eur),
        payroll=_payer(w, owner),
        share=dict.fromkeys(low, share),
    )
    notice(w, stay, kind, low[0], date(2026, 5, 31) if with_end else None)
    return stay


def corrected(w: World, owner: Firm, share: float) -> Stay:
    """Four months filed too low, put right four months later."""
    stay = _newcomer(w, owner)
    months = (date(2026, 2, 1), date(2026, 5, 1))
    pay(
        w,
        stay.person,
        owner,
        stay.starts,
        stay.until,
        flat(stay.norm_eur),
        payroll=_payer(w, owner),
        correct=(*months, share),
    )
    return stay


def old_norm_kept(w: World, owner: Firm, category: str) -> Stay:
    """The norm of the filing date, unchanged for years; the under-30 norm also after the thirtieth birthday."""
    received = date(2022, 10, 5)
    person = w.person(date(1993, 3, 1) if category == "hsm_under_30" else date(1984, 5, 1))
    degree = {"degree_on": date(2022, 7, 1)} if category == "hsm_reduced" else {}
    stay = apply(w, person, owner, received, category=category, years=5, **degree)
    pay(w, person, owner, stay.starts, stay.until, flat(stay.norm_eur), payroll=_payer(w, owner))
    return stay


def blue_card_fall(w: World, owner: Firm) -> Stay:
    """Filed in May 2024 under the high norm; paid the lower one since June 2024."""
    stay = hire(w, owner, date(2024, 5, 10), category="blue_card", scheme="blue_card", years=4)
    now = norm("blue_card", date(2024, 7, 1))
    yearly = {year: norm("blue_card", date(year, 7, 1)) for year in (2024, 2025, 2026)}
    pay(w, stay.person, owner, stay.starts, stay.until, lambda m: max(now, yearly[m.year]), payroll=_payer(w, owner))
    return stay


def academic(w: World, owner: Firm) -> Stay:
    """A doctoral candidate: no norm."""
    person = w.person(date(1998, 4, 1))
    stay = apply(w, person, owner, date(2024, 8, 1), category="none", years=4, salary=2900)
    pay(w, person, owner, stay.starts, stay.until, flat(2900), payroll=_payer(w, owner))
    return stay


def group_pays(w: World, owner: Firm, split: bool) -> Stay:
    """Another entity of the group pays all, or half."""
    group = "GR" + w.digits(5)
    sponsor, sister = (firm(w, "62", group=group, legal_form="bv") for _ in range(2))
    stay = _newcomer(w, sponsor)
    for number, payer in enumerate((sponsor, sister) if split else (sister,), 1):
        pay(
            w,
            stay.person,
            payer,
            stay.starts,
            stay.until,
            flat(stay.norm_eur * (0.5 if split else 1)),
            relation=number,
            payroll=_payer(w, payer),
        )
    return stay


def two_relations(w: World, owner: Firm) -> Stay:
    """Two income relations with one employer, together the norm."""
    stay = _newcomer(w, owner)
    payer = _payer(w, owner)
    for relation in (1, 2):
        pay(w, stay.person, owner, stay.starts, stay.until, flat(stay.norm_eur / 2), payroll=payer, relation=relation)
    return stay


def payroll_moved(w: World, owner: Firm) -> Stay:
    """The number changed in the middle of a month; that month is split over two numbers."""
    sponsor = migrated(w, "62", date(2026, 3, 16))
    stay = _newcomer(w, sponsor)
    pay(w, stay.person, sponsor, stay.starts, stay.until, flat(stay.norm_eur))
    return stay


def after_a_notified_end(w: World, owner: Firm) -> Stay:
    """After the notified end the former sponsor still pays for a few days a month under another permit."""
    stay = hire(w, owner, date(2024, 8, 1), years=5)
    payer = _payer(w, owner)
    pay(w, stay.person, owner, stay.starts, date(2025, 12, 31), flat(stay.norm_eur), payroll=payer)
    notice(w, stay, "end_of_employment", date(2025, 12, 31))
    apply(
        w,
        stay.person,
        None,
        date(2025, 12, 20),
        scheme="orientation_year",
        category="none",
        kind="change_of_purpose",
        starts=date(2026, 1, 1),
        decided=date(2025, 12, 30),
        years=1,
    )
    pay(w, stay.person, owner, date(2026, 1, 1), date(2026, 7, 31), flat(900), payroll=payer, relation=2)
    return stay


def unknown_second_payer(w: World, owner: Firm) -> Stay:
    """Half is paid by a group entity whose payroll number says neither RSIN nor a name that anyone knows."""
    stay = _newcomer(w, owner)
    pay(w, stay.person, owner, stay.starts, stay.until, flat(stay.norm_eur * 0.5), payroll=_payer(w, owner))
    hidden = firm(w, "70", recognised=False, group=owner.group, payrolls=0, legal_form="bv")
    number = payroll(w, hidden, date(2018, 1, 1), rsin=False, name=f"SSC {w.digits(4)} Payroll Shared Service")
    number.gives_contract_wage, number.four_weekly = True, False
    pay(w, stay.person, hidden, stay.starts, stay.until, flat(stay.norm_eur * 0.5), payroll=number)
    return stay


def extended_at_higher_norm(w: World, owner: Firm) -> Stay:
    """Pay rises to the new norm on the day that the extension starts, in the middle of a month, and not before."""
    stay = hire(
        w,
        owner,
        date(2024, 2, 20),
        decided=date(2024, 3, 10),
        starts=date(2024, 3, 17),
        years=2,
        category="hsm_30_plus",
    )
    longer = apply(
        w,
        stay.person,
        owner,
        date(2026, 1, 12),
        kind="extension",
        decided=date(2026, 2, 20),
        starts=stay.until + days(1),
    )
    payer = _payer(w, owner)
    low, high = flat(stay.norm_eur), flat(longer.norm_eur)
    pay(w, stay.person, owner, stay.starts, stay.until, low, payroll=payer)
    pay(w, stay.person, owner, longer.starts, longer.until, high, payroll=payer, relation=2)
    return longer


def registered_twice(w: World, owner: Firm) -> Stay:
    """A second V-number with the same BSN and a new passport; each permit is paid its own norm."""
    stay = hire(w, owner, date(2023, 5, 1), years=2, category="hsm_under_30")
    last = date(2025, 3, 31)
    pay(w, stay.person, owner, stay.starts, last, flat(stay.norm_eur), payroll=_payer(w, owner))
    notice(w, stay, "end_of_employment", last)
    again = replace(stay.person, v_number=w.digits(10), document="Y" + stay.person.document)
    back = apply(w, again, owner, date(2025, 9, 1), category="hsm_30_plus", years=3)
    pay(w, again, owner, back.starts, back.until, flat(back.norm_eur), payroll=_payer(w, owner))
    return back


PLANTED: dict[str, tuple[str, Make]] = {
    "seventy_percent": ("blatant", partial(underpaid, ratio=0.70)),
    "seventy_percent_four_weekly": ("blatant", partial(underpaid, ratio=0.70, four_weekly=True)),
    "half_with_facility_without_contract_wage": (
        "blatant",
        partial(underpaid, ratio=0.55, contract=False, facility="taxable"),
    ),
    "half_without_contract_wage": ("blatant", partial(underpaid, ratio=0.55, contract=False)),
    "ended_in_2025": ("blatant", below_until_the_end),
    "late_bsn": ("blatant", below_with_late_bsn),
    "ninety_percent_for_six_months": ("moderate", partial(underpaid, ratio=0.89, months=6)),
    "old_norm_at_new_employer": ("moderate", below_after_change_of_employer),
    "ninety_percent_four_weekly": ("moderate", partial(underpaid, ratio=0.90, four_weekly=True)),
    "four_percent_short_for_four_months": ("marginal", partial(underpaid, ratio=0.96, months=4)),
    "sponsor_number_mistyped": ("marginal", partial(sponsor_number_mistyped, ratio=0.75)),
    "three_percent_short_always": ("marginal", partial(underpaid, ratio=0.97)),
}
LOOK_ALIKES: dict[str, Make] = {
    "facility_in_taxable_wage": partial(compliant, facility="taxable", contract=False),
    "facility_in_cash_wage": partial(compliant, facility="cash", contract=False),
    "facility_from_month_4": partial(facility_from_month_4, facility="taxable"),
    "facility_in_cash_from_month_4": partial(facility_from_month_4, facility="cash"),
    "four_week_payroll": partial(compliant, four_weekly=True),
    "four_week_payroll_without_contract_wage": partial(compliant, four_weekly=True, contract=False),
    "four_week_facility": partial(compliant, four_weekly=True, contract=False, facility="cash"),
    "broken_first_and_last_month": broken_first_and_last_month,
    "few_months_then_left": few_months_then_left,
    "began_after_permit": began_after_permit,
    "leave_code_o": partial(coded, code="O", share=0.4, months=5),
    "short_time_code_k": partial(coded, code="K", share=0.5, months=5),
    "sickness_code_z": partial(coded, code="Z", share=0.7, months=7),
    "strike_code_s": partial(coded, code="S", share=0.6, months=3),
    "notified_parental_leave": partial(notified_leave, kind="parental_leave", share=0.6, with_end=True),
    "notified_sickness_open_end": partial(notified_leave, kind="sick_leave", share=0.7, with_end=False),
    "corrected_later": partial(corrected, share=0.8),
    "corrected_to_nothing_first": partial(corrected, share=0.0),
    "thirteenth_month_yearly": partial(compliant, thirteenth="yearly", contract=False),
    "incumbent_on_old_norm": partial(old_norm_kept, category="hsm_30_plus"),
    "thirtieth_birthday": partial(old_norm_kept, category="hsm_under_30"),
    "reduced_norm_kept": partial(old_norm_kept, category="hsm_reduced"),
    "blue_card_norm_fall": blue_card_fall,
    "academic": academic,
    "group_pays_all": partial(group_pays, split=False),
    "group_pays_half": partial(group_pays, split=True),
    "two_income_relations": two_relations,
    "payroll_moved_mid_month": payroll_moved,
    "after_a_notified_end": after_a_notified_end,
    "sponsor_number_mistyped_but_paid": partial(sponsor_number_mistyped, ratio=1.0),
    "extended_at_higher_norm": extended_at_higher_norm,
    "registered_twice": registered_twice,
    "unknown_second_payer": unknown_second_payer,
}


def plant_pay_cases(w: World, firms: list[Firm], planted: int, alike: int) -> None:
    """So many of every kind, at ordinary sponsors; and one sponsor that underpays nearly everybody."""
    sponsors = [f for f in firms if f.rsin]
    for name, (strength, make) in PLANTED.items():
        for _ in range(planted):
            stay = make(w, w.pick(sponsors))
            w.plant("H01", name, strength, ("permit", stay.application))
    for name, look_alike in LOOK_ALIKES.items():
        for _ in range(alike):
            stay = look_alike(w, w.pick(sponsors))
            w.plant("H01", name, "look_alike", ("permit", stay.application))
    if not planted:
        return
    bad = firm(w, "62", legal_form="bv")
    for _ in range(9):
        stay = underpaid(w, bad, 0.72)
        w.plant("H01", "bad_sponsor_permit", "blatant", ("permit", stay.application))
    w.plant("H01", "bad_sponsor", "blatant", ("sponsor", bad.kvk))
