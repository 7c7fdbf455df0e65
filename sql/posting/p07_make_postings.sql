-- Makes the temporary table slot_postings: regular postings that have begun, each with the cell in which one worker can replace another.
-- A cell is one employer, one client, one place (the building, else the postcode) and one task (three digits of ISCO-08). A task or a
-- client that is not stated is assumed to be that of all others of the employer at the place, when at least two state the same and none
-- another; else nobody can be called a replacement and the worker has a cell of his own. Without building and client there is no place.
-- full_terms_hour_eur is the pay from which full Dutch terms are assumed: the lower quartile of domestic peers, else a multiple of the
-- statutory minimum.
create or replace temp table slot_postings as
with begun as (
    select
        notification_id,
        person_id,
        employer_vat,
        client_kvk,
        client_confirmed_on,
        place_id,
        occupation_isco,
        sbi2,
        starts_on,
        ends_on,
        hourly_wage_eur,
        coalesce('site:' || place_id, 'postcode:' || work_postcode4) as spot,
        left(occupation_isco, 3) as stated_task
    from core.postings
    where kind = 'regular' and starts_on <= $as_of
),

shared as (
    select
        employer_vat,
        spot,
        case when count(stated_task) >= 2 and min(stated_task) = max(stated_task) then min(stated_task) end as task,
        case
            when count(client_kvk) = 0 then 'none'
            when count(client_kvk) >= 2 and min(client_kvk) = max(client_kvk) then min(client_kvk)
        end as client
    from begun
    group by employer_vat, spot
)

select
    begun.notification_id,
    begun.person_id,
    begun.employer_vat,
    begun.client_kvk,
    begun.place_id,
    case
        when begun.place_id is not null or begun.client_kvk is not null
            then begun.spot || ' client:' || coalesce(begun.client_kvk, shared.client, 'unknown:' || begun.person_id)
    end as place,
    coalesce(begun.stated_task, shared.task, 'unknown:' || begun.person_id) as task,
    (begun.stated_task is null and shared.task is not null)
    or (begun.client_kvk is null and shared.client is not null and shared.client != 'none') as is_assumed,
    coalesce(person.is_ambiguous, false) as is_ambiguous,
    begun.sbi2,
    begun.starts_on,
    least(begun.ends_on, $as_of) as ends_on,
    coalesce(begun.client_confirmed_on <= $as_of, false) as is_confirmed,
    begun.hourly_wage_eur,
    coalesce(peer.p25_eur / $peer_hours_month, minimum.minimum_hour_eur * $full_terms_ratio) as full_terms_hour_eur
from begun
left join core.persons as person on person.person_id = begun.person_id
left join shared on shared.employer_vat = begun.employer_vat and shared.spot = begun.spot
asof left join core.minimum_wage as minimum on begun.starts_on >= minimum.valid_from
left join core.peer_wages as peer
    on
        peer.year = year(begun.starts_on)
        and peer.occupation_isco = begun.occupation_isco
        and peer.sbi2 = begun.sbi2
        and peer.workers >= $peer_workers;
