-- Macro raw.as_known_on(feed, day): the rows of a feed as they were known after the deliveries up to day.
create or replace macro raw.as_known_on(feed, day) as table
select * exclude (valid_from_delivery, valid_until_delivery)
from query_table('raw.' || feed)
where valid_from_delivery <= day
    and (valid_until_delivery is null or valid_until_delivery > day)
