-- Every pseudonymised number of a person in the feeds, with the person_id that it gives when it speaks for its person.
-- Officers of companies are not persons of the study: their numbers are looked up, never added (core/officers).
with found as (
    select 'v_number' as identifier_kind, v_number as identifier from raw.ind_permits where valid_until_delivery is null
    union
    select 'v_number', v_number from raw.ind_sponsor_notices where valid_until_delivery is null
    union
    select 'v_number', v_number from raw.uwv_work_permits where valid_until_delivery is null
    union
    select 'bsn', bsn from raw.ind_permits where valid_until_delivery is null
    union
    select 'bsn', bsn from raw.uwv_work_permits where valid_until_delivery is null
    union
    select 'bsn', bsn from raw.uwv_wages where valid_until_delivery is null
    union
    select 'document', travel_document from raw.ind_permits where valid_until_delivery is null
    union
    select 'document', worker_document from raw.szw_postings where valid_until_delivery is null
    union
    select 'document', worker_document from raw.svb_a1 where valid_until_delivery is null
    union
    select 'document', worker_document from raw.nla_sightings where valid_until_delivery is null
)

select
    identifier_kind,
    identifier,
    translate(left(sha256('person:' || identifier_kind || ':' || identifier), 32), '0123456789', 'ghijklmnop') as person_id
from found
where identifier is not null
order by identifier_kind, identifier;
