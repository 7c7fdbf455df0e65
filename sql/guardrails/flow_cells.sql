-- Exact flows per closed month and year, per route and for all routes together: what disclosure control starts from.
with flow as (
    select month, route, company, applications, admissions
    from core.flows
    where last_day(month) <= $last_closed_day
),

span as (
    select min(month) as first_month, max(month) as last_month
    from flow
),

period as (
    select 'month' as period_kind, month_start::date as period_start, last_day(month_start)::date as period_end
    from span, unnest(generate_series(first_month, last_month, interval 1 month)) as months (month_start)
    where first_month is not null
    union all
    select 'year', year_start::date, (year_start + interval 1 year - interval 1 day)::date
    from span, unnest(generate_series(date_trunc('year', first_month), last_month, interval 1 year)) as years (year_start)
    where first_month is not null
      and year_start >= first_month
      and year_start + interval 1 year - interval 1 day <= $last_closed_day
),

route_name as (
    select seen.route, coalesce(routes.name_nl, seen.route) as name_nl
    from (select distinct route from flow) as seen
    left join core.routes as routes on routes.route = seen.route
    union all
    select 'total', 'Alle routes samen'
    from span
    where first_month is not null
),

counted as (
    select
        period.period_kind,
        period.period_start,
        coalesce(flow.route, 'total') as route,
        sum(flow.applications) as applications,
        sum(flow.admissions) as admissions,
        count(distinct flow.company) filter (where flow.company <> 'unknown' and flow.applications > 0) as employers,
        sum(flow.applications) filter (where flow.company = 'unknown') as without_employer
    from period
    inner join flow on flow.month between period.period_start and period.period_end
    group by grouping sets (
        (period.period_kind, period.period_start, flow.route),
        (period.period_kind, period.period_start)
    )
)

select
    period.period_kind,
    period.period_start,
    period.period_end,
    route_name.route,
    route_name.name_nl,
    coalesce(counted.applications, 0)::bigint as applications,
    coalesce(counted.admissions, 0)::bigint as admissions,
    coalesce(counted.employers, 0)::bigint as employers,
    coalesce(counted.without_employer, 0)::bigint as without_employer
from period
cross join route_name
left join counted
    on counted.period_kind = period.period_kind
   and counted.period_start = period.period_start
   and counted.route = route_name.route
order by period.period_kind, period.period_start, route_name.route;
