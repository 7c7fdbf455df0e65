-- Declared salaries of granted first applications, by month of receipt: what exposure is read from.
select
    date_trunc('month', received_on)::date as month,
    route,
    coalesce(sbi2, 'unknown') as sbi2,
    coalesce(occupation_group, 'unknown') as occupation_group,
    salary_month_eur,
    norm_month_eur,
    hours_week
from core.permits
where
    salary_month_eur is not null
    and decision = 'granted'
    and application_kind in ('first', 'change_of_purpose')
order by month, route, sbi2, occupation_group, salary_month_eur, norm_month_eur, hours_week;
