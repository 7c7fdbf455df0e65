-- One row per notified third-country worker and notification that has begun, with the size of the client; days after $as_of are cut off.
-- Workers with the right of free movement in any record need no permit; a doubtful identity is marked, not guessed.
select
    posting.notification_id,
    posting.person_id,
    posting.kind,
    posting.employer_vat,
    posting.client_kvk,
    case when posting.client_confirmed_on <= $as_of then posting.client_confirmed_on end as confirmed_on,
    posting.sbi2,
    coalesce(client.size_class, 'unknown') as size_class,
    posting.starts_on,
    least(posting.ends_on, $as_of) as ends_on,
    coalesce(person.is_ambiguous, false) as is_ambiguous
from core.postings as posting
left join core.persons as person on person.person_id = posting.person_id
left join core.companies as client on client.kvk = posting.client_kvk
anti join free_movement on free_movement.person_id = posting.person_id
where
    not posting.worker_free_movement
    and posting.starts_on <= $as_of
order by posting.person_id, posting.starts_on, posting.notification_id;
