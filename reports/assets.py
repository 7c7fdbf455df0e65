"""Dagster wiring of the brief.

Belongs here: that a brief follows publication. Does not belong here: what it says (`brief`).
"""

import dagster as dg

from assets.feeds.night import Night
from assets.publication.publish import DATABASE, current_folder
from reports.brief import write_brief


@dg.asset(
    key=["published", "brief"],
    deps=[dg.AssetKey(["published", "database"])],
    group_name="publication",
    kinds={"html"},
    description="The Dutch brief of the published database: one page, no script, no network.",
)
def brief(night: dg.ResourceParam[Night]) -> dg.MaterializeResult[None]:
    """Write the brief of what was just published."""
    folder = current_folder(night.published)
    if folder is None:
        raise FileNotFoundError(f"nothing has been published in {night.published}")
    path = write_brief(folder / DATABASE, night.briefs, as_of=night.as_of, run_id=night.run_id)
    return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(str(path)), "bytes": path.stat().st_size})
