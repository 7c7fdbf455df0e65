-- Persons and sponsors that left one route and entered another within $window_days days, after its end or after a refusal.
-- A person leaves a route when an unbroken stay on it ends or an application for it is refused; a sponsor leaves it when an
-- application is refused, or with its last admission before it turns to a route that it had never used, when none follows on the old route
-- for $window_days days. Only the first new route after each leaving counts. Postings and work permits count like permits.
with stays as (
    select person_id, route, starts_on, ends_on
    from core.permit_spells
    union all
    select person_id, route, valid_from, valid_until
    from core.uwv_cases
    where outcome = 'positive' and person_id is not null and valid_from <= valid_until
        and route in (select route from core.routes where counted_in = 'uwv_work_permits')
    union all
    select person_id, route, starts_on, ends_on
    from core.postings
),

entries as (
    select person_id, route, starts_on as entered_on, max(ends_on) as ends_on
    from stays
    group by all
),

ends as (
    select person_id, route, starts_on, ends_on as left_on, false as after_refusal
    from stays
    union all
    select person_id, route, decided_on, decided_on, true
    from core.permits
    where decision = 'refused' and decided_on is not null
    union all
    select person_id, route, decided_on, decided_on, true
    from core.uwv_cases
    where outcome = 'negative' and decided_on is not null and person_id is not null and kind = 'twv'
),

person_moves as (
    select
        old.person_id as subject_id,
        old.route as from_route,
        new.route as to_route,
        least(old.left_on, new.entered_on) as left_on,
        new.entered_on,
        old.after_refusal
    from ends as old
    inner join entries as new
        on
            new.person_id = old.person_id
            and new.route != old.route
            and new.entered_on > old.starts_on
            and new.entered_on <= old.left_on + $window_days::integer
    where not exists (
        -- a stay on the old route that goes on is no leaving
        select 1 from entries as again
        where again.person_id = old.person_id and again.route = old.route
            and again.entered_on > old.starts_on and again.entered_on <= new.entered_on
    )
    qualify row_number() over (
        partition by old.person_id, old.route, old.starts_on, old.after_refusal
        order by new.entered_on, new.route
    ) = 1
),

requests as (
    select
        sponsor_kvk as kvk,
        route,
        received_on,
        decided_on,
        decision = 'refused' as is_refused,
        decision = 'granted' as is_granted
    from core.permits
    where sponsor_kvk is not null
    union all
    select employer_kvk, route, received_on, decided_on, outcome = 'negative', outcome = 'positive'
    from core.uwv_cases
    where employer_kvk is not null and kind = 'twv'
    union all
    select client_kvk, route, starts_on, starts_on, false, true
    from core.postings
    where client_kvk is not null
),

first_uses as (
    select kvk, route, min(received_on) as entered_on
    from requests
    group by all
),

sponsor_moves as (
    select
        new.kvk as subject_id,
        old.route as from_route,
        new.route as to_route,
        max(old.decided_on) filter (where old.is_refused) as refused_on,
        max(old.received_on) filter (where old.is_granted and old.received_on < new.entered_on) as last_admission_on,
        count(*) filter (where old.received_on >= new.entered_on) as later_requests,
        new.entered_on
    from first_uses as new
    inner join requests as old
        on
            old.kvk = new.kvk
            and old.route != new.route
            and coalesce(old.decided_on, old.received_on) between new.entered_on - $window_days::integer
            and new.entered_on + $window_days::integer
            and (not coalesce(old.is_refused, false) or old.decided_on < new.entered_on)
    group by new.kvk, old.route, new.route, new.entered_on
),

moves as (
    select 'person' as subject_type, subject_id, from_route, to_route, left_on, entered_on, after_refusal
    from person_moves
    union all
    select 'sponsor', subject_id, from_route, to_route, refused_on, entered_on, true
    from sponsor_moves
    where refused_on is not null
    union all
    select 'sponsor', subject_id, from_route, to_route, last_admission_on, entered_on, false
    from sponsor_moves
    where
        refused_on is null
        and last_admission_on is not null
        and later_requests = 0
        and entered_on + $window_days::integer <= $as_of::date
)

select
    subject_type,
    subject_id,
    from_route,
    to_route,
    left_on,
    min(entered_on) as entered_on,
    min(entered_on) - left_on as gap_days,
    bool_or(after_refusal) as after_refusal,
    $as_of::date as as_of,
    $run_id as run_id
from moves
where entered_on <= $as_of::date
group by subject_type, subject_id, from_route, to_route, left_on
order by subject_type, subject_id, left_on, from_route, to_route;
