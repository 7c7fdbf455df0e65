-- Which delivery of each feed is the newest, how old was it at the as-of date, and what share of its rows was rejected?
select
    deliveries.feed,
    max(deliveries.delivered_on) as newest,
    date_diff('day', max(deliveries.delivered_on), any_value(releases.as_of)) as days_old,
    sum(deliveries.rows_delivered) as rows_delivered,
    round(100.0 * sum(deliveries.rows_rejected) / nullif(sum(deliveries.rows_delivered), 0), 2) as percent_rejected
from meta.deliveries as deliveries
cross join pub.release as releases
where deliveries.status = 'loaded'
group by deliveries.feed
order by days_old desc, deliveries.feed;
