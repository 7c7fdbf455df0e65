-- After each restriction: how many people were lost, how many came another way, and how sure is that?
select
    displacement.event_id,
    events.event_on,
    displacement.restricted_route,
    displacement.destination_route,
    displacement.months_after,
    round(displacement.net_loss) as net_loss,
    round(displacement.gain) as gain,
    round(displacement.gain_lo95) as gain_lo95,
    round(displacement.gain_hi95) as gain_hi95,
    round(displacement.share, 2) as share,
    round(displacement.mde80, 2) as smallest_share_that_would_show,
    displacement.verdict,
    displacement.reason
from estimates.displacement as displacement
left join core.policy_events as events on events.event_id = displacement.event_id
where displacement.specification = 'C1'
order by events.event_on, displacement.event_id, displacement.months_after, displacement.destination_route;
