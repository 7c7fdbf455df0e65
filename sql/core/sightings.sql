-- Workers seen at work, with the person, and the employer in the writing of the notifications.
-- An inspector writes a VAT number with spaces, points and small letters, with the other letters of Greece or Northern Ireland,
-- or without letters. Without them it is that of the only employer with the number, else it stays as written.
with employers as (
    select employer_vat from raw.szw_postings where valid_until_delivery is null
    union
    select employer_vat from raw.posting_employers where valid_until_delivery is null
),

seen as (
    select *, nullif(regexp_replace(upper(employer_vat), '[^A-Z0-9]', '', 'g'), '') as written_vat
    from raw.nla_sightings
    where valid_until_delivery is null
),

readings as (
    select distinct
        seen.written_vat,
        employers.employer_vat,
        case
            when employers.employer_vat = seen.written_vat then 1
            when substr(employers.employer_vat, 3) = seen.written_vat then 3
            else 2
        end as rank
    from seen
    inner join employers
        on
            employers.employer_vat = seen.written_vat
            or substr(employers.employer_vat, 3) = seen.written_vat
            or (
                substr(employers.employer_vat, 3) = substr(seen.written_vat, 3)
                and (
                    (left(employers.employer_vat, 2) in ('EL', 'GR') and left(seen.written_vat, 2) in ('EL', 'GR'))
                    or (left(employers.employer_vat, 2) in ('XI', 'GB', 'UK') and left(seen.written_vat, 2) in ('XI', 'GB', 'UK'))
                )
            )
),

best as (
    select written_vat, employer_vat
    from readings
    qualify rank = min(rank) over (partition by written_vat)
),

known as (
    select written_vat, min(employer_vat) as employer_vat
    from best
    group by written_vat
    having count(*) = 1
)

select
    seen.sighting_id,
    numbers.person_id,
    seen.list,
    seen.random_sample,
    seen.seen_on,
    seen.worker_free_movement,
    coalesce(known.employer_vat, seen.written_vat) as employer_vat,
    seen.client_kvk,
    seen.place_id,
    seen.sbi2,
    seen.hourly_wage_eur
from seen
inner join core.person_identifiers as numbers
    on numbers.identifier_kind = 'document' and numbers.identifier = seen.worker_document
left join known on known.written_vat = seen.written_vat
order by seen.sighting_id;
