-- Study results of the indicators.
select
    indicator, name_nl, stratum_kind, stratum, stratum_nl, period_start, period_end, measure, value, lo95, hi95,
    n, is_suppressed, method, look_alikes, stand_in
from pub.indicators
order by indicator, measure, stratum_kind, stratum, period_start;
