"""Dutch firms, their groups, payroll numbers and recognitions, with the dirt that real registers have.

Belongs here: names and how payroll offices misspell them, which number truly belongs to which firm. Does not belong
here: persons (`migrants`), foreign employers (`posted`).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date

from tests.worlds.ledger import World, days

FAMILIES = [
    "Verhoeven",
    "Dijkgraaf",
    "Çelik",
    "Öztürk",
    "Van_der_Meulen",
    "De_Wolff",
    "Šimůnek",
    "Müller",
    "Nguyễn",
    "Ó_Briain",
    "Jørgensen",
    "Łukasik",
    "Ter_Horst",
    "Van_'t_Hek",
    "Smeets",
    "Quaedvlieg",
    "Terpstra",
    "Bruggeman",
    "Kloosterman",
    "Wiersma",
    "Hogenboom",
    "Schellekens",
    "Ruijgrok",
    "Poelman",
    "Zandstra",
    "Oosterhof",
    "Lammertink",
    "Brouwer",
    "Castelijns",
    "Duijvestein",
    "Eijkelboom",
    "Franssen",
    "Groothuis",
    "Heemskerk",
    "Ijsselstein",
]
BRANDS = [
    "Polder",
    "Noorderlicht",
    "Kwadrant",
    "Zilvermeeuw",
    "Delta",
    "Meridiaan",
    "Waterlelie",
    "Orion",
    "Kompas",
    "Havik",
    "Lumen",
    "Vector",
    "Tessera",
    "Nimbus",
    "Argus",
    "Cascade",
    "Fjord",
    "Helix",
    "Kestrel",
    "Lynx",
    "Mosaic",
    "Nexo",
    "Octaaf",
    "Parallax",
    "Quanta",
    "Rivium",
    "Solaris",
    "Triton",
    "Umbra",
    "Vireo",
    "Xanthos",
]
TRADES = {
    "62": "Software Data Cloud Systems Informatica",
    "71": "Engineering Ingenieurs Ontwerp Techniek",
    "72": "Research Laboratorium Biotech",
    "26": "Chips Optiek Elektronica Sensoren",
    "64": "Capital Kredieten Finance",
    "70": "Consultancy Advies Strategie",
    "41": "Bouw Aannemers Woningbouw",
    "25": "Staalbouw Metaal Lastechniek",
    "01": "Kwekerijen Tomaten Glastuinbouw",
    "56": "Horeca Restaurants",
    "10": "Vlees Zuivel Bakkerijen",
}
FORMS = {"bv": "B.V.", "nv": "N.V.", "foundation": "Stichting", "partnership": "V.O.F.", "sole_trader": ""}


@dataclass
class Payroll:
    """One payroll number and how its office files returns."""

    number: str
    gives_contract_wage: bool = True
    four_weekly: bool = False
    cuts_periods: bool = True
    used_from: date = date.min
    used_until: date = date.max


@dataclass
class Firm:
    """A Dutch legal entity."""

    kvk: str
    rsin: str | None
    name: str
    sbi: str
    postcode: str
    group: str | None
    payrolls: list[Payroll] = field(default_factory=list)


def fold(text: str) -> str:
    """Without accents, as old systems write."""
    plain = text.replace("ø", "o").replace("Ø", "O").replace("Ł", "L").replace("ł", "l")
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()


def misspelt(w: World, name: str) -> str:
    """The name as a payroll office or a form has it."""
    bare = name.replace(" B.V.", "").replace(" N.V.", "").replace("Stichting ", "").replace(" V.O.F.", "")
    german = str.maketrans({"ü": "ue", "Ü": "Ue", "Ö": "Oe", "ø": "oe", "Ç": "C"})
    ways = [
        (name, 4),
        (name.upper(), 3),
        (bare, 3),
        (bare + " BV", 3),
        (fold(name), 2),
        (fold(name).upper()[:28].strip(), 2),
        (name.translate(german), 2),
        (name.replace(" & ", " en "), 1),
        ("  ".join(reversed(bare.split(" ", 1))) + " b.v.", 1),
        (_typo(w, bare) + " B.V.", 2),
        (f"{bare}, salarisadministratie", 0.5),
    ]
    return str(w.pick([text for text, _ in ways], [weight for _, weight in ways]))


def _typo(w: World, text: str) -> str:
    at = w.between(1, max(1, len(text) - 2))
    return w.pick([text[:at] + text[at + 1 :], text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]])


def firm(
    w: World,
    sbi2: str,
    *,
    name: str | None = None,
    group: str | None = None,
    postcode: str | None = None,
    payrolls: int = 1,
    recognised: bool = True,
    **fields: object,
) -> Firm:
    """A new firm in the trade register, mostly with payroll numbers and a recognition."""
    form = str(
        fields.pop("legal_form", w.pick(["bv", "nv", "foundation", "partnership", "sole_trader"], [80, 5, 5, 4, 6]))
    )
    name = name or _name(w, sbi2, form)
    made = Firm(
        w.digits(8),
        None if form == "sole_trader" else w.eleven(),
        name,
        sbi2 + f"{w.between(0, 99):02d}" if w.chance(0.8) else sbi2,
        postcode or str(w.between(1011, 9999)),
        group,
    )
    start = w.day(date(1998, 1, 1), date(2021, 6, 30))
    w.add(
        "kvk_companies",
        date(2020, 1, 1),
        **{
            "kvk": made.kvk,
            "rsin": made.rsin,
            "name": name,
            "legal_form": form,
            "sbi": made.sbi,
            "registered_on": start,
            "group_id": group,
            "address_id": f"ADR{w.between(1, 99999):05d}",
            "postcode4": made.postcode,
            "employees": w.between(2, 900),
            "turnover_eur": float(w.between(100, 90000)) * 1000 if w.chance(0.7) else None,
            "equity_eur": float(w.between(-50, 9000)) * 1000 if w.chance(0.7) else None,
            **fields,
        },
    )
    if recognised:
        w.add(
            "ind_sponsors",
            date(2020, 1, 1),
            kvk=made.kvk,
            recognised_on=start + days(90),
            name=misspelt(w, name),
            category="research" if sbi2 == "72" else "labour",
        )
    w.add(
        "kvk_officers",
        date(2020, 1, 1),
        kvk=made.kvk,
        officer_number=w.digits(9),
        role="director",
        from_on=start,
        officer_bsn=w.eleven() if w.chance(0.5) else None,
    )
    for _ in range(payrolls):
        payroll(w, made, start)
    return made


def payroll(
    w: World,
    owner: Firm,
    start: date,
    until: date | None = None,
    *,
    name: str | None = None,
    rsin: bool | None = None,
    kind: Payroll | None = None,
) -> Payroll:
    """A payroll number of a firm: RSIN mostly known, KvK number seldom, and then wrong one time in six."""
    root = owner.rsin if owner.rsin and w.chance(0.3) else w.digits(9)
    number = f"{root}L{len(owner.payrolls) + 1:02d}"
    new = kind or Payroll("", w.chance(w.habits.gives_contract_wage), w.chance(w.habits.four_weekly), w.chance(0.7))
    new = Payroll(number, new.gives_contract_wage, new.four_weekly, new.cuts_periods, start, until or date.max)
    stated = None
    if w.chance(0.2):
        stated = owner.kvk if w.chance(0.84) else w.pick([w.digits(8), str(w.rows["kvk_companies"][0][1]["kvk"])])
    knows_rsin = w.chance(w.habits.knows_rsin) if rsin is None else rsin
    w.add(
        "uwv_employers",
        date(2020, 1, 1),
        employer_number=number,
        name=name or misspelt(w, owner.name),
        rsin=owner.rsin if knows_rsin else None,
        kvk=stated,
        postcode4=(owner.postcode if w.chance(0.85) else str(w.between(1011, 9999))) if w.chance(0.97) else None,
        valid_from=start,
        valid_until=until,
    )
    owner.payrolls.append(new)
    w.links[number] = owner.kvk
    return new


def _name(w: World, sbi2: str, form: str) -> str:
    families = w.habits.families or FAMILIES
    while True:
        stem = w.pick(
            [
                w.pick(families).replace("_", " "),
                w.pick(BRANDS),
                f"{w.pick(BRANDS)} {w.pick(families).replace('_', ' ')}",
                f"{w.pick(families).replace('_', ' ')} & {w.pick(families).replace('_', ' ')}",
            ]
        )
        trade = w.pick(TRADES.get(sbi2, "Diensten Handel").split())
        name = f"Stichting {stem} {trade}" if form == "foundation" else f"{stem} {trade} {FORMS[form]}".strip()
        if name not in w.used or w.chance(0.15):
            w.used.add(name)
            return name


def dutch_economy(w: World, size: int) -> list[Firm]:
    """`size` sponsors: single firms, namesakes, sisters at one address, groups with a central payroll."""
    firms: list[Firm] = []
    mix = w.habits.sectors or tuple(zip(TRADES, [9, 6, 4, 4, 4, 5, 2, 2, 1, 1, 1], strict=True))
    sectors, weights = [sbi2 for sbi2, _ in mix], [weight for _, weight in mix]
    while len(firms) < size:
        sbi2 = w.pick(sectors, weights)
        shape = w.pick(["single", "two_numbers", "namesakes", "group", "migrated"], [60, 10, 8, 14, 8])
        if shape == "single":
            firms.append(firm(w, sbi2))
        elif shape == "two_numbers":
            firms.append(firm(w, sbi2, payrolls=2))
        elif shape == "namesakes":
            first = firm(w, sbi2, legal_form="bv")
            firms += [first, firm(w, sbi2, name=first.name, legal_form="bv")]
        elif shape == "group":
            firms += _group(w, sbi2)
        else:
            firms.append(migrated(w, sbi2))
    return firms[:size]


def _group(w: World, sbi2: str) -> list[Firm]:
    """Two or three daughters with nearly one name at one address, paid by a service company or by themselves."""
    stem, group, postcode = (
        f"{w.pick(BRANDS)} {w.pick(w.habits.families or FAMILIES).replace('_', ' ')}",
        "GR" + w.digits(5),
        str(w.between(1011, 9999)),
    )
    central = w.chance(0.5)
    service = firm(
        w,
        "70",
        name=f"{stem} Personeelsdiensten B.V.",
        group=group,
        postcode=postcode,
        recognised=False,
        legal_form="bv",
    )
    daughters = []
    for suffix in (w.pick(TRADES[sbi2].split()), "Nederland", "International")[: w.between(2, 3)]:
        own = firm(
            w,
            sbi2,
            name=f"{stem} {suffix} B.V.",
            group=group,
            postcode=postcode,
            payrolls=0 if central else 1,
            legal_form="bv",
        )
        if central:
            own.payrolls = service.payrolls
        daughters.append(own)
    return daughters


def migrated(w: World, sbi2: str, on: date = date(2025, 7, 1)) -> Firm:
    """A firm whose payroll moved to a new number on a day: the old one ends the day before."""
    made = firm(w, sbi2, payrolls=0)
    old = payroll(w, made, date(2015, 1, 1), on - days(1))
    payroll(w, made, on, kind=old)
    return made
