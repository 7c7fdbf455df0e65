-- Feeds whose newest loaded delivery is older than twice their rhythm, counted to the as-of date of the run.
with rhythm(feed, days) as (
    values
    ('ind_permits', 2), ('ind_sponsor_notices', 2), ('szw_postings', 2), ('review_verdicts', 2),
    ('uwv_work_permits', 14), ('rvo_advice', 14), ('svb_a1', 14),
    ('ind_sponsors', 62), ('uwv_wages', 62), ('uwv_employers', 62), ('kvk_companies', 62),
    ('kvk_officers', 62), ('nla_sightings', 62), ('posting_employers', 184), ('uwv_peer_wages', 732)
),

newest as (
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
where newest.delivered_on + to_days(rhythm.days) < tonight.as_of
order by newest.feed;
