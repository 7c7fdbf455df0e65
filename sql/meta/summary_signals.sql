-- Signals of one run per indicator.
select indicator, count(*) as signals
from findings.signals
where run_id = $run_id
group by indicator
order by indicator;
