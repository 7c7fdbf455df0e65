-- Per feed, what one run did with the deliveries that it read.
select
    feed,
    count(*) filter (where status = 'loaded') as loaded,
    count(*) filter (where status = 'refused') as refused,
    count(*) filter (where status = 'pending') as pending,
    sum(rows_delivered) as rows_delivered,
    sum(rows_accepted) as rows_accepted,
    sum(rows_rejected) as rows_rejected
from meta.deliveries
where run_id = $run_id
group by feed
order by feed;
