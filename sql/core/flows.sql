-- Flow by month, route, sector, occupation group and company, each route from the one feed that core.routes names for it.
-- An admission is the first of an unbroken or resumed stay: no earlier stay of the person on the route ended within
-- $return_days days before it. Renewals and changes of employer are applications and never admissions.
with admitting as (
    select application_ids[1] as application_id
    from core.permit_spells
    where is_admission
),

permits as (
    select
        date_trunc('month', permit.received_on)::date as month,
        permit.route,
        permit.sbi2,
        permit.occupation_group,
        permit.sponsor_kvk as company,
        permit.salary_month_eur,
        permit.decision is not distinct from 'refused' as is_refused,
        admitting.application_id is not null
        and permit.application_kind in ('first', 'change_of_purpose') as is_admission,
        permit.valid_until - permit.valid_from + 1 as days
    from core.permits as permit
    left join admitting using (application_id)
    inner join core.routes as route on route.route = permit.route and route.counted_in = 'ind_permits'
),

granted_cases as (
    select
        case_id,
        max(valid_until) over (
            partition by person_id, route
            order by valid_from, case_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from core.uwv_cases
    where outcome = 'positive' and valid_from <= valid_until and person_id is not null
),

cases as (
    select
        date_trunc('month', request.received_on)::date as month,
        request.route,
        coalesce(request.sbi2, employer.sbi2) as sbi2,
        request.occupation_group,
        request.employer_kvk as company,
        request.salary_month_eur,
        request.outcome is not distinct from 'negative' as is_refused,
        request.outcome is not distinct from 'positive'
        and request.valid_from <= request.valid_until
        and (earlier.covered_until is null or request.valid_from > earlier.covered_until + $return_days::integer)
            as is_admission,
        request.valid_until - request.valid_from + 1 as days
    from core.uwv_cases as request
    inner join core.routes as route on route.route = request.route and route.counted_in = 'uwv_work_permits'
    left join granted_cases as earlier using (case_id)
    left join core.companies as employer on employer.kvk = request.employer_kvk
),

notified as (
    select
        date_trunc('month', starts_on)::date as month,
        posting.route,
        posting.sbi2,
        posting.occupation_group,
        posting.client_kvk as company,
        null::double as salary_month_eur,
        false as is_refused,
        starts_on > coalesce(
            max(ends_on) over (
                partition by posting.person_id, posting.route
                order by posting.starts_on, posting.notification_id
                rows between unbounded preceding and 1 preceding
            ) + $return_days::integer,
            starts_on - 1
        ) as is_admission,
        posting.days
    from core.postings as posting
    inner join core.routes as route on route.route = posting.route and route.counted_in = 'szw_postings'
),

everyone as (
    select * from permits
    union all by name
    select * from cases
    union all by name
    select * from notified
)

select
    month,
    route,
    coalesce(sbi2, 'unknown') as sbi2,
    coalesce(occupation_group, 'unknown') as occupation_group,
    coalesce(company, 'unknown') as company,
    count(*) as applications,
    count_if(is_admission) as admissions,
    count_if(is_refused) as refusals,
    coalesce(sum(days) filter (where is_admission), 0) / 30.4375e0 as person_months,
    -- whole cents add up to the same sum in any order; an average of doubles tips at half a cent
    round(sum(salary_month_eur::decimal(18, 2)) / count(salary_month_eur), 2)::double as salary_month_eur_mean
from everyone
group by all
order by month, route, sbi2, occupation_group, company;
