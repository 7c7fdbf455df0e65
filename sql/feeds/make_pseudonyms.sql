-- From delivered identifier to pseudonym, by column; never leaves the session.
create or replace temp table pseudonyms (column_name varchar, identifier varchar, pseudonym varchar)
