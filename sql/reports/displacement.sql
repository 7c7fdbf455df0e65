-- Displacement estimates.
select
    event_id, event_on, description_nl, restricted_route, restricted_route_nl, destination_route,
    destination_route_nl, months_after, specification, net_loss, net_loss_lo95, net_loss_hi95, gain, gain_lo95,
    gain_hi95, share, share_lo95, share_hi95, share_constrained, mde80, effective_clusters, verdict, reason, stand_in
from pub.displacement
order by event_on desc, event_id, restricted_route, specification, months_after, destination_route;
