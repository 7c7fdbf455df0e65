-- Signals whose lane or grade the study does not know, and study signals about one case.
select signal_id, indicator, lane, grade
from findings.signals
where
    lane not in ('study', 'review')
    or grade not in ('A', 'B', 'T')
    or (lane = 'study' and subject_type in ('permit', 'person'))
order by signal_id;
