-- Notified workers, each by the last version of the notification that names him.
-- A change may drop a worker: his own last version stands, and it is below the highest version of the notification.
-- versions counts the versions of the notification; submitted_on is the first version that names the worker.
with named as (
    select
        notice.*,
        numbers.person_id,
        min(notice.submitted_on) over per_worker as first_submitted_on,
        row_number() over (
            partition by notice.notification_id, numbers.person_id
            order by notice.version desc, notice.submitted_on desc, notice.worker_document
        ) as recency
    from raw.szw_postings as notice
    inner join core.person_identifiers as numbers
        on numbers.identifier_kind = 'document' and numbers.identifier = notice.worker_document
    where notice.valid_until_delivery is null
    window per_worker as (partition by notice.notification_id, numbers.person_id)
),

notifications as (
    select notification_id, count(distinct version) as versions
    from named
    group by notification_id
)

select
    notification_id,
    named.person_id,
    named.version,
    notifications.versions,
    named.first_submitted_on as submitted_on,
    named.submitted_on as last_submitted_on,
    named.kind,
    case when named.worker_free_movement then 'posting_free_movement' else 'posting_third_country' end as route,
    named.employer_vat,
    named.employer_country,
    named.employer_is_agency,
    named.client_kvk,
    named.client_confirmed_on,
    named.sbi2,
    named.occupation_isco,
    left(named.occupation_isco, 2) as occupation_group,
    named.place_id,
    named.work_postcode4,
    named.starts_on,
    named.ends_on,
    named.ends_on - named.starts_on + 1 as days,
    named.worker_free_movement,
    named.home_permit_until,
    named.home_employed_since,
    named.hourly_wage_eur
from named
inner join notifications using (notification_id)
where named.recency = 1
order by notification_id, named.person_id;
