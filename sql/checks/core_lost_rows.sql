-- Tables of core that have more or fewer rows than the current rows of the feed that they come from.
with counted(table_name, rows_in_raw, rows_in_core) as (
    select 'core.permits', (select count(*) from raw.ind_permits where valid_until_delivery is null), count(*)
    from core.permits
    union all
    select 'core.sponsor_notices', (select count(*) from raw.ind_sponsor_notices where valid_until_delivery is null), count(*)
    from core.sponsor_notices
    union all
    select 'core.uwv_cases', (select count(*) from raw.uwv_work_permits where valid_until_delivery is null), count(*)
    from core.uwv_cases
    union all
    select 'core.rvo_advice', (select count(*) from raw.rvo_advice where valid_until_delivery is null), count(*)
    from core.rvo_advice
    union all
    select 'core.a1_certificates', (select count(*) from raw.svb_a1 where valid_until_delivery is null), count(*)
    from core.a1_certificates
    union all
    select 'core.sightings', (select count(*) from raw.nla_sightings where valid_until_delivery is null), count(*)
    from core.sightings
    union all
    select 'core.companies', (select count(*) from raw.kvk_companies where valid_until_delivery is null), count(*)
    from core.companies
    union all
    select 'core.officers', (select count(*) from raw.kvk_officers where valid_until_delivery is null), count(*)
    from core.officers
    union all
    select 'core.recognitions', (select count(*) from raw.ind_sponsors where valid_until_delivery is null), count(*)
    from core.recognitions
    union all
    select 'core.payroll_numbers', (select count(*) from raw.uwv_employers where valid_until_delivery is null), count(*)
    from core.payroll_numbers
    union all
    select 'core.peer_wages', (select count(*) from raw.uwv_peer_wages where valid_until_delivery is null), count(*)
    from core.peer_wages
    union all
    select 'core.review_verdicts', (select count(*) from raw.review_verdicts where valid_until_delivery is null), count(*)
    from core.review_verdicts
)

select * from counted
where rows_in_raw <> rows_in_core
order by table_name;
