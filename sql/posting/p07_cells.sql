-- One row per employer, place and task: its first and last day and its stratum. Cells without a place cannot be assessed.
select
    posting.employer_vat,
    coalesce(posting.place, 'unknown') as place,
    posting.task,
    posting.place is not null as has_place,
    min(posting.starts_on) as starts_on,
    max(posting.ends_on) as ends_on,
    arg_max(posting.sbi2, (posting.starts_on, posting.notification_id)) as sbi2,
    arg_max(coalesce(client.size_class, 'unknown'), (posting.starts_on, posting.notification_id)) as size_class
from slot_postings as posting
left join core.companies as client on client.kvk = posting.client_kvk
group by posting.employer_vat, posting.place, posting.task
order by posting.employer_vat, place, posting.task;
