-- From which route to which route do people go, and how long does it take them?
select
    before.route as from_route,
    after.route as to_route,
    count(distinct after.person_id) as persons,
    median(date_diff('day', before.ends_on, after.starts_on)) as median_days_between
from core.permit_spells as before
inner join core.permit_spells as after
    on after.person_id = before.person_id
   and after.starts_on > before.starts_on
   and after.previous_route = before.route
   and after.route <> before.route
group by before.route, after.route
order by persons desc, from_route, to_route;
