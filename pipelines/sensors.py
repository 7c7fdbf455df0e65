"""What starts a run besides the clock: a new delivery. Off by default, because the night is at 04:15."""

import dagster as dg

from pipelines.jobs import nightly
from pipelines.resources import default_data


@dg.sensor(
    job=nightly,
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Starts a run when a manifest arrives in landing; switch on where suppliers deliver by day.",
)
def new_manifests(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """One run for all manifests that arrived since the last look."""
    manifests = sorted(default_data().glob("landing/*/*/manifest.json"))
    newest = max((m.stat().st_mtime_ns for m in manifests), default=0)
    seen = int(context.cursor or 0)
    if newest <= seen:
        return dg.SensorResult(skip_reason="no new manifest since the last look")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=str(newest))], cursor=str(newest))
