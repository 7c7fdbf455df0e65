-- Decisions by company, route and month: refusals, and grants close above the norm (all grants where there is no norm).
-- A company that was just granted is what a refused one is compared with.
select
    sponsor_kvk as company,
    route,
    date_trunc('month', decided_on)::date as month,
    count_if(decision = 'refused') as refused,
    count_if(
        decision = 'granted'
        and (norm_month_eur is null or salary_month_eur between norm_month_eur and norm_month_eur * (1 + $bandwidth::double))
    ) as granted_near
from core.permits
where
    sponsor_kvk is not null
    and decided_on is not null
    and application_kind in ('first', 'change_of_purpose')
    and decision in ('refused', 'granted')
group by all
having refused + granted_near > 0
order by company, route, month;
