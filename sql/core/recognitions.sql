-- Every recognition of a sponsor, of all categories, with its end and the reason.
select kvk, recognised_on, category, ended_on, end_reason
from raw.ind_sponsors
where valid_until_delivery is null
order by kvk, recognised_on;
