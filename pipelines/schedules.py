"""When it runs: every night at 04:15 in Amsterdam, an hour that no change of the clock skips or doubles."""

import dagster as dg

from pipelines.jobs import nightly

nightly_schedule = dg.ScheduleDefinition(
    name="nightly_0415",
    job=nightly,
    cron_schedule="15 4 * * *",
    execution_timezone="Europe/Amsterdam",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The night, at 04:15 Europe/Amsterdam.",
)
