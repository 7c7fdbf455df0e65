-- The salary norm of each category of permits on a day, with its source (real).
-- $on: the day. The norm of a permit is that of the day of filing (core.permits.norm_on), not of the month of pay.
select
    criterion,
    route_variant,
    norm_month_eur,
    valid_from,
    valid_until,
    basis,
    confidence,
    source
from core.salary_norms
where $on between valid_from and valid_until
order by norm_month_eur desc nulls last, criterion;
