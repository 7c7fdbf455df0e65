-- All that was ever said about each touched key, one row a delivery: its content (null: absent) and the mode.
create or replace temp table history_said as
with said_before as (
    select touched.key, versions.valid_from as said_on
    from history_touched as touched
    inner join history_versions as versions on versions.key is not distinct from touched.key
    union
    select touched.key, confirmations.delivered_on
    from history_touched as touched
    inner join raw.confirmations as confirmations
        on confirmations.key_hash = touched.key_hash and confirmations.feed = $feed
    union
    select touched.key, fulls.delivered_on
    from history_touched as touched
    inner join raw.full_deliveries as fulls
        on fulls.snapshot_value is not distinct from touched.snapshot and fulls.feed = $feed
),

-- What was said on an earlier known day is the version that was valid then: a chain loses nothing.
said as (
    select before.key, before.said_on, versions.content
    from said_before as before
    left join history_versions as versions
        on versions.key is not distinct from before.key
        and versions.valid_from <= before.said_on
        and (versions.valid_until > before.said_on or versions.valid_until is null)
    where before.said_on <> $delivered_on
    union all
    select touched.key, $delivered_on::date, arriving.content
    from history_touched as touched
    left join history_arriving as arriving on arriving.key is not distinct from touched.key
)

select
    said.key,
    touched.key_hash,
    said.said_on,
    said.content,
    said.content is distinct from lag(said.content) over (
        partition by said.key order by said.said_on
    ) as is_change,
    fulls.delivered_on is not null as is_full
from said
inner join history_touched as touched on touched.key is not distinct from said.key
left join raw.full_deliveries as fulls
    on fulls.feed = $feed
    and fulls.delivered_on = said.said_on
    and fulls.snapshot_value is not distinct from touched.snapshot
