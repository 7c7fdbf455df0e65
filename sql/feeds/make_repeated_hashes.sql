-- Hashes of keys that occur more than once in a delivery; few, and perhaps of different keys.
create or replace temp table repeated_hashes (key_hash ubigint)
