"""Identifiers that look right and cannot be anyone's.

Belongs here: numbers of persons and companies, unreal on purpose: BSN and RSIN fail the eleven-test, KvK and
V-numbers start with 00, documents carry the user-assigned country code XX, VAT numbers start with 000. Each is a
one-to-one function of the number of the person or company and of the region. Does not belong here: who gets which.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assets.standins.foundations import regions
from assets.standins.foundations.randomness import Ints

_PRIME = 99_999_989  # the largest prime below 10^8: multiplication modulo a prime is one-to-one
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)
#: Largest number of persons and of companies that have identifiers of their own.
MOST_PERSONS = _PRIME
MOST_COMPANIES = 999_000


def _scrambled(numbers: Ints, factor: int) -> Ints:
    if numbers.size and (numbers.min() < 0 or numbers.max() >= MOST_PERSONS):
        raise ValueError("a number of a person lies outside what the identifiers can tell apart")
    return (numbers * factor + 12_345_677) % _PRIME


def _padded(numbers: NDArray[np.int64], width: int, before: str = "", after: str = "") -> pl.Series:
    text = pl.Series(numbers).cast(pl.String).str.zfill(width)
    return pl.Series(before, [before], dtype=pl.String).new_from_index(0, len(text)) + text + after


def failing_eleven_test(base: Ints, turn: int = 0) -> Ints:
    """Nine-digit numbers made of the eight digits of `base` and a last digit with which they fail the test.

    Another `turn` (0 or 1) gives other numbers of the same digits, so that no company bears the number of a person.
    """
    total = np.zeros(len(base), dtype=np.int64)
    for position, weight in enumerate(_WEIGHTS):
        total += weight * (base // 10 ** (7 - position) % 10)
    wrong = (total % 11 + 1 + turn + base % 7) % 10
    return base * 10 + wrong


def nine_digits(base: Ints) -> pl.Series:
    """Nine-digit numbers of companies that fail the eleven-test, made of eight digits each."""
    return _padded(failing_eleven_test(base, turn=1), 9)


def bsn(persons: Ints) -> pl.Series:
    """Citizen service numbers of persons."""
    return _padded(failing_eleven_test(_scrambled(regions.person(persons), 48_271)), 9)


def v_number(persons: Ints) -> pl.Series:
    """Foreign nationals' numbers of persons."""
    return _padded(_scrambled(regions.person(persons), 69_621), 8, before="00")


def document(persons: Ints, booklet: int = 0) -> pl.Series:
    """Numbers of travel documents; a later `booklet` is a renewed passport of the same person."""
    return _padded(_scrambled(regions.person(persons), 16_807), 8, before="XX" + "ABCDEF"[booklet])


def kvk(companies: Ints) -> pl.Series:
    """Trade-register numbers of companies."""
    companies = regions.company(companies)
    if companies.size and (companies.min() < 0 or companies.max() >= MOST_COMPANIES):
        raise ValueError("a number of a company lies outside what the trade-register numbers can tell apart")
    return _padded(companies + 101, 6, before="00")


def rsin(companies: Ints) -> pl.Series:
    """Legal-entity numbers of companies."""
    return nine_digits(_scrambled(regions.company(companies), 39_373))


def vat(countries: pl.Series, employers: Ints) -> pl.Series:
    """VAT numbers of foreign employers; Greece writes EL."""
    return countries.replace({"GR": "EL"}) + _padded(regions.employer(employers), 7, before="000")


def application(numbers: Ints) -> pl.Series:
    """Case numbers of the immigration service."""
    return _padded(regions.application(numbers), 9, before="A")


def numbered(prefix: str, numbers: Ints, width: int = 8) -> pl.Series:
    """Any other reference: a prefix, the region where there are several, and a number."""
    return _padded(numbers, width, before=prefix + regions.mark())


def officer(persons: Ints) -> pl.Series:
    """Numbers of officers in the trade register."""
    return _padded((regions.person(persons) * 7_919 + 13) % _PRIME, 9, before="OF")
