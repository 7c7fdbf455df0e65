-- Published figures, which are public and shown as they are.
select year, period, scheme, metric, population_definition, source, value, unit, value_status, confidence
from core.published_volumes
order by all;
