-- Deliveries that stand refused: no later attempt was loaded.
select feed, delivered_on, reason
from meta.deliveries
qualify row_number() over (partition by feed, delivered_on order by attempt desc) = 1 and status = 'refused'
order by feed, delivered_on;
