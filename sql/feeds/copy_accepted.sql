-- A copy of the accepted rows for a history that looks at them more than once.
create or replace temp table accepted_copy as from accepted_rows
