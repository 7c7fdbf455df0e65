-- Each arriving row beside the current version of its key, and whether it repeats that version unchanged.
create or replace temp table history_compared as
select
    arriving.key,
    arriving.content,
    versions.row_number,
    versions.content is not distinct from arriving.content as is_repeat
from history_arriving as arriving
left join history_versions as versions
    on versions.key is not distinct from arriving.key
    and versions.valid_until is null
