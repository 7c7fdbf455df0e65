-- Makes the temporary table slot_postings: regular postings that have begun, each with the cell in which one worker can replace another.
-- A cell is one employer, one place (the building, else the client and its postcode) and one task (three digits of ISCO-08). Where the
-- task is not stated it is assumed to be that of all others of the employer at the place, when at least two state the same and none
-- another; else nobody can be called a replacement and the worker has a cell of his own. Without a place there is no cell.
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
        case
            when place_id is not null then 'site:' || place_id
            when client_kvk is not null then 'client:' || client_kvk || ':' || work_postcode4
        end as place,
        left(occupation_isco, 3) as stated_task
    from core.postings
    where kind = 'regular' and starts_on <= $as_of
),

shared_tasks as (
    select employer_vat, place, min(stated_task) as task
    from begun
    group by employer_vat, place
    having count(stated_task) >= 2 and min(stated_task) = max(stated_task)
)

select
    begun.notification_id,
    begun.person_id,
    begun.employer_vat,
    begun.client_kvk,
    begun.place_id,
    begun.place,
    coalesce(begun.stated_task, shared.task, 'unknown:' || begun.person_id) as task,
    begun.stated_task is null and shared.task is not null as is_task_assumed,
    begun.sbi2,
    begun.starts_on,
    least(begun.ends_on, $as_of) as ends_on,
    coalesce(begun.client_confirmed_on <= $as_of, false) as is_confirmed,
    begun.hourly_wage_eur,
    coalesce(peer.p25_eur / $peer_hours_month, minimum.minimum_hour_eur * $full_terms_ratio) as full_terms_hour_eur
from begun
left join shared_tasks as shared on shared.employer_vat = begun.employer_vat and shared.place = begun.place
asof left join core.minimum_wage as minimum on begun.starts_on >= minimum.valid_from
left join core.peer_wages as peer
    on
        peer.year = year(begun.starts_on)
        and peer.occupation_isco = begun.occupation_isco
        and peer.sbi2 = begun.sbi2
        and peer.workers >= $peer_workers;
