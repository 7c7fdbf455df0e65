"""Names that nobody bears, and the ways in which a clerk writes them.

Belongs here: company names composed from invented syllables and the spelling variants of other registers. Does not
belong here: names of persons (no feed carries them).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.standins.randomness import Draws, Ints

_FIRST = ["Vel", "Tarn", "Quor", "Zim", "Brax", "Lum", "Dry", "Fex", "Gron", "Hul", "Jor", "Klen", "Mirv", "Nax",
          "Orb", "Pluv", "Rask", "Sylt", "Thom", "Urv", "Wex", "Yld", "Zand", "Crol", "Elv", "Ister", "Ovr", "Skav",
          "Trum", "Blik", "Dorn", "Firs", "Glim", "Knar", "Molt", "Prax", "Snor", "Twyl", "Vrem", "Zwil", "Ark"]  # fmt: skip
_MIDDLE = ["a", "e", "i", "o", "u", "ado", "emi", "ilo", "oru", "uva", "ary", "eno", "ibu", "ota", "une", "avi",
           "exo", "ima", "olu", "ury", "aqui", "ezo", "ixa"]  # fmt: skip
_LAST = ["rix", "dorn", "vex", "tal", "quin", "mer", "zon", "lith", "bast", "nor", "pyx", "gald", "fon", "rund", "sek",
         "wick", "mund", "trix", "lax", "dell", "kaar", "vink", "zeel", "hald", "moor", "brisk", "jant"]  # fmt: skip
_TRADES = {
    "62": "Software", "63": "Digital", "70": "Advies", "71": "Engineering", "26": "Microtechniek", "28": "Machines",
    "64": "Finance", "46": "Trading", "73": "Media", "52": "Logistiek", "85": "Hogeschool", "72": "Instituut",
    "86": "Kliniek", "87": "Zorg", "56": "Restaurant", "25": "Metaal", "30": "Werf", "33": "Techniek", "43": "Installatie",
    "41": "Bouw", "10": "Vlees", "01": "Tuinderij", "81": "Schoonmaak", "78": "Payroll", "49": "Transport",
    "90": "Studio", "42": "Infra",
}  # fmt: skip
_FORMS = {
    "bv": " B.V.", "nv": " N.V.", "foundation": " Stichting", "partnership": " V.O.F.", "sole_trader": "",
    "public_body": "", "foreign_branch": " (Nederlands bijkantoor)",
}  # fmt: skip


def _word(numbers: Ints, salt: int) -> pl.Series:
    spread = (numbers * 7_919 + salt) % (len(_FIRST) * len(_MIDDLE) * len(_LAST))
    first = pl.Series(np.array(_FIRST)[spread % len(_FIRST)])
    middle = pl.Series(np.array(_MIDDLE)[spread // len(_FIRST) % len(_MIDDLE)])
    last = pl.Series(np.array(_LAST)[spread // (len(_FIRST) * len(_MIDDLE))])
    return first + middle + last


def company_names(companies: Ints, sbi2: pl.Series, legal_form: pl.Series) -> pl.Series:
    """Registered names: an invented word, a second one for half of them, the trade and the legal form."""
    second = pl.Series(np.where(companies % 2 == 0, " ", ""))
    second = (
        second
        + pl.select(
            pl.when(pl.Series(companies % 2 == 0)).then(_word(companies // 2, 4_241)).otherwise(pl.lit(""))
        ).to_series()
    )
    trade = sbi2.replace_strict(_TRADES, default="Groep", return_dtype=pl.String)
    form = legal_form.replace_strict(_FORMS, default="", return_dtype=pl.String)
    return _word(companies, 17) + second + " " + trade + form


def foreign_names(employers: Ints, country: pl.Series) -> pl.Series:
    """Names of foreign employers: an invented word and the legal form of the country."""
    forms = {
        "PL": "Sp. z o.o.", "LT": "UAB", "DE": "GmbH", "BE": "BVBA", "PT": "Lda", "SK": "s.r.o.", "CZ": "s.r.o.",
        "RO": "SRL", "BG": "EOOD", "HU": "Kft.", "IT": "S.r.l.", "ES": "S.L.", "FR": "SARL", "GB": "Ltd", "LV": "SIA",
        "CY": "Ltd", "HR": "d.o.o.", "SI": "d.o.o.", "EE": "OÜ", "GR": "E.P.E.",
    }  # fmt: skip
    form = country.replace_strict(forms, default="Ltd", return_dtype=pl.String)
    return _word(employers, 91) + " " + _word(employers // 3, 5_011) + " " + form


def spelled(draws: Draws, what: str, name: pl.Series, *ids: Ints, share: float) -> pl.Series:
    """Names as another clerk writes them: a share is shouted, loses its legal form, its points or a letter."""
    frame = pl.DataFrame({"name": name})
    kind = np.where(draws.happens(f"{what}.spelled", share, *ids), draws.integer(f"{what}.way", 1, 5, *ids), 0)
    frame = frame.with_columns(pl.Series("way", np.broadcast_to(kind, len(frame))))
    text = pl.col("name")
    return frame.select(
        pl.when(pl.col("way") == 1).then(text.str.to_uppercase())
        .when(pl.col("way") == 2).then(text.str.replace(r" (B\.V\.|N\.V\.|V\.O\.F\.|Stichting)$", ""))
        .when(pl.col("way") == 3).then(text.str.replace_all(".", "", literal=True))
        .when(pl.col("way") == 4).then(text.str.slice(0, 3) + text.str.slice(4))
        .when(pl.col("way") == 5).then(text.str.replace(" ", "  "))
        .otherwise(text)
    ).to_series()  # fmt: skip
