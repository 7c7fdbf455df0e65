-- Does a finding of displacement stand? Per event and doubt: the figure with its interval, and what it does to the finding.
select
    companions.event_id,
    events.event_on,
    companions.restricted_route,
    companions.companion,
    companions.outcome,
    companions.part,
    round(companions.estimate, 3) as estimate,
    round(companions.lo95, 3) as lo95,
    round(companions.hi95, 3) as hi95,
    companions.unit,
    companions.reading,
    companions.reason
from estimates.companions as companions
left join core.policy_events as events on events.event_id = companions.event_id
where companions.reading in ('supports', 'weakens')
order by events.event_on, companions.event_id, companions.restricted_route, companions.reading desc, companions.companion, companions.outcome, companions.part;
