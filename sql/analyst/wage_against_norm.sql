-- How close to the salary norm are the wages that knowledge migrants are promised, per norm and year of the norm?
select
    norm_category,
    year(norm_on) as year,
    count(*) as permits,
    round(median(salary_month_eur / norm_month_eur), 3) as median_ratio,
    round(avg((salary_month_eur between norm_month_eur and 1.02 * norm_month_eur)::integer), 3) as share_within_two_percent
from core.permits
where salary_month_eur is not null and norm_month_eur > 0 and decision = 'granted'
group by norm_category, year(norm_on)
order by norm_category, year;
