-- What share of cases does each indicator mark, with its interval, over all and per year?
select
    measures.indicator,
    indicators.name_nl,
    measures.stratum_kind,
    measures.stratum,
    measures.n,
    round(measures.value, 4) as value,
    round(measures.lo95, 4) as lo95,
    round(measures.hi95, 4) as hi95,
    measures.method
from findings.measures as measures
left join meta.indicators as indicators on indicators.indicator = measures.indicator
where measures.measure = 'flagged_share' and measures.stratum_kind in ('all', 'year')
order by measures.indicator, measures.stratum_kind, measures.stratum;
