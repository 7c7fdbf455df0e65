-- Rows that break a rule: their values as text and the numbers of the rules, before these are put in words.
create or replace temp table broken_rows (
    file varchar,
    row_number bigint,
    delivered varchar [],
    broken integer [],
    masked integer []
)
