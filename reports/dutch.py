"""Numbers, dates and lists as a Dutch reader writes them: `1.234,5`, `12,3%`, `€ 25.451`, `23 november 2026`.

Belongs here: formats, and nothing else. Spaces that may not break a line are no-break spaces; a minus is a minus
sign, not a hyphen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)

SHORT_MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")

NO_BREAK = "\u00a0"
MINUS = "\u2212"

_SWAP = str.maketrans(",.", ".,")


def number(value: float, decimals: int = 0) -> str:
    """`1234.5` as `1.234,5`; halves are rounded away from zero."""
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{abs(exact):,.{decimals}f}".translate(_SWAP)
    return f"{MINUS}{text}" if exact < 0 else text


def percent(share: float, decimals: int = 1) -> str:
    """The share `0.123` as `12,3%`."""
    return f"{number(float(Decimal(repr(float(share))) * 100), decimals)}%"


def euro(value: float, decimals: int = 0) -> str:
    """`25451` as `€ 25.451`."""
    return f"€{NO_BREAK}{number(value, decimals)}"


def day(value: date) -> str:
    """`2026-11-23` as `23 november 2026`."""
    return f"{value.day}{NO_BREAK}{MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """`2026-11-23` as `23 nov 2026`, for tables."""
    return NO_BREAK.join((str(value.day), SHORT_MONTHS[value.month - 1], str(value.year)))


def month(value: date) -> str:
    """`2026-11-01` as `november 2026`."""
    return f"{MONTHS[value.month - 1]} {value.year}"


def period(first: date, last: date) -> str:
    """Two days as a period: `2024`, `maart 2024`, or from day to day."""
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    return f"{day(first)} tot en met {day(last)}"


def decimals_with_comma(text: str) -> str:
    """Running text from a source with English decimals, as a Dutch reader writes it: `+6.45%` as `+6,45%`."""
    return re.sub(r"(?<=\d)\.(?=\d{1,2}\s?%)", ",", text)


def listing(parts: Sequence[str]) -> str:
    """`a`, `a en b`, `a, b en c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} en {parts[-1]}"
