-- The oldest version of the engine that can read the opened file.
select tags['storage_version'] as storage_version
from duckdb_databases()
where not internal;
