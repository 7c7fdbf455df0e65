-- Published tables and columns without a comment.
select schema_name || '.' || table_name as name
from duckdb_tables()
where comment is null
union all
select schema_name || '.' || table_name || '.' || column_name
from duckdb_columns()
where comment is null and not internal
order by name;
