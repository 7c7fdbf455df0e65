-- Salary norms of the law, which are public and shown as they are.
select route_variant, valid_from, max(valid_until) as valid_until, max(norm_month_eur) as norm_month_eur
from core.salary_norms
where norm_month_eur is not null
group by route_variant, valid_from
order by route_variant, valid_from;
