-- The versions of the touched keys: each change until the next change, without the spells of absence.
create or replace temp table history_new_versions as
select
    content,
    said_on as valid_from,
    lead(said_on) over (partition by key order by said_on) as valid_until
from history_said
where is_change
qualify content is not null
order by valid_from, key
