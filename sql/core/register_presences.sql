-- Unbroken presences in the public register: runs of consecutive snapshots with numbers that show the organisation.
with snapshots as (
    -- a snapshot without numbers cannot be compared with one that has them: it takes no part
    select
        snapshot_on,
        row_number() over (order by snapshot_on) as snapshot_number
    from core.register_entries
    group by snapshot_on
    having count(kvk) > 0
),

present as (
    select
        entry.organisation_key,
        snapshots.snapshot_number,
        min(entry.kvk) as kvk,
        min(entry.name_clean) as organisation,
        list(distinct entry.name_key order by entry.name_key) as name_keys
    from core.register_entries as entry
    inner join snapshots on entry.snapshot_on = snapshots.snapshot_on
    group by entry.organisation_key, snapshots.snapshot_number
),

runs as (
    select
        *,
        snapshot_number - row_number() over (partition by organisation_key order by snapshot_number) as run
    from present
),

compared as (
    select
        *,
        lag(name_keys) over (partition by organisation_key, run order by snapshot_number) as name_keys_before
    from runs
),

presences as (
    select
        organisation_key,
        run,
        min(kvk) as kvk,
        min(snapshot_number) as first_number,
        max(snapshot_number) as last_number,
        arg_max(organisation, snapshot_number) as organisation,
        arg_min(name_keys, snapshot_number) as first_name_keys,
        arg_max(name_keys, snapshot_number) as last_name_keys,
        -- a number with two lines keeps its name as long as one of them does
        count(*) filter (where not list_has_any(name_keys, name_keys_before)) as name_changes
    from compared
    group by organisation_key, run
),

name_appearances as (
    select
        runs.organisation_key,
        runs.run,
        entry.name_clean,
        min(entry.snapshot_on) as first_seen_on
    from runs
    inner join snapshots on runs.snapshot_number = snapshots.snapshot_number
    inner join core.register_entries as entry
        on runs.organisation_key = entry.organisation_key and snapshots.snapshot_on = entry.snapshot_on
    group by runs.organisation_key, runs.run, entry.name_clean
),

spell_names as (
    select
        organisation_key,
        run,
        list(name_clean order by first_seen_on, name_clean) as names
    from name_appearances
    group by organisation_key, run
)

select
    presences.organisation_key,
    row_number() over (partition by presences.organisation_key order by presences.first_number) as spell_number,
    presences.kvk,
    presences.organisation,
    presences.first_number,
    presences.last_number,
    first_snapshot.snapshot_on as first_seen_on,
    last_snapshot.snapshot_on as last_seen_on,
    snapshot_before.snapshot_on as entered_after,
    snapshot_after.snapshot_on as left_before,
    presences.first_name_keys,
    presences.last_name_keys,
    spell_names.names,
    presences.name_changes
from presences
inner join spell_names
    on presences.organisation_key = spell_names.organisation_key and presences.run = spell_names.run
inner join snapshots as first_snapshot on presences.first_number = first_snapshot.snapshot_number
inner join snapshots as last_snapshot on presences.last_number = last_snapshot.snapshot_number
left join snapshots as snapshot_before on presences.first_number - 1 = snapshot_before.snapshot_number
left join snapshots as snapshot_after on presences.last_number + 1 = snapshot_after.snapshot_number
order by presences.organisation_key, spell_number;
