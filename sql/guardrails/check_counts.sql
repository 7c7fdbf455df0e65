-- How many checks of a run passed and how many only warned.
select
    count(*) filter (where passed) as checks_passed,
    count(*) filter (where not passed) as checks_warned
from meta.checks
where run_id = $run_id;
