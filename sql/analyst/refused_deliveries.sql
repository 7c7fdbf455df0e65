-- Which deliveries were refused or are waiting, and what should the supplier do about it?
select feed, delivered_on, attempt, status, reason_code, reason
from meta.deliveries
where status <> 'loaded'
order by delivered_on desc, feed, attempt desc;
