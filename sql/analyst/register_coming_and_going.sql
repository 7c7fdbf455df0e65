-- Which organisations came to or left the public register between the last two snapshots? (real, public; leaving says nothing)
with snapshots as (
    select max(snapshot_until) as until
    from core.register_movements
),

movement as (
    select movements.snapshot_from, movements.snapshot_until
    from core.register_movements as movements
    inner join snapshots on snapshots.until = movements.snapshot_until
)

select 'came' as movement, spells.organisation, spells.kvk, spells.entry_kind as kind, spells.first_seen_on as seen_on
from core.register_spells as spells
inner join movement on spells.first_seen_on = movement.snapshot_until and spells.entered_after = movement.snapshot_from
union all
select 'went', spells.organisation, spells.kvk, spells.exit_kind, spells.last_seen_on
from core.register_spells as spells
inner join movement on spells.last_seen_on = movement.snapshot_from and spells.left_before = movement.snapshot_until
order by movement, organisation;
