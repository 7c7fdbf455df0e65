-- A1 certificates with the person.
select
    certificate.a1_id,
    numbers.person_id,
    certificate.employer_vat,
    certificate.issuing_country,
    certificate.basis,
    certificate.valid_from,
    certificate.valid_until,
    certificate.issued_on,
    certificate.withdrawn_on
from raw.svb_a1 as certificate
inner join core.person_identifiers as numbers
    on numbers.identifier_kind = 'document' and numbers.identifier = certificate.worker_document
where certificate.valid_until_delivery is null
order by certificate.a1_id;
