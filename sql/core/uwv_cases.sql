-- Requests to UWV for work permits and for advice on the single permit, with route and person.
-- A case is never a link between numbers: the V-number tells the person where it is known, else the BSN.
-- Seasonal work and catering are one route whether asked as work permit or as single permit; a trainee with a work permit
-- of his own stays on twv, because learning work is counted as a residence permit.
select
    request.case_id,
    request.kind,
    case
        when request.policy_category = 'seasonal' then 'twv_seasonal'
        when request.policy_category = 'catering' then 'asian_catering'
        when request.kind = 'gvva_advice' and request.policy_category = 'trainee' then 'learning_work'
        when request.kind = 'gvva_advice' then 'gvva'
        when request.policy_category = 'student' then 'twv_student'
        when request.policy_category = 'asylum_seeker' then 'twv_asylum'
        else 'twv'
    end as route,
    request.policy_category,
    request.employer_kvk,
    coalesce(by_v_number.person_id, by_bsn.person_id) as person_id,
    request.occupation_isco,
    left(request.occupation_isco, 2) as occupation_group,
    request.sbi2,
    request.salary_month_eur,
    request.hours_week,
    request.received_on,
    request.decided_on,
    request.outcome,
    request.ground,
    request.valid_from,
    request.valid_until
from raw.uwv_work_permits as request
left join core.person_identifiers as by_v_number
    on by_v_number.identifier_kind = 'v_number' and by_v_number.identifier = request.v_number
left join core.person_identifiers as by_bsn
    on by_bsn.identifier_kind = 'bsn' and by_bsn.identifier = request.bsn
where request.valid_until_delivery is null
order by request.case_id;
