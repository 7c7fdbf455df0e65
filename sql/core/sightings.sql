-- Workers seen at work, with the person.
select
    sighting.sighting_id,
    numbers.person_id,
    sighting.list,
    sighting.random_sample,
    sighting.seen_on,
    sighting.worker_free_movement,
    sighting.employer_vat,
    sighting.client_kvk,
    sighting.place_id,
    sighting.sbi2,
    sighting.hourly_wage_eur
from raw.nla_sightings as sighting
inner join core.person_identifiers as numbers
    on numbers.identifier_kind = 'document' and numbers.identifier = sighting.worker_document
where sighting.valid_until_delivery is null
order by sighting.sighting_id;
