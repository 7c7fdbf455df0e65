"""The data dictionary: every column that we are given or publish, as rows and as a page for people.

Belongs here: deriving both from the contracts. Does not belong here: any fact about a column, which stands in
its contract, and the look of the page (`quality/templates/dictionary.html.j2`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from quality.contract import PRODUCTS, Field, Table, feed_contracts, product_tables, read_document

TEMPLATES = Path(__file__).parent / "templates"

#: What analysts get, in the order in which a reader wants it.
PUBLISHED_SCHEMAS = ("core", "findings", "estimates", "pub", "meta")

COLUMN_SCHEMA: Mapping[str, type[pl.DataType]] = MappingProxyType(
    {
        "schema_name": pl.String,
        "table_name": pl.String,
        "column_name": pl.String,
        "position": pl.Int64,
        "type": pl.String,
        "meaning": pl.String,
        "dutch_term": pl.String,
        "classification": pl.String,
        "is_key": pl.Boolean,
        "is_required": pl.Boolean,
    }
)

KINDS_IN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "date": "date",
        "timestamp": "date and time",
        "array": "list of texts",
        "object": "JSON",
    }
)

MODES_IN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "delta": "only what is new or changed; a row with a known key supersedes the earlier one",
        "full": "everything each time; what is left out has ended",
        "snapshot": "whole pictures by {field}; a delivery replaces the pictures that it contains, no other",
    }
)


def published_tables() -> list[Table]:
    """Our own tables that are published, by schema in reading order, then in the order of their contract."""
    tables = product_tables().values()
    return [table for schema in PUBLISHED_SCHEMAS for table in tables if table.schema == schema]


def column_rows(tables: Iterable[Table] | None = None) -> pl.DataFrame:
    """The rows of `meta.columns`: one per column of `tables` (default: all published tables).

    Ordered by schema, table and position; positions count from 1; a column without a Dutch term has null.
    """
    rows = [
        {
            "schema_name": table.schema,
            "table_name": table.name,
            "column_name": field.name,
            "position": position,
            "type": field.duckdb_type,
            "meaning": field.meaning,
            "dutch_term": field.dutch_term or None,
            "classification": field.classification,
            "is_key": field.key_position is not None,
            "is_required": field.required,
        }
        for table in (published_tables() if tables is None else tables)
        for position, field in enumerate(table.fields, start=1)
    ]
    return pl.DataFrame(rows, schema=dict(COLUMN_SCHEMA)).sort("schema_name", "table_name", "position")


def type_in_words(field: Field) -> str:
    """The type of a column as a reader says it; the DuckDB type where the contract chose one itself."""
    return field.physical_type or KINDS_IN_WORDS[field.kind]


def range_in_words(field: Field) -> str:
    """The numbers that a column may hold: `0 to 200,000`, `at least 1`, `at most 80`; empty when any."""
    low, high = (f"{bound:,.10g}" if bound is not None else "" for bound in (field.minimum, field.maximum))
    if low and high:
        return f"{low} to {high}"
    if low:
        return f"at least {low}"
    return f"at most {high}" if high else ""


def dutch_terms(tables: Iterable[Table]) -> list[tuple[str, list[Table]]]:
    """Each Dutch term with the tables that use it, in alphabetical order without regard to capitals."""
    found: dict[str, list[Table]] = {}
    for table in tables:
        for term in dict.fromkeys(f.dutch_term for f in table.fields if f.dutch_term):
            found.setdefault(term, []).append(table)
    return sorted(found.items(), key=lambda entry: (entry[0].casefold(), entry[0]))


def _delivery_in_words(feed: str) -> str:
    contract = feed_contracts()[feed]
    if contract.snapshot_field:
        return MODES_IN_WORDS["snapshot"].format(field=contract.snapshot_field.name)
    return MODES_IN_WORDS[contract.delivery_mode]


def _said_by_all(texts: Sequence[str]) -> str:
    """The text when all are the same, so that a page says it once; else empty."""
    return texts[0] if len(set(texts)) == 1 else ""


def _purposes() -> dict[str, str]:
    """What each schema of our own is for, from its contract."""
    documents = (read_document(p) for p in sorted(PRODUCTS.glob("*.odcs.yaml")))
    return {str(d.name): str(d.description.purpose if d.description else "") for d in documents}


def render_dictionary(path: Path) -> Path:
    """Write the dictionary as one self-contained HTML page without script to `path`; returns `path`.

    The same contracts give the same bytes.
    """
    schemas = (*PUBLISHED_SCHEMAS, *sorted({t.schema for t in product_tables().values()} - {*PUBLISHED_SCHEMAS}))
    ours = {schema: [t for t in product_tables().values() if t.schema == schema] for schema in schemas}
    feeds = feed_contracts()
    every_table = [contract.table for contract in feeds.values()] + [t for ts in ours.values() for t in ts]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page = environment.get_template("dictionary.html.j2").render(
        feeds=feeds,
        deliveries={feed: _delivery_in_words(feed) for feed in feeds},
        ours=ours,
        purposes=_purposes(),
        limitation_of_all=_said_by_all([c.limitations for c in feeds.values()]),
        published=PUBLISHED_SCHEMAS,
        terms=dutch_terms(every_table),
        type_in_words=type_in_words,
        range_in_words=range_in_words,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path
