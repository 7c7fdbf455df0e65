-- Salary norms of the law.
select route_variant, valid_from, valid_until, norm_month_eur
from pub.salary_norms
order by route_variant, valid_from;
