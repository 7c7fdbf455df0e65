"""The reference tables of the study: norms, minimum wage, events, schemes, routes, code lists, indicators.

Belongs here: writing them to the database. Does not belong here: reading the files
(`quality.reference.tables`), judging them (`quality.reference_checks`), Dagster wiring.
"""

from __future__ import annotations

from quality.contract import product_tables
from quality.reference import tables
from sql.warehouse import Session


def write_reference(session: Session, name: str) -> int:
    """Make the reference table `name` (`core.salary_norms`, ...) hold its file; returns the rows written.

    Raises:
        KeyError: when `name` is not one of `quality.reference.tables.READERS`.
    """
    return session.replace(product_tables()[name], tables.READERS[name]())


def write_indicators(session: Session, built: frozenset[str]) -> int:
    """Make `meta.indicators` hold every indicator; those in `built` are marked as computed by this version.

    Raises:
        ValueError: when `built` names an indicator that the study does not have.
    """
    frame = tables.indicators(built)
    if unknown := sorted(built - set(frame["indicator"])):
        raise ValueError(f"not indicators of the study: {unknown}")
    return session.replace(product_tables()["meta.indicators"], frame)


def write_published_volumes(session: Session) -> int:
    """Make `core.published_volumes` hold the delivered figures now in force; returns the rows."""
    return session.fill(product_tables()["core.published_volumes"], "core/published_volumes")
