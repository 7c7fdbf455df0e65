-- One row per posting in a cell that may hold a long slot: more worker days and a longer span than the limit.
with long_cells as (
    select employer_vat, place, task
    from slot_postings
    where place is not null
    group by employer_vat, place, task
    having
        sum(ends_on - starts_on + 1) > $long_days
        and max(ends_on) - min(starts_on) + 1 > $long_days
)

select posting.*
from slot_postings as posting
semi join long_cells
    on
        long_cells.employer_vat = posting.employer_vat
        and long_cells.place = posting.place
        and long_cells.task = posting.task
order by posting.employer_vat, posting.place, posting.task, posting.starts_on, posting.notification_id, posting.person_id;
