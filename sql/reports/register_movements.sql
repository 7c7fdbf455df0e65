-- Movements between consecutive snapshots of the public register.
select snapshot_from, snapshot_until, entered, left_register, renumbered, renamed, is_comparable
from pub.register_movements
order by snapshot_from;
