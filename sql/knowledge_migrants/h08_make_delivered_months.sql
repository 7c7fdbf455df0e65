-- Makes the temporary table delivered_months: wage months up to $assessed_until that the supplier delivered in full, numbered in order.
-- A month with far fewer records than the months around it was not delivered; provisional months are still coming in.
create or replace temp table delivered_months as
with counted as (
    select month, count(*) as records
    from core.wage_months
    where not is_provisional and last_day(month) <= $assessed_until
    group by month
),

compared as (
    select
        month,
        records,
        median(records) over (order by month rows between 6 preceding and 6 following) as usual
    from counted
)

select month, row_number() over (order by month) as number
from compared
where records >= $delivered_share * usual;
