"""What can be run: the job `nightly`, and what happens when a step of it fails."""

import dagster as dg

from assets.feeds.night import Night
from assets.feeds.runs import finish_run, run_status

#: A step is tried once more: a disk that was busy for a moment should not cost a night. A check that stops the
#: night fails again in the same way, at the price of seconds.
RETRY = dg.RetryPolicy(max_retries=1, delay=2)


@dg.failure_hook(required_resource_keys={"night"})
def record_failure(context: dg.HookContext) -> None:
    """Write in `meta.runs` which step failed and why."""
    night: Night = context.resources.night
    if run_status(night) == "failed":
        return  # a gate has said already which check stopped the night
    reason = str(context.op_exception).strip().splitlines()[0] if context.op_exception else "see the log"
    finish_run(night, "failed", f"{context.op.name}: {reason}")


nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="Deliveries in, contracts enforced, findings and estimates made, database and brief out.",
    hooks={record_failure},
    op_retry_policy=RETRY,
)
