-- Movements between consecutive snapshots of the public register, which is public and shown as it is.
select snapshot_from, snapshot_until, entered, left_register, renumbered, renamed, is_comparable
from core.register_movements
order by snapshot_from, snapshot_until;
