-- One row per span of days on which a person seen in postings or sightings had, or was waiting for, a right to stay or work.
-- Granted permits from start to end; any application from receipt to decision; work permits and requests for them alike.
with people as (
    select person_id from core.postings where not worker_free_movement
    union
    select person_id from core.sightings where not worker_free_movement
),

spans as (
    select person_id, 'permit:' || application_id as source, 'granted' as kind, valid_from as starts_on, coalesce(ends_on, $as_of) as ends_on
    from core.permits
    where decision = 'granted' and valid_from is not null
    union all
    select person_id, 'permit:' || application_id, 'pending', received_on, coalesce(decided_on, $as_of)
    from core.permits
    union all
    select person_id, 'uwv_case:' || case_id, 'granted', valid_from, coalesce(valid_until, $as_of)
    from core.uwv_cases
    where outcome = 'positive' and valid_from is not null and person_id is not null
    union all
    select person_id, 'uwv_case:' || case_id, 'pending', received_on, coalesce(decided_on, $as_of)
    from core.uwv_cases
    where person_id is not null
)

select spans.*
from spans
semi join people on people.person_id = spans.person_id
where spans.starts_on <= spans.ends_on and spans.starts_on <= $as_of
order by spans.person_id, spans.starts_on, spans.source, spans.kind;
