-- Runs, newest first.
select run_id, as_of, status, started_at, finished_at, message
from meta.runs
order by started_at desc
limit 20;
