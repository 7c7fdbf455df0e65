"""Names of organisations in the public register: what was meant, and what makes two spellings one name.

Belongs here: cleaning and normalising one name. Does not belong here: deciding what two lines with one name are
to each other (`assets.core.register`).

The register is copied from a web page, and its names carry the marks of that: `&amp;` for an ampersand in one
month and the ampersand itself in the next, ampersands that were lost altogether, quotation marks that come and
go, hard spaces. Legal forms are written as `B.V.`, `BV`, `B.V` or not at all. None of that is another name.
"""

from __future__ import annotations

import html
import re
import unicodedata


def _forms(listed: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(form.split()) for form in " ".join(listed.split()).split(" | "))


#: Legal forms, Dutch and foreign, as they stand at the end of a name once points are gone.
FORMS_BEHIND = _forms(
    """bv | nv | cv | vof | ua | ba | wa | b v | n v | c v | v o f | u a | stichting | vereniging | cooperatie
    | cooperatief | ltd | limited | private limited | pvt ltd | pte ltd | co ltd | llp | llc | lp | inc | plc
    | corp | gmbh | gmbh co kg | ag | sa | s a | se | sas | sarl | srl | spa | bvba | ab | oy | as | sti | eeig"""
)

#: Legal forms that stand before a name.
FORMS_BEFORE = _forms("stichting | vereniging | cooperatie | cooperatief | cooperatieve")

#: Words for an ampersand; they go with it, because the register drops ampersands at times.
CONNECTIVES = frozenset(["en", "and", "und", "et"])

#: Letters that do not fall apart into a letter and an accent.
LETTERS = str.maketrans({"ı": "i", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_POINTS = re.compile(r"[.'’‘`´]")
_NO_LETTER = re.compile(r"[\W_]+")


def clean_name(name: str) -> str:
    """The name as it was meant: entities decoded, control characters gone, white space folded, in NFC.

    Entities are decoded until there are none, since a page that is encoded twice holds `&amp;amp;`. Only those
    that end in a semicolon count: `Smit&notarissen` holds none.
    """
    while (decoded := _ENTITY.sub(lambda found: html.unescape(found.group()), name)) != name:
        name = decoded
    visible = "".join(" " if unicodedata.category(c) == "Cc" else c for c in name)
    visible = "".join(c for c in visible if unicodedata.category(c) not in ("Cf", "Cs", "Co"))
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def name_key(name: str) -> str:
    """What two spellings of one name have in common: letters and digits, without case, accents or legal form.

    Spaces do not count (`12 Connect` is `12Connect`), nor do ampersands and the words for them (`A&S`, `A & S`,
    `A en S` and `A S` are one). A name that would have nothing left keeps what it has.
    """
    cleaned = clean_name(name)
    plain = unicodedata.normalize("NFKD", cleaned.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(LETTERS)
    words = _NO_LETTER.sub(" ", _POINTS.sub("", plain)).split()
    kept = _without_forms(words)
    said = [word for word in kept if word not in CONNECTIVES]
    return "".join(said or kept) or cleaned.casefold()


def _without_forms(words: list[str]) -> list[str]:
    """`words` without the legal forms before and behind, as long as another word is left."""
    for length in (3, 2, 1):
        if len(words) > length and tuple(words[-length:]) in FORMS_BEHIND:
            return _without_forms(words[:-length])
        if len(words) > length and tuple(words[:length]) in FORMS_BEFORE:
            return _without_forms(words[length:])
    return words
