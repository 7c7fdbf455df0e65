-- Keep the rejected rows of the delivery with their delivery, attempt and run.
insert into raw.rejected_rows by name
select
    $feed as feed,
    $delivered_on::date as delivered_on,
    $attempt::bigint as attempt,
    file,
    row_number,
    reason_code,
    reason,
    row_json::json as row_json,
    $run_id as run_id
from masked_rows
order by file, row_number
