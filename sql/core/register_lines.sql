-- Lines of the public register as published and in force, one row per snapshot, name and number (real).
select distinct
    snapshot_on,
    organisation,
    nullif(kvk, '00000000') as kvk
from raw.ind_public_register
where valid_until_delivery is null
order by snapshot_on, organisation, kvk;
