-- Organisations in each snapshot of the public register, which is public and shown as it is.
select
    snapshot_on,
    count(distinct organisation_key) as organisations,
    count(kvk) > 0 as has_numbers
from core.register_entries
group by snapshot_on
order by snapshot_on;
