-- Published figures per scheme, each with its source and the population that it counts (real).
select
    year,
    period,
    scheme,
    metric,
    value,
    unit,
    value_status,
    population_definition,
    source,
    confidence,
    note
from raw.public_volumes
where valid_until_delivery is null
order by year, period, scheme, metric, population_definition, source;
