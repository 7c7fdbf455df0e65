-- The latest attempt of every delivery of the feed $feed, by day.
select delivered_on, max(attempt), arg_max(status, attempt), arg_max(reason_code, attempt)
from meta.deliveries
where feed = $feed
group by delivered_on
order by delivered_on
