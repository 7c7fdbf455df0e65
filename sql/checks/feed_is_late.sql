-- Feeds whose newest loaded delivery is older than twice their rhythm (`rhythm` comes from the contracts).
with newest as (
    select feed, max(delivered_on) as delivered_on
    from meta.deliveries
    where status = 'loaded'
    group by feed
),

tonight as (
    select as_of from meta.runs
    where status = 'running'
)

select newest.feed, newest.delivered_on, tonight.as_of
from newest
inner join rhythm on newest.feed = rhythm.feed
cross join tonight
where newest.delivered_on + to_days(rhythm.days::integer) < tonight.as_of
order by newest.feed;
