-- What does a column mean, in which tables does it stand, and how private is it? (here: everything about salary)
select schema_name, table_name, column_name, type, meaning, dutch_term, classification
from meta.columns
where column_name like '%salary%' or column_name like '%wage%'
order by schema_name, table_name, position;
