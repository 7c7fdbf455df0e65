-- The columns of a stored table (not of a view) in their order; none when it is not there.
select columns.column_name
from duckdb_columns() as columns
inner join duckdb_tables() as tables
    on tables.database_name = columns.database_name
    and tables.schema_name = columns.schema_name
    and tables.table_name = columns.table_name
where columns.database_name = current_database()
    and columns.schema_name = $schema
    and columns.table_name = $table
order by columns.column_index
