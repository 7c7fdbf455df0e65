-- Flows per closed year or month and route.
select period_kind, period_start, period_end, route, name_nl, applications, admissions, is_suppressed, stand_in
from pub.flows
order by period_kind, period_start, route;
