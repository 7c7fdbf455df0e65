-- The run that made the release, by the real clock.
select run_id, status, started_at, finished_at
from meta.runs
where run_id = $run_id;
