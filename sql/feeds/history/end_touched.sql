-- Every stored version of the touched keys: their chains are computed anew.
create or replace temp table history_ended as
select versions.row_number
from history_versions as versions
inner join history_touched as touched on versions.key is not distinct from touched.key
