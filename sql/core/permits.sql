-- Applications for residence permits: person, route, and the salary norm of the day that counts by law.
-- Which norm: the day of filing, but the start of the contract for a change of employer. The month of the thirtieth birthday
-- counts as under 30, because the day is not known. Scheme hsm with a norm of another scheme keeps the route of its age:
-- the scheme says what was asked for, the norm is reported as it was applied.
with applications as (
    select
        *,
        coalesce(case when application_kind = 'change_of_employer' then valid_from end, received_on) as norm_on
    from raw.ind_permits
    where valid_until_delivery is null
),

aged as (
    select
        *,
        norm_on < (birth_month + interval 30 year + interval 1 month) as is_under_30
    from applications
)

select
    permit.application_id,
    numbers.person_id,
    permit.scheme,
    case
        when permit.scheme = 'hsm' and permit.norm_category = 'none' then 'hsm_no_norm'
        when permit.scheme = 'hsm' and starts_with(permit.norm_category, 'hsm_') then permit.norm_category
        when permit.scheme = 'hsm' and permit.is_under_30 then 'hsm_under_30'
        when permit.scheme = 'hsm' then 'hsm_30_plus'
        when permit.scheme = 'blue_card' and permit.norm_category = 'blue_card_reduced' then 'blue_card_reduced'
        else permit.scheme
    end as route,
    permit.norm_category,
    permit.application_kind,
    permit.received_on,
    permit.decided_on,
    permit.decision,
    permit.refusal_ground,
    permit.valid_from,
    permit.valid_until,
    permit.ended_on,
    permit.end_reason,
    least(permit.ended_on, permit.valid_until) as ends_on,
    permit.sponsor_kvk,
    permit.sponsor_name,
    coalesce(sponsor.group_id, permit.sponsor_kvk) as sponsor_group_id,
    permit.workplace_kvk,
    permit.workplace_postcode4,
    sponsor.sbi2,
    permit.occupation_isco,
    left(permit.occupation_isco, 2) as occupation_group,
    permit.birth_month,
    permit.free_movement,
    permit.salary_month_eur,
    permit.hours_week,
    permit.degree_on,
    permit.norm_on,
    norm.norm_month_eur
from aged as permit
inner join core.person_identifiers as numbers
    on numbers.identifier_kind = 'v_number' and numbers.identifier = permit.v_number
left join core.companies as sponsor on sponsor.kvk = permit.sponsor_kvk
left join core.salary_norms as norm
    on
        norm.criterion = case
            when permit.norm_category = 'ict' and permit.is_under_30 then 'ict_under_30' else permit.norm_category
        end
        and permit.norm_on between norm.valid_from and norm.valid_until
order by permit.application_id;
