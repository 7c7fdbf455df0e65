"""Delivered values in the types of their contract: what casts without loss, and nothing else.

Belongs here: for a column as delivered (text in CSV, any type in Parquet) the expression of its value, null where
it has none. Does not belong here: whether a value is allowed (`rules`).

The rules of reading: dates are ISO, numbers plain (`1e3` and `1,000` are not), `168.0` is an integer, booleans are
`true` and `false` in any case, surrounding spaces go, empty is null, and digits that were delivered as numbers are
no text, because their leading zeros are gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from assets.feeds.relations import Expression, call, choose, column, constant, filled
from quality.contract import Field

INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)
WIDE_INTEGERS = frozenset({"BIGINT", "HUGEINT", "UBIGINT", "UHUGEINT"})
LOCAL_TIMES = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
TEXTS = frozenset({"VARCHAR", "JSON", "UUID"})

#: Characters that never belong in a name: controls, two non-characters, and overrides of the writing direction.
UNWANTED = r"[\p{Cc}\x{FFFE}\x{FFFF}\x{202A}-\x{202E}\x{2066}-\x{2069}]"
CONTROL = r"\p{Cc}"

#: What stands where a number of a person stood.
MASK = "***"
#: A number of a person as people write it in a sentence: nine digits or more, or nine in three groups. Company
#: numbers have eight and stay.
NUMBER_IN_PROSE = r"\p{Nd}{9,}|\b\p{Nd}{3}[ .\-]\p{Nd}{3}[ .\-]\p{Nd}{3}\b|\b\p{Nd}{4}[ .\-]\p{Nd}{2}[ .\-]\p{Nd}{3}\b"

_INTEGER = r"[+-]?[0-9]+(\.0+)?"
_NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_EDGES = r"^[\p{Z}\s]+|[\p{Z}\s]+$"


@dataclass(frozen=True)
class Column:
    """One contract column as it was delivered.

    Attributes:
        field: what the contract says.
        source: the engine type of the delivered column.
        value: its value in the type of the contract, null where there is none or it cannot be read.
    """

    field: Field
    source: str
    value: Expression

    @property
    def name(self) -> str:
        """Name in the contract and in the relation of delivered values."""
        return self.field.name

    @property
    def is_text(self) -> bool:
        """True when it was delivered as text."""
        return self.source in TEXTS

    @property
    def cannot_fail(self) -> bool:
        """True when every delivered value of this type can be read."""
        return self.source == '"NULL"' or _always_readable(self.field, self.source)

    @property
    def as_text(self) -> Expression:
        """The value as delivered, as text."""
        return column(self.name) if self.source == "VARCHAR" else column(self.name).cast("VARCHAR")

    @property
    def is_given(self) -> Expression:
        """True where something was delivered: not null, and not only spaces."""
        if not self.is_text:
            return column(self.name).is_not_null()
        return call("trim", self.as_text) != ""

    @property
    def trimmed(self) -> Expression:
        """The delivered text without surrounding spaces, null where nothing is left."""
        return filled(call("trim", self.as_text))


def is_code(field: Field) -> bool:
    """True for a text that is compared rather than read: a key, a code or an identifier."""
    has_rule = bool(field.pattern or field.closed_list)
    return field.kind == "string" and (has_rule or bool(field.key_position) or field.is_identifier)


def is_prose(field: Field) -> bool:
    """True for a text that people wrote, such as a name or an explanation; not for keys, codes and references."""
    is_reference = bool(field.key_position) or field.name.endswith(("_id", "_vat"))
    return field.kind == "string" and not is_code(field) and not is_reference


def read_column(field: Field, source: str) -> Column:
    """The column of `field` in a relation where it was delivered with the engine type `source`."""
    return Column(field, source, _value(field, source))


def _value(field: Field, source: str) -> Expression:
    delivered = column(field.name)
    if source in TEXTS:
        text = call("trim", delivered if source == "VARCHAR" else delivered.cast("VARCHAR"))
        return {"string": _text_value, "date": _date, "boolean": _boolean, "integer": _integer, "number": _number}[
            field.kind
        ](text, field)
    native = {
        "date": _native_date,
        "boolean": _native_boolean,
        "integer": _native_integer,
        "number": _native_number,
    }.get(field.kind)
    value = native(delivered, source) if native else None
    return constant(None).cast(field.duckdb_type) if value is None else value


def _always_readable(field: Field, source: str) -> bool:
    if field.kind == "string":
        return source in TEXTS
    if field.kind == "integer":
        return source in INTEGERS - WIDE_INTEGERS | {"BIGINT"}
    if field.kind == "number":
        return source in INTEGERS - WIDE_INTEGERS or source.startswith("DECIMAL")
    return (field.kind, source) in {("date", "DATE"), ("boolean", "BOOLEAN")}


def _text_value(text: Expression, field: Field) -> Expression:
    if field.key_position and not field.is_identifier and not (field.pattern or field.closed_list):
        return filled(call("nfc_normalize", _cleaned(text)))
    if is_code(field):
        return filled(text)
    if is_prose(field):
        return filled(call("regexp_replace", _cleaned(text), NUMBER_IN_PROSE, MASK, "g"))
    return filled(_cleaned(text))


def _cleaned(text: Expression) -> Expression:
    """Free text without unwanted characters and surrounding spaces of any kind."""
    return call("regexp_replace", call("regexp_replace", text, UNWANTED, "", "g"), _EDGES, "", "g")


def _date(text: Expression, _: Field) -> Expression:
    return choose(call("regexp_full_match", text, _DATE), text.try_cast("DATE"))


def _boolean(text: Expression, _: Field) -> Expression:
    lower = call("lower", text)
    return choose(lower == "true", constant(True), choose(lower == "false", constant(False)))


def _integer(text: Expression, field: Field) -> Expression:
    whole = call("split_part", text, ".", 1).try_cast(field.duckdb_type)
    return choose(call("regexp_full_match", text, _INTEGER), whole)


def _number(text: Expression, _: Field) -> Expression:
    value = text.try_cast("DOUBLE")
    return choose(call("regexp_full_match", text, _NUMBER), choose(call("isfinite", value), value))


def _native_date(delivered: Expression, source: str) -> Expression | None:
    if source == "DATE":
        return delivered
    if source in LOCAL_TIMES:
        day = delivered.try_cast("DATE")
        return choose(day.try_cast("TIMESTAMP") == delivered, day)
    return None


def _native_boolean(delivered: Expression, source: str) -> Expression | None:
    return delivered if source == "BOOLEAN" else None


def _native_integer(delivered: Expression, source: str) -> Expression | None:
    if source in INTEGERS:
        return delivered.try_cast("BIGINT")
    if source in ("FLOAT", "DOUBLE") or source.startswith("DECIMAL"):
        return choose(call("floor", delivered) == delivered, delivered.try_cast("BIGINT"))
    return None


def _native_number(delivered: Expression, source: str) -> Expression | None:
    value = delivered.cast("DOUBLE")
    if source in WIDE_INTEGERS:
        return choose(value.try_cast("HUGEINT") == delivered, value)
    if source in INTEGERS or source.startswith("DECIMAL"):
        return value
    if source in ("FLOAT", "DOUBLE"):
        return choose(call("isfinite", value), value)
    return None
