"""The assembly: assets, checks, job, schedule, sensor and resources become one set of definitions.

Belongs here: naming the modules that hold assets. The same assembly serves the night, the pages and the tests.
"""

from importlib import import_module

import dagster as dg

from assets.core.reference_assets import indicators_asset
from pipelines.columns import with_columns
from pipelines.gates import arrival_gate, reference_gate, release_gate
from pipelines.jobs import nightly
from pipelines.progress import readable
from pipelines.resources import NightResource
from pipelines.schedules import nightly_schedule
from pipelines.sensors import new_manifests

#: In the order in which the study flows.
ASSET_MODULES = (
    "assets.feeds.assets",
    "assets.core.reference_assets",
    "assets.core.assets",
    "assets.knowledge_migrants.assets",
    "assets.posting.assets",
    "assets.waterbed.assets",
    "assets.guardrails.assets",
    "assets.publication.assets",
    "reports.assets",
)

#: The indicators that this version computes.
BUILT = frozenset({"H01", "H08", "P02", "P07"})


def build_definitions(night: NightResource | None = None) -> dg.Definitions:
    """All definitions, with another night where a test needs one."""
    modules = [import_module(name) for name in ASSET_MODULES]
    found = [a for a in dg.load_assets_from_modules(modules) if isinstance(a, dg.AssetsDefinition)]
    return dg.Definitions(
        assets=[with_columns(asset) for asset in (*found, indicators_asset(BUILT))],
        asset_checks=[reference_gate, arrival_gate, release_gate],
        jobs=[nightly],
        schedules=[nightly_schedule],
        sensors=[new_manifests],
        resources={"night": night or NightResource()},
        loggers={"console": readable},
        executor=dg.in_process_executor,
    )
