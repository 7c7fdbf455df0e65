"""Dagster wiring of publication: the analysts' database, after everything else.

Belongs here: what must be there before. Does not belong here: how it is published (`publish`).
"""

import dagster as dg

from assets.feeds.night import Night
from assets.feeds.runs import finish_run
from assets.guardrails.release import record_checks
from assets.publication.publish import publish as publish_night
from quality.dictionary import published_tables

#: Tables that assets make; the record of the run itself (`meta`) is kept by the run.
MADE = [dg.AssetKey([table.schema, table.name]) for table in published_tables() if table.schema != "meta"]


@dg.asset(
    key=["published", "database"],
    deps=MADE,
    group_name="publication",
    kinds={"duckdb"},
    description="The analysts' database: a new file under the run's name, and the link `current` that points at it.",
)
def database(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """Publish the night; yesterday's publication stays until the last step."""
    record_checks(night)
    path = publish_night(night)
    finish_run(night, "succeeded")
    size = path.stat().st_size
    return dg.MaterializeResult(
        metadata={"path": dg.MetadataValue.path(str(path)), "bytes": size, "tables": len(published_tables())}
    )
