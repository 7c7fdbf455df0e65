-- Movements between consecutive snapshots of the public register; empty counts where movements cannot be told.
with snapshots as (
    select
        snapshot_on,
        count(distinct organisation_key) as organisations,
        count(kvk) > 0 as has_numbers
    from core.register_entries
    group by snapshot_on
),

following as (
    select
        snapshot_on as snapshot_from,
        organisations as present_before,
        has_numbers,
        lead(snapshot_on) over (order by snapshot_on) as snapshot_until,
        lead(organisations) over (order by snapshot_on) as present_after,
        lead(has_numbers) over (order by snapshot_on) as has_numbers_after
    from snapshots
),

following_with_numbers as (
    select
        snapshot_on as snapshot_from,
        organisations as present_before,
        lead(snapshot_on) over (order by snapshot_on) as snapshot_until,
        lead(organisations) over (order by snapshot_on) as present_after
    from snapshots
    where has_numbers
),

pairs as (
    select
        snapshot_from,
        snapshot_until,
        present_before,
        present_after,
        true as is_comparable
    from following_with_numbers
    where snapshot_until is not null
    union all
    select
        snapshot_from,
        snapshot_until,
        present_before,
        present_after,
        false as is_comparable
    from following
    where snapshot_until is not null and not (has_numbers and has_numbers_after)
),

arrivals as (
    select
        entered_after as snapshot_from,
        count(*) filter (where entry_kind in ('new', 'return')) as entered,
        count(*) filter (where entry_kind = 'renumbered') as renumbered
    from core.register_spells
    where entered_after is not null
    group by entered_after
),

departures as (
    select
        left_before as snapshot_until,
        count(*) as left_register
    from core.register_spells
    where exit_kind = 'left'
    group by left_before
),

names as (
    select
        organisation_key,
        snapshot_on,
        list(distinct name_key) as name_keys
    from core.register_entries
    group by organisation_key, snapshot_on
),

renames as (
    select
        pairs.snapshot_from,
        count(*) as renamed
    from pairs
    inner join names as before on before.snapshot_on = pairs.snapshot_from
    inner join names as after
        on after.snapshot_on = pairs.snapshot_until and after.organisation_key = before.organisation_key
    where pairs.is_comparable and not list_has_any(before.name_keys, after.name_keys)
    group by pairs.snapshot_from
)

select
    pairs.snapshot_from,
    pairs.snapshot_until,
    pairs.present_before,
    pairs.present_after,
    case when pairs.is_comparable then coalesce(arrivals.entered, 0) end as entered,
    case when pairs.is_comparable then coalesce(departures.left_register, 0) end as left_register,
    case when pairs.is_comparable then coalesce(arrivals.renumbered, 0) end as renumbered,
    case when pairs.is_comparable then coalesce(renames.renamed, 0) end as renamed,
    pairs.is_comparable
from pairs
left join arrivals on arrivals.snapshot_from = pairs.snapshot_from
left join departures on departures.snapshot_until = pairs.snapshot_until
left join renames on renames.snapshot_from = pairs.snapshot_from
order by pairs.snapshot_from, pairs.snapshot_until;
