-- How many people were admitted along each route, year by year? (exact; use pub.flows for anything that leaves the house)
select
    routes.name_nl as route,
    year(flows.month) as year,
    sum(flows.admissions) as admissions,
    sum(flows.applications) as applications
from core.flows as flows
inner join core.routes as routes on routes.route = flows.route
group by routes.name_nl, year(flows.month)
order by route, year;
