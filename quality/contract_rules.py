"""What a contract must say about itself before anything is derived from it.

Belongs here: rules on one ODCS file, each broken rule a sentence with what to do. Does not belong here: the
history of versions (`quality.versions`) and rules on data (`quality.gates`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import yaml
from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty
from pydantic import ValidationError

from quality.contract import DUCKDB_TYPES

CLASSIFICATIONS = ("internal", "personal", "direct_identifier", "audit_only")
KNOWN_OPTIONS = ("pattern", "minimum", "maximum")
#: The one schema of our own that is not published.
PRIVATE_SCHEMA = "raw"

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
_LIST_TYPES = {"string": str, "integer": int}

Rules = Callable[[OpenDataContractStandard], Iterator[str]]


def feed_problems(path: Path) -> list[str]:
    """What is wrong with the contract of a feed, in sentences; empty when nothing is."""
    return _problems(path, _feed_rules)


def product_problems(path: Path) -> list[str]:
    """What is wrong with the contract of our own tables, in sentences; empty when nothing is."""
    return _problems(path, _product_rules)


def _problems(path: Path, rules: Rules) -> list[str]:
    file = f"quality/{path.parent.name}/{path.name}"
    try:
        document = OpenDataContractStandard.from_string(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        return [
            f"{file}: not a contract by the Open Data Contract Standard: "
            f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}. Correct or remove that entry."
            for found in error.errors()
        ]
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        return [f"{file}: not readable as YAML: {' '.join(str(error).split())}. Correct the file."]
    stem = path.name.removesuffix(".odcs.yaml")
    return [f"{file}: {sentence}" for sentence in (*_document_rules(document, stem), *rules(document))]


def _document_rules(document: OpenDataContractStandard, stem: str) -> Iterator[str]:
    if document.name != stem:
        yield f"it is named {document.name}: give the file and the contract the same name."
    if not _VERSION.fullmatch(str(document.version)):
        yield f"version {document.version} is not of the form 1.2.3: write it so."
    if not (document.description and document.description.purpose):
        yield "it has no purpose: say under description what it is for."
    if not document.schema_:
        yield "it describes no table: add one under schema."
    for table in document.schema_ or []:
        yield from _table_rules(table)


def _feed_rules(document: OpenDataContractStandard) -> Iterator[str]:
    custom = {p.property: p.value for p in document.customProperties or []}
    if not custom.get("supplier"):
        yield "it names no supplier: add the customProperty supplier."
    if custom.get("deliveryMode") not in ("full", "delta"):
        yield "its deliveryMode is neither full nor delta: choose one."
    if not isinstance(custom.get("standIn"), bool):
        yield "it does not say whether the feed is simulated: add the customProperty standIn, true or false."
    if "frequency" not in {p.property for p in document.slaProperties or []}:
        yield "it does not say how often it is delivered: add the slaProperty frequency."
    if len(document.schema_ or []) > 1:
        yield "it describes several tables: a feed is exactly one."
    for table in document.schema_ or []:
        yield from _feed_table_rules(table, str(document.name))


def _feed_table_rules(table: SchemaObject, feed: str) -> Iterator[str]:
    if table.name != feed:
        yield f"its table is named {table.name}: a feed and its table have the same name."
    if not any(field.primaryKey for field in table.properties or []):
        yield f"{table.name}: it has no key, so no later delivery can supersede a row: mark a primaryKey."
    for field in table.properties or []:
        if not field.businessName:
            yield f"{table.name}.{field.name}: it has no Dutch term: write a businessName."


def _product_rules(document: OpenDataContractStandard) -> Iterator[str]:
    names = [str(table.name) for table in document.schema_ or []]
    for name in _repeated(names):
        yield f"it describes the table {name} twice: keep one."
    if document.name == PRIVATE_SCHEMA:
        return
    for table in document.schema_ or []:
        for field in table.properties or []:
            if field.classification == "audit_only":
                yield (
                    f"{table.name}.{field.name}: it is for the fairness audit only and would be published: "
                    "leave it in the schema audit."
                )


def _table_rules(table: SchemaObject) -> Iterator[str]:
    fields = table.properties or []
    if not _NAME.fullmatch(str(table.name)):
        yield f"{table.name}: not a plain name: use small letters, digits and underscores."
    if not (table.dataGranularityDescription or "").strip():
        yield f"{table.name}: it does not say what one row is: write a dataGranularityDescription."
    if not fields:
        yield f"{table.name}: it has no fields: add them under properties."
    for name in _repeated([str(field.name) for field in fields]):
        yield f"{table.name}.{name}: it stands there twice: keep one."
    positions = sorted(field.primaryKeyPosition or 0 for field in fields if field.primaryKey)
    if positions != list(range(1, len(positions) + 1)):
        yield f"{table.name}: the primaryKeyPositions are {positions}: number the key from 1 without gaps."
    for field in fields:
        yield from (f"{table.name}.{field.name}: {sentence}" for sentence in _field_rules(field))


def _field_rules(field: SchemaProperty) -> Iterator[str]:
    if not _NAME.fullmatch(str(field.name)):
        yield "not a plain name: use small letters, digits and underscores."
    if not (field.description or "").strip():
        yield "it has no meaning: write a description."
    if field.logicalType not in DUCKDB_TYPES:
        yield f"its logicalType is {field.logicalType}: choose one of {', '.join(DUCKDB_TYPES)}."
    if field.classification not in CLASSIFICATIONS:
        yield f"its classification is {field.classification}: choose one of {', '.join(CLASSIFICATIONS)}."
    if field.primaryKey and field.classification == "audit_only":
        yield "a key cannot be for the fairness audit only: raw would show rows without their key."
    yield from _option_rules(field)
    yield from _closed_list_rules(field)


def _option_rules(field: SchemaProperty) -> Iterator[str]:
    options = field.logicalTypeOptions or {}
    for name in sorted(set(options) - set(KNOWN_OPTIONS)):
        yield f"nothing reads the option {name}: remove it, or teach quality.contract to read it."
    pattern = options.get("pattern")
    if pattern is not None:
        try:
            re.compile(str(pattern))
        except re.error as error:
            yield f"its pattern {pattern} is not a regular expression ({error}): correct it."
    minimum, maximum = options.get("minimum"), options.get("maximum")
    if minimum is not None and maximum is not None and minimum > maximum:
        yield f"its minimum {minimum} is above its maximum {maximum}: correct one of them."


def _closed_list_rules(field: SchemaProperty) -> Iterator[str]:
    for rule in field.quality or []:
        if rule.metric != "invalidValues" or not isinstance(rule.arguments, dict):
            yield f"nothing reads the rule {rule.metric}: remove it, or teach quality.contract to read it."
            continue
        values = rule.arguments.get("validValues")
        if not isinstance(values, list) or not values:
            yield "its closed list is empty: name the valid values, or remove the rule."
            continue
        wanted = _LIST_TYPES.get(str(field.logicalType))
        wrong = [value for value in values if wanted is None or type(value) is not wanted]
        if wrong:
            yield f"its closed list holds {wrong}, which are not of type {field.logicalType}: correct or quote them."
        for value in _repeated([str(value) for value in values]):
            yield f"its closed list names {value} twice: keep one."


def _repeated(values: Sequence[str]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})
