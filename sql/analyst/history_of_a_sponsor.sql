-- What is the history of one sponsor: recognition, permits per year and people at work? (here: the largest sponsor)
with sponsor as (
    select sponsor_kvk as kvk
    from core.permits
    where sponsor_kvk is not null
    group by sponsor_kvk
    order by count(*) desc, sponsor_kvk
    limit 1
)

select
    companies.kvk,
    companies.name,
    companies.recognised_from,
    year(permits.received_on) as year,
    count(*) as applications,
    count(*) filter (where permits.decision = 'granted') as granted,
    count(distinct permits.person_id) as persons
from sponsor
inner join core.permits as permits on permits.sponsor_kvk = sponsor.kvk
left join core.companies as companies on companies.kvk = sponsor.kvk
group by all
order by year;
