-- One row per day on which a third-country worker was seen at work, up to $as_of.
select
    sighting.sighting_id,
    sighting.person_id,
    sighting.seen_on,
    sighting.employer_vat,
    sighting.client_kvk,
    sighting.sbi2,
    coalesce(person.is_ambiguous, false) as is_ambiguous
from core.sightings as sighting
left join core.persons as person on person.person_id = sighting.person_id
anti join free_movement on free_movement.person_id = sighting.person_id
where
    not sighting.worker_free_movement
    and sighting.seen_on <= $as_of
order by sighting.person_id, sighting.seen_on, sighting.sighting_id;
