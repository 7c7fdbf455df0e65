-- Feeds of which more than 1 % of the delivered rows was rejected.
select
    feed,
    sum(rows_delivered) as rows_delivered,
    sum(rows_rejected) as rows_rejected,
    sum(rows_rejected) / sum(rows_delivered) as rejected_share
from meta.deliveries
where status = 'loaded'
group by feed
having sum(rows_rejected) > 0.01 * sum(rows_delivered)
order by feed;
