-- Admissions and person-months by month, route, sector and company, in the sectors where one of $routes was ever used.
-- A scheme that one sector used has no other sector to compare with; its companies have each other.
select
    month,
    route,
    sbi2,
    company,
    sum(admissions)::double as admissions,
    sum(person_months) as person_months
from core.flows
where
    company != 'unknown'
    and sbi2 in (select used.sbi2 from core.flows as used where list_contains($routes::varchar[], used.route) and used.admissions > 0)
group by all
order by month, route, sbi2, company;
