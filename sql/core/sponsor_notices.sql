-- Notices of sponsors under the duty to inform, with the person.
select
    notice.notice_id,
    numbers.person_id,
    notice.sponsor_kvk,
    notice.kind,
    notice.event_on,
    notice.until_on,
    notice.received_on
from raw.ind_sponsor_notices as notice
inner join core.person_identifiers as numbers
    on numbers.identifier_kind = 'v_number' and numbers.identifier = notice.v_number
where notice.valid_until_delivery is null
order by notice.notice_id;
