-- Organisations in each snapshot of the public register.
select snapshot_on, organisations, has_numbers
from pub.register_snapshots
order by snapshot_on;
