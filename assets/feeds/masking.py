"""What may be shown of a rejected row: everything but the persons in it.

Belongs here: masking delivered values for `raw.rejected_rows` and for the words of a reason. Does not belong
here: pseudonyms, which replace identifiers in accepted rows; a rejected row holds neither pseudonym nor original.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assets.feeds.parsing import CONTROL, Column
from assets.feeds.relations import Expression, call, choose, constant, first_of

MASK = "***"

#: Nine digits or more in a row: long enough to be a number of a person.
LONG_NUMBER = r"\p{Nd}{9,}"
#: The same with single separators between the digits, as people write such numbers in prose.
SPACED_NUMBER = r"\p{Nd}(?:[ .\-/]?\p{Nd}){8,}"

#: Values that are plainly no number of a person or document: a word, or a few digits.
_HARMLESS = r"[A-Za-z_ \-]{1,25}|[0-9.,+\-eE]{1,7}"
#: What a document number looks like: shown nowhere when it stands where something else was asked for.
_DOCUMENT = r"[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*"
_SHORTEST_IDENTIFIER = 5
_LONGEST_QUOTE = 40


def is_hidden(col: Column) -> bool:
    """True for a column whose values are never shown: direct identifiers, and what only the audit may see."""
    return col.field.is_identifier or col.field.classification == "audit_only"


def shown(col: Column) -> Expression:
    """A delivered value in the words of a reason: itself when harmless, else its shape (9 digit, a letter)."""
    if is_hidden(col):
        return constant(MASK)
    text = col.as_text
    short = call("left", text, _LONGEST_QUOTE)
    shape = call("regexp_replace", call("regexp_replace", short, r"\p{L}", "a", "g"), r"\p{N}", "9", "g")
    visible = call("regexp_replace", shape, CONTROL, "?", "g")
    shape_shown = call("concat", "something like '", visible, "' (9 for a digit, a for a letter)")
    is_harmless = call("regexp_full_match", text, _HARMLESS)
    return first_of(choose(is_harmless, call("concat", "'", text, "'"), shape_shown), constant("nothing"))


def row_json(
    columns: Sequence[Column], misplaced: Mapping[str, Expression], masked_where: Mapping[str, Expression]
) -> Expression:
    """The row as delivered, as JSON text, fit to be kept.

    Args:
        columns: the columns in the order of the contract.
        misplaced: by name, where a value is not what its column asks for: document numbers are masked there.
        masked_where: by name, where a value is masked whatever it holds.
    """
    own = [_needle(col) for col in columns if col.field.is_identifier and col.is_text]
    arguments: list[object] = []
    for col in columns:
        value = _kept(col, own, misplaced.get(col.name))
        if col.name in masked_where:
            value = choose(masked_where[col.name] & col.is_given, constant(MASK), value)
        arguments += [col.name, value]
    return call("json_object", *arguments)


def _needle(col: Column) -> Expression:
    """A delivered identifier to be looked for in other columns; empty when too short to tell."""
    is_long = call("length", col.trimmed) >= _SHORTEST_IDENTIFIER
    return choose(is_long, col.trimmed, constant(""))


def _kept(col: Column, own: Sequence[Expression], misplaced: Expression | None) -> Expression:
    if is_hidden(col):
        return choose(col.is_given, constant(MASK), col.as_text)
    text = call("regexp_replace", col.as_text, CONTROL, "\ufffd", "g")
    for needle in own:
        text = call("replace", text, needle, MASK)
    is_prose = col.field.kind == "string" and col.is_text
    text = call("regexp_replace", text, SPACED_NUMBER if is_prose else LONG_NUMBER, MASK, "g")
    if misplaced is None:
        return text
    return choose(misplaced & _looks_like_document(col), constant(MASK), text)


def _looks_like_document(col: Column) -> Expression:
    length = call("length", col.trimmed if col.is_text else col.as_text)
    digits = call("length", call("regexp_replace", col.as_text, "[^0-9]", "", "g"))
    is_mixed = call("regexp_full_match", call("trim", col.as_text), _DOCUMENT)
    return is_mixed & (digits >= 2) & (length >= 7) & (length <= 12)
