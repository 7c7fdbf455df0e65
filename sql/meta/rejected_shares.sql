-- The share of rejected rows of each feed, in what the newest run that read the feed loaded.
-- A full makes what came before it void, so a clean redelivery ends the matter.
with loaded as (
    select deliveries.*, runs.started_at
    from meta.deliveries as deliveries
    left join meta.runs as runs on deliveries.run_id = runs.run_id
    where deliveries.status = 'loaded'
),

newest as (
    select *
    from loaded
    qualify started_at is not distinct from max(started_at) over (partition by feed)
),

standing as (
    select *
    from newest
    qualify
        delivered_on >= coalesce(max(delivered_on) filter (where mode = 'full') over (partition by feed), delivered_on)
)

select
    feed,
    sum(rows_delivered) as rows_delivered,
    sum(rows_rejected) as rows_rejected,
    sum(rows_rejected) / sum(rows_delivered) as rejected_share
from standing
group by feed
having sum(rows_delivered) > 0;
