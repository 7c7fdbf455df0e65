-- V-numbers and the numbers that stand beside them in the permit feed, the only feed that may join numbers of different kinds.
with current_permits as (
    select v_number, bsn, travel_document
    from raw.ind_permits
    where valid_until_delivery is null
)

select v_number, 'bsn' as identifier_kind, bsn as identifier
from current_permits
where bsn is not null
union
select v_number, 'document' as identifier_kind, travel_document as identifier
from current_permits
where travel_document is not null
order by all;
