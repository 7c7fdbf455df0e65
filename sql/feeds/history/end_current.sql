-- Current versions that the delivery of $delivered_on ends: superseded by it, or absent where it is full.
create or replace temp table history_ended as
select row_number
from history_compared
where row_number is not null and not is_repeat
union
select versions.row_number
from history_versions as versions
where versions.valid_until is null
    and exists (
        select 1
        from raw.full_deliveries as fulls
        where fulls.feed = $feed
            and fulls.delivered_on = $delivered_on
            and fulls.snapshot_value is not distinct from versions.snapshot
    )
    and versions.row_number not in (select row_number from history_compared where is_repeat)
