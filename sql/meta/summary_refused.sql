-- The deliveries that one run refused, with the reason.
select feed, delivered_on, reason
from meta.deliveries
where run_id = $run_id and status = 'refused'
order by feed, delivered_on;
