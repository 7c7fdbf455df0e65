-- Workers seen at work, with the person, and the employer in the writing of the notifications.
-- An inspector writes a VAT number with spaces, points and small letters, with the other letters of Greece or Northern Ireland,
-- or without letters. Without them it is that of the only employer with the number, else it stays as written.
with letters as (
    select *
    from (values ('GR', 'EL'), ('UK', 'GB'), ('XI', 'GB')) as same (written, meant)
),

employers as (
    select
        named.employer_vat,
        coalesce(letters.meant, left(named.employer_vat, 2)) || substr(named.employer_vat, 3) as one_vat,
        substr(named.employer_vat, 3) as bare_vat
    from (
        select employer_vat from raw.szw_postings where valid_until_delivery is null
        union
        select employer_vat from raw.posting_employers where valid_until_delivery is null
    ) as named
    left join letters on letters.written = left(named.employer_vat, 2)
),

seen as (
    select *, nullif(regexp_replace(upper(employer_vat), '[^A-Z0-9]', '', 'g'), '') as written_vat
    from raw.nla_sightings
    where valid_until_delivery is null
),

written as (
    select
        once.written_vat,
        coalesce(letters.meant, left(once.written_vat, 2)) || substr(once.written_vat, 3) as one_vat
    from (select distinct written_vat from seen where written_vat is not null) as once
    left join letters on letters.written = left(once.written_vat, 2)
),

-- three joins on equality, not one with "or": that would compare every sighting with every employer
readings as (
    select written.written_vat, employers.employer_vat, 1 as rank
    from written
    inner join employers on employers.employer_vat = written.written_vat
    union all
    select written.written_vat, employers.employer_vat, 2 as rank
    from written
    inner join employers on employers.one_vat = written.one_vat
    union all
    select written.written_vat, employers.employer_vat, 3 as rank
    from written
    inner join employers on employers.bare_vat = written.written_vat
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
