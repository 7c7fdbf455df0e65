-- The figure of the brief on flows per route and year, from the table that the brief was made of.
select route, name_nl, year(period_start) as year, applications, is_suppressed, stand_in
from pub.flows
where period_kind = 'year'
order by route = 'total', route, year;
