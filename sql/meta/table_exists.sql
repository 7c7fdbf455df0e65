-- True when a table or view stands under this schema and name.
select count(*) > 0 as is_there
from information_schema.tables
where table_schema = $schema and table_name = $table;
