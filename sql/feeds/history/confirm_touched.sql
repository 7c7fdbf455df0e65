-- Remember for the touched keys which deltas repeated a row unchanged.
insert into raw.confirmations (feed, key_hash, delivered_on)
select $feed, key_hash, said_on
from history_said
where not is_change and not is_full and content is not null
