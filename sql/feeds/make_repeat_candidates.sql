-- The rows whose key may occur more than once in a delivery, with all that tells them apart.
create or replace temp table repeat_candidates (
    file varchar,
    row_number bigint,
    key varchar [],
    content varchar [],
    delivered varchar [],
    masked integer []
)
