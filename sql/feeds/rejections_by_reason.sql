-- How many rows of the delivery are rejected for each reason, the most frequent first.
select reason_code, count(*) as n
from delivery_rejected
group by reason_code
order by n desc, reason_code
