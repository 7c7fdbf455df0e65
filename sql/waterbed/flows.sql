-- Admissions and person-months by month, route, sector and occupation group: companies summed.
select
    month,
    route,
    sbi2,
    occupation_group,
    sum(admissions)::double as admissions,
    sum(person_months) as person_months
from core.flows
group by all
order by month, route, sbi2, occupation_group;
