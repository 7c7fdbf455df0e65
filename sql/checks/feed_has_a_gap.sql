-- Deltas that begin more than a day after everything that was loaded before them ends: a delivery may be missing.
with loaded as (
    select
        feed,
        delivered_on,
        mode,
        period_from,
        max(coalesce(period_until, delivered_on)) over earlier as covered_until
    from meta.deliveries
    where status = 'loaded'
    window earlier as (
        partition by feed order by delivered_on
        rows between unbounded preceding and 1 preceding
    )
)

select feed, delivered_on, covered_until, period_from
from loaded
where mode = 'delta' and period_from > covered_until + to_days(1)
order by feed, delivered_on;
