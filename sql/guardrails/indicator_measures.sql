-- Exact study results with the names of indicator and group, and the number of companies in a sector.
with sector_company as (
    select
        flows.sbi2,
        case when flows.route like 'posting%' or flows.route = 'cross_border_service' then 'posting' else 'hsm' end as scheme,
        count(distinct flows.company) filter (where flows.company <> 'unknown') as employers
    from core.flows as flows
    group by all
)

select
    measures.indicator,
    coalesce(indicators.name_nl, measures.indicator) as name_nl,
    coalesce(indicators.scheme, case when measures.indicator like 'P%' then 'posting' else 'hsm' end) as scheme,
    coalesce(indicators.look_alikes, '') as look_alikes,
    measures.stratum_kind,
    measures.stratum,
    case
        when measures.stratum_kind = 'all' then 'alle'
        when measures.stratum = 'unknown' then 'onbekend'
        else coalesce(sectors.name_nl, routes.name_nl, measures.stratum)
    end as stratum_nl,
    measures.period_start,
    measures.period_end,
    measures.measure,
    measures.value,
    measures.lo95,
    measures.hi95,
    measures.n,
    measures.method,
    case when measures.stratum_kind in ('sector', 'sbi2') then coalesce(sector_company.employers, 0) end as employers
from findings.measures as measures
left join meta.indicators as indicators on indicators.indicator = measures.indicator
left join core.sectors as sectors on measures.stratum_kind in ('sector', 'sbi2') and sectors.sbi2 = measures.stratum
left join core.routes as routes on measures.stratum_kind = 'route' and routes.route = measures.stratum
left join sector_company
    on measures.stratum_kind in ('sector', 'sbi2')
   and sector_company.sbi2 = measures.stratum
   and sector_company.scheme = coalesce(indicators.scheme, case when measures.indicator like 'P%' then 'posting' else 'hsm' end)
order by all;
