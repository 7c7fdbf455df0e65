-- Remember the rows that a delta repeated unchanged (what a full repeats follows from its date).
insert into raw.confirmations (feed, key_hash, delivered_on)
select $feed, md5(to_json(key)), $delivered_on::date
from history_compared
where is_repeat
    and not exists (
        select 1 from raw.full_deliveries where feed = $feed and delivered_on = $delivered_on
    )
