-- Exact companions of the displacement estimates with the description of the event and the names of the routes.
select
    companions.event_id,
    coalesce(events.event_on, companions.as_of) as event_on,
    coalesce(events.description_nl, companions.event_id) as description_nl,
    companions.restricted_route,
    coalesce(restricted.name_nl, companions.restricted_route) as restricted_route_nl,
    companions.companion,
    companions.outcome,
    case companions.outcome
        when 'total' then 'Alle onderzochte routes samen'
        when 'loss' then 'Verlies op de beperkte route'
        else coalesce(destination.name_nl, companions.outcome)
    end as outcome_nl,
    companions.part,
    companions.estimate,
    companions.lo95,
    companions.hi95,
    companions.p_value,
    companions.n,
    companions.companion in ('employer_lags', 'employer_counts', 'reapplication_hazard', 'norm_discontinuity', 'staggered_endings')
        as counts_units,
    companions.unit,
    companions.reading,
    companions.reason
from estimates.companions as companions
left join core.policy_events as events on events.event_id = companions.event_id
left join core.routes as restricted on restricted.route = companions.restricted_route
left join core.routes as destination on destination.route = companions.outcome
order by all;
