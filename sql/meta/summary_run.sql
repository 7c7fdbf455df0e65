-- Status and message of one run.
select status, message
from meta.runs
where run_id = $run_id;
