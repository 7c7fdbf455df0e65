-- One row per sighting, up to $as_of, of a worker for the employer of one of his postings.
select distinct sighting.sighting_id, sighting.person_id, posting.employer_vat, sighting.seen_on, sighting.place_id
from core.sightings as sighting
inner join slot_postings as posting
    on
        posting.person_id = sighting.person_id
        and coalesce(sighting.employer_vat, posting.employer_vat) = posting.employer_vat
        and sighting.seen_on between posting.starts_on and posting.ends_on
where sighting.seen_on <= $as_of
order by sighting.sighting_id, posting.employer_vat;
