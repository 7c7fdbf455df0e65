-- The floor of the bench: files into a table with nothing asked.
create table bare_load as
select * from read_parquet($files);
