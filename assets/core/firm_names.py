"""Names of companies made comparable: without case, accents, punctuation, legal form or filler words.

Belongs here: normalising a name. Does not belong here: comparing two names (`assets.core.name_likeness`).
"""

from __future__ import annotations

import polars as pl

#: Legal forms and filler words, as they stand after dots and accents are gone; they tell no firm from another.
NOISE = frozenset(
    [
        "aansprakelijkheid",
        "ag",
        "asbl",
        "ba",
        "beperkte",
        "besloten",
        "bv",
        "bvba",
        "coop",
        "cooperatie",
        "cooperatief",
        "cv",
        "de",
        "eenmanszaak",
        "fa",
        "firma",
        "gmbh",
        "inc",
        "limited",
        "liquidatie",
        "llc",
        "llp",
        "ltd",
        "maatschap",
        "naamloze",
        "nv",
        "ontvangende",
        "oprichting",
        "plc",
        "sa",
        "sarl",
        "se",
        "sp",
        "srl",
        "sro",
        "stichting",
        "ua",
        "vennootschap",
        "vereniging",
        "vof",
        "wa",
        "zoo",
        "and",
        "der",
        "des",
        "en",
        "et",
        "het",
        "in",
        "met",
        "of",
        "onder",
        "oo",
        "the",
        "und",
    ]
)

#: Letters that do not fall apart into a letter and an accent.
LETTERS = {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "&": " en ", "+": " en "}


def name_words(name: pl.Expr) -> pl.Expr:
    """The telling words of a name in their order, lower case, one space between; never empty where `name` is not.

    A name of nothing but noise ("De B.V.") keeps all its words.
    """
    plain = (
        name.str.to_lowercase()
        .str.replace_many(LETTERS)
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.replace_all(r"[.'’`´]", "")
        .str.replace_all(r"[^a-z0-9]+", " ")
        .str.strip_chars()
    )
    words = plain.str.split(" ")
    telling = words.list.filter(~pl.element().is_in(NOISE)).list.join(" ")
    return pl.when(telling == "").then(plain).otherwise(telling)


def name_key(words: pl.Expr) -> pl.Expr:
    """`name_words` without spaces: "data works" and "dataworks" are one name."""
    return words.str.replace_all(" ", "")


def sorted_words(words: pl.Expr) -> pl.Expr:
    """`name_words` in alphabetical order: "jansen techniek" and "techniek jansen" are one name."""
    return words.str.split(" ").list.sort().list.join(" ")
