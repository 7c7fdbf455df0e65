-- Makes the temporary table sponsored_permits: granted permits of the knowledge-migrant and Blue Card routes.
-- permit and person are small numbers for joining millions of wages; they mean nothing outside this session.
-- covers_until is the last day on which the permit binds this sponsor: its end, the day before a permit for another purpose or
-- sponsor takes over, or the day of a notice that the employment ended, whichever comes first.
create or replace temp table sponsored_permits as
with granted as (
    select
        application_id,
        person_id,
        route,
        application_kind,
        norm_category,
        norm_on,
        norm_month_eur,
        valid_from,
        end_reason,
        ended_on,
        sponsor_kvk,
        sponsor_group_id,
        sbi2,
        coalesce(ends_on, $as_of) as last_day,
        scheme in ('hsm', 'blue_card') as is_sponsored
    from core.permits
    where decision = 'granted' and valid_from is not null
),

taken_over as (
    select earlier.application_id, min(later.valid_from) - 1 as until_on
    from granted as earlier
    inner join granted as later
        on
            later.person_id = earlier.person_id
            and later.valid_from > earlier.valid_from
    left join sponsor_payers as same_sponsor
        on same_sponsor.sponsor_kvk = earlier.sponsor_kvk and same_sponsor.group_id = later.sponsor_group_id
    where earlier.is_sponsored and (not later.is_sponsored or same_sponsor.group_id is null)
    group by earlier.application_id
),

employment_ended as (
    select permit.application_id, min(notice.event_on) as until_on
    from granted as permit
    inner join core.sponsor_notices as notice
        on
            notice.person_id = permit.person_id
            and notice.kind = 'end_of_employment'
            and notice.event_on >= permit.valid_from
            and notice.received_on <= $as_of
    left join core.companies as company on company.kvk = notice.sponsor_kvk
    inner join sponsor_payers as payer
        on
            payer.sponsor_kvk = permit.sponsor_kvk
            and payer.group_id = coalesce(company.group_id, notice.sponsor_kvk)
    where permit.is_sponsored
    group by permit.application_id
)

select
    permit.application_id,
    permit.person_id,
    row_number() over (order by permit.application_id)::integer as permit,
    dense_rank() over (order by permit.person_id)::integer as person,
    permit.route,
    permit.application_kind,
    permit.norm_category,
    permit.norm_on,
    permit.norm_month_eur,
    permit.valid_from,
    permit.end_reason,
    permit.ended_on,
    least(permit.last_day, taken_over.until_on, employment_ended.until_on) as covers_until,
    employment_ended.until_on as end_notified_on,
    permit.sponsor_kvk,
    permit.sponsor_group_id,
    permit.sbi2,
    coalesce(company.size_class, 'unknown') as size_class
from granted as permit
left join taken_over on taken_over.application_id = permit.application_id
left join employment_ended on employment_ended.application_id = permit.application_id
left join core.companies as company on company.kvk = permit.sponsor_kvk
where permit.is_sponsored and permit.sponsor_kvk is not null;
