-- How many checks of one run passed, warned and stopped the night.
select
    count(*) filter (where passed) as passed,
    count(*) filter (where not passed and severity = 'warn') as warned,
    count(*) filter (where not passed and severity = 'stop') as stopped
from meta.checks
where run_id = $run_id;
