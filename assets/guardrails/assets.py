"""Dagster wiring of the guardrails: disclosure control as the last step before publication.

Belongs here: which asset depends on which. Does not belong here: any rule; those stand in the modules beside
this one, which know nothing of Dagster.
"""

import dagster as dg

from assets.feeds.night import Night
from assets.guardrails import release
from quality.contract import product_tables

#: What disclosure control reads; `pub` is made after all of it.
READ = [dg.AssetKey(name.split(".")) for name in release.SOURCES if not name.startswith("meta.")]
PUB = [name for name in product_tables() if name.startswith("pub.")]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            key=name.split("."),
            deps=READ,
            group_name="guardrails",
            kinds={"duckdb"},
            description=f"After disclosure control: {product_tables()[name].grain}.",
        )
        for name in PUB
    ],
    name="pub",
)
def pub(night: dg.ResourceParam[Night]):  # type: ignore[no-untyped-def] # a generator of results, one per table
    """Write every table of schema `pub` in one transaction, so that they always belong to one run."""
    for name, rows in release.fill_pub(night).items():
        yield dg.MaterializeResult(asset_key=name.split("."), metadata={"dagster/row_count": rows})
