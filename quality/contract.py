"""What a table must be: the contracts of the feeds and of our own tables, read from ODCS files.

Belongs here: the model of a table and its fields, and reading it from `quality/contracts/` (what suppliers
deliver) and `quality/products/` (what we make). Does not belong here: anything that looks at data.

Everything that depends on the shape of a table derives from these objects: reader types, DuckDB tables with
comments, the arrival gate, `meta.columns`, the dictionary page and the bounds of the stand-in suppliers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml
from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty

CONTRACTS = Path(__file__).parent / "contracts"
PRODUCTS = Path(__file__).parent / "products"

Kind = Literal["string", "integer", "number", "boolean", "date", "timestamp", "array", "object"]
Classification = Literal["internal", "personal", "direct_identifier", "audit_only"]
DeliveryMode = Literal["full", "delta"]

DUCKDB_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "string": "VARCHAR",
        "integer": "BIGINT",
        "number": "DOUBLE",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "timestamp": "TIMESTAMPTZ",
        "array": "VARCHAR[]",
        "object": "JSON",
    }
)

#: Key fields that make a delivery of a `full` feed a set of dated pictures: a new delivery replaces the dates
#: that it contains and leaves the other dates alone.
SNAPSHOT_FIELDS = ("snapshot_on", "observed_on", "year")


@dataclass(frozen=True)
class Field:
    """One column: its type, its meaning and the values that it may hold."""

    name: str
    kind: Kind
    meaning: str
    dutch_term: str
    required: bool
    classification: Classification
    key_position: int | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    closed_list: tuple[str | int, ...] | None = None
    physical_type: str | None = None

    @property
    def duckdb_type(self) -> str:
        """The DuckDB type that stores this field."""
        return self.physical_type or DUCKDB_TYPES[self.kind]

    @property
    def is_identifier(self) -> bool:
        """True when the value is replaced by a keyed pseudonym on reading."""
        return self.classification == "direct_identifier"


@dataclass(frozen=True)
class Table:
    """One table: where it stands, what one row is, and its fields in order."""

    schema: str
    name: str
    grain: str
    fields: tuple[Field, ...]

    @property
    def full_name(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"

    @property
    def key(self) -> tuple[Field, ...]:
        """The fields of the primary key, in key order; empty when the table has none."""
        return tuple(sorted((f for f in self.fields if f.key_position), key=lambda f: f.key_position or 0))

    def field(self, name: str) -> Field:
        """The field called `name`; KeyError when there is none."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.full_name} has no column {name}")


@dataclass(frozen=True)
class FeedContract:
    """What one supplier promises to deliver."""

    feed: str
    version: str
    supplier: str
    delivery_mode: DeliveryMode
    is_stand_in: bool
    frequency: str
    purpose: str
    limitations: str
    table: Table

    @property
    def snapshot_field(self) -> Field | None:
        """The date in the key of a `full` feed by which deliveries replace each other, if there is one."""
        if self.delivery_mode != "full":
            return None
        return next((f for f in self.table.key if f.name in SNAPSHOT_FIELDS), None)


def _closed_list(prop: SchemaProperty) -> tuple[str | int, ...] | None:
    for rule in prop.quality or []:
        if rule.metric == "invalidValues" and isinstance(rule.arguments, dict):
            return tuple(rule.arguments["validValues"])
    return None


def _field(prop: SchemaProperty) -> Field:
    options: dict[str, Any] = prop.logicalTypeOptions or {}
    return Field(
        name=str(prop.name),
        kind=prop.logicalType,  # type: ignore[arg-type]
        meaning=str(prop.description or "").strip(),
        dutch_term=str(prop.businessName or "").strip(),
        required=bool(prop.required),
        classification=prop.classification or "internal",  # type: ignore[arg-type]
        key_position=prop.primaryKeyPosition if prop.primaryKey else None,
        pattern=options.get("pattern"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        closed_list=_closed_list(prop),
        physical_type=prop.physicalType,
    )


def _table(schema: str, item: SchemaObject) -> Table:
    return Table(
        schema=schema,
        name=str(item.name),
        grain=str(item.dataGranularityDescription or "").strip(),
        fields=tuple(_field(p) for p in item.properties or []),
    )


def read_document(path: Path) -> OpenDataContractStandard:
    """One ODCS file. Read by libyaml where there is one: every command reads all contracts before it does anything."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return OpenDataContractStandard(**yaml.load(path.read_text(encoding="utf-8"), Loader=loader))  # noqa: S506


def read_feed_contract(path: Path) -> FeedContract:
    """The contract of one feed from one ODCS file; ValueError when it lacks what a feed needs."""
    document = read_document(path)
    custom = {p.property: p.value for p in document.customProperties or []}
    if not document.schema_ or len(document.schema_) != 1:
        raise ValueError(f"{path.name}: a feed contract describes exactly one table")
    sla = {p.property: p.value for p in document.slaProperties or []}
    description = document.description
    return FeedContract(
        feed=str(document.name),
        version=str(document.version),
        supplier=str(custom["supplier"]),
        delivery_mode=custom["deliveryMode"],  # type: ignore[arg-type]
        is_stand_in=bool(custom["standIn"]),
        frequency=str(sla.get("frequency", "")),
        purpose=str(description.purpose if description else ""),
        limitations=str(description.limitations if description else ""),
        table=_table("raw", document.schema_[0]),
    )


@cache
def feed_contracts() -> Mapping[str, FeedContract]:
    """Every feed contract of the product, by feed name, in alphabetical order."""
    found = (read_feed_contract(path) for path in sorted(CONTRACTS.glob("*.odcs.yaml")))
    return MappingProxyType({contract.feed: contract for contract in found})


@cache
def product_tables() -> Mapping[str, Table]:
    """Every table that we make ourselves, by `schema.name`; the file's name is the schema's name."""
    tables = {}
    for path in sorted(PRODUCTS.glob("*.odcs.yaml")):
        document = read_document(path)
        for item in document.schema_ or []:
            table = _table(str(document.name), item)
            tables[table.full_name] = table
    return MappingProxyType(tables)
