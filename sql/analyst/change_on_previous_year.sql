-- Which routes grew and which shrank, in the last twelve months against the twelve before?
with last_month as (
    select max(month) as month
    from core.flows
),

halves as (
    select
        flows.route,
        sum(flows.applications) filter (where flows.month > last_month.month - interval 12 month) as last_year,
        sum(flows.applications) filter (where flows.month <= last_month.month - interval 12 month) as year_before
    from core.flows as flows
    cross join last_month
    where flows.month > last_month.month - interval 24 month
    group by flows.route
)

select
    route,
    coalesce(year_before, 0) as year_before,
    coalesce(last_year, 0) as last_year,
    round(last_year / nullif(year_before, 0) - 1, 3) as change_share
from halves
order by abs(coalesce(last_year, 0) - coalesce(year_before, 0)) desc, route;
