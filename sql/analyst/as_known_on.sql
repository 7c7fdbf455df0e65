-- What the pipeline knew of pending applications on a past day of delivery (private warehouse): raw.as_known_on.
select
    scheme,
    count(*) as pending_applications,
    max(delivered_on) as last_delivery_with_news
from raw.as_known_on('ind_permits', $day::date)
where decision is null
group by scheme
order by scheme
