-- Macro raw.current_rows(feed): the rows of a feed that no later delivery has superseded or ended.
create or replace macro raw.current_rows(feed) as table
select * exclude (valid_from_delivery, valid_until_delivery)
from query_table('raw.' || feed)
where valid_until_delivery is null
