-- Simulated or confidential counts in pub that are below ten or no multiple of five.
select 'pub.flows' as table_name, route as cell, applications as figure
from pub.flows
where applications between 1 and 9 or applications % 5 <> 0
union all
select 'pub.flows', route, admissions
from pub.flows
where admissions between 1 and 9 or admissions % 5 <> 0
union all
select 'pub.signal_counts', indicator || ' ' || grade, signals
from pub.signal_counts
where signals between 1 and 9 or signals % 5 <> 0
union all
select 'pub.indicators', indicator || ' ' || stratum, n
from pub.indicators
where n between 1 and 9 or n % 5 <> 0
order by table_name, cell;
