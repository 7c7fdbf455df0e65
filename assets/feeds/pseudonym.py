"""Pseudonyms of persons: the key, the kinds of identifier, and the keyed hash that replaces a value.

Belongs here: HMAC-SHA256 per kind (RFC 2104), in Python for tests and as an engine expression for loading, and
the key file. Does not belong here: deciding which columns hold identifiers (the contracts do) and linking the
kinds of one person (`assets.core` does, through the permit feed).

A pseudonym has letters only, so that no pseudonym ever contains a run of digits that looks like a number of a
person: the first 32 hexadecimal digits with 0-9 written as g-p (128 bits).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import polars as pl

from assets.feeds.night import Night
from assets.feeds.reasons import FeedError
from assets.feeds.relations import Expression, call, constant, joined
from quality.contract import product_tables
from sql.warehouse import Session

KEYS = product_tables()["raw.pseudonym_keys"]

#: The kind of identifier that a column holds: columns of one kind share their pseudonyms.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "v_number": "v_number",
        "bsn": "bsn",
        "officer_bsn": "bsn",
        "travel_document": "document",
        "worker_document": "document",
        "officer_number": "officer_number",
        "reviewer": "reviewer",
    }
)

LENGTH = 32
_BLOCK = 64
_DIGITS, _LETTERS = "0123456789", "ghijklmnop"
_KEY = re.compile(r"[0-9a-f]{64}")


class PseudonymKeyError(FeedError):
    """The key of the pseudonyms is missing or broken."""


def kind_of(column_name: str) -> str:
    """The kind of identifier in a column; FeedError when nobody has said which."""
    if column_name not in KINDS:
        raise FeedError(f"column {column_name} is a direct identifier of no known kind: add it to the kinds")
    return KINDS[column_name]


def normalised(value: str) -> str:
    """An identifier in upper case, without spaces and punctuation: what two spellings of one number share."""
    composed = unicodedata.normalize("NFC", value)
    upper = (c.upper() if len(c.upper()) == 1 else c for c in composed)  # letter by letter, as the engine does
    return "".join(c for c in upper if unicodedata.category(c)[0] in "LN")


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """The pseudonym of one identifier: 32 letters, the same for every spelling of the value."""
    digest = hmac.new(key, f"{kind}:{normalised(value)}".encode(), hashlib.sha256).hexdigest()
    return digest[:LENGTH].translate(str.maketrans(_DIGITS, _LETTERS))


def normalised_expression(value: Expression) -> Expression:
    """`normalised` for the engine."""
    return call("regexp_replace", call("upper", call("nfc_normalize", value)), constant(r"[^\p{L}\p{N}]+"), "", "g")


def pseudonym_expression(key: bytes, kind: str, value: Expression) -> Expression:
    """`pseudonym` for the engine, so that identifiers never leave it."""
    padded = key.ljust(_BLOCK, b"\0")
    inner, outer = bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)
    message = call("encode", joined(constant(f"{kind}:"), normalised_expression(value)))
    first = call("unhex", call("sha256", joined(constant(inner), message)))
    digest = call("sha256", joined(constant(outer), first))
    return call("translate", call("left", digest, LENGTH), _DIGITS, _LETTERS)


def pseudonym_key(night: Night) -> bytes:
    """The key of this installation, made on first use.

    Raises:
        PseudonymKeyError: when the key is missing while there is a warehouse made with it (a new key would
            give every person a second pseudonym), or when the file does not hold 32 bytes as hexadecimal text.
    """
    path = night.key_file
    if not path.exists():
        if _has_books(night):
            raise PseudonymKeyError(
                f"the key file {path.name} is missing, but there is a warehouse that was made with it: "
                "put the key back, or remove the warehouse to load everything again under a new key"
            )
        _make_key(path)
    text = path.read_text(encoding="ascii", errors="replace").strip().lower()
    if not _KEY.fullmatch(text):
        raise PseudonymKeyError(f"the key file {path.name} does not hold 64 hexadecimal digits")
    return bytes.fromhex(text)


def require_same_key(session: Session, key: bytes, run_id: str) -> None:
    """Remember the key of a new warehouse by its fingerprint.

    Raises:
        PseudonymKeyError: when the warehouse was made with another key: one person would get two pseudonyms.
    """
    session.create(KEYS)
    fingerprint = pseudonym(key, "key", "fingerprint")
    known = [row[0] for row in session.rows("feeds/key_fingerprint")]
    if not known:
        session.append(KEYS, pl.DataFrame([{"fingerprint": fingerprint, "run_id": run_id}]))
    elif known != [fingerprint]:
        raise PseudonymKeyError(
            "the key file holds another key than the one that made this warehouse: put the old key back, or "
            "remove the warehouse to load everything again under the new key"
        )


def _has_books(night: Night) -> bool:
    """True when a feed was ever loaded: the key is always made before the books of deliveries are."""
    if not night.warehouse.path.exists():
        return False
    with night.warehouse.reading() as session:
        return session.exists("meta.deliveries")


def _make_key(path: Path) -> None:
    """Write a new key that is either whole or not there, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    try:
        os.write(handle, secrets.token_hex(32).encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(path)
