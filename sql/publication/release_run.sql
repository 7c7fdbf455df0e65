-- The run that a published file says it is of, with its row in meta.runs.
select releases.run_id, runs.status
from pub.release as releases
left join meta.runs as runs on runs.run_id = releases.run_id;
