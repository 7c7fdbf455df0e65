-- The keys whose chain of versions a late delivery can change: its own, and those that a full leaves out.
create or replace temp table history_touched as
select key, snapshot, md5(to_json(key)) as key_hash
from (
    select key, snapshot from history_arriving
    union
    select versions.key, versions.snapshot
    from history_versions as versions
    where exists (
        select 1
        from raw.full_deliveries as fulls
        where fulls.feed = $feed
            and fulls.delivered_on = $delivered_on
            and fulls.snapshot_value is not distinct from versions.snapshot
    )
)
