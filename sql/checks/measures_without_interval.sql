-- Measures that have a value and no interval, or an interval that does not hold the value.
select indicator, stratum_kind, stratum, measure, value, lo95, hi95
from findings.measures
where
    value is not null
    and (lo95 is null or hi95 is null or value < lo95 - 1e-9 or value > hi95 + 1e-9)
order by indicator, stratum_kind, stratum, measure;
