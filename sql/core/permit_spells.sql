-- Unbroken stays of a person on one route at one sponsor: granted permits that overlap or leave at most $gap_days days between them.
-- A stay is an admission when no earlier stay on the route, at whatever sponsor, ended within $return_days days before it.
with granted as (
    select
        person_id,
        route,
        sponsor_kvk,
        application_id,
        sbi2,
        occupation_group,
        valid_from as starts_on,
        ends_on
    from core.permits
    where decision = 'granted' and valid_from <= ends_on
),

reached as (
    select
        *,
        max(ends_on) over (
            partition by person_id, route, sponsor_kvk
            order by starts_on, application_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from granted
),

numbered as (
    select
        *,
        count(*) filter (where covered_until is null or starts_on > covered_until + $gap_days::integer + 1) over (
            partition by person_id, route, sponsor_kvk
            order by starts_on, application_id
        ) as spell_number
    from reached
),

spells as (
    select
        person_id,
        route,
        sponsor_kvk,
        first(sbi2 order by starts_on, application_id) as sbi2,
        first(occupation_group order by starts_on, application_id) as occupation_group,
        min(starts_on) as starts_on,
        max(ends_on) as ends_on,
        count(*) as permits,
        list(application_id order by starts_on, application_id) as application_ids
    from numbered
    group by person_id, route, sponsor_kvk, spell_number
),

in_order as (
    select
        *,
        max(ends_on) over (
            partition by person_id, route
            order by starts_on, sponsor_kvk nulls first
            rows between unbounded preceding and 1 preceding
        ) as route_covered_until,
        row_number() over (partition by person_id order by starts_on, ends_on, route, sponsor_kvk nulls first) as position
    from spells
),

preceded as (
    select
        spell.person_id,
        spell.position,
        arg_max(earlier.route, earlier.position) as previous_route
    from in_order as spell
    inner join in_order as earlier
        on
            earlier.person_id = spell.person_id
            and earlier.starts_on < spell.starts_on
            and earlier.ends_on >= spell.starts_on - $switch_days::integer
    group by spell.person_id, spell.position
)

select
    translate(
        left(
            sha256(
                concat_ws('|', 'spell', spell.person_id, spell.route, coalesce(spell.sponsor_kvk, '-'), spell.starts_on)
            ),
            32
        ),
        '0123456789',
        'ghijklmnop'
    ) as spell_id,
    spell.person_id,
    spell.route,
    spell.sponsor_kvk,
    spell.sbi2,
    spell.occupation_group,
    spell.starts_on,
    spell.ends_on,
    spell.permits,
    spell.application_ids,
    spell.route_covered_until is null
    or spell.starts_on > spell.route_covered_until + $return_days::integer as is_admission,
    preceded.previous_route
from in_order as spell
left join preceded using (person_id, position)
order by spell_id;
