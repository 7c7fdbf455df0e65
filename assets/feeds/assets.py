"""The feeds as Dagster assets: one for each contract, from landing to `raw`.

Belongs here: wiring. Does not belong here: anything that looks at a delivery (`loading` and what it calls).
"""

from collections.abc import Callable

import dagster as dg

from assets.feeds.loading import DeliveryOutcome, describe, load_feed
from assets.feeds.night import Night
from quality.contract import FeedContract, feed_contracts


def _feed_asset(contract: FeedContract) -> dg.AssetsDefinition:
    """The asset `raw/<feed>`: what one supplier delivered, loaded or rejected with a reason."""

    @dg.asset(
        key=["raw", contract.feed],
        group_name="feeds",
        kinds={"duckdb"},
        description=f"{contract.table.grain} ({contract.supplier}). {contract.purpose}",
        op_tags={"supplier": contract.supplier},
    )
    def raw(context: dg.AssetExecutionContext, night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
        outcomes = load_feed(night, contract, log=_log(context))
        with night.warehouse.reading() as session:
            rows = session.count(f"raw.{contract.feed}")
        return dg.MaterializeResult(metadata={"dagster/row_count": rows, **_told(outcomes)})

    return raw


def _log(context: dg.AssetExecutionContext) -> Callable[[str], None]:
    """Lines about refusals and warnings as warnings, the rest as information."""

    def log(line: str) -> None:
        (context.log.warning if ": REFUSED" in line or "; warning: " in line else context.log.info)(line)

    return log


def _told(outcomes: list[DeliveryOutcome]) -> dict[str, int | dg.MetadataValue]:
    """What the night did with the deliveries of one feed, as metadata."""
    new = [o for o in outcomes if o.is_new]
    lines = [f"- {describe(o)}" for o in outcomes]
    return {
        "deliveries_loaded": sum(o.status == "loaded" for o in new),
        "deliveries_refused": sum(o.status == "refused" for o in new),
        "deliveries_pending": sum(o.status == "pending" for o in new),
        "rows_accepted": sum(o.rows_accepted for o in new),
        "rows_rejected": sum(o.rows_rejected for o in new),
        "deliveries": dg.MetadataValue.md("\n".join(lines) or "nothing new"),
    }


raw_feeds = [_feed_asset(contract) for contract in feed_contracts().values()]
