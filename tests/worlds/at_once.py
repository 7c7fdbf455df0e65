"""A world straight into a warehouse, without files: core and findings in one process.

Belongs here: from rows of a world to what the indicators find. Does not belong here: deliveries (`deliveries`), which
have tests of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from assets.core.findings import Findings
from assets.core.signals import Context
from assets.core.tables import TABLES
from assets.knowledge_migrants import reading as knowledge_migrants
from assets.posting import reading as posting
from quality.reference.tables import READERS
from tests.builders import delivered, stored_table, warehouse_with
from tests.core.helpers import make
from tests.worlds.deliveries import feeds, newest
from tests.worlds.ledger import AS_OF, World

Rows = dict[str, list[dict[str, Any]]]
INDICATORS = {
    "H01": knowledge_migrants.h01_findings,
    "H08": knowledge_migrants.h08_findings,
    "P02": posting.p02_findings,
    "P07": posting.p07_findings,
}


def rows_known(w: World, as_of: date = AS_OF) -> Rows:
    """What every feed holds on a day, by `raw.<feed>`, without the fields that are kept apart for the audit."""
    known: Rows = {}
    for feed in feeds():
        names = {f.name for f in stored_table(f"raw.{feed.name}").fields}
        rows = newest(feed, w.rows.get(feed.name, []), date.min, as_of)
        known[f"raw.{feed.name}"] = [
            {"valid_until_delivery": None, **dict.fromkeys(feed.columns.keys() & names)}
            | {name: _compared(name, value) for name, value in row.items() if name in names}
            for row in rows
        ]
    return known


def _compared(name: str, value: Any) -> Any:
    """Numbers of persons as they are compared after reading: capitals, without spaces and punctuation."""
    if name.endswith(("_document", "bsn")) and value is not None:
        return "".join(c for c in value if c.isalnum()).upper()
    return value


def found(
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    as_of: date = AS_OF,
    but: Mapping[str, date | None] | None = None,
) -> dict[str, Findings]:
    """What each indicator finds in these raw rows, every feed delivered on the as-of date unless `but` says else."""
    context = Context(as_of, "run", "rules", review_lane=True)
    made = [name.removeprefix("core.") for name in READERS if name.startswith("core.")]
    made += ["person_identifiers", *(t.name for t in TABLES if t.name in ("persons", "companies")), "payroll_numbers"]
    made += [t.name for t in TABLES if t.name not in made]
    with warehouse_with({**rows, "meta.deliveries": delivered(as_of, but=but)}).writing() as session:
        for name in made:
            make(session, name, as_of)
        return {indicator: find(session, context) for indicator, find in INDICATORS.items()}


def written(findings: Mapping[str, Findings]) -> dict[str, list[tuple[Any, ...]]]:
    """Every value of every row in the stored order, floats in full: equal means equal bytes."""
    in_full = pl.selectors.float().map_elements(float.hex, return_dtype=pl.String)
    return {
        f"{indicator} {name}": frame.with_columns(in_full).rows()
        for indicator, both in findings.items()
        for name, frame in (("signals", both.signals), ("measures", both.measures))
    }
