-- Applications and refusals by company, route and month: what companies do after a refusal.
select
    company,
    route,
    month,
    sum(applications)::integer as applications,
    sum(refusals)::integer as refusals
from core.flows
where company != 'unknown'
group by all
order by company, route, month;
