-- One row per person known from permits, notices, postings, work permits, wages, A1s or sightings.
-- Ambiguous are both persons of a link that the guard on shared numbers refused (it joins two person_ids), and a person whose
-- records name more than one month of birth: a number was mistyped, and several people may stand behind it.
with records as (
    select
        'v_number' as identifier_kind,
        v_number as identifier,
        received_on as seen_on,
        birth_month,
        free_movement
    from raw.ind_permits
    where valid_until_delivery is null
    union all by name
    select 'document' as identifier_kind, travel_document as identifier, received_on as seen_on
    from raw.ind_permits
    where valid_until_delivery is null and travel_document is not null
    union all by name
    select 'bsn' as identifier_kind, bsn as identifier, received_on as seen_on
    from raw.ind_permits
    where valid_until_delivery is null and bsn is not null
    union all by name
    select 'v_number' as identifier_kind, v_number as identifier, received_on as seen_on
    from raw.ind_sponsor_notices
    where valid_until_delivery is null
    union all by name
    select 'v_number' as identifier_kind, v_number as identifier, received_on as seen_on
    from raw.uwv_work_permits
    where valid_until_delivery is null and v_number is not null
    union all by name
    select 'bsn' as identifier_kind, bsn as identifier, received_on as seen_on
    from raw.uwv_work_permits
    where valid_until_delivery is null and bsn is not null
    union all by name
    select 'bsn' as identifier_kind, bsn as identifier, min(period_start) as seen_on
    from raw.uwv_wages
    where valid_until_delivery is null
    group by bsn
    union all by name
    select
        'document' as identifier_kind,
        worker_document as identifier,
        submitted_on as seen_on,
        worker_birth_month as birth_month,
        worker_free_movement as free_movement
    from raw.szw_postings
    where valid_until_delivery is null
    union all by name
    select 'document' as identifier_kind, worker_document as identifier, issued_on as seen_on
    from raw.svb_a1
    where valid_until_delivery is null
    union all by name
    select
        'document' as identifier_kind,
        worker_document as identifier,
        seen_on,
        worker_free_movement as free_movement
    from raw.nla_sightings
    where valid_until_delivery is null
),

described as (
    select
        numbers.person_id,
        arg_max(
            records.birth_month, (records.identifier_kind = 'v_number', records.seen_on, records.birth_month)
        ) as birth_month,
        arg_max(records.free_movement, (records.seen_on, records.free_movement)) as free_movement,
        min(records.seen_on) as first_seen_on
    from records
    inner join core.person_identifiers as numbers using (identifier_kind, identifier)
    group by numbers.person_id
),

counted as (
    select person_id, count(*) as identifiers
    from core.person_identifiers
    group by person_id
),

joined as (
    select v_number, 'bsn' as identifier_kind, bsn as identifier
    from raw.ind_permits
    where valid_until_delivery is null
    union
    select v_number, 'document' as identifier_kind, travel_document as identifier
    from raw.ind_permits
    where valid_until_delivery is null
),

refused as (
    select distinct unnest([holder.person_id, other.person_id]) as person_id
    from joined
    inner join core.person_identifiers as holder
        on holder.identifier_kind = 'v_number' and holder.identifier = joined.v_number
    inner join core.person_identifiers as other
        on other.identifier_kind = joined.identifier_kind and other.identifier = joined.identifier
    where other.person_id <> holder.person_id
),

born as (
    -- the last word of each V-number, and of each notification on each worker: a correction is no contradiction
    select 'v_number' as identifier_kind, v_number as identifier, arg_max(birth_month, (received_on, birth_month)) as birth_month
    from raw.ind_permits
    where valid_until_delivery is null
    group by v_number
    union
    select 'document' as identifier_kind, worker_document as identifier, arg_max(worker_birth_month, version) as birth_month
    from raw.szw_postings
    where valid_until_delivery is null
    group by notification_id, worker_document
),

contradicted as (
    select numbers.person_id
    from born
    inner join core.person_identifiers as numbers using (identifier_kind, identifier)
    group by numbers.person_id
    having count(distinct born.birth_month) > 1
)

select
    person_id,
    described.birth_month,
    described.free_movement,
    described.first_seen_on,
    counted.identifiers,
    person_id in (select refused.person_id from refused)
    or person_id in (select contradicted.person_id from contradicted) as is_ambiguous
from counted
inner join described using (person_id)
order by person_id;
