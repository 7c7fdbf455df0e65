-- Versions that begin with the delivery of $delivered_on and have no end: new keys and changed rows.
create or replace temp table history_new_versions as
select content, $delivered_on::date as valid_from, null::date as valid_until
from history_compared
where not is_repeat
