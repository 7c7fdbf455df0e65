-- First applications with a salary close to the norm, and whether the person entered another route within $window_days days.
-- Applications younger than that are left out: their year is not over.
with entries as (
    select person_id, route, starts_on as entered_on
    from core.permit_spells
    union all
    select person_id, route, valid_from
    from core.uwv_cases
    where
        outcome = 'positive'
        and person_id is not null
        and valid_from <= valid_until
        and route in (select route from core.routes where counted_in = 'uwv_work_permits')
    union all
    select person_id, route, starts_on
    from core.postings
),

near as (
    select application_id, person_id, route, decided_on, salary_month_eur / norm_month_eur as salary_over_norm
    from core.permits
    where
        application_kind in ('first', 'change_of_purpose')
        and decision in ('refused', 'granted')
        and norm_month_eur > 0
        and abs(salary_month_eur / norm_month_eur - 1) <= $bandwidth::double
        and decided_on + $window_days::integer <= $as_of::date
)

select
    near.route,
    near.decided_on,
    near.salary_over_norm,
    bool_or(entries.route is not null) as has_switched
from near
left join entries
    on
        entries.person_id = near.person_id
        and entries.route != near.route
        and entries.entered_on > near.decided_on
        and entries.entered_on <= near.decided_on + $window_days::integer
group by near.application_id, near.route, near.decided_on, near.salary_over_norm
order by near.route, near.decided_on, near.salary_over_norm, has_switched;
