-- One row per application for a permit for cross-border service on which the immigration service decided, by a person seen in postings.
-- Who asked for this very permit and got an answer was taken, by employer and service alike, to have no other ground of stay
-- then. A refusal on a ground that is not named may mean that none was needed, so it is left out; so are files that were withdrawn.
select
    permit.person_id,
    'permit:' || permit.application_id as source,
    coalesce(permit.decided_on, permit.valid_from) as decided_on,
    case when permit.decision = 'granted' then coalesce(permit.ends_on, $as_of) else permit.decided_on end as needed_until
from core.permits as permit
where
    permit.route = 'cross_border_service'
    and (permit.decision = 'granted' or (permit.decision = 'refused' and coalesce(permit.refusal_ground, 'other') <> 'other'))
    and coalesce(permit.decided_on, permit.valid_from) <= $as_of
    and permit.person_id in (select posting.person_id from core.postings as posting where not posting.worker_free_movement)
order by permit.person_id, permit.application_id;
