-- What a payroll-tax number can be linked by: numbers, name, postcode and life span of every company.
select kvk, rsin, name, postcode4, registered_on, ended_on, successor_kvk, group_id
from core.companies
order by kvk;
