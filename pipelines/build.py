"""The assembly: assets, checks, job, schedule, sensor and resources become one set of definitions.

Belongs here: naming the modules that hold assets. The same assembly serves the night, the pages and the tests.
"""

from importlib import import_module

import dagster as dg

from pipelines.gates import arrival_gate, release_gate
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


def build_definitions(night: NightResource | None = None) -> dg.Definitions:
    """All definitions, with another night where a test needs one."""
    modules = [import_module(name) for name in ASSET_MODULES]
    return dg.Definitions(
        assets=dg.load_assets_from_modules(modules),
        asset_checks=[arrival_gate, release_gate],
        jobs=[nightly],
        schedules=[nightly_schedule],
        sensors=[new_manifests],
        resources={"night": night or NightResource()},
        loggers={"console": readable},
        executor=dg.in_process_executor,
    )
