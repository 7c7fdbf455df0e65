-- Checks that failed in the newest run.
select gate, table_name, check_name, severity, offending_rows, meaning
from meta.checks
where not passed
order by severity, table_name, check_name;
