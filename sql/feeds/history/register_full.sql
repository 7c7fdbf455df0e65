-- Remember what the full delivery of $delivered_on replaces: each snapshot it contains, or the whole feed.
insert into raw.full_deliveries (feed, delivered_on, snapshot_value)
(
    select $feed, $delivered_on::date, snapshot
    from history_arriving
    where $by_snapshot
    union
    select $feed, $delivered_on::date, null
    where not $by_snapshot
)
except
select feed, delivered_on, snapshot_value from raw.full_deliveries
