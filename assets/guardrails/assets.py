"""Dagster wiring of the guardrails: disclosure control as the last step before publication.

Belongs here: which asset depends on which. Does not belong here: any rule; those stand in the modules beside
this one, which know nothing of Dagster.
"""

import dagster as dg

import assets.knowledge_migrants.assets as knowledge_migrants
import assets.posting.assets as posting
from assets.feeds.night import Night
from assets.guardrails import release
from assets.guardrails.gathered import TABLES, gather_findings
from quality.contract import product_tables

#: What disclosure control reads; `pub` is made after all of it.
READ = [dg.AssetKey(name.split(".")) for name in release.SOURCES if not name.startswith("meta.")]
PUB = [name for name in product_tables() if name.startswith("pub.")]
#: Every indicator that speaks; `findings` is complete after the last of them.
INDICATORS = [
    key
    for asset in dg.load_assets_from_modules([knowledge_migrants, posting])
    for key in asset.keys  # type: ignore[union-attr]
]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            key=name.split("."),
            deps=INDICATORS,
            group_name="guardrails",
            kinds={"duckdb"},
            description=f"Of all indicators together: {product_tables()[name].grain}.",
        )
        for name in TABLES
    ],
    name="findings",
)
def findings(night: dg.ResourceParam[Night]):  # type: ignore[no-untyped-def] # a generator of results, one per table
    """Close the findings of this run, after the last indicator."""
    for name, rows in gather_findings(night).items():
        yield dg.MaterializeResult(asset_key=name.split("."), metadata={"dagster/row_count": rows})


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
