-- Terms of officers at entities; the person only where the officer's BSN belongs to a person of the study.
select
    officer.kvk,
    officer.officer_number,
    officer.from_on,
    officer.until_on,
    officer.role,
    numbers.person_id
from raw.kvk_officers as officer
left join core.person_identifiers as numbers
    on numbers.identifier_kind = 'bsn' and numbers.identifier = officer.officer_bsn
where officer.valid_until_delivery is null
order by officer.kvk, officer.officer_number, officer.from_on;
