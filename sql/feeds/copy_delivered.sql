-- A copy of the delivered rows of a small delivery, so that they are read and cast once.
create or replace temp table delivered_copy as from delivered_rows
