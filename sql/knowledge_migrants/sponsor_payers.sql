-- Makes the temporary table sponsor_payers: for each sponsor, the groups whose wages count as paid by that sponsor.
-- Its own group, and the groups of its predecessors and successors after a merger, split or change of legal form.
create or replace temp table sponsor_payers as
with recursive sponsors as (
    select distinct sponsor_kvk, sponsor_group_id
    from core.permits
    where sponsor_kvk is not null
),

succession as (
    select kvk, successor_kvk as other_kvk from core.companies where successor_kvk is not null
    union
    select successor_kvk, kvk from core.companies where successor_kvk is not null
),

reached (sponsor_kvk, kvk) as (
    select sponsor_kvk, sponsor_kvk from sponsors
    union
    select reached.sponsor_kvk, succession.other_kvk
    from reached
    inner join succession on succession.kvk = reached.kvk
)

select sponsor_kvk, sponsor_group_id as group_id from sponsors where sponsor_group_id is not null
union
select reached.sponsor_kvk, coalesce(company.group_id, reached.kvk)
from reached
left join core.companies as company on company.kvk = reached.kvk;
