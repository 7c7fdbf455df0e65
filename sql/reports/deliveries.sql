-- What was delivered, per feed.
select
    feed, supplier, stand_in, last_delivered_on, deliveries_loaded, deliveries_refused,
    rows_delivered, rows_accepted, rows_rejected
from pub.deliveries
order by stand_in, supplier, feed;
