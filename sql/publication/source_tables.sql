-- Tables that stand in the private warehouse.
select schema_name || '.' || table_name as full_name
from duckdb_tables()
where database_name = 'warehouse'
order by full_name;
