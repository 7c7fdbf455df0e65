-- The latest day on which any delivery said something about the feed $feed; null when none has.
select max(said_on)
from (
    select max(valid_from) as said_on from history_versions
    union all
    select max(delivered_on) from raw.confirmations where feed = $feed
    union all
    select max(delivered_on) from raw.full_deliveries where feed = $feed
)
