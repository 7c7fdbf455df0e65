-- What stands beside the displacement estimates: placebos, sensitivity, other designs, real series.
select
    event_id, event_on, description_nl, restricted_route, restricted_route_nl, companion, outcome, outcome_nl, part,
    estimate, lo95, hi95, p_value, n, unit, reading, stand_in
from pub.companions
order by event_on desc, event_id, restricted_route, companion, outcome, part;
