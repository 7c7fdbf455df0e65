-- Signals about a permit, person, company or posting employer that does not stand in core.
select signals.signal_id, signals.indicator, signals.subject_type
from findings.signals as signals
where
    (
        signals.subject_type = 'permit'
        and not exists (select 1 from core.permits as p where p.application_id = signals.subject_id)
    )
    or (
        signals.subject_type = 'person'
        and not exists (select 1 from core.persons as p where p.person_id = signals.subject_id)
    )
    or (
        signals.subject_type = 'posting_employer'
        and not exists (select 1 from core.posting_employers as e where e.employer_vat = signals.subject_id)
    )
    or (signals.subject_type in ('sponsor', 'client') and not regexp_full_match(signals.subject_id, '[0-9]{8}'))
order by signals.signal_id;
