-- The rows of one delivery that are rejected, before they are masked and kept.
create or replace temp table delivery_rejected (
    file varchar,
    row_number bigint,
    reason_code varchar,
    reason varchar,
    delivered varchar [],
    misplaced integer [],
    masked integer []
)
