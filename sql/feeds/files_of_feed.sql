-- The files that each attempt to load a delivery of the feed $feed saw.
select delivered_on, attempt, name, bytes, modified_ns, sha256
from raw.delivery_files
where feed = $feed
order by delivered_on, attempt, name
