-- The newest attempt at every delivery, with its outcome.
select feed, delivered_on, status, stand_in, rows_delivered, rows_accepted, rows_rejected
from meta.deliveries
qualify row_number() over (partition by feed, delivered_on order by attempt desc) = 1
order by feed, delivered_on;
