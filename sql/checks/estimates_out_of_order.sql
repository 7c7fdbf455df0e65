-- Displacement results that divide by a weak loss, leave their interval, or give no reason.
select event_id, destination_route, months_after, specification, verdict
from estimates.displacement
where
    (share is not null and coalesce(first_stage_t, 0) < 3.2)
    or (share_constrained is not null and share is null)
    or (gain is not null and (gain_lo95 is null or gain_hi95 is null))
    or (gain is not null and gain not between gain_lo95 and gain_hi95)
    or verdict not in ('displacement', 'none_detected', 'inconclusive', 'register_move', 'not_estimable')
    or trim(reason) = ''
order by event_id, destination_route, months_after, specification;
