-- One row per client and granted permit for cross-border service of which the document number is unknown.
-- Such a permit cannot be joined to a posted worker: it may be the one that a worker seems to lack.
select permit.application_id, coalesce(permit.workplace_kvk, permit.sponsor_kvk) as client_kvk, permit.valid_from as starts_on, coalesce(permit.ends_on, $as_of) as ends_on
from core.permits as permit
where
    permit.route = 'cross_border_service'
    and permit.decision = 'granted'
    and permit.valid_from is not null
    and not exists (
        select 1
        from core.person_identifiers as number
        where number.person_id = permit.person_id and number.identifier_kind = 'document'
    )
order by permit.application_id;
