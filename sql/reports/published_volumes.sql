-- Published yearly figures, as published.
select year, scheme, metric, population_definition, source, value, unit, confidence
from pub.published_volumes
where period = 'year' and value is not null and value_status = 'published'
order by all;
