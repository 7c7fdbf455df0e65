"""What may be shown of a rejected row: everything but the persons in it.

Belongs here: masking delivered values for `raw.rejected_rows` and for the words of a reason. Does not belong
here: pseudonyms, which replace identifiers in accepted rows; a rejected row holds neither pseudonym nor original.

Rejected rows wait in the session as lists: `delivered` (the values as text, in the order of the contract),
`misplaced` (positions whose value is not what its column asks for) and `masked` (positions to mask anyway).
"""

from __future__ import annotations

from collections.abc import Sequence

from assets.feeds.parsing import CONTROL, MASK
from assets.feeds.relations import Expression, call, choose, column, constant, first_of, function_of
from quality.contract import Field

#: Nine digits or more in a row: long enough to be a number of a person.
LONG_NUMBER = r"\p{Nd}{9,}"
#: The same with single separators between the digits, as people write such numbers in prose.
SPACED_NUMBER = r"\p{Nd}(?:[ .\-/]?\p{Nd}){8,}"

#: Values that are plainly no number of a person or document: a word, or a few digits.
_HARMLESS = r"[A-Za-z_ \-]{1,25}|[0-9.,+\-eE]{1,7}"
#: What may be a document number, with two digits in it: masked where something else was asked for.
_DOCUMENT = r"[A-Za-z0-9]{7,}"
_LETTER = "[A-Za-z]"
_SHORTEST_IDENTIFIER = 5
_LONGEST_QUOTE = 40


def is_hidden(field: Field) -> bool:
    """True for a column whose values are never shown: direct identifiers, and what only the audit may see."""
    return field.is_identifier or field.classification == "audit_only"


def shown(text: Expression) -> Expression:
    """A delivered value in the words of a reason: itself when harmless, else its shape."""
    short = call("left", text, _LONGEST_QUOTE)
    shape = call("regexp_replace", call("regexp_replace", short, r"\p{L}", "a", "g"), r"\p{N}", "#", "g")
    visible = call("regexp_replace", shape, CONTROL, "?", "g")
    shape_shown = call("concat", "something like '", visible, "' (# for a digit, a for a letter)")
    is_harmless = call("regexp_full_match", text, _HARMLESS)
    return choose(is_harmless, call("concat", "'", text, "'"), shape_shown)


def row_json(fields: Sequence[Field]) -> Expression:
    """The row as delivered, as JSON text, fit to be kept; over a row with `delivered`, `misplaced`, `masked`."""
    hidden = constant([is_hidden(f) for f in fields])
    prose = constant([f.kind == "string" for f in fields])
    own = _own_identifiers(fields)

    def kept(text: Expression, position: Expression) -> Expression:
        is_given = call("trim", text) != ""
        must_hide = call("list_extract", hidden, position) | call("list_contains", column("masked"), position)
        is_misplaced = call("list_contains", column("misplaced"), position)
        clean = call("regexp_replace", text, CONTROL, "\ufffd", "g")
        without_own = call("list_reduce", own, function_of("left text", "needle", _replace_needle), clean)
        number = choose(
            call("list_extract", prose, position) | is_misplaced,
            call("regexp_replace", without_own, SPACED_NUMBER, MASK, "g"),
            call("regexp_replace", without_own, LONG_NUMBER, MASK, "g"),
        )
        return choose(is_given & (must_hide | (is_misplaced & _looks_like_document(text))), constant(MASK), number)

    values = call("list_transform", column("delivered"), function_of("text", "position", kept))
    return call("to_json", call("map", constant([f.name for f in fields]), values))


def _replace_needle(text: Expression, needle: Expression) -> Expression:
    """The text without the needle, however it is spaced, punctuated or capitalised in it."""
    bare = call("regexp_replace", needle, r"[^\p{L}\p{N}]", "", "g")
    in_any_spelling = call("array_to_string", call("string_split", bare, ""), r"[ .\-/]?")
    return call("regexp_replace", text, in_any_spelling, MASK, "gi")


def _own_identifiers(fields: Sequence[Field]) -> Expression:
    """The identifiers of the row itself, to be masked wherever they stand; short ones are too common to tell."""
    places = [number for number, field in enumerate(fields, start=1) if field.is_identifier]
    trimmed = [call("trim", call("list_extract", column("delivered"), place)) for place in places]
    long_ones = [choose(call("length", text) >= _SHORTEST_IDENTIFIER, text) for text in trimmed]
    listed = call("list_value", *long_ones, constant(None).cast("VARCHAR"))
    return call("list_filter", listed, function_of("identifier", "place", lambda it, _: it.is_not_null()))


def _looks_like_document(text: Expression) -> Expression:
    digits = call("length", call("regexp_replace", text, "[^0-9]", "", "g"))
    return call("regexp_matches", text, _DOCUMENT) & call("regexp_matches", text, _LETTER) & (digits >= 2)


def reason_words(words: Sequence[str], places: Sequence[int], fields: Sequence[Field]) -> Expression:
    """The reasons of a row in words, over a row with `broken` (numbers of rules) and `delivered`.

    Args:
        words: of each rule; `{}` in them stands for the delivered value.
        places: of each rule, the position of the value that its words show; 0 for none.
        fields: the columns in the order of the contract.
    """
    hidden = constant([is_hidden(f) for f in fields])

    def told(number: Expression, _: Expression) -> Expression:
        place = call("list_extract", constant(list(places)), number)
        value = call("list_extract", column("delivered"), place)
        visible = choose(call("list_extract", hidden, place), constant(MASK), shown(value))
        sentence = call("list_extract", constant(list(words)), number)
        return call("replace", sentence, "{}", first_of(visible, constant("")))

    told_all = call("list_transform", column("broken"), function_of("number", "turn", told))
    return call("array_to_string", told_all, "; ")
