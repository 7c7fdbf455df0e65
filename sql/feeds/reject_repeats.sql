-- Reject repeats: of identical rows all but the first, of a key with different content every row.
with compared as (
    select
        *,
        count(*) over same_key as rows_of_key,
        min(content) over same_key is distinct from max(content) over same_key as is_different,
        row_number() over (partition by key order by file, row_number) as turn,
        first_value(file) over (partition by key order by file, row_number) as first_file,
        first_value(row_number) over (partition by key order by file, row_number) as first_row
    from repeat_candidates
    window same_key as (partition by key)
)

insert into delivery_rejected
select
    file,
    row_number,
    if(is_different, 'repeated_key', 'repeated_row') as reason_code,
    if(
        is_different,
        format(
            'the key of this row occurs {} times in the delivery with different content: all are rejected',
            rows_of_key
        ),
        format('the row repeats row {} of {} exactly: that one is kept', first_row, first_file)
    ) as reason,
    delivered,
    [] as misplaced,
    masked
from compared
anti join delivery_rejected using (file, row_number)
where rows_of_key > 1 and (is_different or turn > 1)
