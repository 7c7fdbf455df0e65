"""Which numbers belong to one person: V-numbers, BSNs and travel documents joined through the permit feed.

Belongs here: the graph of numbers and the guard against wrong merges. Does not belong here: reading feeds
(`sql/core/identifiers.sql`, `sql/core/identifier_links.sql`) and anything about a person but his numbers.

A person has one V-number and one BSN for life, and travel documents that are renewed. A permit names a
V-number and, where known, a BSN and a document; that is the only ground for saying that they are one person.
Two V-numbers that share a BSN or a document are one person registered twice, or a typing error. They are joined
only when few enough V-numbers share the number and no second BSN speaks against it. A number that may not join
stays alone, as a person of its own: nothing that it carries (wages, postings) is laid on the wrong person.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from quality.contract import product_tables
from sql.warehouse import Session

#: More distinct V-numbers than this on one BSN or document, or in one person, are more than double registration.
MAX_V_NUMBERS = 2

#: The number that names a person is the first of his V-number, BSN and document: a new document changes nothing.
KIND_ORDER = {"v_number": 0, "bsn": 1, "document": 2}


def identify(identifiers: pl.DataFrame, links: pl.DataFrame, max_v_numbers: int = MAX_V_NUMBERS) -> pl.DataFrame:
    """The person of every number.

    The answer does not depend on the order of the rows, and adding persons does not change that of others.

    Args:
        identifiers: `identifier_kind` (v_number, bsn, document), `identifier`, and `person_id`: the name of the
            person if this number names him; one row per number.
        links: `v_number`, `identifier_kind`, `identifier`: what permits put side by side, one row per pair.
        max_v_numbers: most V-numbers that one number may join, and that one person may have.

    Returns:
        `identifier_kind`, `identifier`, `person_id`, sorted by the first two.
    """
    numbers = (
        identifiers.with_columns(pl.col("identifier_kind").replace_strict(KIND_ORDER).alias("rank"))
        .sort("rank", "identifier")
        .with_row_index("node")
    )
    edges = usable_links(_edges(numbers, links), max_v_numbers)
    component = _components(numbers.height, edges)
    crowded = _crowded(numbers["rank"].to_numpy(), component, max_v_numbers)
    if crowded.any():
        is_crowded = pl.Series(crowded[component[edges["holder"].to_numpy()]], dtype=pl.Boolean)
        alone = edges.filter(~(pl.col("is_shared") & is_crowded))
        component = _components(numbers.height, alone)
    return (
        numbers.with_columns(pl.Series("component", component))
        .with_columns(pl.col("person_id").first().over("component", order_by="node"))
        .select("identifier_kind", "identifier", "person_id")
        .sort("identifier_kind", "identifier")
    )


def usable_links(edges: pl.DataFrame, max_v_numbers: int) -> pl.DataFrame:
    """The edges that may join, with `is_shared`: true where the number stands beside several V-numbers.

    A number is no bridge when more than `max_v_numbers` V-numbers share it, or when the V-numbers that share it
    carry more than one BSN together.

    Args:
        edges: `holder` (node of a V-number), `other` (node of the number beside it), `identifier_kind`.
        max_v_numbers: most V-numbers that one number may join.
    """
    bsns = edges.filter(pl.col("identifier_kind") == "bsn").select("holder", pl.col("other").alias("bsn"))
    holders = edges.group_by("other").agg(pl.len().alias("holders"))
    shared = edges.join(holders.filter(pl.col("holders") > 1), on="other")
    carried = shared.join(bsns, on="holder").group_by("other").agg(pl.col("bsn").n_unique())
    contradicted = carried.filter(pl.col("bsn") > 1)
    refused = pl.concat(
        [holders.filter(pl.col("holders") > max_v_numbers).select("other"), contradicted.select("other")]
    )
    return edges.join(refused, on="other", how="anti").join(
        holders.select("other", (pl.col("holders") > 1).alias("is_shared")), on="other"
    )


def write_person_identifiers(session: Session) -> int:
    """Make `core.person_identifiers` from the feeds; returns the rows written."""
    found = identify(session.frame("core/identifiers"), session.frame("core/identifier_links"))
    return session.replace(product_tables()["core.person_identifiers"], found)


def _edges(numbers: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    holders = numbers.filter(pl.col("rank") == 0).select(
        pl.col("identifier").alias("v_number"), pl.col("node").alias("holder")
    )
    others = numbers.select("identifier_kind", "identifier", pl.col("node").alias("other"))
    return (
        links.join(holders, on="v_number")
        .join(others, on=["identifier_kind", "identifier"])
        .select("holder", "other", "identifier_kind")
        .unique()
    )


def _components(size: int, edges: pl.DataFrame) -> np.ndarray:
    ends = (edges["holder"].to_numpy(), edges["other"].to_numpy())
    graph = coo_array((np.ones(edges.height, dtype=np.int8), ends), shape=(size, size))
    if size == 0:
        return np.empty(0, dtype=np.int32)
    labels: np.ndarray = connected_components(graph, directed=False)[1]
    return labels


def _crowded(rank: np.ndarray, component: np.ndarray, max_v_numbers: int) -> np.ndarray:
    """Per component: does it hold more V-numbers than one person may have."""
    return np.bincount(component[rank == 0], minlength=component.max(initial=-1) + 1) > max_v_numbers
