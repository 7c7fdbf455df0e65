-- Organisations that came into the public register between two of its snapshots, and how (real).
-- $snapshot_from, $snapshot_until: two days of core.register_entries with numbers. An organisation that came and went in
-- between is there too. New means that neither the number nor the normalised name was known before.
select
    organisation,
    kvk,
    entry_kind,
    entered_after,
    first_seen_on,
    case when entry_kind = 'renumbered' then related_key end as known_before_as,
    left_before
from core.register_spells
where entered_after >= $snapshot_from and first_seen_on <= $snapshot_until
order by first_seen_on, organisation, organisation_key;
