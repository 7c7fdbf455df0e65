-- Exact displacement estimates with the description of the event and the names of the routes.
select
    displacement.event_id,
    coalesce(events.event_on, displacement.as_of) as event_on,
    case displacement.event_id
        when 'pooled' then 'Alle beperkingen van deze route samen'
        else coalesce(events.description_nl, displacement.event_id)
    end as description_nl,
    displacement.restricted_route,
    coalesce(restricted.name_nl, displacement.restricted_route) as restricted_route_nl,
    displacement.destination_route,
    case displacement.destination_route
        when 'total' then 'Alle onderzochte routes samen'
        when 'net_reduction' then 'Netto vermindering'
        else coalesce(destination.name_nl, displacement.destination_route)
    end as destination_route_nl,
    displacement.months_after,
    displacement.specification,
    displacement.net_loss,
    displacement.net_loss_lo95,
    displacement.net_loss_hi95,
    displacement.gain,
    displacement.gain_lo95,
    displacement.gain_hi95,
    displacement.share,
    displacement.share_lo95,
    displacement.share_hi95,
    displacement.share_constrained,
    displacement.mde80,
    displacement.effective_clusters,
    displacement.verdict,
    displacement.reason
from estimates.displacement as displacement
left join core.policy_events as events on events.event_id = displacement.event_id
left join core.routes as restricted on restricted.route = displacement.restricted_route
left join core.routes as destination on destination.route = displacement.destination_route
order by all;
