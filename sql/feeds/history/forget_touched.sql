-- Drop the confirmations of the touched keys: they are written anew with their chains.
delete from raw.confirmations
where feed = $feed and key_hash in (select key_hash from history_touched)
