"""When a row is rejected: the rules of a field, from its contract, and the rules between fields.

Belongs here: for each rule where a row breaks it, its short name and the words for the supplier. Does not belong
here: repeated rows and keys, which look at more than one row (`reading`), and whether values make sense, which
is for checks: names and references to unknown keys never reject a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assets.feeds.parsing import CONTROL, Column, is_code
from assets.feeds.reasons import Rejected
from assets.feeds.relations import Expression, any_of, call, column, constant, first_of
from quality.contract import Field

#: Start and end that stand in one row.
SPELLS = (
    ("valid_from", "valid_until"),
    ("valid_from", "ended_on"),
    ("recognised_on", "ended_on"),
    ("registered_on", "ended_on"),
    ("from_on", "until_on"),
    ("event_on", "until_on"),
    ("starts_on", "ends_on"),
    ("period_start", "period_end"),
)
#: Receipt and decision that stand in one row.
DECISIONS = (("received_on", "decided_on"), ("received_on", "advised_on"))
#: Columns that record something that has happened.
HAPPENED = ("received_on", "decided_on", "issued_on", "seen_on", "submitted_on", "event_on")
#: VAT number and stated country that stand in one row, by feed.
VAT_COUNTRIES: Mapping[str, tuple[str, str]] = {
    "szw_postings": ("employer_vat", "employer_country"),
    "posting_employers": ("employer_vat", "country"),
}
#: Letters that a VAT number may start with beside those of the country: Greece, and Northern Ireland.
OTHER_LETTERS = (("GR", "EL"), ("GB", "XI"), ("UK", "XI"))

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)

#: What is asked for, by kind of field.
WANTED: Mapping[str, str] = {
    "string": "a text (digits delivered as a number have lost their leading zeros)",
    "integer": "a whole number",
    "number": "a plain number with a decimal point",
    "boolean": "true or false",
    "date": "a date as YYYY-MM-DD",
}


@dataclass(frozen=True)
class Rule:
    """One rule as expressions over a row.

    Attributes:
        code: short name of the reason.
        broken: true where the row breaks it; false or null where it does not.
        words: for the supplier; `{}` in them stands for the delivered value of `field`.
        field: the column whose value the words show; empty for none.
        is_misplaced: true when such a value is not at all what its column asks for.
        is_implied: true when another rule is broken wherever this one is.
    """

    code: Rejected
    broken: Expression
    words: str
    field: str = ""
    is_misplaced: bool = False
    is_implied: bool = False


def value_of(name: str) -> str:
    """The name of the column that holds the value of the contract column `name`."""
    return f"value of {name}"


def value(name: str) -> Expression:
    """The value of the contract column `name`."""
    return column(value_of(name))


def field_rules(col: Column) -> list[Rule]:
    """The rules of one column, in the order in which they are reported."""
    rules = []
    if not col.cannot_fail:
        rules.append(_type_rule(col))
    if col.field.required:
        rules.append(_required_rule(col))
    if is_code(col.field) and col.is_text:
        rules += _code_rules(col)
    if col.field.closed_list:
        rules.append(_closed_list_rule(col, col.field.closed_list))
    if col.field.minimum is not None or col.field.maximum is not None:
        rules.append(_range_rule(col))
    if col.field.kind == "date":
        rules += _date_rules(col)
    return rules


def _type_rule(col: Column) -> Rule:
    is_unread = col.is_given if col.field.kind == "string" else value(col.name).is_null() & col.is_given
    words = f"{col.name}: {{}} is not {WANTED[col.field.kind]}"
    return Rule(Rejected.TYPE, is_unread, words, col.name, is_misplaced=True)


def _required_rule(col: Column) -> Rule:
    is_missing = value(col.name).is_null()
    if not (col.field.kind == "string" and col.is_text):
        is_missing = is_missing & first_of(~col.is_given, constant(True))
    return Rule(Rejected.REQUIRED, is_missing, f"{col.name} is missing; every row must have it")


def _code_rules(col: Column) -> Iterator[Rule]:
    """Of a key, a code or an identifier: no control characters, and the form that is asked for."""
    pattern = col.field.pattern
    control = call("regexp_matches", col.as_text, CONTROL)
    words = f"{col.name} holds a control character"
    has_form = bool(pattern or col.field.closed_list)
    yield Rule(Rejected.CONTROL_CHARACTER, control, words, is_implied=has_form)
    if pattern:
        unfit = ~call("regexp_full_match", value(col.name), pattern)
        words = f"{col.name}: {{}} does not have the form {pattern}"
        yield Rule(Rejected.PATTERN, unfit, words, col.name, is_misplaced=True)
    elif col.field.is_identifier:
        unfit = ~call("regexp_matches", value(col.name), r"[\p{L}\p{N}]")
        yield Rule(Rejected.PATTERN, unfit, f"{col.name}: {{}} holds no letter and no digit", col.name)


def _closed_list_rule(col: Column, allowed: Sequence[str | int]) -> Rule:
    unlisted = value(col.name).isnotin(*(constant(item) for item in allowed))
    words = f"{col.name}: {{}} is not one of {', '.join(str(item) for item in allowed)}"
    return Rule(Rejected.CLOSED_LIST, unlisted, words, col.name, is_misplaced=True)


def _range_rule(col: Column) -> Rule:
    least, most = col.field.minimum, col.field.maximum
    outside, bounds = [], []
    if least is not None:
        outside.append(value(col.name) < least)
        bounds.append(f"at least {least:.15g}")
    if most is not None:
        outside.append(value(col.name) > most)
        bounds.append(f"at most {most:.15g}")
    words = f"{col.name}: {{}} must be {' and '.join(bounds)}"
    return Rule(Rejected.RANGE, any_of(outside), words, col.name)


def _date_rules(col: Column) -> Iterator[Rule]:
    day = value(col.name)
    outside = (day < FIRST_DAY) | (day > LAST_DAY)
    yield Rule(Rejected.YEAR, outside, f"{col.name} lies before 1900 or after 2100")
    if col.name.endswith("_month"):
        words = f"{col.name} is a month and must be given as its first day"
        yield Rule(Rejected.FIRST_OF_MONTH, call("day", day) != 1, words)


def row_rules(feed: str, fields: Mapping[str, Field], delivered_on: date) -> list[Rule]:
    """The rules between the columns of one row, and between a row and its day of delivery."""
    rules = [
        Rule(Rejected.END_BEFORE_START, value(end) < value(start), f"{end} lies before {start}")
        for start, end in SPELLS
        if {start, end} <= set(fields)
    ]
    rules += [
        Rule(Rejected.DECISION_BEFORE_RECEIPT, value(late) < value(early), f"{late} lies before {early}")
        for early, late in DECISIONS
        if {early, late} <= set(fields)
    ]
    after = f"lies after the day of delivery, {delivered_on}"
    rules += [
        Rule(Rejected.FUTURE_DATE, value(name) > delivered_on, f"{name} {after}") for name in HAPPENED if name in fields
    ]
    if {"decision", "refusal_ground", "valid_from"} <= set(fields):
        rules += _decision_rules()
    if {"verdict", "explanation"} <= set(fields):
        rules.append(_verdict_rule())
    if feed in VAT_COUNTRIES:
        rules.append(_vat_rule(*VAT_COUNTRIES[feed]))
    return rules


def _decision_rules() -> Iterator[Rule]:
    decision, ground, start = value("decision"), value("refusal_ground"), value("valid_from")
    yield Rule(
        Rejected.PENDING_WITH_RESULT,
        decision.is_null() & (ground.is_not_null() | start.is_not_null()),
        "decision is empty, but refusal_ground or valid_from is not",
    )
    yield Rule(
        Rejected.GROUND_WITHOUT_REFUSAL,
        ground.is_not_null() & (decision != "refused"),
        "refusal_ground is given, but decision is not refused",
    )
    yield Rule(
        Rejected.START_WITHOUT_GRANT,
        start.is_not_null() & (decision != "granted"),
        "valid_from is given, but decision is not granted",
    )


def _verdict_rule() -> Rule:
    return Rule(
        Rejected.UNEXPLAINED_VERDICT,
        value("verdict").isin("confirmed", "cleared") & value("explanation").is_null(),
        "a verdict confirmed or cleared needs an explanation",
    )


def vat_fits(vat: str, country: str) -> Expression:
    """True where the VAT number in `vat` starts with letters that belong to the country in `country`."""
    letters, stated = call("left", value(vat), 2), value(country)
    others = [(stated == theirs) & (letters == also) for theirs, also in OTHER_LETTERS]
    return any_of([letters == stated, *others])


def _vat_rule(vat: str, country: str) -> Rule:
    words = f"{vat} does not start with the letters of {country}; is it a VAT number? (both are masked)"
    return Rule(Rejected.VAT_COUNTRY, ~vat_fits(vat, country), words)
