-- Payroll-tax numbers as registered, to be linked to companies.
select employer_number, name, rsin, kvk, postcode4, valid_from, valid_until
from raw.uwv_employers
where valid_until_delivery is null
order by employer_number;
